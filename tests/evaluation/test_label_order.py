"""Labels that name the classes in another order than the model's are said to do so; weak models are not accused."""

import numpy as np
import pytest

from inklings.evaluation.label_order import describe_label_order

NAMES = tuple(map(str, range(10)))
TEXT_ORDER = sorted(range(12), key=str)


def answers(labels, share, classes=10, seed=0):
    """Predictions that are right to a share, and else drawn at random."""
    random = np.random.default_rng(seed)
    return np.where(random.random(len(labels)) < share, labels, random.integers(0, classes, len(labels)))


def test_labels_that_count_from_another_number_are_named_with_what_they_are_answered_as():
    truth = np.tile(np.arange(9), 40)
    (said,) = describe_label_order(answers(truth, 0.9), truth + 1, NAMES)
    assert said.startswith("the labels seem to name the classes in another order: '1' is answered as '0', '2' is")
    assert "6 more; by that order 87.5% are right, as labelled 0.3%" in said


def test_labels_by_the_place_of_names_sorted_as_text_are_noticed():
    truth = np.tile(np.arange(12), 40)
    places = np.argsort(TEXT_ORDER)
    (said,) = describe_label_order(answers(truth, 0.95, 12), places[truth], tuple(map(str, range(12))))
    assert "'10'" in said or "'2'" in said or "'4'" in said


def test_two_classes_that_changed_places_are_noticed():
    truth = np.tile([0, 1], 100)
    assert "'cat' is answered as 'dog'" in describe_label_order(answers(truth, 0.8, 2), 1 - truth, ("cat", "dog"))[0]


@pytest.mark.parametrize("classes", [3, 10, 50])
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 1])
@pytest.mark.parametrize("count", [30, 300])
def test_labels_in_the_model_s_order_get_no_word_however_good_it_is(classes, share, count):
    names = tuple(map(str, range(classes)))
    for seed in range(20):
        labels = np.random.default_rng(seed).integers(0, classes, count)
        # Of some classes alone, too, and answered as one class throughout.
        for some in (labels, labels % 2):
            assert describe_label_order(answers(some, share, classes, seed), some, names) == []
            assert describe_label_order(np.zeros_like(some), some, names) == []


def test_few_images_show_no_order():
    labels = np.tile([0, 1], 10)
    assert describe_label_order(1 - labels, labels, ("cat", "dog")) == []
