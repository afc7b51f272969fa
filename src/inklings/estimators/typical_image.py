"""What the mean of all training rows shows of new ones: that dark and light, or rows and columns, are swapped.

Of digits, the mean of 20 images resembles that of the training images with a correlation of 0.88 or more, of one class
alone 0.68; upright it is larger by 0.06 or more than with rows and columns swapped. A single digit resembles it with
0.24 or more, and inverted with the opposite of that. Whether a few rows are transposed, it does not show.
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

FEW_INVERTED, MARGIN = -0.3, 0.2
"""Fewer than FEWEST rows, also one, are inverted below the first, if every row of training resembled their mean more by
the second: where a class is the negative of another, some of them do not."""

LEAST_OF = 1000
"""At most so many rows of training, spread over all, are held against their mean one by one."""


@dataclass(frozen=True, eq=False)
class TypicalImage:
    """The mean of the rows that a classifier was trained on.

    Parameters
    ----------
    mean : array of float64, shape (features,)
    tells : bool
        Whether it differs enough from feature to feature to hold other rows against it.
    least : float
        The correlation with it of the row that resembles it least.
    """

    mean: NDArray[np.float64]
    tells: bool
    least: float

    @classmethod
    def of(cls, X: NDArray[np.float32]) -> TypicalImage:
        """Return the mean of rows of features, shape (n, features)."""
        mean = X.mean(axis=0, dtype=np.float64)
        within = float(X.std(axis=0, dtype=np.float64).mean())
        enough = X.shape[1] >= FEWEST_FEATURES and len(X) >= FEWEST
        tells = enough and within > 0 and float(mean.std()) >= DISTINCT * within
        return cls(mean, tells, _least_alike(X[:: -(-len(X) // LEAST_OF)], mean) if tells else -1.0)

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
        if not self.tells or not len(X):
            return
        mean = X.mean(axis=0, dtype=np.float64)
        if not np.isfinite(mean).all() or not mean.std():
            return
        alike, found = correlation(mean, self.mean), ""
        several = len(X) >= FEWEST
        if alike < (INVERTED if several else min(FEW_INVERTED, self.least - MARGIN)):
            found = "dark and light swapped"
        elif several and self._is_transposed(mean, alike, shape):
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


def _least_alike(rows: Pixels, mean: NDArray[np.float64]) -> float:
    """Return the correlation with their mean of the row that resembles it least; -1 if all are blank."""
    # All at once: correlating a thousand rows one by one took 15 times as long, in each fit.
    apart, spread = rows - rows.mean(axis=1, dtype=np.float64, keepdims=True), mean - mean.mean()
    lengths = np.linalg.norm(apart, axis=1)
    # A blank row has no correlation.
    inked = lengths > 0
    found = apart[inked] @ spread / (lengths[inked] * np.linalg.norm(spread))
    return float(found.min()) if inked.any() else -1.0


def _transposed(rows: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[Any] | None:
    """Return rows of pixels, shape (n, features), with rows and columns swapped; None if they are no square."""
    # Flat rows come as images of one row, of which nobody knows more than how many pixels they have.
    channels = 1 if shape[0] == 1 else shape[2]
    side = isqrt(rows.shape[1] // channels)
    if side * side * channels != rows.shape[1] or (shape[0] != 1 and shape[0] != shape[1]):
        return None
    return rows.reshape(-1, side, side, channels).swapaxes(1, 2).reshape(len(rows), -1)
