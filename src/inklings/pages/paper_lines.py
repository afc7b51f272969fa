"""The lines of the paper: frames, grids, ruled and squared paper; straight strokes that are not writing.

A straight stroke alone may be a 1. It is taken for a line of the paper if

- it crosses the whole page, from edge to edge;
- or it closes a figure with others: at both ends it meets another line, or it crosses two of them, and there is
  something within, or the figure is a table, or as large as another, or as the page;
- or it is far longer than anything written.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inklings.pages.line_evidence import PageInk
from inklings.pages.lone_lines import find_longer_than_writing, is_apart
from inklings.pages.page_image import Grey, Mask
from inklings.pages.paper_line import PaperLine, crossing
from inklings.pages.straight_strokes import StraightStroke, find_straight_strokes

MIN_LENGTH = 12
"""A shorter stroke shows neither that it is straight nor that it is thin."""

PART_OF_PAGE = 0.3
"""Strokes are looked for that are this fraction of the page, or as long as most of what is on it is large."""

THICKEST, THICKEST_SMALL = 0.06, 0.1
"""A line's greatest thickness, as a fraction of the page; or 6 pixels, if these are less than the second fraction."""

TABLE = 6
"""This many lines that meet are a table, though nothing is in it."""

LETTER, LITTLE = 4, 0.1
"""A letter of straight strokes has at most the first number of them, and there is less other ink than the second part
of its own."""

SLENDER = 10
"""An empty frame is at least this many times as large as its lines are thick; less is a letter or a digit of bars."""


def find_paper_lines(amount: Grey, faint: float, typical: float) -> tuple[PaperLine, ...]:
    """Find the lines that are not writing.

    Parameters
    ----------
    amount : array of float32, shape (height, width)
        Ink, from 0 to 1.
    faint : float
        The least amount that may be a line's.
    typical : float
        The longer side of a typical component of ink, in pixels.

    Returns
    -------
    tuple of PaperLine
    """
    mask = amount > faint
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
    return tuple(_choose(lines, PageInk(amount, mask))) if lines else ()


def _narrowest(lines: Sequence[PaperLine]) -> float:
    """Return the least distance of lines that run side by side."""
    least = 0.0
    for is_vertical in (False, True):
        strokes = [each.stroke for each in lines if each.is_vertical == is_vertical]
        for number, one in enumerate(strokes):
            for other in strokes[:number]:
                # In the middle of the stretch over which both run, if there is one.
                middle = (max(one.start, other.start) + min(one.stop, other.stop)) / 2
                if one.start <= middle <= one.stop and other.start <= middle <= other.stop:
                    apart = abs(float(one.at(middle)) - float(other.at(middle)))
                    if apart >= MIN_LENGTH and (not least or apart < least):
                        least = apart
    return least


def _find(mask: Mask, shortest: int, thickest: float = np.inf) -> list[PaperLine]:
    side = min(mask.shape)
    # At most 6 % of the page; in small pictures 6 pixels, unless these are a tenth of it.
    thickest = min(max(6.0, THICKEST * side), THICKEST_SMALL * side, thickest)
    return [
        PaperLine(stroke, is_vertical)
        for is_vertical, seen in ((False, mask), (True, mask.T))
        for stroke in find_straight_strokes(seen, shortest, thickest)
    ]


def _choose(lines: list[PaperLine], page: PageInk) -> list[PaperLine]:
    """Return those that are lines of the paper."""
    mask = page.mask
    # (lines, lines)
    meeting = np.array([[a.is_vertical != b.is_vertical and a.meets(b) for b in lines] for a in lines])
    reaching = np.array([line.reaches(mask.shape) for line in lines])  # (lines, 2): start and end
    across: Mask = np.array([both.all() and page.is_cut(line) for line, both in zip(lines, reaching, strict=True)])
    kept: Mask = across | _closed(lines, meeting, reaching)
    chosen: list[PaperLine] = []
    empty: list[list[PaperLine]] = []
    sizes: list[tuple[int, int]] = []
    for rows in _groups(meeting, kept):
        group = _without_a_loner([lines[number] for number in rows], across[rows])
        if len(group) > 2 and (across[rows].any() or _is_frame(group, mask)) and not _is_letter(group, mask):
            chosen += group
            sizes.append(_extent(group))
        elif len(group) > 2:
            empty.append(group)
        else:
            chosen += [
                lines[row]
                for row in rows
                if across[row] and is_apart(lines[row], page, is_one_of_several=_has_parallel(row, lines, across))
            ]
    # An empty box among boxes with something in them.
    for group in empty:
        wide, high = _extent(group)
        # Within 15 %, as perspective and printing leave boxes of one form.
        if any(abs(wide - each[0]) <= 0.15 * each[0] and abs(high - each[1]) <= 0.15 * each[1] for each in sizes):
            chosen += group
    rest = [line for line in lines if line not in chosen]
    # What goes from edge to edge and ends in round tips there was drawn by a pen: so may whatever else is long, then.
    by_a_pen = bool((reaching.all(axis=1) & ~across).any())
    return chosen + find_longer_than_writing(rest, chosen, page, by_a_pen=by_a_pen)


def _has_parallel(number: int, lines: Sequence[PaperLine], across: Mask) -> bool:
    """Whether a line from edge to edge has another beside it."""
    others = (lines[other] for other in np.flatnonzero(across).tolist() if other != number)
    return any(other.is_vertical == lines[number].is_vertical for other in others)


def _is_letter(lines: Sequence[PaperLine], mask: Mask) -> bool:
    """Whether lines that meet are a letter that fills its picture, as E and H do: one holds the others, and no more."""
    down = sum(line.is_vertical for line in lines)
    own = sum(line.stroke.length * line.stroke.thickness for line in lines)
    return len(lines) <= LETTER and 1 in (down, len(lines) - down) and bool(mask.sum() - own < LITTLE * own)


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


def _closed(lines: list[PaperLine], meeting: Mask, reaching: Mask) -> Mask:
    """Return which lines hold on to others at both ends, or cross two, when all that do not are taken away."""
    kept = np.ones(len(lines), bool)
    while True:
        # All at once in each round, until nothing changes: a line that held on to one taken away may have to go too.
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
    # Drawn frames do not close exactly.
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
    # More than a few pixels of noise.
    holds_ink = len(lines) <= 4 and inner.any() and inner.sum() > max(8, 0.004 * inner.size)
    large = smaller >= 0.5 * min(mask.shape)
    return bool(smaller >= SLENDER * thickness and large) or bool(holds_ink)
