"""The first sentences of a report say no more than the tests do."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from inklings import compare, open_dataset
from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.statistics import SIGNIFICANT
from inklings.report.summary import _find_better, summarise


def contenders_of(random, count=10, images=1250):
    """Equally good ones, which make most of their mistakes on the same images."""
    hard = random.random(images) < 0.06
    wrong = (hard & (random.random((count, images)) < 0.6)) | (random.random((count, images)) < 0.02)
    return [SimpleNamespace(title=str(number), correct=~each) for number, each in enumerate(wrong)]


def test_the_best_of_many_equal_ones_is_rarely_called_better():
    random = np.random.default_rng(1)
    comparisons = [SimpleNamespace(contenders=contenders_of(random)) for _ in range(60)]
    assert np.mean([bool(_find_better(each)) for each in comparisons]) <= SIGNIFICANT
    alone = [
        min(mcnemar(one.correct, other.correct).p_value for one, other in combinations(each.contenders, 2))
        for each in comparisons
    ]
    assert np.mean(np.array(alone) <= SIGNIFICANT) > 0.2


def test_one_that_is_clearly_better_is_found_in_either_order():
    right = np.arange(200) >= 10
    a, b = SimpleNamespace(title="a", correct=right), SimpleNamespace(title="b", correct=right & (np.arange(200) < 150))
    for contenders in ([a, b], [b, a]):
        assert _find_better(SimpleNamespace(contenders=contenders)) == {("a", "b"): True}


@pytest.fixture(scope="module")
def one_and_two():
    split = open_dataset("digits").take(np.arange(300)).split()
    return compare(["softmax"], split, quick=True), compare(["softmax", "knn"], split, quick=True)


def test_one_network_alone_is_not_called_the_most_accurate(one_and_two):
    alone, both = (summarise(each, each.results) for each in one_and_two)
    assert alone.startswith("1 network was trained on ")
    assert "softmax reaches " in alone
    assert "most accurate" not in alone
    assert "1 network and 1 opponent were trained on " in both
    assert "is the most accurate: " in both
