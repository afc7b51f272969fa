"""Whether the indices of a LIBSVM file count from 0 or from 1, and how wide its images are: from what it holds.

The format counts from 1; scikit-learn's ``dump_svmlight_file`` counts from 0 unless told otherwise. Values of 0 are
left out, so a file that counts from 0 shows it only where the first pixel has ink. Read by the wrong count, every image
is one pixel further left, which still trains well.

Measured by tools/measure_libsvm.py on 32 kinds of images, 100 and 1,000 of each, as they are and inverted, counted from
0 and from 1: of 256 files 63 were told rightly, none wrongly, and 193 not at all.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int]

FEWEST = 30
"""Images, and values in a column of pixels, from which on they prove something."""

ALIKE = 0.3
"""How much more a column of pixels must correlate with its neighbour on one side than with that on the other."""

CENTRED = 0.5
"""Pixels by which the centres of mass may spread where images were centred by them, as MNIST's are (0.3)."""

EMPTY = 0.005
"""The most that the first and last column may hold of all ink, where the centre of mass proves something."""

SAMPLE = 500
"""At most this many images are looked at for their width."""

CLEARER = 0.1
"""How much higher than at the width of a square the correlation of rows must be at another, to doubt the square."""


def detect_base(pixels: NDArray[np.float32], shape: Shape) -> int | None:
    """Detect whether indices count from 0 or from 1.

    Parameters
    ----------
    pixels : array of float32, shape (n, height * width)
        The images as they are if indices count from 1; those of a file that counts from 0 are one pixel too far left,
        so that each row's first pixel is the last one of the row above.
    shape : (int, int)
        Height and width.

    Returns
    -------
    int or None
        None where the pixels do not show it.
    """
    # Less than 4 pixels a side: neighbours prove nothing.
    if len(pixels) < FEWEST or math.prod(shape) != pixels.shape[1] or min(shape) < 4:
        return None
    images = pixels.reshape(len(pixels), *shape)
    # Neighbours first, which hold of any image; centres only of those that were centred by them.
    by_edge = _base_by_edge(images)
    return _base_by_centre(images) if by_edge is None else by_edge


def _base_by_edge(images: NDArray[np.float32]) -> int | None:
    """Compare the last column with its neighbour to the left, and with the first column of the next row.

    In a file that counts from 0 the latter is its neighbour to the right.
    """
    # All rows but the last, which has no next one.
    # (n * (height - 1),): the last column, with its neighbour to the left, and the next row's first.
    last = images[:, :-1, -1].ravel()
    # A blank edge is the same as anything beside it.
    if np.count_nonzero(last != np.median(last)) < FEWEST:
        return None
    left, right = _correlate(last, images[:, :-1, -2].ravel()), _correlate(last, images[:, 1:, 0].ravel())
    # Clear only if one side is much more alike than the other, and at all alike.
    if abs(left - right) < ALIKE or max(left, right) < ALIKE:
        return None
    return 1 if left > right else 0


def _base_by_centre(images: NDArray[np.float32]) -> int | None:
    """Compare the centres of mass of images that were centred by them: both axes were treated alike.

    Of MNIST's digits both are 14.0 of 28 on average, one image's within 0.3 of that.
    """
    ink = np.clip(images, 0, None).astype(np.float64)
    mass = ink.sum((1, 2))
    ink, mass = ink[mass > 0], mass[mass > 0]
    edges = ink[:, :, [0, -1]].sum()
    # What goes out at one edge and comes in at the other, such as light paper, leaves the centre where it was.
    if len(ink) < FEWEST or edges > EMPTY * mass.sum():
        return None
    # (n,) each: how far the centre of mass lies below and to the right of the middle.
    down = ink.sum(2) @ np.arange(ink.shape[1]) / mass - ink.shape[1] / 2
    across = ink.sum(1) @ np.arange(ink.shape[2]) / mass - ink.shape[2] / 2
    if max(down.std(), across.std()) > CENTRED:
        return None
    # In pixels: how much further left the images lie than they would if both axes had been centred alike.
    further_left = float(down.mean() - across.mean())
    # The two answers are one pixel apart: within a quarter of either is clear, halfway is not.
    if abs(further_left) < 0.25:
        return 1
    return 0 if abs(further_left - 1) < 0.25 else None


def find_other_width(pixels: NDArray[np.float32], side: int) -> int | None:
    """Return the width at which rows look clearly more alike than at that of a square; None if there is none.

    Parameters
    ----------
    pixels : array of float32, shape (n, pixels)
    side : int
        The width of a square image.
    """
    # Evenly spread, rounded up, so that there are at most SAMPLE.
    some = pixels[:: -(-len(pixels) // SAMPLE)]
    some = some - some.mean()
    # Rows are `width` pixels apart: neighbours above one another correlate most at the right width.
    found = {
        width: _correlate(some[:, :-width].ravel(), some[:, width:].ravel())
        for width in range(side // 2 + 1, min(2 * side, some.shape[1] - 1))
    }
    best = max(found, key=found.__getitem__, default=side)
    # Unrelated values of n pairs correlate by 1 / sqrt(n), one standard error: four are no chance.
    least = max(CLEARER, 4 / math.sqrt(some.size))
    return best if found and found[best] > found[side] + least else None


def _correlate(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation; 0 where one is constant."""
    spread = float(one.std()) * float(other.std())
    return float(np.mean((one - one.mean()) * (other - other.mean()))) / spread if spread > 0 else 0.0
