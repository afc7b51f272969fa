"""The values of pixels: scaled to 0 for paper and 1 for ink, in one channel or three."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Images, check_finite
from inklings.data.lazy_images import Step, change, extremes, stack_if_large

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""How much red, green and blue add to brightness (ITU-R BT.601, as Pillow does it)."""

INVERTED = "images were inverted"
"""How the note begins that tells of it."""


def scale_pixels(images: NDArray[Any], source: str) -> tuple[Images, list[str]]:
    """Bring values to 0..1, and say how.

    Floats that already lie about there (-0.5 to 1.5, which allows for a bicubic filter's overshooting) stay.
    Values of about 0 to 255 are divided by 255; of any other range from 0, by the greatest value; values that begin
    below 0, such as -1 to 1 or standardised ones, are stretched from least = 0 to greatest = 1.

    Parameters
    ----------
    images : array of numbers, any shape
    source : str
        For messages.

    Returns
    -------
    images : array of float32, or ImageStack if they are many, same shape
    notes : list of str

    Raises
    ------
    DataError
        A value is NaN or infinite.
    """
    check_finite(images, source)
    stack = stack_if_large(images)
    step, notes = _choose_scale(*extremes(stack), images.dtype)
    return change(stack, step), notes


def _choose_scale(low: float, high: float, dtype: np.dtype[Any]) -> tuple[Step, list[str]]:
    if high == low or (low >= -0.5 and high <= 1.5):
        return _keep, []
    full = _full_ink(low, high, dtype)
    if full is None:
        return partial(_stretch, low=low, high=high), [f"values {low:g} to {high:g} are stretched to 0 to 1"]
    return partial(_divide, full=full), [f"values are divided by {full:g}"]


def _keep(images: NDArray[Any]) -> Images:
    # Where all pixels have one value it may be any, and too large for float32.
    kept: Images = np.clip(images, -1e6, 1e6).astype(np.float32)
    return kept


def _stretch(images: NDArray[Any], low: float, high: float) -> Images:
    stretched: Images = ((images - np.float64(low)) / (np.float64(high) - low)).astype(np.float32)
    return stretched


def _divide(images: NDArray[Any], full: float) -> Images:
    # Bytes are exact in float32, which takes half the memory and time of float64.
    if images.dtype.itemsize == 1:
        return images.astype(np.float32) / np.float32(full)
    divided: Images = (images / full).astype(np.float32)
    return divided


def _full_ink(low: float, high: float, dtype: np.dtype[Any]) -> float | None:
    """Tell the value that stands for ink in a range from 0, or None if values begin well below 0."""
    overshoot = 0.25 if dtype.kind == "f" else 0.0
    if 64 < high <= 255 * (1 + overshoot) and low >= -255 * overshoot:
        return 255.0
    return high if low >= 0 else None


def turn_to_ink(images: Images, invert: bool | None) -> tuple[Images, list[str]]:
    """Make paper 0 and ink 1: grey images with a light border are inverted.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels), values about 0 to 1
    invert : bool or None
        Whether to invert; None looks at the median of the pixels along the borders, in grey images. Coloured images
        are never inverted unasked: in photographs, light is not paper.

    Returns
    -------
    images : array of float32, same shape
    notes : list of str
    """
    asked = invert is not None
    if invert is None:
        invert = images.shape[3] == 1 and _border_median(images) > 0.5
    if not invert:
        return images, []
    images = change(images, partial(np.subtract, np.float32(1)))
    if asked:
        return images, [f"{INVERTED}, as asked"]
    return images, [f"{INVERTED}, for their background was light: ink is 1 (invert=False keeps them)"]


def _border_median(images: Images) -> float:
    some = images[:: max(1, len(images) // 1000)]
    edges = [some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]]
    return float(np.median(np.concatenate([edge.ravel() for edge in edges])))


def turn_to_grey(images: Images) -> Images:
    """Mix three channels into one, by brightness; one channel stays as it is.

    Parameters
    ----------
    images : array of float32, shape (..., channels)

    Returns
    -------
    array of float32, shape (..., 1)
    """
    return images if images.shape[-1] == 1 else images @ GREY[:, None]
