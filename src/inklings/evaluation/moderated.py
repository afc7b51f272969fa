"""Variances of few repeats, made steadier by what the other pairs and the test images say.

Three repeats give a variance with two degrees of freedom, which is hardly a variance: a t-test needs a statistic
of 4.3 there, and of 14 once ten pairs are tested. Two things are known besides:

- **the other pairs.** Variances of pairs that were trained and tested alike are alike. The empirical Bayes estimate
  of Smyth (2004) takes a pair's variance as a weighted mean of its own and the others', and fits the weight, ``d0``
  degrees of freedom, to how alike they are: the moderated t-test, as in his program limma.
- **the test images.** Two networks that disagree on a share of m test images differ by chance at least as much as
  that many tosses of a coin: the binomial noise, known from thousands of images instead of from three repeats. Pairs
  differ in it, so it is their variances divided by it that are taken for alike; and it bounds variances from below,
  so that three differences which are equal by accident prove nothing.

Pairs share contenders, so K contenders' K (K - 1) / 2 variances are fewer facts than they seem:

- their differences span K - 1 dimensions, and all pairs together have ``(K - 1)(n - 1)`` degrees of freedom and no
  more;
- two pairs with a common contender have variances with a correlation of about 1/4, and all variances scatter less for
  it;
- the weight is estimated from few variances, so that the others count for at most half of the degrees that they have;
- a variance is only ever raised. An unstable network, whose repeats differ more than all others', is not talked down.

Without these, the test errs twice as often as it says where networks are unlike, as simulations showed.

Sources: G. K. Smyth, Linear models and empirical Bayes methods for assessing differential expression in microarray
experiments, Statistical Applications in Genetics and Molecular Biology 3 (2004) article 3; C. Nadeau and Y. Bengio,
Inference for the generalization error, Machine Learning 52 (2003) 239-281.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """What the variances of several pairs say about each of them.

    Attributes
    ----------
    variance : float
        Their common value, ``s0^2``.
    degrees : float
        How many degrees of freedom it is worth, ``d0``: 0 if nothing is known, infinite if all are the same.
    """

    variance: float = 0.0
    degrees: float = 0.0

    def moderate(self, variances: Floats, degrees: float) -> Floats:
        """Return variances of so many degrees of freedom, drawn towards the common one."""
        # The formula below would be infinite over infinite.
        if self.degrees == inf:
            return np.full_like(variances, self.variance)
        moderated: Floats = (self.degrees * self.variance + degrees * variances) / (self.degrees + degrees)
        return moderated

    def limited_to(self, degrees: float) -> Prior:
        """Return it worth at most so many degrees of freedom."""
        return Prior(self.variance, min(self.degrees, degrees))


@dataclass(frozen=True, eq=False)
class ModeratedTests:
    """The moderated corrected t-test of several pairs.

    Attributes
    ----------
    differences, spreads, errors : arrays, shape (pairs,)
        Mean differences, their moderated standard deviations, and the corrected standard errors of the means.
    degrees : array, shape (pairs,)
        Degrees of freedom of each.
    base_degrees : float
        Those of them that do not come from the noise's bound.
    prior : Prior
        Of the variances, in units of the noise if that is known, before any limit.
    repeats : int
    """

    differences: Floats
    spreads: Floats
    errors: Floats
    degrees: Floats
    base_degrees: float
    prior: Prior
    repeats: int

    @property
    def p_values(self) -> Floats:
        """Two-sided, of no difference."""
        return tail(-np.abs(self.differences) / self.errors, self.degrees) * 2

    def p_values_within(self, margin: float) -> Floats:
        """Of the two one-sided tests: that a mean difference is as large as a margin."""
        return tail((np.abs(self.differences) - margin) / self.errors, self.degrees)


def estimate_prior(variances: Floats, degrees: float, *, correlation: float = 0.0) -> Prior:
    """Estimate the distribution of true variances from sample variances, by their logarithms' mean and variance.

    If a sample variance is ``s0^2`` times a draw of F(degrees, d0), then (Smyth, 2004, section 6.2) ::

        e = log s^2 - digamma(degrees / 2) + log(degrees / 2)
        trigamma(d0 / 2) = variance(e) - trigamma(degrees / 2)
        log s0^2 = mean(e) + digamma(d0 / 2) - log(d0 / 2)

    and d0 is infinite, s0^2 the mean of the variances, where the right side of the second is not positive.

    Parameters
    ----------
    variances : array, shape (pairs,)
        At least 0.
    degrees : float
        Degrees of freedom of each.
    correlation : float
        The mean correlation among them, which makes them scatter less: ``1 - correlation`` times as much.

    Returns
    -------
    Prior
        Worth nothing for fewer than two variances.
    """
    from scipy.special import digamma, polygamma

    if len(variances) < 2 or not variances.any():
        return Prior()
    # A sample variance of exactly 0 has no logarithm; limma's bound.
    positive = np.maximum(variances, 1e-5 * np.median(variances[variances > 0]))
    logs = np.log(positive) - digamma(degrees / 2) + log(degrees / 2)
    # trigamma(degrees / 2) is how much the logarithms scatter when all true variances are one; correlated ones less.
    excess = float(logs.var(ddof=1) - (1 - correlation) * polygamma(1, degrees / 2))
    if excess <= 0:
        return Prior(float(variances.mean()), inf)
    half = inverse_trigamma(excess)
    return Prior(exp(float(logs.mean()) + float(digamma(half)) - log(half)), 2 * half)


def inverse_trigamma(value: float) -> float:
    """Return x with ``trigamma(x) = value``, for a value above 0.

    >>> round(inverse_trigamma(1.6449340668482264), 9)  # trigamma(1) is pi^2 / 6
    1.0
    """
    from scipy.optimize import brentq
    from scipy.special import polygamma

    # 1 / x < trigamma(x) < 1 / x + 1 / x^2 for x > 0 encloses the solution.
    low, high = 1 / value, 0.5 / value + sqrt(0.25 / value**2 + 1 / value)
    if high - low < 1e-12 * high:
        return high
    # A little wider on both sides: where the bounds meet, rounding may put the root just outside.
    return float(brentq(lambda x: float(polygamma(1, x)) - value, 0.999 * low, 1.001 * high, xtol=1e-15))


def moderated_tests(
    differences: Floats,
    noise: Floats,
    *,
    contenders: int,
    train_size: float,
    test_size: int,
    noise_known: bool = True,
    strict: bool = False,
) -> ModeratedTests:
    """Test pairs of contenders for a mean difference, by the corrected resampled t-test with moderated variances.

    Parameters
    ----------
    differences : array, shape (pairs, repeats)
        All pairs of the contenders, in the same repeats.
    noise : array, shape (pairs,)
        The variance that the choice of test images alone gives one repeat's difference; above 0.
    contenders : int
        Of how many contenders these are all pairs.
    train_size, test_size : int
        How many images each repeat was trained and tested on; ``train_size`` is infinite where all have one split, so
        that no overlap of splits makes their means alike.
    noise_known : bool
        Whether ``noise`` is that variance; else a lower bound of it, too rough to divide by.
    strict : bool
        Whether to gain no degrees of freedom by the noise's bound, only to raise variances to it: for levels far below
        0.05, where what is gained is not exact enough.
    """
    repeats = differences.shape[1]
    own, overlap = repeats - 1, test_size / train_size
    unit = noise if noise_known else np.ones_like(noise)
    # In units of the noise, where it is known: pairs differ in it, and only what is beside it is taken for alike.
    ratios = differences.var(axis=1, ddof=1) / unit
    # own: each ratio is of one pair's own n - 1 degrees of freedom.
    prior = estimate_prior(ratios, own, correlation=_shared(contenders))
    others = prior.limited_to(float(_most_degrees(own, contenders)))
    # Never lowered: a network that is less steady than the others keeps its own variance.
    raised = np.maximum(others.moderate(ratios, own), ratios) * unit
    base = float(total_degrees(own, prior.degrees, contenders))
    # Splits of the same images have part of their noise in common, and scatter by the rest, 1 / (1 + overlap) of it. On
    # one split, no choice of test images adds any; one image's worth keeps the variance of what never varies above 0.
    least = noise / (1 + overlap) if overlap else np.full_like(noise, 1 / test_size**2)
    if overlap and not strict:
        variances, degrees = bounded_variances(raised, base, least)
    else:
        variances, degrees = np.maximum(raised, least), np.full(len(raised), base)
    # Nadeau and Bengio's correction: overlap does not shrink as repeats are added.
    errors = np.sqrt(variances * (1 / repeats + overlap))
    return ModeratedTests(differences.mean(axis=1), np.sqrt(variances), errors, degrees, base, prior, repeats)


def bounded_variances(variances: Floats, degrees: float, least: Floats) -> tuple[Floats, Floats]:
    """Return variances that are known to be at least so much, and their degrees of freedom.

    Of a variance s^2 with d degrees of freedom, the precision ``1 / sigma^2`` has the gamma distribution with shape
    ``a = d / 2`` and rate ``b = a s^2``, under the prior that makes the t-test's intervals credible ones. Cut off at
    ``1 / least``, it has the moments, with P the regularised incomplete gamma function and ``x = b / least``, ::

        E = (a / b) P(a + 1, x) / P(a, x)        E2 = (a (a + 1) / b^2) P(a + 2, x) / P(a, x)

    and is taken for the gamma distribution with the same: of the variance ``1 / E``, with ``2 E^2 / (E2 - E^2)``
    degrees of freedom. Far above the bound, nothing changes. Below it, the variance rises above the bound and so do
    the degrees of freedom, since it cannot lie just anywhere.

    Parameters
    ----------
    variances : array
    degrees : float
        Of each of them.
    least : array of the same shape
        Above 0.
    """
    from scipy.special import hyp1f1

    # a, b and x as in the docstring; `first` and `second` are the two ratios of P, the second of P(a + 2, x).
    shape = degrees / 2
    # A variance far below its bound says no less than one a thousandth of it, and a rate of 0 has no moments.
    rate = shape * np.maximum(variances, 1e-3 * least)
    # Beyond this, P is 1 to all digits, and Kummer's function would take seconds.
    x = np.minimum(rate / least, 700 + 10 * shape)
    # P(a + 1, x) / P(a, x) = 1 - 1 / M(1, a + 1, x), which neither under- nor overflows.
    first = 1 - 1 / hyp1f1(1, shape + 1, x)
    second = first * (1 - 1 / hyp1f1(1, shape + 2, x))
    mean, square = shape / rate * first, shape * (shape + 1) / rate**2 * second
    return 1 / mean, 2 * mean**2 / (square - mean**2)


def total_degrees(own: float | Floats, prior: float, contenders: int) -> Floats:
    """Return the degrees of freedom of a moderated variance among all pairs of contenders.

    With d of its own and d0 of the others, it is ``w s^2 + (1 - w) m``, ``w = d / (d + d0)``, m the mean of all. If
    all are alike, m has D = (contenders - 1) d degrees of freedom, and a covariance with ``s^2`` as large as its
    variance, so that the mixture has ``1 / (w^2 / d + (1 - w^2) / D)``; if they are not, ``d + d0``. The smaller
    counts.

    Parameters
    ----------
    own : float or array
        Degrees of freedom of a pair's own variance, above 0.
    prior : float
        Those of the others, before any limit.
    contenders : int
    """
    others = np.minimum(prior, _most_degrees(own, contenders))
    weight = own / (own + others)
    alike = own / (weight**2 + (1 - weight**2) / (contenders - 1))
    smaller: Floats = np.minimum(own + others, alike)
    return smaller


def _most_degrees(own: float | Floats, contenders: int) -> Floats:
    """Return for how many degrees of freedom the other pairs' variances may count."""
    # Half of the (contenders - 2) * own degrees that all pairs together have beyond the pair's own.
    return np.asarray((contenders - 2) * own / 2)


def _shared(contenders: int) -> float:
    """Return the mean correlation of two pairs' variances: 1/4 for those that share a contender.

    Their differences then have a correlation of 1/2, if contenders scatter alike, and variances its square.
    """
    # Of the other pairs, 2 (contenders - 2) share one contender with a pair; all others share none.
    others = contenders * (contenders - 1) // 2 - 1
    return 0.25 * 2 * (contenders - 2) / others if others > 0 else 0.0


def tail(statistics: Floats, degrees: float | Floats) -> Floats:
    """Return the probability of a smaller statistic under Student's t distribution."""
    from scipy.special import stdtr

    found: Floats = np.asarray(stdtr(degrees, statistics), np.float64)
    return found
