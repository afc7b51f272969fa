"""Which test images contenders classify correctly in each repeat, and what their disagreement says about chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.errors import RunError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TestedImages:
    """Which test images each contender classified correctly in each repeat.

    Attributes
    ----------
    rows : sequence of int arrays, shape (images,)
        The rows of each repeat's test images among all images: an image may be tested in several repeats.
    correct : mapping of str to sequence of bool arrays, shape (images,)
        Per contender and repeat, whether each of these images is classified correctly; of one that took part in the
        first repeats alone, in these.

    Raises
    ------
    RunError
        The numbers of repeats or of images differ.
    """

    __test__ = False  # a name that starts with "Test" is not a test of pytest's

    rows: Sequence[NDArray[np.int64]]
    correct: Mapping[str, Sequence[NDArray[np.bool_]]]

    def __post_init__(self) -> None:
        expected = [len(rows) for rows in self.rows]
        for name, repeats in self.correct.items():
            found = [len(right) for right in repeats]
            if found != expected[: len(found)]:
                raise RunError(f"{name} has answers for {found} test images, expected {expected}, a number per repeat")

    def discordance(self, first: str, second: str) -> Floats:
        """Return the share of test images that only one of two classifies correctly, in the repeats that both have."""
        # Not strict: one of them may have stopped earlier.
        pairs = zip(self.correct[first], self.correct[second], strict=False)
        return np.array([np.mean(np.asarray(one, bool) != np.asarray(other, bool)) for one, other in pairs])


def binomial_noise(differences: Floats, test_size: int, discordance: Floats | None = None) -> Floats:
    """Return the variance of each repeat's difference that the choice of test images alone gives it; above 0.

    Each of m test images adds 1, 0 or -1. With a share q of them not 0 and a mean of d, the mean's variance is
    ``(q - d^2) / m``: McNemar's. Where q is not known, it is at least ``|d|``.

    Parameters
    ----------
    differences : array, shape (..., repeats)
    test_size : int
        m.
    discordance : array of the same shape, optional
        q.

    Returns
    -------
    array, shape (..., repeats)
    """
    share = np.minimum(np.abs(differences), 1.0) if discordance is None else discordance
    # One image's worth at least: networks that agreed on all of them may disagree on the next.
    found: Floats = np.maximum(share - differences**2, 1 / test_size) / test_size
    return found
