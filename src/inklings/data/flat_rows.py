"""Flat rows of pixels as images: square ones or of a given shape, of one channel or three."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError


def split_rows(images: NDArray[Any], shape: tuple[int, int] | None = None) -> NDArray[Any]:
    """Return images as (n, height, width, channels), given as :func:`inklings.data.axes.images_first` returns them."""
    if images.ndim == 2:
        return _unflatten(images, shape)
    return images[..., None] if images.ndim == 3 else images


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
