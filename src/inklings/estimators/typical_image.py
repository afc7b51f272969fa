"""What the mean of all training rows shows of new ones: that dark and light, or rows and columns, are swapped.

Of digits, the mean of 20 images resembles that of the training images with a correlation of 0.88 or more, of one class
alone 0.68; upright it is larger by 0.06 or more than with rows and columns swapped.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.typical import ALIKE, FEWEST, LOOKED_AT, TRANSPOSED, are_spread, correlation
from inklings.errors import DataWarning

Pixels = NDArray[np.float32]

FEWEST_FEATURES = 64
"""Fewer features are measurements rather than pixels."""

DISTINCT = 0.25
"""The mean tells something if it varies between features by this share of what each varies between rows; standardised
features have no mean."""

INVERTED = -0.5
"""Below this correlation rows are inverted."""


@dataclass(frozen=True, eq=False)
class TypicalImage:
    """The mean of the rows that a classifier was trained on.

    Parameters
    ----------
    mean : array of float64, shape (features,)
    tells : bool
        Whether it differs enough from feature to feature to hold other rows against it.
    """

    mean: NDArray[np.float64]
    tells: bool

    @classmethod
    def of(cls, X: NDArray[np.float32]) -> TypicalImage:
        """Return the mean of rows of features, shape (n, features)."""
        mean = X.mean(axis=0, dtype=np.float64)
        within = float(X.std(axis=0, dtype=np.float64).mean())
        enough = X.shape[1] >= FEWEST_FEATURES and len(X) >= FEWEST
        return cls(mean, enough and within > 0 and float(mean.std()) >= DISTINCT * within)

    def warn_of_other(
        self, X: Pixels, shape: tuple[int, int, int], answer: Callable[[Pixels], NDArray[np.int64]], classes: int
    ) -> None:
        """Issue a DataWarning where rows look inverted or transposed.

        Parameters
        ----------
        X : array of float32, shape (n, features)
        shape : (int, int, int)
            Height, width and channels of the network's input.
        answer : callable
            Predicts the classes of rows: where those of transposed ones, once turned, are few, the mean is theirs.
        classes : int
            How many there are.
        """
        if not self.tells or len(X) < FEWEST:
            return
        mean = X.mean(axis=0, dtype=np.float64)
        if not np.isfinite(mean).all() or not mean.std():
            return
        alike, found = correlation(mean, self.mean), ""
        if alike < INVERTED:
            found = "dark and light swapped"
        elif self._is_transposed(mean, alike, shape):
            turned = _transposed(X[:LOOKED_AT], shape)
            assert turned is not None, "its mean was"
            found = "rows and columns of pixels swapped" if are_spread(answer(turned), classes) else ""
        if found:
            said = f"X looks like the images that the classifier was trained on with {found}; it was used as it is"
            warnings.warn(said, DataWarning, stacklevel=4)

    def _is_transposed(self, mean: NDArray[np.float64], alike: float, shape: tuple[int, int, int]) -> bool:
        turned = _transposed(mean[None], shape)
        if turned is None:
            return False
        then = correlation(turned[0], self.mean)
        return then >= ALIKE and then - alike > TRANSPOSED


def _transposed(rows: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[Any] | None:
    """Return rows of pixels, shape (n, features), with rows and columns swapped; None if they are no square."""
    # Flat rows come as images of one row, of which nobody knows more than how many pixels they have.
    channels = 1 if shape[0] == 1 else shape[2]
    side = isqrt(rows.shape[1] // channels)
    if side * side * channels != rows.shape[1] or (shape[0] != 1 and shape[0] != shape[1]):
        return None
    return rows.reshape(-1, side, side, channels).swapaxes(1, 2).reshape(len(rows), -1)
