"""Moderated variances against limma, brute force and simulation."""

from itertools import combinations
from math import inf, sqrt

import numpy as np
import pytest
from scipy import stats

from inklings.evaluation.moderated import estimate_prior, inverse_trigamma, moderated_tests, total_degrees
from inklings.evaluation.paired import holm

VARIANCES = np.array([0.52, 1.31, 0.77, 2.9, 0.41, 1.05, 6.2, 0.88, 1.6, 0.35])
# What squeezeVar of limma 3.54.1 (R 4.2.2) gives for them: degrees, df.prior, var.prior, the first three of var.post.
LIMMA = [
    (2, inf, 1.599, [1.599, 1.599, 1.599]),
    (4, 14.65740709, 1.309889633, [1.140543565, 1.309913295, 1.194141581]),
    (9, 4.601024683, 0.9528917537, [0.6664408521, 1.1891955831, 0.8318695644]),
]
SIZES = {"train_size": 2750, "test_size": 1250}
OVERLAP = 1250 / 2750


@pytest.mark.parametrize(("degrees", "prior_degrees", "prior_variance", "moderated"), LIMMA)
def test_variances_are_moderated_as_limma_does(degrees, prior_degrees, prior_variance, moderated):
    prior = estimate_prior(VARIANCES, degrees)
    assert prior.degrees == pytest.approx(prior_degrees, rel=1e-8)
    assert prior.variance == pytest.approx(prior_variance, rel=1e-8)
    np.testing.assert_allclose(prior.moderate(VARIANCES, degrees)[:3], moderated, rtol=1e-8)


def test_the_prior_is_found_again_in_variances_drawn_from_it():
    # sigma^2 = d0 s0^2 / chi^2(d0), and a sample variance sigma^2 chi^2(d) / d.
    random = np.random.default_rng(0)
    true = 6 * 2.0 / random.chisquare(6, 20_000)
    prior = estimate_prior(true * random.chisquare(4, 20_000) / 4, 4)
    assert prior.degrees == pytest.approx(6, rel=0.1)
    assert prior.variance == pytest.approx(2.0, rel=0.03)


@pytest.mark.parametrize("x", [1e-3, 0.5, 1.0, 7.3, 1e6])
def test_the_inverse_of_trigamma_inverts_it(x):
    from scipy.special import polygamma

    assert inverse_trigamma(float(polygamma(1, x))) == pytest.approx(x, rel=1e-9)


def test_pairs_that_share_a_contender_have_variances_with_a_correlation_of_a_quarter():
    scores = np.random.default_rng(0).normal(size=(40_000, 3, 4))
    one, other = (scores[:, 0] - scores[:, 1]).var(axis=1, ddof=1), (scores[:, 0] - scores[:, 2]).var(axis=1, ddof=1)
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0.25, abs=0.02)


def test_degrees_of_freedom_are_those_of_the_mixture_of_variances():
    # With d degrees a variance of s^2 / sigma^2 is 2 / d; so of the mixture that contenders who are alike have.
    contenders, repeats = 4, 3
    scores = np.random.default_rng(1).normal(size=(40_000, contenders, repeats))
    pairs = list(combinations(range(contenders), 2))
    variances = np.stack([(scores[:, i] - scores[:, j]).var(axis=1, ddof=1) for i, j in pairs], axis=1)
    own = repeats - 1
    weight = own / (own + (contenders - 2) * own / 2)
    mixture = (weight * variances[:, 0] + (1 - weight) * variances.mean(axis=1)) / 2
    expected = min(2 / mixture.var(), 2 * own)
    assert float(total_degrees(own, inf, contenders)) == pytest.approx(expected, rel=0.03)


def test_two_contenders_alone_have_the_corrected_t_test():
    differences = np.array([[0.02, 0.05, 0.03, 0.06]])
    found = moderated_tests(differences, np.array([1e-6]), contenders=2, **SIZES)
    error = differences.std(ddof=1) * sqrt(1 / 4 + OVERLAP)
    assert found.degrees == 3
    assert found.errors[0] == pytest.approx(error)
    assert found.p_values[0] == pytest.approx(2 * stats.t.sf(0.04 / error, 3))
    lower = stats.t.sf((0.04 + 0.005) / error, 3)
    upper = stats.t.cdf((0.04 - 0.005) / error, 3)
    assert found.p_values_within(0.005)[0] == pytest.approx(max(lower, upper))


def test_a_variance_below_the_test_images_noise_is_raised_to_what_overlapping_splits_leave_of_it():
    found = moderated_tests(np.array([[0.03, 0.03, 0.03]]), np.array([4e-5]), contenders=2, **SIZES)
    assert found.spreads[0] ** 2 == pytest.approx(4e-5 * 2750 / 4000)


def test_an_unstable_network_is_not_talked_down_by_the_others():
    random = np.random.default_rng(2)
    scores = random.normal(0, [[0.05], [0.004], [0.004], [0.004]], (4, 5))
    differences = np.stack([scores[i] - scores[j] for i, j in combinations(range(4), 2)])
    found = moderated_tests(differences, np.full(6, 2e-5), contenders=4, **SIZES)
    assert (found.spreads >= differences.std(axis=1, ddof=1) - 1e-12).all()


def _significant(spreads, repeats, trials, shift=0.0):
    """Return how often the pairs' tests find the first pair, and any pair, by ours and by the plain corrected test.

    Overlapping splits have a part in common, with the correlation that the correction assumes.
    """
    random, contenders = np.random.default_rng(3), len(spreads)
    correlation = OVERLAP / (1 + OVERLAP)
    first, either = np.zeros(2), np.zeros(2)
    for _ in range(trials):
        common, own = random.normal(size=(contenders, 1)), random.normal(size=(contenders, repeats))
        scores = np.reshape(spreads, (-1, 1)) * (sqrt(correlation) * common + sqrt(1 - correlation) * own)
        scores[0] += shift
        differences = np.stack([scores[i] - scores[j] for i, j in combinations(range(contenders), 2)])
        ours = moderated_tests(differences, np.full(len(differences), 1e-9), contenders=contenders, **SIZES).p_values
        errors = differences.std(axis=1, ddof=1) * sqrt(1 / repeats + OVERLAP)
        plain = 2 * stats.t.sf(np.abs(differences.mean(axis=1)) / errors, repeats - 1)
        found = np.array([holm(ours) <= 0.05, holm(plain) <= 0.05])
        first += found[:, 0]
        either += found.any(axis=1)
    return first / trials, either / trials


@pytest.mark.parametrize("spreads", [[1, 1, 1], [3, 1, 1, 1, 1], [0.45, 0.67, 1, 1.49, 2.23]])
def test_any_false_alarm_among_all_pairs_is_as_rare_as_promised_even_if_networks_are_unlike(spreads):
    trials = 1500
    _, (ours, _) = _significant(spreads, 3, trials)
    assert ours <= 0.05 + 3 * sqrt(0.05 * 0.95 / trials)


def test_three_repeats_of_five_contenders_find_what_the_plain_test_does_not():
    (ours, plain), _ = _significant([1] * 5, 3, 400, shift=5.0)
    assert ours > 0.5
    assert plain < 0.2
