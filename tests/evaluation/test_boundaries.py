"""Levels of several looks against published boundaries, SciPy's joint distribution of the looks, and simulation."""

from math import e, log, sqrt

import numpy as np
import pytest
from scipy import stats

from inklings.evaluation.boundaries import KEPT_BACK, information_fractions, nominal_levels, spent


def test_what_may_be_spent_at_five_equal_looks_is_what_published_boundaries_spend():
    # Reboussin et al., Controlled Clinical Trials 21 (2000) 190-207: two-sided 0.05, O'Brien and Fleming's function.
    bounds, fractions = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], np.arange(1, 6) / 5
    assert spent(0.2, 0.025) == pytest.approx(stats.norm.sf(4.8769), rel=1e-3)
    correlation = np.sqrt(np.minimum.outer(fractions, fractions) / np.maximum.outer(fractions, fractions))
    for looks in (2, 3, 5):
        kept = stats.multivariate_normal(cov=correlation[:looks, :looks]).cdf(bounds[:looks])
        assert spent(fractions[looks - 1], 0.025) == pytest.approx(1 - kept, abs=1e-4)


def test_with_many_repeats_levels_are_those_of_a_known_variance():
    # Then the t-test is nearly normal, and the looks have a joint distribution that SciPy integrates.
    looks, alpha = (100, 150, 200), 0.025
    levels = nominal_levels(looks, 200, 0.0, alpha)
    fractions = np.array(information_fractions(looks, 200, 0.0))
    correlation = np.sqrt(np.minimum.outer(fractions, fractions) / np.maximum.outer(fractions, fractions))
    kept = stats.multivariate_normal(cov=correlation).cdf(stats.norm.isf(levels))
    assert 1 - kept == pytest.approx((1 - KEPT_BACK) * alpha, abs=0.0012)


@pytest.mark.parametrize(("at_most", "overlap"), [(10, 1250 / 2750), (10, 0.0), (20, 1 / 9)])
def test_all_looks_of_the_t_test_together_err_as_rarely_as_promised(at_most, overlap):
    looks, trials = tuple(range(3, at_most + 1)), 20_000
    levels = nominal_levels(looks, at_most, overlap, 0.025)
    random = np.random.default_rng(9)
    differences = random.normal(0, sqrt(overlap), (trials, 1)) + random.normal(size=(trials, at_most))
    called = np.zeros(trials, bool)
    for look, level in zip(looks, levels, strict=True):
        seen = differences[:, :look]
        statistic = seen.mean(axis=1) / (seen.std(axis=1, ddof=1) * sqrt(1 / look + overlap))
        called |= np.abs(statistic) >= stats.t.isf(level, look - 1)
    assert called.mean() == pytest.approx((1 - KEPT_BACK) * 0.05, abs=3 * sqrt(0.05 * 0.95 / trials))


def test_a_single_look_has_nearly_the_level_of_a_single_test():
    assert nominal_levels((10,), 10, 0.4, 0.025)[0] == pytest.approx(0.025 * (1 - KEPT_BACK), rel=0.06)


def test_later_looks_leave_earlier_levels_as_they_were():
    assert nominal_levels((3, 4, 5), 20, 0.45, 0.025) == nominal_levels((3, 4, 5, 6, 7), 20, 0.45, 0.025)[:3]


def test_a_level_too_small_to_be_known_lets_nothing_pass():
    assert nominal_levels((2, 40), 40, 0.0, 1e-4)[0] == 0


def test_less_is_spent_early_than_by_pococks_function():
    for fraction in (0.2, 0.5, 0.8):
        assert spent(fraction, 0.025) < 0.025 * log(1 + (e - 1) * fraction)
    assert spent(1.0, 0.025) == pytest.approx(0.025)


def test_means_of_more_repeats_have_independent_news():
    # The sum of evidence grows by increments that are independent: what alpha spending needs of correlated splits.
    random, overlap = np.random.default_rng(0), 0.4
    repeats = random.normal(0, sqrt(overlap), (50_000, 1)) + random.normal(size=(50_000, 12))
    means = {n: repeats[:, :n].mean(axis=1) for n in (3, 6, 12)}
    sums = {n: mean / (1 / n + overlap) for n, mean in means.items()}
    assert abs(np.corrcoef(sums[3], sums[6] - sums[3])[0, 1]) < 0.02
    assert abs(np.corrcoef(sums[6], sums[12] - sums[6])[0, 1]) < 0.02
    fractions = information_fractions((3, 6, 12), 12, overlap)
    assert fractions == pytest.approx([sums[n].var() / sums[12].var() for n in (3, 6, 12)], rel=0.03)
