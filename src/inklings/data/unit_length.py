"""Images each of which, or each row or column of which, was divided by its length, as ``keras.utils.normalize`` does.

Their values lie within 0 to 1 like any others, but how dark ink is depends on how much of it there is. Tutorials use it
where a division by 255 was meant. Of a whole image it is undone by dividing by its largest value; of rows it is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images

IMAGE, ROW, COLUMN = "image", "row", "column"

_AXES: dict[str, tuple[int, ...]] = {IMAGE: (1, 2, 3), ROW: (2,), COLUMN: (1,)}
CLOSE = 1e-3
"""How near to 1 a length must be; and what is at most this is blank."""

_FEWEST = 10
"""Images, rows or columns that are not blank, of which all have length 1."""


def find_unit_lengths(pixels: NDArray[Any]) -> str | None:
    """Return whether images, rows or columns all have length 1 (the root of the sum of squares); None if none do.

    Parameters
    ----------
    pixels : array of numbers, shape (n, height, width, channels)
        Raw values of some of the images.
    """
    if pixels.dtype.kind != "f" or pixels.size == 0 or pixels.min() < 0 or pixels.max() > 1 + CLOSE:
        return None
    for kind, axes in _AXES.items():
        squares = np.square(pixels, dtype=np.float64)  # (n, height, width, channels)
        lengths = np.sqrt(squares.sum(axis=axes))
        filled = lengths > CLOSE
        # A single pixel of full ink has length 1 by itself: half of the lengths at least must be of several.
        several = (squares.max(axis=axes) < 1 - CLOSE)[filled]
        # All of them, not most: a division by the length leaves none out.
        if filled.sum() >= _FEWEST and (np.abs(lengths[filled] - 1) < CLOSE).all() and several.mean() >= 0.5:
            return kind
    return None


def describe_unit_lengths(kind: str) -> str:
    """Say what was found and what is done about it."""
    if kind == IMAGE:
        return (
            "each image has length 1, as keras.utils.normalize makes it, so that values depend on how much ink there "
            "is: each was divided by its largest value"
        )
    return (
        f"each {kind} of pixels has length 1, as keras.utils.normalize makes it: its shades are lost, and other images "
        "will look different to a network (divide by 255 in place of that)"
    )


def to_full_ink(images: Images) -> Images:
    """Divide each image by its largest value; blank ones stay as they are."""
    # The length of each is lost; its largest value is the nearest to full ink that can be known.
    highest = images.max(axis=(1, 2, 3), keepdims=True)
    full = images.copy()
    np.divide(images, highest, out=full, where=highest > CLOSE)
    return full
