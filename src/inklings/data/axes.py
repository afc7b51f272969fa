"""Which axis of an array is which: from any of the common shapes to (n, height, width, channels)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError

SHAPES = "(n, features), (n, h, w), (h, w, n), (n, h, w, c), (n, c, h, w) or (h, w, c, n) with c 1 or 3"


def arrange_images(array: NDArray[Any], count: int, shape: tuple[int, int] | None = None) -> NDArray[Any]:
    """View an array as images, whichever of the common shapes it has.

    Parameters
    ----------
    array : array of numbers
        Shape ``(n, features)`` for square images of 1 or 3 channels, ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``. A matrix ``(features, n)`` is accepted too.
    count : int
        The number of labels, which identifies the axis of the images.
    shape : (int, int), optional
        Height and width of flat rows that are not square.

    Returns
    -------
    array, shape (n, height, width, channels)
        Flat rows are taken as row-major.

    Raises
    ------
    DataError
        There are no images; no axis has ``count`` entries; rows are not square images; channels are neither 1 nor 3.
    """
    if array.dtype.kind not in "biuf":
        raise DataError(f"images are of type {array.dtype}, expected numbers", found=array.dtype, expected="numbers")
    # A scalar has size 1 and goes on to the message about shapes.
    if array.size == 0 and array.ndim > 0:
        raise DataError(f"no images (shape {array.shape}), expected at least one", found=array.shape)
    if not 2 <= array.ndim <= 4:
        raise _unknown_shape(array)
    first = _images_first(array, count)
    if first.ndim == 2:
        return _unflatten(first, shape)
    return first[..., None] if first.ndim == 3 else _channels_last(first)


def _images_first(array: NDArray[Any], count: int) -> NDArray[Any]:
    """Move the axis of the images to the front; where the first and the last axis both fit, the first."""
    if array.shape[0] == count:
        return array
    # Stacks from MATLAB have the number of images last.
    if array.shape[-1] == count:
        return np.moveaxis(array, -1, 0)
    raise DataError(
        f"{array.shape[0]} images (shape {array.shape}) but {count} labels, expected as many of both",
        "give each image exactly one label",
        found=array.shape[0],
        expected=count,
    )


def _unflatten(rows: NDArray[Any], shape: tuple[int, int] | None) -> NDArray[Any]:
    """Reshape rows into images of a shape, or square ones; of one channel, or else of three."""
    count, features = rows.shape
    if shape is not None:
        return _unflatten_to(rows, *shape)
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
    return _take_channels_apart(rows, side, side)


def _unflatten_to(rows: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    count, features = rows.shape
    if features == height * width:
        return rows.reshape(count, height, width, 1)
    if features != 3 * height * width:
        expected = f"{height * width} (or three times as many) for {height} x {width}"
        raise DataError(f"rows of {features} numbers, expected {expected}", setting="shape", found=features)
    return _take_channels_apart(rows, height, width)


def _take_channels_apart(rows: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Reshape rows of three channels, which are either one after the other or together for each pixel."""
    # CIFAR stores all red values first, then green and blue; most other files store a pixel's three values together.
    planes = np.moveaxis(rows.reshape(len(rows), 3, height, width), 1, 3)
    interleaved = rows.reshape(len(rows), height, width, 3)
    return min((planes, interleaved), key=_roughness)


def _roughness(images: NDArray[Any]) -> float:
    """Return the mean difference of neighbouring pixels, which is small only where channels are taken apart rightly."""
    some = images[:: max(1, len(images) // 200)].astype(np.float64)
    return float(np.abs(np.diff(some, axis=1)).mean() + np.abs(np.diff(some, axis=2)).mean())


def _channels_last(images: NDArray[Any]) -> NDArray[Any]:
    if images.shape[3] in (1, 3):
        return images
    if images.shape[1] in (1, 3):
        return np.moveaxis(images, 1, 3)
    raise _unknown_shape(images)


def _unknown_shape(array: NDArray[Any]) -> DataError:
    return DataError(f"images have shape {array.shape}, expected {SHAPES}", found=array.shape, expected=SHAPES)
