"""Which axis of an array is which: from any of the usual shapes to (n, height, width, channels)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError

SHAPES = "(n, features), (n, h, w), (h, w, n), (n, h, w, c), (n, c, h, w) or (h, w, c, n) with c 1 or 3"


def arrange_images(array: NDArray[Any], count: int, source: str) -> NDArray[Any]:
    """View an array as images, whichever of the usual shapes it has.

    Parameters
    ----------
    array : array of numbers
        Shape ``(n, features)`` for square images of 1 or 3 channels, ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``. A matrix ``(features, n)`` is accepted too.
    count : int
        How many labels there are, which tells the axis of the images.
    source : str
        For messages.

    Returns
    -------
    array, shape (n, height, width, channels)
        Flat rows are read in row-major order.

    Raises
    ------
    DataError
        No images; no axis has ``count`` entries; rows that are not square images; channels other than 1 or 3.
    """
    if array.dtype.kind not in "biuf":
        raise DataError(f"{source}: images are of type {array.dtype}, expected numbers")
    if array.size == 0 and array.ndim > 0:
        raise DataError(f"{source}: no images (shape {array.shape}), expected at least one")
    if not 2 <= array.ndim <= 4:
        raise DataError(f"{source}: images have shape {array.shape}, expected {SHAPES}")
    first = _images_first(array, count, source)
    if first.ndim == 2:
        return _unflatten(first, source)
    return first[..., None] if first.ndim == 3 else _channels_last(first, source)


def _images_first(array: NDArray[Any], count: int, source: str) -> NDArray[Any]:
    if array.shape[0] == count:
        return array
    if array.shape[-1] == count:
        return np.moveaxis(array, -1, 0)
    likely = array.shape[0]
    raise DataError(
        f"{source}: {likely} images (shape {array.shape}) but {count} labels, expected as many of both",
        "give each image exactly one label",
    )


def _unflatten(rows: NDArray[Any], source: str) -> NDArray[Any]:
    count, features = rows.shape
    side = math.isqrt(features)
    if side * side == features and side > 1:
        return rows.reshape(count, side, side, 1)
    side = math.isqrt(features // 3)
    if 3 * side * side != features or side < 2:
        raise DataError(
            f"{source}: rows of {features} numbers, expected a square number (or three times one) for square images",
            "save other shapes as (n, height, width)",
        )
    planes = np.moveaxis(rows.reshape(count, 3, side, side), 1, 3)
    interleaved = rows.reshape(count, side, side, 3)
    return min((planes, interleaved), key=_roughness)


def _roughness(images: NDArray[Any]) -> float:
    """Mean difference of neighbouring pixels: colours taken apart wrongly give rough images."""
    some = images[:: max(1, len(images) // 200)].astype(np.float64)
    return float(np.abs(np.diff(some, axis=1)).mean() + np.abs(np.diff(some, axis=2)).mean())


def _channels_last(images: NDArray[Any], source: str) -> NDArray[Any]:
    if images.shape[3] in (1, 3):
        return images
    if images.shape[1] in (1, 3):
        return np.moveaxis(images, 1, 3)
    raise DataError(f"{source}: images have shape {images.shape}, expected {SHAPES}")
