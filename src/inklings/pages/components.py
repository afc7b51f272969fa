"""The separate marks on a page: connected ink, joined where a character is broken, in the order of reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError
from inklings.pages.binarise import EIGHT_NEIGHBOURS, Ink, find_ink
from inklings.pages.boxes import Box, Boxes
from inklings.pages.page import Grey, Page
from inklings.pages.text_lines import find_lines

if TYPE_CHECKING:
    from PIL import Image

LEAST_SIDE = 5
"""A mark is longer than so many pixels, one way at least."""

SPECK = 0.25
"""A mark with both sides below this part of the usual height is a speck, not a character."""

DUST = 0.01
"""A piece with less ink than this part of the usual piece's is dust, and joined to nothing."""

GAP, OVERLAP, TALLEST = 0.15, 0.3, 2.1
"""One piece stands above another, as the bar of a 5 does, if the gap between them is at most such a part of their
height together, they share such a part of the narrower one's width, and are no taller together than so many usual."""

LOW, NEAR = 0.6, 0.1
"""A piece lower than the first part of the usual height is joined to what is nearer than the second, of their height
together, in any direction."""

MOST_PIECES = 2000
"""More than this is the grain of a photograph."""


@dataclass(frozen=True, eq=False)
class Mark:
    """One character's ink.

    Parameters
    ----------
    box : Box
        Where it is.
    ink : array of float32, shape (height, width)
        Its own ink alone, from 0 to 1: what of other marks reaches into the box is left out.
    line : int
        Which line of the page it stands in, from 0.
    """

    box: Box
    ink: Grey
    line: int = 0


def find_marks(page: Page, *, light_ink: bool | None = None) -> tuple[Mark, ...]:
    """Find the characters on a page, from left to right, line by line.

    Characters that touch are one mark: ink says nothing of where one ends.

    Parameters
    ----------
    page : Page
    light_ink : bool, optional
        Whether ink is lighter than paper; None finds out.

    Returns
    -------
    tuple of Mark
        Boxes are in pixels of the picture that the page was opened from; ``ink`` is as fine as the page.

    Raises
    ------
    DataError
        There is no ink, or it is no writing.
    """
    marks = separate(find_ink(page.grey, page.source, light_ink=light_ink), page.source)
    return tuple(replace(mark, box=mark.box.enlarged(page.reduced_by, page.size)) for mark in marks)


def separate(ink: Ink, source: str = "picture") -> tuple[Mark, ...]:
    """Part ink into characters, from left to right, line by line.

    Parameters
    ----------
    ink : Ink
    source : str
        For messages.

    Returns
    -------
    tuple of Mark
        Boxes are in pixels of the ink.

    Raises
    ------
    DataError
        There is none large enough, or there are too many.
    """
    from scipy.ndimage import find_objects, label

    pieces, count = label(ink.mask, EIGHT_NEIGHBOURS)
    boxes = Boxes.of_slices(find_objects(pieces))
    weights = np.bincount(pieces.ravel(), ink.amount.ravel(), count + 1)[1:].astype(np.float64)
    kept = np.flatnonzero(_are_ink(boxes, weights, ink.mask.shape))
    if len(kept) > MOST_PIECES:
        raise DataError(
            f"{source}: {len(kept):,} separate pieces of ink found, expected writing on plain paper",
            "cut the picture to what is written",
        )
    groups = _join(boxes.take(kept), weights[kept])
    owner = np.full(count + 1, -1)
    owner[kept + 1] = groups
    joined = boxes.take(kept).united(groups)
    ink_of_groups = np.bincount(groups, weights[kept]).astype(np.float64)
    chosen = np.flatnonzero(joined.longer_sides >= max(LEAST_SIDE, SPECK * _usual(joined.heights, ink_of_groups)))
    if not len(chosen):
        raise DataError(f"{source}: only specks found, expected something written", "cut the picture to it")
    lines = find_lines(joined.take(chosen))
    return tuple(
        _cut_out(ink, owner[pieces[joined[number].slices]] == number, joined[number], line)
        for line, members in enumerate(lines)
        for number in chosen[members]
    )


def draw_marks(page: Page, marks: Sequence[Mark], texts: Sequence[str] = ()) -> Image.Image:
    """Draw a box round each mark.

    Parameters
    ----------
    page : Page
    marks : sequence of Mark
        As :func:`find_marks` gave them.
    texts : sequence of str
        What to write above each box, such as what it was read as; none if empty.

    Returns
    -------
    PIL.Image.Image
        RGB, as large as ``page.pixels``.
    """
    from PIL import Image, ImageDraw

    from inklings.data.gallery import load_font

    picture = Image.fromarray(page.pixels)
    draw = ImageDraw.Draw(picture)
    unit = max(page.pixels.shape[:2]) / 400
    letters = round(max(10, 9 * unit))
    font = load_font(letters)
    colour = (214, 39, 40)
    for number, mark in enumerate(marks):
        left, top, right, bottom = (side / page.reduced_by for side in mark.box)
        margin = max(1.0, unit)
        outline = (left - margin - 1, top - margin - 1, right + margin, bottom + margin)
        draw.rectangle(outline, outline=colour, width=max(1, round(unit)))
        if texts:
            place = (max(0.0, outline[0]), outline[1]) if outline[1] > letters else (outline[2] + 2, top + letters)
            draw.text(place, texts[number], colour, font, anchor="ls")
    return picture


def _are_ink(boxes: Boxes, weights: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Leave out dust, and the edge of the paper or the table where something else is on the page."""
    ink = weights >= DUST * _usual(weights, weights)
    edges = boxes.run_along_edges(shape)
    inside = ink & ~edges
    # A page may be cut so closely that its one character touches every edge.
    return inside if weights[inside].sum() > 0.1 * weights[ink].sum() else ink


def _join(boxes: Boxes, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number the pieces by the character they belong to."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    usual = _usual(boxes.heights, weights)
    across, down = boxes.gaps()
    narrower, lower = (np.minimum.outer(sizes, sizes) for sizes in (boxes.widths, boxes.heights))
    together = np.maximum.outer(boxes.bottom, boxes.bottom) - np.minimum.outer(boxes.top, boxes.top)
    # A negative gap is what two boxes share.
    above = (-across >= OVERLAP * narrower) & (-GAP * lower <= down) & (down <= GAP * together)
    above &= together <= TALLEST * usual
    near = (lower < LOW * usual) & (np.maximum(across, down) <= NEAR * together)
    groups: NDArray[np.int64] = connected_components(csr_array(above | near), directed=False)[1].astype(np.int64)
    return groups


def _cut_out(ink: Ink, own: NDArray[np.bool_], box: Box, line: int) -> Mark:
    """Take a mark's ink, with the soft edge that no other mark claims."""
    from scipy.ndimage import binary_dilation

    others = ink.mask[box.slices] & ~own
    around = binary_dilation(own, EIGHT_NEIGHBOURS) & ~others
    return Mark(box, np.where(around, ink.amount[box.slices], 0).astype(np.float32), line)


def _usual(values: NDArray[np.generic], weights: NDArray[np.float64]) -> float:
    """The median, each value counted by its ink: specks, though many, have little."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
