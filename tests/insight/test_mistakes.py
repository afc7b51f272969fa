"""Mistakes and confusion cells against what can be read off by eye."""

import numpy as np
import pytest

from inklings.errors import DataError
from inklings.insight.mistakes import confusion_cells, worst_mistakes

PROBABILITIES = np.array(
    [
        [0.8, 0.1, 0.1],  # 0, right
        [0.6, 0.3, 0.1],  # 1, taken for 0
        [0.1, 0.1, 0.8],  # 2, right
        [0.9, 0.1, 0.0],  # 2, taken for 0: its own class is thought impossible
        [0.3, 0.3, 0.4],  # 1, taken for 2, hesitantly
    ]
)
LABELS = [0, 1, 2, 2, 1]


def test_the_worst_mistakes_come_first_with_their_probabilities():
    mistakes = worst_mistakes(PROBABILITIES, LABELS)
    assert mistakes.indices.tolist() == [3, 1, 4]
    assert mistakes.labels.tolist() == [2, 1, 1]
    assert mistakes.predicted.tolist() == [0, 0, 2]
    assert mistakes.label_probabilities.tolist() == [0, 0.3, 0.3]
    assert mistakes.predicted_probabilities.tolist() == [0.9, 0.6, 0.4]


def test_only_as_many_as_asked_for():
    assert worst_mistakes(PROBABILITIES, LABELS, 2).indices.tolist() == [3, 1]
    assert len(worst_mistakes(PROBABILITIES, LABELS, 99)) == 3


def test_a_network_that_misreads_nothing_has_no_mistakes():
    assert len(worst_mistakes(np.eye(3), [0, 1, 2])) == 0


def test_cells_hold_every_image_once_and_agree_with_scikit_learn():
    from sklearn.metrics import confusion_matrix

    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 4, 200), random.integers(0, 4, 200)
    cells = confusion_cells(labels, predicted)
    counts = np.zeros((4, 4), int)
    for (label, answer), rows in cells.items():
        assert (labels[rows] == label).all()
        assert (predicted[rows] == answer).all()
        counts[label, answer] = len(rows)
    assert (counts == confusion_matrix(labels, predicted)).all()
    assert sorted(np.concatenate(list(cells.values()))) == list(range(200))


def test_cells_without_images_are_left_out():
    assert {cell: rows.tolist() for cell, rows in confusion_cells([0, 1, 1], [0, 2, 2]).items()} == {
        (0, 0): [0],
        (1, 2): [1, 2],
    }


def test_arrays_that_do_not_match_are_refused():
    with pytest.raises(DataError, match=r"labels have shape \(2,\) and predictions \(3,\)"):
        confusion_cells([0, 1], [0, 1, 2])
    with pytest.raises(DataError, match="expected"):
        worst_mistakes(PROBABILITIES, LABELS[:3])
