"""Pixel values: scaled so that paper is 0 and ink is 1, in one channel or three."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import check_finite
from inklings.data.lazy_images import Images, Step, stack_if_large, transform, value_range

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""The weights of red, green and blue in brightness (ITU-R BT.601, which Pillow uses too)."""

INVERTED = "images were inverted"
"""How the note of an inversion begins."""


def scale_pixels(images: NDArray[Any]) -> tuple[Images, list[str]]:
    """Scale values to 0..1, and note how.

    Floats that lie about there already (-0.5 to 1.5, which leaves room for the overshoot of a bicubic filter) stay.
    Values of about 0 to 255 are divided by 255; of any other range from 0, by the maximum; values that begin
    below 0, such as -1 to 1 or standardised ones, are mapped linearly from minimum = 0 to maximum = 1.

    Parameters
    ----------
    images : array of numbers, any shape

    Returns
    -------
    images : array of float32, same shape, or an ImageStack if they are many
    notes : list of str

    Raises
    ------
    DataError
        A value is NaN or infinite.
    """
    check_finite(images)
    stack = stack_if_large(images)
    step, notes = _choose_scale(*value_range(stack), images.dtype)
    return transform(stack, step), notes


def _choose_scale(low: float, high: float, dtype: np.dtype[Any]) -> tuple[Step, list[str]]:
    if high == low or (low >= -0.5 and high <= 1.5):
        return _keep, []
    ink = _ink_value(low, high, dtype)
    if ink is None:
        return partial(_stretch, low=low, high=high), [f"values {low:g} to {high:g} are stretched to 0 to 1"]
    return partial(_divide, ink=ink), [f"values are divided by {ink:g}"]


def _keep(images: NDArray[Any]) -> Images:
    # A constant image set comes here whatever its value, which may be too large for float32.
    kept: Images = np.clip(images, -1e6, 1e6).astype(np.float32)
    return kept


def _stretch(images: NDArray[Any], low: float, high: float) -> Images:
    # float64 scalars promote float16 and float32 images, whose precision a wide range would exhaust.
    stretched: Images = ((images - np.float64(low)) / (np.float64(high) - low)).astype(np.float32)
    return stretched


def _divide(images: NDArray[Any], ink: float) -> Images:
    # Bytes are exact in float32, which takes half the memory and time of float64.
    if images.dtype.itemsize == 1:
        return images.astype(np.float32) / np.float32(ink)
    divided: Images = (images / ink).astype(np.float32)
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


def normalise_polarity(images: Images, invert: bool | None) -> tuple[Images, list[str]]:
    """Make paper 0 and ink 1: greyscale images with a light border are inverted.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels), values about 0 to 1
    invert : bool or None
        Whether to invert; None looks at the median of the border pixels of greyscale images. Colour images are never
        inverted unless requested: in photographs, light is not paper.

    Returns
    -------
    images : array of float32, same shape
    notes : list of str
    """
    requested = invert is not None
    if invert is None:
        invert = images.shape[3] == 1 and _border_median(images) > 0.5
    if not invert:
        return images, []
    images = transform(images, partial(np.subtract, np.float32(1)))
    if requested:
        return images, [f"{INVERTED}, as requested"]
    return images, [f"{INVERTED}, since their background was light: ink is 1 (invert=False keeps them)"]


def _border_median(images: Images) -> float:
    some = images[:: max(1, len(images) // 1000)]
    edges = [some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]]
    return float(np.median(np.concatenate([edge.ravel() for edge in edges])))


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
