"""The cells between the lines of a table, a puzzle or a form."""

from __future__ import annotations

from collections.abc import Sequence

from inklings.pages.boxes import Box
from inklings.pages.paper_line import PaperLine

BEYOND = 1.1
"""A character may be this many times as large as its cell. On squared paper it is larger, and stands in no cell."""


def find_cell(lines: Sequence[PaperLine], box: Box) -> tuple[int, int] | None:
    """Return the row and the column of the cell that a character stands in.

    Parameters
    ----------
    lines : sequence of PaperLine
    box : Box
        The character's, in the same pixels as the lines.

    Returns
    -------
    (int, int) or None
        Counted from 0 at the table's upper left corner; None between lines that enclose no cell.
    """
    # The middle of the box's pixels: right and bottom are exclusive, hence - 1.
    column, row = (box.left + box.right - 1) / 2, (box.top + box.bottom - 1) / 2
    vertical = _between([each for each in lines if each.is_vertical], row, column)
    horizontal = _between([each for each in lines if not each.is_vertical], column, row)
    if vertical is None or horizontal is None:
        return None
    if box.width > BEYOND * vertical[1] or box.height > BEYOND * horizontal[1]:
        return None
    return horizontal[0], vertical[0]


def _between(lines: Sequence[PaperLine], along: float, across: float) -> tuple[int, float] | None:
    """Return how many lines come before those on both sides of a place, and how far apart these are."""
    places: list[float] = []
    for line in lines:
        stroke = line.stroke
        # A photographed line's ends are soft, and its pieces meet with a gap.
        slack = 3 + 2 * stroke.thickness
        if stroke.start - slack <= along <= stroke.stop + slack:
            places.append(float(stroke.at(along)))
    before = [place for place in _distinct(places) if place <= across]
    after = [place for place in _distinct(places) if place > across]
    # As many lines as lie before, less one: the first cell is 0.
    return (len(before) - 1, after[0] - before[-1]) if before and after else None


def _distinct(places: list[float]) -> list[float]:
    """Return places in order, those of two pieces of one line once."""
    found: list[float] = []
    for place in sorted(places):
        # Two lines nearer than 5 pixels are both halves of a broken one.
        if not found or place - found[-1] > 5:
            found.append(place)
    return found
