"""The lines of the paper: frames, grids, ruled and squared paper; straight strokes that are no writing.

A straight stroke alone may be a 1. It is taken for a line of the paper if

- it crosses the whole page, from edge to edge;
- or it closes a figure with others: at both ends it meets another line, or it crosses two of them, and there is
  something within, or the figure is a table, or as large as another, or as the page;
- or it is far longer than anything written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.pages.page_image import Mask
from inklings.pages.straight_strokes import StraightStroke, find_straight_strokes

MIN_LENGTH = 12
"""A shorter stroke shows neither that it is straight nor that it is thin."""

PART_OF_PAGE = 0.3
"""Strokes are looked for that are this fraction of the page, or as long as most of what is on it is large."""

THICKEST = 0.06
"""A line's greatest thickness, as a fraction of the page."""

TABLE = 6
"""This many lines that meet are a table, though nothing is in it."""

SLENDER = 10
"""An empty frame is at least this many times as large as its lines are thick; less is a letter or a digit of bars."""


@dataclass(frozen=True)
class PaperLine:
    """A line of the paper.

    Parameters
    ----------
    stroke : StraightStroke
        Where it runs; of a vertical line, with rows and columns exchanged.
    is_vertical : bool
        Whether it runs down rather than across.
    """

    stroke: StraightStroke
    is_vertical: bool

    def reaches(self, shape: tuple[int, ...]) -> tuple[bool, bool]:
        """Return whether its start and its end are at an edge of a page of this shape."""
        height, width = shape[::-1] if self.is_vertical else shape
        near = 2 + self.stroke.thickness
        first, last = (row <= near or row >= height - 1 - near for row in self.stroke.ends)
        return self.stroke.start <= 3 or first, self.stroke.stop >= width - 3 or last

    def meets(self, other: PaperLine) -> bool:
        """Whether it touches a line of the other direction."""
        column, row = crossing(self.stroke, other.stroke)
        near = 3 + self.stroke.thickness + other.stroke.thickness
        return (
            self.stroke.start - near <= column <= self.stroke.stop + near
            and other.stroke.start - near <= row <= other.stroke.stop + near
        )


def crossing(stroke: StraightStroke, other: StraightStroke) -> tuple[float, float]:
    """Return the column and row at which a stroke is crossed by one of the other direction (both prolonged)."""
    column = (other.start + other.stop) / 2
    row = float(stroke.at(column))
    # Slopes are slight, so that each step is at least 20 times nearer.
    for _ in range(4):
        column = float(other.at(row))
        row = float(stroke.at(column))
    return column, row


def find_paper_lines(mask: Mask, typical: float) -> tuple[PaperLine, ...]:
    """Find the lines that are no writing.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
        Where there is ink, however faint.
    typical : float
        The longer side of a typical component of ink, in pixels.

    Returns
    -------
    tuple of PaperLine
    """
    side = min(mask.shape)
    shortest = max(MIN_LENGTH, round(0.9 * min(typical, PART_OF_PAGE * side)))
    lines = _find(mask, shortest)
    if not lines:
        return ()
    return tuple(_choose(lines, mask))


def _find(mask: Mask, shortest: int) -> list[PaperLine]:
    thickest = max(4.0, THICKEST * min(mask.shape))
    return [
        PaperLine(stroke, is_vertical)
        for is_vertical, seen in ((False, mask), (True, mask.T))
        for stroke in find_straight_strokes(seen, shortest, thickest)
    ]


def _choose(lines: list[PaperLine], mask: Mask) -> list[PaperLine]:
    """Return those that are lines of the paper."""
    meeting = np.array([[a.is_vertical != b.is_vertical and a.meets(b) for b in lines] for a in lines])
    reaching = np.array([line.reaches(mask.shape) for line in lines])
    across = reaching.all(axis=1)
    kept = across.copy()
    kept |= _closed(lines, meeting, reaching)
    chosen = []
    for group in _groups(meeting, kept):
        if across[group].any() or _is_frame([lines[number] for number in group], mask):
            chosen += [lines[number] for number in group]
    return chosen


def _closed(lines: list[PaperLine], meeting: Mask, reaching: Mask) -> Mask:
    """Return which lines hold on to others at both ends, or cross two, when all that do not are taken away."""
    kept = np.ones(len(lines), bool)
    while True:
        still = kept.copy()
        for number in np.flatnonzero(kept):
            others = [lines[other].stroke for other in np.flatnonzero(meeting[number] & kept)]
            still[number] = _is_held(lines[number], others, reaching[number])
        if (still == kept).all():
            return kept
        kept = still


def _is_held(line: PaperLine, others: Sequence[StraightStroke], reaching: NDArray[np.bool_]) -> bool:
    stroke = line.stroke
    places = np.array([crossing(stroke, other)[0] for other in others])
    if len(places) >= 2 and np.ptp(places) > 0.5 * stroke.length:
        return True
    near = 4 + 2 * stroke.thickness
    first = reaching[0] or bool((np.abs(places - stroke.start) <= near).any())
    last = reaching[1] or bool((np.abs(places - stroke.stop) <= near).any())
    return bool(len(places)) and first and last


def _groups(meeting: Mask, kept: Mask) -> list[NDArray[np.int64]]:
    """Return the groups of lines that meet one another."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    rows = np.flatnonzero(kept)
    if not len(rows):
        return []
    count, numbers = connected_components(csr_array(meeting[np.ix_(rows, rows)]), directed=False)
    return [rows[numbers == number] for number in range(count)]


def _is_frame(lines: list[PaperLine], mask: Mask) -> bool:
    """Whether lines that meet are a frame or a table, rather than a letter of straight strokes."""
    across, down = ([each.stroke for each in lines if each.is_vertical == way] for way in (False, True))
    if len(across) < 1 or len(down) < 1:
        return False
    if len(lines) >= TABLE:
        return True
    left, right = min(each.start for each in across), max(each.stop for each in across)
    top, bottom = min(each.start for each in down), max(each.stop for each in down)
    thickness = max(each.thickness for each in (*across, *down))
    inner = mask[
        int(top + 2 * thickness + 2) : int(bottom - 2 * thickness - 2),
        int(left + 2 * thickness + 2) : int(right - 2 * thickness - 2),
    ]
    smaller = min(right - left, bottom - top)
    holds_ink = len(lines) <= 4 and inner.any() and inner.sum() > max(8, 0.004 * inner.size)
    large = smaller >= 0.5 * min(mask.shape)
    return bool(smaller >= SLENDER * thickness and large) or bool(holds_ink)
