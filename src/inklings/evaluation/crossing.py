"""Where two learning curves cross: from how many images on one learner is more accurate than another.

A crossing is interpolated between two measured sizes, linearly in the logarithm of the number of images. Nothing is
extrapolated: where the curves do not cross within what was measured, that is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

AGREEING = 5
"""Repeats that must all agree for a crossing to be more than chance.

Splits of the same images overlap, and agree more often than tosses of a coin: with the correlation that Nadeau and
Bengio (2003) assume, 0.31 for 1,250 test images beside 2,750 to learn from, learners that are equal at both ends seem
to cross in 8 % of all cases with three repeats, in 2 % with five.
"""


@dataclass(frozen=True)
class Crossing:
    """How two learning curves lie to each other.

    Attributes
    ----------
    first, second : str
        Their names; ``first`` is ahead with the fewest images.
    images : float or None
        Where the means cross; None if they do not within what was measured.
    smallest, largest : int
        What was measured.
    repeats : int
    repeats_before, repeats_after : int
        In how many repeats the first is ahead with the fewest images, and the second with the most.
    throughout : bool
        Whether the first one's mean is ahead with every number of images.
    """

    first: str
    second: str
    images: float | None
    smallest: int
    largest: int
    repeats: int
    repeats_before: int
    repeats_after: int
    throughout: bool

    @property
    def sentence(self) -> str:
        """The outcome in words, without a full stop."""
        measured = f"{self.smallest:,} to {self.largest:,} images"
        if self.images is None and self.throughout:
            return (
                f"{self.first} is ahead of {self.second} throughout: no crossing within what was measured ({measured})"
            )
        if self.images is None:
            return (
                f"neither {self.first} nor {self.second} overtakes the other for good within what was measured "
                f"({measured})"
            )
        crossed = f"{self.second} overtakes {self.first} at about {self.images:,.0f} images"
        counts = (
            f"{self.first} is ahead with {self.smallest:,} in {self.repeats_before} of {self.repeats} repeats, "
            f"{self.second} with {self.largest:,} in {self.repeats_after}"
        )
        sure = min(self.repeats_before, self.repeats_after) == self.repeats >= AGREEING
        return f"{crossed} ({counts}){'' if sure else '; too few agree to rule out chance'}"


def find_crossing(names: tuple[str, str], images: ArrayLike, first: ArrayLike, second: ArrayLike) -> Crossing:
    """Find where the means of two learning curves cross; of several crossings, the last.

    Parameters
    ----------
    names : (str, str)
    images : array, shape (sizes,)
        Numbers of training images, ascending.
    first, second : arrays, shape (repeats, sizes)
        Accuracies on the same splits.

    Examples
    --------
    >>> crossing = find_crossing(("a", "b"), [100, 400], [[0.8, 0.9]], [[0.7, 1.0]])
    >>> round(crossing.images)
    200
    """
    # (sizes,), (repeats, sizes)
    sizes, differences = np.asarray(images, np.float64), np.asarray(first, np.float64) - np.asarray(second, np.float64)
    ends = differences.mean(axis=0)[[0, -1]]
    # The first is to be ahead with the fewest images: else they change places.
    if ends[0] < 0 or (ends[0] == 0 and ends[1] < 0):
        names, differences = (names[1], names[0]), -differences
    means: Floats = differences.mean(axis=0)  # (sizes,)
    below = np.flatnonzero((means[:-1] >= 0) & (means[1:] < 0))
    place = None
    # Only where the second is still ahead at the largest size: what is lost again was no overtaking.
    if len(below) and means[-1] < 0:
        # The last change from ahead, or level, to behind.
        left = int(below[-1])
        share = means[left] / (means[left] - means[left + 1])
        # Where the straight line between both means crosses 0, over the logarithm of the size.
        place = float(np.exp(np.log(sizes[left]) + share * np.log(sizes[left + 1] / sizes[left])))
    before, after = int((differences[:, 0] > 0).sum()), int((differences[:, -1] < 0).sum())
    # "Throughout" with a lead at every size; two that are level somewhere are neither.
    return Crossing(
        *names, place, int(sizes[0]), int(sizes[-1]), len(differences), before, after, bool((means > 0).all())
    )
