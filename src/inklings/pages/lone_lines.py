"""Lines of the paper that hold on to no other: told from a stroke of a character, such as a 1."""

from __future__ import annotations

import numpy as np

from inklings.pages.line_evidence import PageInk
from inklings.pages.page_image import EIGHT_NEIGHBOURS, Mask
from inklings.pages.paper_line import PaperLine, paint

WIDE, FINE, FAR_LONGER, SOME_INK = 0.5, 12, 1.6, 0.4
"""A stroke that holds on to nothing is a line if it is as long as the first part of the page, the second number of
times as long as it is thick, the third number of times as long as anything else, and that has at least the fourth part
of its ink. Else it may be a 1."""

TOUCHED = 0.03
"""A line is touched by nothing if there is ink beside less than this share of it."""

PAST, PAST_THICK, MARGIN = 0.15, 0.25, 0.05
"""A line goes on past what is written if by the first part of its length at both ends (the second, if it is not fine),
and above and below there is a margin of the third part of the page: no crop leaves margins at two sides alone."""


def is_apart(line: PaperLine, page: PageInk, *, is_one_of_several: bool = False) -> bool:
    """Whether a line from edge to edge is not a stroke of a closely cropped character.

    It goes on past all that is written, or it is fine, and finer or fainter than the writing, or one of several; or it
    is touched by nothing.
    """
    stroke, mask = line.stroke, page.mask
    ink = int(mask.sum())
    # What the line itself takes of the ink, as a rectangle.
    own = stroke.length * stroke.thickness
    fine = stroke.length >= FINE * stroke.thickness
    # With next to no other ink on the page, the stroke is what was written.
    # A tenth of the line's own ink is next to nothing.
    if ink - own < SOME_INK / 4 * own:
        return False
    # No pen is so fine that it draws a 1 twice as slender as that.
    slim = fine and (ink - own >= SOME_INK * own or stroke.length >= 2 * FINE * stroke.thickness)
    if slim and (is_one_of_several or page.was_drawn_otherwise(line)):
        return True
    if _goes_past(line, mask, PAST if fine else PAST_THICK):
        return True
    return (slim or ink - own >= SOME_INK * own) and _is_untouched(line, mask)


def _goes_past(line: PaperLine, mask: Mask, part: float) -> bool:
    """Whether a line goes on past the writing at both its ends, by a part of its length, on paper with margins."""
    from scipy.ndimage import find_objects, label

    stroke = line.stroke
    writing = mask & ~paint([line], mask.shape)
    writing = writing.T if line.is_vertical else writing
    height = len(writing)
    # Specks are no writing, nor is what noise leaves of the line's edge.
    found = [each for each in find_objects(label(writing, EIGHT_NEIGHBOURS)[0]) if _side(each) > stroke.thickness + 2]
    if not found:
        return False
    # The line itself counts among the writing here: margins are above and below both.
    top = min(*(each[0].start for each in found), *stroke.ends)
    bottom = max(*(each[0].stop for each in found), *stroke.ends)
    first, last = min(each[1].start for each in found), max(each[1].stop for each in found)
    has_margins = min(top, height - bottom) >= MARGIN * height
    return bool(has_margins and min(first - stroke.start, stroke.stop - last) >= part * stroke.length)


def _side(place: tuple[slice, ...]) -> int:
    """Return the longer side of what lies there."""
    rows, columns = place
    return max(int(rows.stop - rows.start), int(columns.stop - columns.start))


def _is_untouched(line: PaperLine, mask: Mask) -> bool:
    """Whether there is next to no ink beside a line."""
    stroke = line.stroke
    seen = mask.T if line.is_vertical else mask
    columns = np.arange(stroke.start, stroke.stop)
    touched = np.zeros(len(columns), bool)
    for side in (-1, 1):
        # Two pixels beyond its edge: the soft edge is no touch.
        rows = np.round(stroke.at(columns) + side * (stroke.thickness / 2 + 2)).astype(np.int64)
        inside = (rows >= 0) & (rows < len(seen))
        touched |= inside & seen[np.clip(rows, 0, len(seen) - 1), columns]
    return bool(touched.mean() < TOUCHED)


def find_longer_than_writing(
    rest: list[PaperLine], chosen: list[PaperLine], page: PageInk, *, by_a_pen: bool
) -> list[PaperLine]:
    """Return those of the other strokes that are far longer than anything else on the page, and not of its pen.

    Where nothing touches a stroke it need not be finer or fainter than the rest, unless a pen drew strokes as long.
    """
    from scipy.ndimage import find_objects, label

    mask = page.mask
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
    largest = max(map(_side, find_objects(components)), default=0)
    return [
        each
        for each in long
        if each.stroke.length >= FAR_LONGER * largest
        and writing.sum() >= SOME_INK * each.stroke.length * each.stroke.thickness
        and ((not by_a_pen and _is_untouched(each, mask)) or page.was_drawn_otherwise(each))
    ]
