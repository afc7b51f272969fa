import pytest

from inklings.evaluation.metrics import class_metrics, confusion_matrix

LABELS, PREDICTED = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 1]


def test_rows_are_the_classes_and_columns_the_answers():
    assert confusion_matrix(LABELS, PREDICTED, 4).tolist() == [[2, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_each_class_has_its_precision_and_recall():
    zero, one, _ = class_metrics(LABELS, PREDICTED, ("a", "b", "c"))
    assert (zero.name, zero.images) == ("a", 3)
    assert (zero.precision, zero.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (one.precision, one.recall, one.f1) == (pytest.approx(1 / 3), 0.5, pytest.approx(0.4))


def test_a_class_that_is_never_answered_has_precision_0():
    assert class_metrics(LABELS, PREDICTED, ("a", "b", "c"))[2].precision == 0
