"""How small a p-value has to be at each of several looks at growing evidence, for all of them to err rarely together.

Testing after every repeat and stopping at the first p below 0.05 errs far more often than once in twenty. Alpha
spending (K. K. G. Lan and D. L. DeMets, Discrete sequential boundaries for clinical trials, Biometrika 70 (1983)
659-663) fixes how much of the error may have been spent when a fraction t of the information is in. Here it is their
function like O'Brien and Fleming's: ::

    spent(t) = 2 - 2 Phi(z(1 - alpha / 2) / sqrt(t))

It spends least while there is least evidence. One like Pocock's, which spends more at once, ended only very clear
comparisons sooner, and found fewer differences (docs/decisions/0021-few-repeats.md).

The usual boundaries take variances for known. Three repeats' variance is hardly known, changes from look to look, and
has boundaries of that kind err in 8 % of comparisons where 5 % were meant. So each look's level is read off simulated
repeats of the t-test itself: as large as lets no more of them cross than may.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import floor, sqrt

import numpy as np

# So many that a level of one in a thousand is read off 200 of them, as each counts in both directions.
PATHS = 100_000
# Kept back for the error of this simulation: a boundary read off so many paths is itself a little uncertain.
KEPT_BACK = 0.05


def information_fractions(looks: Sequence[int], at_most: int, overlap: float) -> tuple[float, ...]:
    """Return which fraction of the information of ``at_most`` repeats each number of repeats has.

    The variance of a mean of n repeats is ``s^2 (1/n + overlap)``, where overlap is what all of them have in common, so
    that most of the information is in early.

    Examples
    --------
    >>> [round(each, 2) for each in information_fractions([3, 10, 40], 40, 1250 / 2750)]
    [0.61, 0.86, 1.0]
    """
    # Information is one over that variance, here as a share of what `at_most` repeats have: s^2 cancels.
    return tuple((1 / at_most + overlap) / (1 / look + overlap) for look in looks)


def spent(fraction: float, alpha: float) -> float:
    """Return how much of a one-sided error ``alpha`` may be spent up to an information fraction."""
    from scipy.special import ndtr, ndtri

    return float(2 * ndtr(ndtri(alpha / 2) / sqrt(min(fraction, 1.0))))


@lru_cache(maxsize=64)
def nominal_levels(looks: tuple[int, ...], at_most: int, overlap: float, alpha: float) -> tuple[float, ...]:
    """Return the one-sided level of each look's corrected t-test, with which all looks together err with ``alpha``.

    A pair's repeats are simulated as ``C + e``: C common to all, with the variance ``overlap``, and independent e. With
    more contenders, variances are steadier than a pair's own, and these levels are on the safe side.

    Parameters
    ----------
    looks : tuple of int
        After how many repeats it is looked at: increasing, from 2 to ``at_most``. Later looks do not change the levels
        of earlier ones.
    at_most : int
        The most repeats there may be.
    overlap : float
        ``n_test / n_train``.
    alpha : float
        One-sided: half of a two-sided test's.

    Returns
    -------
    tuple of float
        0 where so little may be spent that no test would be sure enough.
    """
    from scipy.special import stdtr

    # A fixed seed: the same looks have the same levels in every comparison.
    random = np.random.default_rng(0)
    # What overlapping splits have in common is one number for all repeats: no repeat more averages it away.
    common, mean, squares = sqrt(overlap) * random.standard_normal(PATHS), np.zeros(PATHS), np.zeros(PATHS)
    repeats, used, levels = 0, 0, []
    statistics = np.empty((2, PATHS))  # each path counts for both directions
    inside = np.ones((2, PATHS), bool)
    for look, fraction in zip(looks, information_fractions(looks, at_most, overlap), strict=True):
        for repeats in range(repeats + 1, look + 1):  # noqa: B020 - goes on where the last look was
            # Welford's running mean and sum of squares, for all paths at once.
            own = random.standard_normal(PATHS)  # (PATHS,)
            step = own - mean
            mean += step / repeats
            squares += step * (own - mean)
        # The corrected t: what is common moves the mean but not the spread between
        # repeats, so the test has to allow for it.
        statistics[0] = (mean + common) / np.sqrt(squares / (look - 1) * (1 / look + overlap))
        statistics[1] = -statistics[0]
        crossing = floor(spent(fraction, (1 - KEPT_BACK) * alpha) * statistics.size) - used
        if crossing < 1:
            levels.append(0.0)
            # Nothing is spent at this look, so all of it is left for later ones.
            continue
        # So many paths may cross now as the level spent so far allows beyond those that have crossed before.
        # The `crossing`-th largest among those that have not crossed before: so many lie at it or beyond.
        bound = np.partition(statistics[inside], -crossing)[-crossing]
        # As a p-value: the tail beyond the bound, with as many degrees of freedom as that look's t has.
        levels.append(float(stdtr(look - 1, -bound)))
        inside &= statistics < bound
        used += crossing
    return tuple(levels)
