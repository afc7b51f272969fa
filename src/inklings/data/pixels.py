"""Pixel values: scaled so that paper is 0 and ink is 1, in one channel or three."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""The weights of red, green and blue in brightness (ITU-R BT.601, which Pillow uses too)."""


def choose_paper_and_ink(low: float, high: float, dtype: np.dtype[Any]) -> tuple[float, float, list[str]]:
    """Choose which raw values stand for 0 and 1.

    Floats that lie about there already (-0.5 to 1.5, which leaves room for the overshoot of a bicubic filter) stay.
    Values of about 0 to 255 are divided by 255; of any other range from 0, by the maximum; values that begin
    below 0, such as -1 to 1 or standardised ones, are mapped linearly from minimum = 0 to maximum = 1.

    Parameters
    ----------
    low, high : float
        The range of the raw values.
    dtype : dtype
        Their type.

    Returns
    -------
    paper, ink : float
        The values that become 0 and 1.
    notes : list of str
    """
    if high == low or (low >= -0.5 and high <= 1.5):
        return 0.0, 1.0, []
    ink = _ink_value(low, high, dtype)
    if ink is None:
        return low, high, [f"values {low:g} to {high:g} are stretched to 0 to 1"]
    return 0.0, ink, [f"values are divided by {ink:g}"]


def scale(pixels: NDArray[Any], *, paper: float, ink: float) -> Images:
    """Map raw values linearly, so that ``paper`` becomes 0 and ``ink`` becomes 1.

    Parameters
    ----------
    pixels : array of numbers, any shape
    paper, ink : float

    Returns
    -------
    array of float32, same shape
    """
    if (paper, ink) == (0, 1):
        # A constant image set comes here whatever its value, which may be too large for float32.
        kept: Images = np.clip(pixels, -1e6, 1e6).astype(np.float32)
        return kept
    if paper == 0:
        return _divide(pixels, ink)
    # float64 scalars promote float16 and float32 images, whose precision a wide range would exhaust.
    stretched: Images = ((pixels - np.float64(paper)) / (np.float64(ink) - paper)).astype(np.float32)
    return stretched


def _divide(pixels: NDArray[Any], ink: float) -> Images:
    # Bytes are exact in float32, which takes half the memory and time of float64.
    if pixels.dtype.itemsize == 1:
        return pixels.astype(np.float32) / np.float32(ink)
    divided: Images = (pixels / ink).astype(np.float32)
    return divided


def _ink_value(low: float, high: float, dtype: np.dtype[Any]) -> float | None:
    """Return the value that stands for full ink in a range from 0, or None if values begin well below 0."""
    # Bytes resized as floats overshoot 0 to 255, by 13 % in the bundled digits; integers were clipped to it.
    overshoot = 0.25 if dtype.kind == "f" else 0.0
    # From 64 on, a maximum short of 255 means bytes without full ink; below, another scale: scikit-learn's digits end
    # at 16.
    if 64 < high <= 255 * (1 + overshoot) and low >= -255 * overshoot:
        return 255.0
    return high if low >= 0 else None


def border_pixels(images: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels on the border of images, shape (n, height, width, channels), as (n, pixels, 1, channels)."""
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
    return images if images.shape[-1] == 1 else images @ GREY[:, None]
