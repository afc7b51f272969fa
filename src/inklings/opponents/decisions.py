"""How an opponent decides by its features: a score for each class that it knows, computed by NumPy alone.

Each kind names the arrays it needs (``names``), checks them (``check``), and makes a function of them (``scorer``) from
features, shape (n, features), to scores, or to probabilities (``gives_probabilities``), shape (n, classes). Support
vectors and trees have files of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from inklings.errors import NetworkError
from inklings.opponents.arrays import Arrays, Floats, check_array, check_range

Integers = NDArray[np.intp]
Scorer = Callable[[NDArray[np.float32]], Floats]

PAIRS_AT_ONCE = 1 << 23
"""Distances that are held at once: 64 MB."""


@dataclass(frozen=True)
class Linear:
    """A weighted sum of the features for each class: logistic and ridge regression."""

    names: ClassVar[tuple[str, ...]] = ("linear/weights", "linear/biases")
    gives_probabilities: ClassVar[bool] = False

    def check(self, arrays: Arrays, features: int, classes: int) -> None:
        """Raise a NetworkError if the arrays do not fit."""
        check_array(arrays, self.names[0], (classes, features))
        check_array(arrays, self.names[1], (classes,))

    def scorer(self, arrays: Arrays, classes: int) -> Scorer:
        """Return a function from features to scores."""
        weights, biases = (arrays[name] for name in self.names)
        return lambda rows: rows @ weights.T + biases  # (n, features) @ (features, classes)


@dataclass(frozen=True)
class Neighbours:
    """The nearest of the training images vote.

    Parameters
    ----------
    count : int
        How many of them.
    weights : {"uniform", "distance"}
        Whether votes are equal, or the inverse of the distance; an image at distance 0 then outvotes all others.
    """

    count: int
    weights: Literal["uniform", "distance"] = "distance"
    names: ClassVar[tuple[str, ...]] = ("neighbours/rows", "neighbours/labels")
    gives_probabilities: ClassVar[bool] = True

    def check(self, arrays: Arrays, features: int, classes: int) -> None:
        """Raise a NetworkError if the arrays do not fit."""
        rows = check_array(arrays, self.names[0], (None, features), "fu")
        labels = check_array(arrays, self.names[1], (len(rows),), "iu")
        if rows.dtype.kind == "u" and rows.dtype != np.uint8:
            raise NetworkError(f"the parameters' '{self.names[0]}' holds {rows.dtype}, expected float32 or uint8")
        check_range(self.names[1], labels, 0, classes)
        if not 1 <= self.count <= len(rows):
            raise NetworkError(f"is {self.count}, expected 1 to {len(rows)}", setting="count", found=self.count)

    def scorer(self, arrays: Arrays, classes: int) -> Scorer:
        """Return a function from features to probabilities."""
        # float64: squared distances are differences of large sums, and of near images only their last digits are left.
        known = restore(arrays[self.names[0]]).astype(np.float64)
        votes = np.eye(classes)[arrays[self.names[1]]]  # (training images, classes), one 1 per row
        # |k|^2 of each training image, once for all batches.
        squares = np.einsum("ij,ij->i", known, known)
        size = max(1, PAIRS_AT_ONCE // len(known))

        def score(rows: NDArray[np.float32]) -> Floats:
            parts = [rows[start : start + size].astype(np.float64) for start in range(0, len(rows), size)]
            return np.concatenate([self._vote(part, known, squares, votes) for part in parts])

        return score

    def _vote(self, rows: Floats, known: Floats, squares: Floats, votes: Floats) -> Floats:
        # Without the rows' own lengths, which do not change who is nearest; they are added to the few that vote.
        # (n, training images): |k|^2 - 2 k x.
        squared = squares - 2 * rows @ known.T
        # (n, 1): the distance of the last that votes; ties with it are still in.
        bound = np.partition(squared, self.count - 1, axis=1)[:, self.count - 1 : self.count]
        places = _first(squared, bound, self.count)
        near = np.take_along_axis(squared, places, 1) + np.einsum("ij,ij->i", rows, rows)[:, np.newaxis]
        shares = self._weigh(np.sqrt(np.maximum(near, 0)))
        summed: Floats = np.einsum("nk,nkc->nc", shares, votes[places])  # (n, classes)
        summed /= summed.sum(1, keepdims=True)
        return summed

    def _weigh(self, distances: Floats) -> Floats:
        if self.weights == "uniform":
            return np.ones_like(distances)
        zero = distances == 0
        # 1 where the distance is 0 only keeps the division defined: such a row takes the other branch.
        inverse = 1 / np.where(zero, 1, distances)
        shares: Floats = np.where(zero.any(1, keepdims=True), zero.astype(np.float64), inverse)
        return shares


def _first(squared: Floats, bound: Floats, count: int) -> Integers:
    """Return the columns of each row's smallest values, shape (n, count), of equal ones the first, as scikit-learn.

    Only what may count is sorted, mostly ``count`` values of a row: to sort whole rows takes as long as the product
    that gave them. ``bound``, shape (n, 1), is the last value that counts.
    """
    # Not "<=": where a distance is no number, the row still has as many as are asked for.
    rows, columns = np.nonzero(~(squared > bound))
    # Stable, so that equal values stay in the order of their columns, in which nonzero gave them.
    columns = columns[np.lexsort((squared[rows, columns], rows))]
    starts = np.searchsorted(rows, np.arange(len(squared)))
    places: Integers = columns[starts[:, np.newaxis] + np.arange(count)]
    return places


def compact(rows: NDArray[Any]) -> NDArray[Any]:
    """Return pixels as bytes where that loses nothing: a quarter of what as many float32 take."""
    if rows.size and rows.min() >= 0 and rows.max() <= 1:
        small: NDArray[Any] = np.rint(rows * 255).astype(np.uint8)
        if np.array_equal(restore(small), rows):
            return small
    return rows


def restore(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return pixels from 0 to 1 of what :func:`compact` made of them."""
    pixels: NDArray[np.float32] = rows.astype(np.float32)
    if rows.dtype == np.uint8:
        pixels /= np.float32(255)
    return pixels
