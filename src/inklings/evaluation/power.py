"""How many repeats a significant difference would take, and when no number of them would do."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from inklings.evaluation.moderated import total_degrees

MOST_REPEATS = 1000  # nobody trains more; beyond that, more images are the better advice
POWER = 0.8
"""The probability with which the repeats that are needed find the difference significant."""


@dataclass(frozen=True)
class RepeatsNeeded:
    """How many repeats would make a difference significant.

    Attributes
    ----------
    count : int or None
        The smallest number; None if it is above ``MOST_REPEATS`` or infinite.
    reachable : bool
        Whether any number would do.
    difference : float
        The estimated difference, as a fraction.
    smallest_detectable_difference : float
        The smallest that infinitely many repeats would detect.
    """

    count: int | None
    reachable: bool
    difference: float
    smallest_detectable_difference: float

    @property
    def sentence(self) -> str:
        """The result in words, without a full stop."""
        if self.count is not None:
            return f"about {self.count} repeats would be needed"
        if self.reachable:
            return f"more than {MOST_REPEATS:,} repeats would be needed; more images would help more"
        least = self.smallest_detectable_difference
        if not least:  # on one split, where nothing overlaps, any difference but 0 shows in the end
            return "no number of repeats would suffice, since no difference was found"
        hidden = f"differences below {100 * least:.1f} points" if least < 1 else "any difference"
        return (
            f"no number of repeats would suffice, since splits of the same images overlap and hide {hidden} "
            f"(found: {100 * self.difference:.1f}); more images would help"
        )

    @property
    def clause(self) -> str:
        """The result in a few words, after "3 repeats cannot tell"."""
        if self.count is not None:
            return f"about {self.count} could"
        if self.reachable:
            return f"more than {MOST_REPEATS:,} could; more images would help more"
        return "more repeats would hardly help, more images would"


def repeats_needed(
    difference: float,
    standard_deviation: float,
    *,
    train_size: float,
    test_size: int,
    alpha: float = 0.05,
    contenders: int = 2,
    prior_degrees: float = 0.0,
    further_degrees: float = 0.0,
) -> RepeatsNeeded:
    """Estimate how many repeats the corrected resampled t-test needs to find a difference significant.

    If splits overlap as Nadeau and Bengio (2003) assume, t follows the noncentral t distribution with n - 1 degrees
    of freedom, plus what other pairs' variances are worth, and the noncentrality ``difference / (s sqrt(1/n +
    n_test/n_train))``. As n grows, it never exceeds ``difference / (s sqrt(n_test/n_train))``: repeats cannot replace
    images. So there is a floor,

    ::

        smallest difference = (z(1 - alpha/2) + z(POWER)) s sqrt(n_test/n_train)

    below which no number of repeats suffices. The difference and spread of a few repeats are themselves uncertain, and
    so is the result: take it as "a few more", "many" or "never".

    Parameters
    ----------
    difference, standard_deviation : float
        Mean and (moderated) standard deviation of the paired differences so far.
    train_size, test_size : int
        How many images each repeat is trained and tested on; ``train_size`` is infinite where all have one split.
    alpha : float
        Two-sided significance level.
    contenders : int
        How many are compared in pairs.
    prior_degrees : float
        How many degrees of freedom the pairs' variances together are worth to each
        (:func:`inklings.evaluation.moderated.total_degrees`).
    further_degrees : float
        What else is known of the variance (:func:`inklings.evaluation.moderated.bounded_variances`).
    """
    from scipy import stats

    size, overlap = abs(difference), test_size / train_size
    # The repeats' own part of the variance is gone with n without end; the overlap's stays.
    least = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(POWER)) * standard_deviation * sqrt(overlap)
    repeats = np.arange(2, MOST_REPEATS + 1)
    # All numbers of repeats at once, (MOST_REPEATS - 1,).
    noncentrality = size / (standard_deviation * np.sqrt(1 / repeats + overlap))
    degrees = total_degrees(repeats.astype(np.float64) - 1, prior_degrees, contenders) + further_degrees
    # Only the right direction counts; the chance to find the opposite is far below any power worth asking for.
    reached = stats.nct.sf(stats.t.ppf(1 - alpha / 2, degrees), degrees, noncentrality) >= POWER
    # argmax finds the first that is True.
    count = int(repeats[np.argmax(reached)]) if reached.any() else None
    return RepeatsNeeded(count, size > least, size, least)
