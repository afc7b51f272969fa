"""Flat rows of pixels cut into images: square ones or of a given shape, of one channel or of three."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError


def is_planar(images: NDArray[Any], shape: tuple[int, int] | None = None) -> bool | None:
    """Return whether rows of three channels hold all of one channel first; None of other arrays.

    CIFAR stores all red values first, then green and blue; most other files store a pixel's three values together.
    Either way is tried, and neighbouring pixels are most alike where channels are taken apart rightly.
    """
    if images.ndim != 2 or (size := _size_of_three(images.shape[1], shape)) is None:
        return None
    planes, interleaved = (_take_channels_apart(images, *size, planar) for planar in (True, False))
    return _roughness(planes) <= _roughness(interleaved)


def unflatten(rows: NDArray[Any], shape: tuple[int, int] | None = None, planar: bool | None = None) -> NDArray[Any]:
    """Reshape rows into images of a shape, or square ones; of one channel, or else of three.

    Parameters
    ----------
    rows : array of numbers, shape (n, pixels)
    shape : (int, int), optional
        Height and width of images that are not square; the reverse of rows stored column by column, whose images are
        then to be transposed, as square ones are.
    planar : bool, optional
        Whether rows of three channels hold one channel after the other; None: as :func:`is_planar` finds.

    Returns
    -------
    array, shape (n, height, width, channels)

    Raises
    ------
    DataError
        Rows do not have as many numbers as such images.
    """
    count, features = rows.shape
    if shape is not None:
        return _unflatten_to(rows, *shape, planar)
    side = math.isqrt(features)
    if side * side == features and side > 1:
        return rows.reshape(count, side, side, 1)
    side = math.isqrt(features // 3)
    if 3 * side * side != features or side < 2:
        expected = "a square number (or three times one) for square images"
        raise DataError(
            f"rows of {features} numbers, expected {expected}",
            "save other shapes as (n, height, width), or give theirs",
            found=features,
            expected=expected,
            suggested={"shape": "HxW"},
        )
    return _take_channels_apart(rows, side, side, is_planar(rows) if planar is None else planar)


def _unflatten_to(rows: NDArray[Any], height: int, width: int, planar: bool | None) -> NDArray[Any]:
    count, features = rows.shape
    if features == height * width:
        return rows.reshape(count, height, width, 1)
    if features != 3 * height * width:
        expected = f"{height * width} (or three times as many)"
        said = f"is {height} x {width}, but rows have {features} numbers, expected {expected}"
        raise DataError(said, setting="shape", found=features, expected=expected)
    return _take_channels_apart(rows, height, width, is_planar(rows, (height, width)) if planar is None else planar)


def _take_channels_apart(rows: NDArray[Any], height: int, width: int, planar: bool | None) -> NDArray[Any]:
    """Reshape rows of three channels, which are either one after the other or together for each pixel."""
    if planar:
        # (n, 3, height, width), channels moved to the end.
        return np.moveaxis(rows.reshape(len(rows), 3, height, width), 1, 3)
    return rows.reshape(len(rows), height, width, 3)


def _roughness(images: NDArray[Any]) -> float:
    """Return the mean difference of neighbouring pixels, which is small only where channels are taken apart rightly."""
    # 200 to 399 images, as float64: the difference of two bytes would wrap.
    some = images[:: max(1, len(images) // 200)].astype(np.float64)
    # Infinity minus infinity: images that hold any are refused once it is known how they are arranged, by number.
    with np.errstate(invalid="ignore", over="ignore"):
        # Down and across together: an image that is smooth one way only is not smooth.
        return float(np.abs(np.diff(some, axis=1)).mean() + np.abs(np.diff(some, axis=2)).mean())


def _size_of_three(features: int, shape: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return height and width of the images that rows of three channels hold; None of rows of one channel."""
    if shape is not None:
        return shape if features == 3 * shape[0] * shape[1] else None
    side = math.isqrt(features // 3)
    square = math.isqrt(features) ** 2 == features
    return (side, side) if 3 * side * side == features and side > 1 and not square else None
