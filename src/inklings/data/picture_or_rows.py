"""Whether an array of two axes is one picture, or rows of pixels of many."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST = 16
"""Rows and columns from which on a picture's own smoothness shows."""

SMOOTH = 0.6
"""Neighbours along an axis of a picture differ by at most this share of what any two differ. Digits of 25 x 25 pixels
to 100 x 100 have 0.1 to 0.6 along both axes. Rows of pixels, one digit below the other, have 0.75 (sorted by class, of
8 x 8) to 1 downwards."""

LONGEST = 4
"""How many times as long as the other side one of a picture may be."""

_CORNER = 256


def is_one_picture(array: NDArray[Any]) -> bool:
    """Return whether an array, shape (h, w), is a picture: neighbouring rows are alike, as neighbouring columns are.

    Of rows of pixels, one for each image, neighbours differ as much as any two do.
    """
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        return False
    if min(array.shape) < LEAST or max(array.shape) > LONGEST * min(array.shape):
        return False
    corner = np.asarray(array[:_CORNER, :_CORNER], np.float64)
    return all(_roughness(lines) <= SMOOTH for lines in (corner, corner.T))


def _roughness(lines: NDArray[np.float64]) -> float:
    """Return how much neighbouring lines differ, as a share of how much any two do."""
    others = np.random.default_rng(0).permutation(len(lines))
    apart = float(np.abs(lines - lines[others]).mean())
    return float(np.abs(np.diff(lines, axis=0)).mean()) / apart if apart > 0 else 1.0
