"""Confidence intervals of accuracies."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

SIGNIFICANT = 0.05
"""How often chance alone may make what is compared look different."""


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def wilson_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """Return the confidence interval of an accuracy: ``right`` of ``total`` independent images classified correctly.

    Wilson's score interval: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927) 209-212. It stays within 0 and 1 and keeps its
    coverage for accuracies near 1, where the normal approximation does not.

    Examples
    --------
    >>> low, high = wilson_interval(970, 1000)
    >>> round(low, 4), round(high, 4)
    (0.9575, 0.9789)
    """
    if not total:
        return Interval(0.0, 1.0)  # nothing is known
    # Every training ends with one: importing scipy.stats for it would take longer than a short training does.
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    scale = total + z**2
    # Wilson's interval is centred between the accuracy and a half: the fewer the images, the nearer to a half.
    middle = (right + z**2 / 2) / scale
    half = z * sqrt(right * (total - right) / total + z**2 / 4) / scale
    # At the ends the bound is 0 or 1 exactly, which rounding would miss.
    return Interval(middle - half if right else 0.0, middle + half if right < total else 1.0)


def mean_interval(values: Sequence[float]) -> tuple[float, Interval]:
    """Return the mean of many independent values, at least two, and its 95 % confidence interval.

    By the central limit theorem: for hundreds of values, such as one for each image.

    Examples
    --------
    >>> mean, (low, high) = mean_interval([1.0] * 30 + [0.0] * 970)
    >>> round(mean, 4), round(low, 4), round(high, 4)
    (0.03, 0.0194, 0.0406)
    """
    mean = fmean(values)
    half = NormalDist().inv_cdf(0.975) * stdev(values) / sqrt(len(values))
    return mean, Interval(mean - half, mean + half)
