"""Pixel values: scaled so that paper is 0 and ink is 1, in one channel or three."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""The weights of red, green and blue in brightness (ITU-R BT.601, which Pillow uses too)."""


def scale(
    pixels: NDArray[Any], *, paper: float, ink: float, signed_bytes: bool = False, clipped: bool = False
) -> Images:
    """Map raw values linearly, so that ``paper`` becomes 0 and ``ink`` becomes 1.

    Parameters
    ----------
    pixels : array of numbers, any shape
    paper, ink : float
    signed_bytes : bool
        Whether values below 0 stand for bytes of 128 and more.
    clipped : bool
        Whether to cut off what lies outside of paper to ink.

    Returns
    -------
    array of float32, same shape
    """
    if pixels.dtype == np.float16:  # which holds none of the limits below
        pixels = pixels.astype(np.float32)
    if signed_bytes:
        # int16 first: the remainder of an int8 by 256 does not fit into one.
        pixels = np.mod(pixels.astype(np.int16), 256)
    if clipped:
        pixels = np.clip(pixels, paper, ink)
    if (paper, ink) == (0, 1):
        # A constant image set comes here whatever its value, which may be too large for float32.
        kept: Images = np.clip(pixels, -1e6, 1e6).astype(np.float32)
        return kept
    if paper == 0:
        return _divide(pixels, ink)
    # float64 scalars promote float16 and float32 images, whose precision a wide range would exhaust.
    with np.errstate(invalid="ignore", over="ignore"):  # infinity is refused later, with the image that holds it
        stretched: Images = ((pixels - np.float64(paper)) / (np.float64(ink) - paper)).astype(np.float32)
    return stretched


def _divide(pixels: NDArray[Any], ink: float) -> Images:
    # Bytes are exact in float32, which takes half the memory and time of float64.
    if pixels.dtype.itemsize == 1:
        return pixels.astype(np.float32) / np.float32(ink)
    with np.errstate(invalid="ignore", over="ignore"):
        divided: Images = (pixels / ink).astype(np.float32)
    return divided


def border_pixels(images: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels on the border of images, shape (n, height, width, channels), as (n, pixels, 1, channels)."""
    # Corners are in it twice, which no median minds.
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return np.concatenate(edges, axis=1)[:, :, np.newaxis]


def to_greyscale(images: Images) -> Images:
    """Mix three channels into one by brightness; one channel stays as it is.

    Parameters
    ----------
    images : array of float32, shape (..., channels)

    Returns
    -------
    array of float32, shape (..., 1)
    """
    # (..., 3) @ (3, 1) keeps the last axis.
    return images if images.shape[-1] == 1 else images @ GREY[:, None]
