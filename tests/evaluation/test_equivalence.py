"""Equivalence against independent implementations: baycomp, statsmodels' formula by SciPy, and simulation."""

import numpy as np
import pytest
from scipy import stats

from inklings.evaluation.equivalence import assess_equivalence
from inklings.evaluation.paired import compare_pairs, corrected_t_test

FOLDS = {"train_size": 900, "test_size": 100}  # ten-fold cross-validation of 1,000 images
INDEPENDENT = {"train_size": 10**15, "test_size": 1250}


@pytest.fixture
def scores():
    random = np.random.default_rng(5)
    first = random.normal(0.93, 0.01, 30)
    return first, first + random.normal(0.004, 0.006, 30)


@pytest.mark.parametrize("margin", [0.002, 0.005, 0.02])
def test_probabilities_of_worse_same_and_better_are_baycomps(scores, margin):
    baycomp = pytest.importorskip("baycomp")
    first, second = scores
    # It returns the probabilities that the first is better, that they are equal, and that the second is better.
    better, same, worse = baycomp.CorrelatedTTest.probs(first, second, rope=margin, runs=3)
    test = corrected_t_test(first, second, **FOLDS)
    found = assess_equivalence(test.difference, test.standard_error, test.repeats - 1, margin=margin)
    assert (found.better, found.same, found.worse) == pytest.approx((better, same, worse), abs=1e-9)
    assert found.better + found.same + found.worse == pytest.approx(1)


def test_two_one_sided_tests_are_scipys_on_independent_repeats(scores):
    first, second = scores
    test = corrected_t_test(first, second, **INDEPENDENT)
    found = assess_equivalence(test.difference, test.standard_error, test.repeats - 1, margin=0.006)
    lower = stats.ttest_1samp(first - second, -0.006, alternative="greater").pvalue
    upper = stats.ttest_1samp(first - second, 0.006, alternative="less").pvalue
    assert found.p_value == pytest.approx(max(lower, upper), rel=1e-6)


def test_of_networks_that_differ_by_the_margin_at_most_one_in_twenty_is_called_the_same():
    random = np.random.default_rng(0)
    called = 0
    for _ in range(2000):
        differences = random.normal(0.005, 0.004, 10)
        found = assess_equivalence(differences.mean(), differences.std(ddof=1) / np.sqrt(10), 9, margin=0.005)
        called += found.p_value <= 0.05
    # Binomial: 0.05 plus three standard errors.
    assert called / 2000 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_networks_that_hardly_differ_are_called_as_accurate():
    random = np.random.default_rng(1)
    one = 0.95 + random.normal(0, 0.004, 20)
    scores = {"one": one, "same": one + random.normal(0, 0.001, 20), "worse": one - 0.03 + random.normal(0, 0.002, 20)}
    pairs = {
        frozenset((pair.first, pair.second)): pair for pair in compare_pairs(scores, train_size=2750, test_size=1250)
    }
    same = pairs[frozenset(("one", "same"))]
    assert same.equivalent
    assert "as accurate as" in same.sentence
    assert "within half a point, on other splits and seeds too (p < 0.001)" in same.sentence
    other = pairs[frozenset(("one", "worse"))]
    assert other.significant
    assert not other.equivalent
    assert "one is 3.0 points" in other.sentence


def test_a_difference_that_is_measured_badly_is_neither():
    random = np.random.default_rng(2)
    scores = {name: 0.9 + random.normal(0, 0.01, 4) for name in ("one", "other")}
    (pair,) = compare_pairs(scores, train_size=2750, test_size=1250)
    assert not pair.significant
    assert not pair.equivalent
    assert "no significant difference" in pair.sentence


def test_a_wider_margin_is_easier_to_keep_within(scores):
    first, second = scores
    close, wide = (compare_pairs({"a": first, "b": second}, **FOLDS, margin=margin)[0] for margin in (0.005, 0.02))
    assert not close.equivalent
    assert wide.equivalent
    assert "within 2 points" in wide.sentence
