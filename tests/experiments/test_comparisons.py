"""One function compares on one split or on several."""

import pytest

import inklings
from inklings import DataError, RecipeError
from inklings.experiments import RepeatedComparison

NETWORKS = ["softmax", "knn"]


@pytest.fixture(scope="module")
def digits():
    return inklings.open_dataset("digits")


def test_repeats_give_the_means_of_comparisons_on_as_many_splits(digits):
    repeated = inklings.compare(NETWORKS, digits, repeats=2, quick=True, engine="numpy", seed=4)
    assert isinstance(repeated, RepeatedComparison)
    alone = [inklings.compare(NETWORKS, digits, quick=True, engine="numpy", seed=seed) for seed in (4, 5)]
    for number, result in enumerate(repeated.results):
        assert result.test == pytest.approx(sum(each.results[number].test for each in alone) / 2)


def test_repeats_of_a_split_are_refused(digits):
    with pytest.raises(DataError, match=r"one division of its images.*pass split.dataset"):
        inklings.compare(NETWORKS, digits.split(), repeats=3)


def test_what_only_repeats_know_is_refused_without_them(digits):
    with pytest.raises(RecipeError, match="margin has no effect on one split"):
        inklings.compare(NETWORKS, digits, margin=0.01)
