"""Augmentation's numbers that all contenders share; how a batch is changed by them is each one's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 4


def spline_basis(length: int) -> NDArray[np.float32]:
    """Return the cubic B-splines over four cells at each pixel of a side, shape (length, 7)."""
    places = (np.arange(length) + 0.5) / length * CELLS
    cells = np.minimum(places.astype(int), CELLS - 1)
    t = places - cells
    values = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    basis = np.zeros((length, CELLS + 3), np.float32)
    np.put_along_axis(basis, cells[:, None] + np.arange(4), values.astype(np.float32), axis=1)
    return basis
