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

from inklings.pages.page_image import EIGHT_NEIGHBOURS, Mask
from inklings.pages.straight_strokes import StraightStroke, find_straight_strokes

MIN_LENGTH = 12
"""A shorter stroke shows neither that it is straight nor that it is thin."""

PART_OF_PAGE = 0.3
"""Strokes are looked for that are this fraction of the page, or as long as most of what is on it is large."""

THICKEST, THICKEST_SMALL = 0.06, 0.1
"""A line's greatest thickness, as a fraction of the page; or 6 pixels, if these are less than the second fraction."""

TABLE = 6
"""This many lines that meet are a table, though nothing is in it."""

SLENDER = 10
"""An empty frame is at least this many times as large as its lines are thick; less is a letter or a digit of bars."""

WIDE, FINE, FAR_LONGER, SOME_INK = 0.5, 12, 1.6, 0.4
"""A stroke that holds on to nothing is a line if it is as long as the first part of the page, the second number of
times as long as it is thick, the third number of times as long as anything else, and that has at least the fourth part
of its ink. Else it may be a 1."""

TOUCHED = 0.03
"""A line is touched by nothing if there is ink beside less than this share of it."""


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
    """Find the lines that are not writing.

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
    # Boxes in a row have long lines above and below, and between them short ones.
    between = round(0.8 * _narrowest(lines))
    if MIN_LENGTH <= between < shortest:
        # Thick runs would join what slopes a little across to what runs down.
        fine = max(6.0, between / 4)
        lines = _find(mask, between, fine) + [line for line in lines if line.stroke.thickness > fine]
    return tuple(_choose(lines, mask))


def _narrowest(lines: Sequence[PaperLine]) -> float:
    """Return the least distance of lines that run side by side."""
    least = 0.0
    for is_vertical in (False, True):
        strokes = [each.stroke for each in lines if each.is_vertical == is_vertical]
        for number, one in enumerate(strokes):
            for other in strokes[:number]:
                middle = (max(one.start, other.start) + min(one.stop, other.stop)) / 2
                if one.start <= middle <= one.stop and other.start <= middle <= other.stop:
                    apart = abs(float(one.at(middle)) - float(other.at(middle)))
                    if apart >= MIN_LENGTH and (not least or apart < least):
                        least = apart
    return least


def _find(mask: Mask, shortest: int, thickest: float = np.inf) -> list[PaperLine]:
    side = min(mask.shape)
    thickest = min(max(6.0, THICKEST * side), THICKEST_SMALL * side, thickest)
    return [
        PaperLine(stroke, is_vertical)
        for is_vertical, seen in ((False, mask), (True, mask.T))
        for stroke in find_straight_strokes(seen, shortest, thickest)
    ]


def _choose(lines: list[PaperLine], mask: Mask) -> list[PaperLine]:
    """Return those that are lines of the paper."""
    meeting = np.array([[a.is_vertical != b.is_vertical and a.meets(b) for b in lines] for a in lines])
    reaching = np.array([line.reaches(mask.shape) for line in lines])
    across: Mask = np.asarray(reaching.all(axis=1))
    kept: Mask = across | _closed(lines, meeting, reaching)
    ink = int(mask.sum())
    chosen: list[PaperLine] = []
    empty: list[list[PaperLine]] = []
    sizes: list[tuple[int, int]] = []
    for rows in _groups(meeting, kept):
        group = _without_a_loner([lines[number] for number in rows], across[rows])
        if len(group) > 2 and (across[rows].any() or _is_frame(group, mask)):
            chosen += group
            sizes.append(_extent(group))
        elif len(group) > 2:
            empty.append(group)
        else:
            chosen += [lines[row] for row in rows if across[row] and _is_apart(lines[row], mask, ink)]
    # An empty box among boxes with something in them.
    for group in empty:
        wide, high = _extent(group)
        if any(abs(wide - each[0]) <= 0.15 * each[0] and abs(high - each[1]) <= 0.15 * each[1] for each in sizes):
            chosen += group
    rest = [line for line in lines if line not in chosen]
    return chosen + _longer_than_writing(rest, chosen, mask)


def _extent(lines: Sequence[PaperLine]) -> tuple[int, int]:
    """Return the width and height of what lines enclose."""
    across, down = ([each.stroke.length for each in lines if each.is_vertical == way] for way in (False, True))
    return max(across, default=0), max(down, default=0)


def _without_a_loner(lines: list[PaperLine], across: Mask) -> list[PaperLine]:
    """Leave out a stroke from line to line that is the only one in its direction: a 1 on ruled paper."""
    for way in (False, True):
        own = [number for number, line in enumerate(lines) if line.is_vertical == way]
        if len(own) == 1 and len(lines) > 2 and not across[own[0]]:
            return [line for number, line in enumerate(lines) if number != own[0]]
    return lines


def _is_apart(line: PaperLine, mask: Mask, ink: int) -> bool:
    """Whether a line from edge to edge is no stroke of a closely cropped character: fine, or touched by nothing."""
    stroke = line.stroke
    own = stroke.length * stroke.thickness
    # No pen is so fine that it draws a 1 twice as slender as that.
    least = SOME_INK if stroke.length < 2 * FINE * stroke.thickness else SOME_INK / 4
    if ink - own < least * own:
        return False
    if stroke.length >= FINE * stroke.thickness:
        return True
    seen = mask.T if line.is_vertical else mask
    columns = np.arange(stroke.start, stroke.stop)
    touched = np.zeros(len(columns), bool)
    for side in (-1, 1):
        rows = np.round(stroke.at(columns) + side * (stroke.thickness / 2 + 2)).astype(np.int64)
        inside = (rows >= 0) & (rows < len(seen))
        touched |= inside & seen[np.clip(rows, 0, len(seen) - 1), columns]
    return bool(touched.mean() < TOUCHED)


def _longer_than_writing(rest: list[PaperLine], chosen: list[PaperLine], mask: Mask) -> list[PaperLine]:
    """Return those of the other strokes that are far longer than anything else on the page."""
    from scipy.ndimage import find_objects, label

    height, width = mask.shape
    long = [
        each
        for each in rest
        if each.stroke.length >= max(WIDE * (height if each.is_vertical else width), FINE * each.stroke.thickness)
    ]
    if not long:
        return []
    writing = mask & ~paint([*chosen, *long], mask.shape)
    components, _ = label(writing, EIGHT_NEIGHBOURS)
    largest = max((max(side.stop - side.start for side in each) for each in find_objects(components)), default=0)
    return [
        each
        for each in long
        if each.stroke.length >= FAR_LONGER * largest
        and writing.sum() >= SOME_INK * each.stroke.length * each.stroke.thickness
    ]


def paint(lines: Sequence[PaperLine], shape: tuple[int, ...]) -> Mask:
    """Return where lines are, and two pixels more."""
    painted = np.zeros(shape, bool)
    for line in lines:
        seen = painted.T if line.is_vertical else painted
        height, width = seen.shape
        stroke = line.stroke
        columns = np.arange(max(0, stroke.start - 3), min(width, stroke.stop + 3))
        reach = int(np.ceil(stroke.thickness / 2)) + 2
        for offset in range(-reach, reach + 1):
            rows = np.round(stroke.at(columns)).astype(np.int64) + offset
            inside = (rows >= 0) & (rows < height)
            seen[rows[inside], columns[inside]] = True
    return painted


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
    # A 1 on ruled paper crosses lines too, but is thicker, or ends between them.
    if not others or stroke.thickness > 1.4 * max(other.thickness for other in others) + 1:
        return False
    places = np.array([crossing(stroke, other)[0] for other in others])
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
