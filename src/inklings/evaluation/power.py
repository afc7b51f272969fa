"""How many repeats it would take to tell two networks apart, and when no number of them would."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

MOST_REPEATS = 1000  # nobody trains more; beyond, the answer is "more images"


@dataclass(frozen=True)
class RepeatsNeeded:
    """How many repeats would tell two networks apart.

    Attributes
    ----------
    count : int or None
        The least number; None if it is above ``MOST_REPEATS`` or endless.
    reachable : bool
        Whether any number would do.
    difference : float
        The difference that was found, as a fraction.
    least_difference : float
        The smallest that endless repeats would tell from 0.
    """

    count: int | None
    reachable: bool
    difference: float
    least_difference: float

    @property
    def sentence(self) -> str:
        """The answer in words, without a full stop."""
        if self.count is not None:
            return f"about {self.count} would"
        if self.reachable:
            return f"it would take more than {MOST_REPEATS:,}, and more images would do more"
        return (
            f"no number of repeats would, since splits of the same images overlap and hide differences below "
            f"{100 * self.least_difference:.1f} points (found: {100 * self.difference:.1f}); more images would help"
        )


def repeats_needed(
    difference: float,
    standard_deviation: float,
    *,
    train_size: int,
    test_size: int,
    power: float = 0.8,
    alpha: float = 0.05,
) -> RepeatsNeeded:
    """Say how many repeats the corrected resampled t-test would need to tell two networks apart.

    If splits overlap as Nadeau and Bengio (2003) assume, t follows the noncentral t distribution with n - 1 degrees of
    freedom and the noncentrality ``difference / (s sqrt(1/n + n_test/n_train))``. As n grows, this does not grow
    beyond ``difference / (s sqrt(n_test/n_train))``: repeats cannot replace images. So there is a floor,

    ::

        least difference = (z(1 - alpha/2) + z(power)) s sqrt(n_test/n_train)

    below which no number of repeats suffices. The difference and spread of a few repeats are themselves uncertain, and
    so is the answer: read it as "a few more", "many" or "never".

    Parameters
    ----------
    difference, standard_deviation : float
        Mean and standard deviation of the paired differences found so far.
    train_size, test_size : int
        How many images each repeat learns from and is tested on.
    power : float
        How often such a difference is to be found.
    alpha : float
        How often chance alone may be taken for one; two-sided.
    """
    from scipy import stats

    size, overlap = abs(difference), test_size / train_size
    least = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * standard_deviation * sqrt(overlap)
    repeats = np.arange(2, MOST_REPEATS + 1)
    noncentrality = size / (standard_deviation * np.sqrt(1 / repeats + overlap))
    # Only the right direction counts; the chance to find the opposite is far below any power worth asking for.
    reached = stats.nct.sf(stats.t.ppf(1 - alpha / 2, repeats - 1), repeats - 1, noncentrality) >= power
    count = int(repeats[np.argmax(reached)]) if reached.any() else None
    return RepeatsNeeded(count, size > least, size, least)
