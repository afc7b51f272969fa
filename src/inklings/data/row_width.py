"""Whether flat rows were cut into images of the right width, told by which pixels are alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision

LEAST = 4
"""Rows and columns of the smallest images that are considered."""

LONGEST = 8
"""How many times as long as the other side one of an image may be."""

EVIDENCE = 0.75
"""Pixels one below the other must differ by less than this share of what they do as cut. Of 32 kinds of images, none of
480 sets that were cut rightly falls below it, and 614 of 672 that were cut wrongly do (tools/measure_row_width.py)."""

_SAMPLE = 100


def describe_width(rows: NDArray[Any], cut: tuple[int, int], *, transposed: bool) -> list[Decision]:
    """Say so where flat rows look like images of another width than they were cut to.

    Neither a square number of pixels nor what the user typed shows that images are square, or 92 wide and not 112: cut
    wrongly, each is scrambled.

    Parameters
    ----------
    rows : array of numbers, shape (n, pixels)
    cut : (int, int)
        The height and width that rows were cut to.
    transposed : bool
        Whether rows and columns are swapped after that.

    Returns
    -------
    list of Decision
        One at most, with the shape that the pixels show.
    """
    if rows.shape[1] != cut[0] * cut[1] or (width := find_width(rows, cut[1])) is None:
        return []
    found = (rows.shape[1] // width, width)
    now, better = ("{} x {}".format(*(shape[::-1] if transposed else shape)) for shape in (cut, found))
    option = "shape={}x{}".format(*(found[::-1] if transposed else found))
    return [Decision(f"rows were cut into images of {now}, but their pixels look like {better} ({option} takes that)")]


# Pixels that float32 cannot hold, or whose differences it cannot, are NaN below, and then no width is better.
@np.errstate(over="ignore", invalid="ignore")
def find_width(rows: NDArray[Any], width: int) -> int | None:
    """Return the width at which pixels one below the other are far more alike than at the given one; None if none is.

    Widths that are multiples of each other are not told apart: what repeats from row to row, as stripes do, is alike at
    any of them. The right one is a dip, since a pixel is nearer to the one below than to others in that row; merely the
    shorter way along a row is none.
    """
    sample = rows[:: -(-len(rows) // _SAMPLE)].astype(np.float32)
    pixels = rows.shape[1]
    widths = [
        each for each in range(LEAST, pixels // LEAST + 1) if pixels % each == 0 and each % width and width % each
    ]
    widths = [each for each in widths if max(each, pixels // each) <= LONGEST * min(each, pixels // each)]
    if not widths:
        return None
    best = min(widths, key=lambda each: _unlikeness(sample, each))
    least = _unlikeness(sample, best)
    # Slanting strokes go on beside the pixel below, so that the dip is not at the very width.
    aside = max(2, best // 6)
    is_dip = least < min(_unlikeness(sample, best - aside), _unlikeness(sample, best + aside))
    return best if is_dip and least < EVIDENCE * _unlikeness(sample, width) else None


def _unlikeness(rows: NDArray[np.float32], apart: int) -> float:
    """Return by how much pixels differ that are so far apart in a row."""
    return float(np.abs(rows[:, apart:] - rows[:, :-apart]).mean())
