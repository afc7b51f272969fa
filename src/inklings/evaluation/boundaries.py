"""How small a p-value has to be at each of several looks at growing evidence, for all of them to err rarely together.

Testing after every repeat and stopping at the first p below 0.05 errs far more often than once in twenty. Alpha
spending (K. K. G. Lan and D. L. DeMets, Discrete sequential boundaries for clinical trials, Biometrika 70 (1983)
659-663) fixes how much of the error may have been spent when a fraction t of the information is in. Of the two common
functions, this is the one like O'Brien and Fleming's: ::

    spent(t) = 2 - 2 Phi(z(1 - alpha / 2) / sqrt(t))

It spends least while the evidence is least, where a variance of few repeats is known worst, and the last look's level
is nearly that of a single test. Pocock's would spend evenly.

The boundaries follow from the joint distribution of the looks: scaled by information, the estimates' sums have
independent normal increments. They are integrated numerically (P. Armitage, C. K. McPherson and B. C. Rowe, Repeated
significance tests on accumulating data, Journal of the Royal Statistical Society A 132 (1969) 235-244). To use them
as levels of a t-test's p-values is the significance level approach of C. Jennison and B. W. Turnbull, Group
Sequential Methods with Applications to Clinical Trials (2000), section 3.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def information_fractions(looks: Sequence[int], at_most: int, overlap: float) -> tuple[float, ...]:
    """Return which fraction of the information of ``at_most`` repeats each number of repeats has.

    The variance of a mean of n repeats is ``s^2 (1/n + overlap)``, and means of growing n share what overlap makes
    common to all: a repeat's information is independent of the earlier ones', as spending needs it, and most of it is
    in early.

    Examples
    --------
    >>> [round(each, 2) for each in information_fractions([3, 10, 40], 40, 1250 / 2750)]
    [0.61, 0.86, 1.0]
    """
    return tuple((1 / at_most + overlap) / (1 / look + overlap) for look in looks)


def spent(fraction: float, alpha: float) -> float:
    """Return how much of a one-sided error ``alpha`` may be spent up to an information fraction."""
    from scipy.special import ndtr, ndtri

    return float(2 * ndtr(ndtri(alpha / 2) / sqrt(min(fraction, 1.0))))


@lru_cache(maxsize=256)
def nominal_levels(fractions: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Return the one-sided level of each look's p-value, with which all looks together err with ``alpha`` at most.

    Parameters
    ----------
    fractions : tuple of float
        Information fractions of the looks so far, increasing, above 0 and up to 1. Later looks do not change earlier
        levels.
    alpha : float
        One-sided: half of a two-sided test's.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    levels: list[float] = []
    sums, density = np.zeros(1), np.ones(1)  # the sum of evidence before the first look is 0
    before, used = 0.0, 0.0
    for place, fraction in enumerate(fractions):
        step, wanted = sqrt(fraction - before), spent(fraction, alpha) - used

        def excess(bound: float, step: float = step, wanted: float = wanted) -> float:
            return float(density @ ndtr((sums - bound) / step)) - wanted  # noqa: B023 - called within this turn

        bound = float(brentq(excess, 0.0, 40.0 * sqrt(fraction), xtol=1e-12))
        levels.append(float(ndtr(-bound / sqrt(fraction))))
        following = fractions[place + 1] - fraction if place + 1 < len(fractions) else step**2
        sums, density = _advance(sums, density, step, bound, sqrt(fraction), sqrt(following))
        before, used = fraction, used + wanted
    return tuple(levels)


def _advance(
    sums: Floats, density: Floats, step: float, bound: float, spread: float, following: float
) -> tuple[Floats, Floats]:
    """Return where the sums of evidence below the bound may be after a look, and with which weights.

    Weights are densities times the trapezoidal rule's, on a grid fine enough for both this step and the following.
    """
    low = -8 * spread
    points = max(200, ceil(4 * (bound - low) / min(step, following)))
    grid = np.linspace(low, bound, points)
    kernel = np.exp(-0.5 * ((grid[:, None] - sums) / step) ** 2) / (step * sqrt(2 * np.pi))
    weights = np.full(points, grid[1] - grid[0])
    weights[[0, -1]] /= 2
    return grid, (kernel @ density) * weights
