"""Numbers of several bytes, written lowest byte first into a format that has the highest first, such as IDX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import spread_rows
from inklings.errors import DataError

_LOOKED_AT = 200

_SMOOTHER = 0.25
"""Neighbours that differ by at most this share of what they do as they are show which order is meant: a picture in the
wrong one is noise."""


def check_byte_order(values: NDArray[Any], path: Path) -> None:
    """Refuse images or labels whose bytes lie in the other order than the format has them.

    Parameters
    ----------
    values : array, shape (n, ...)
        As the format says.
    path : Path
        For the message.

    Raises
    ------
    DataError
        Small whole numbers are all multiples of a large one; or images are smooth only with their bytes swapped.
    """
    if values.dtype.itemsize == 1 or not len(values):
        return
    some = np.ascontiguousarray(values[spread_rows(len(values), _LOOKED_AT)])
    swapped = some.view(some.dtype.newbyteorder())
    smoother = values.ndim > 2 and _roughness(swapped) <= _SMOOTHER * _roughness(some)
    if smoother or _are_small_swapped(some) or (_is_usual(swapped) and not _is_usual(some)):
        raise DataError(
            "holds its numbers lowest byte first, expected the highest first, as the format has them",
            "write them so: in NumPy, array.astype(array.dtype.newbyteorder('>'))",
            path=path,
        )


def _are_small_swapped(values: NDArray[Any]) -> bool:
    """Whether whole numbers have nothing but zeros in all bytes but the highest, as those up to 255 do when swapped."""
    if values.dtype.kind not in "iu" or not values.any():
        return False
    return not (values % 256 ** (values.dtype.itemsize - 1)).any()


def _is_usual(values: NDArray[Any]) -> bool:
    """Whether no number is nearer to 0 or to infinity than any pixel would be."""
    sizes = np.abs(values[values != 0].astype(np.float64))
    return bool(np.isfinite(sizes).all() and (sizes > 1e-20).all() and (sizes < 1e20).all())


def _roughness(values: NDArray[Any]) -> float:
    """Return how much neighbours differ, as a share of how much values vary; infinite for what are no numbers."""
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e30:
        return np.inf
    varies = float(np.abs(numbers - numbers.mean()).mean())
    return float(np.abs(np.diff(numbers, axis=-1)).mean()) / varies if varies else np.inf
