"""Confidence intervals of accuracies."""

from __future__ import annotations

from typing import NamedTuple


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
    from scipy.stats import binomtest

    found = binomtest(right, total).proportion_ci(confidence, method="wilson")
    return Interval(float(found.low), float(found.high))
