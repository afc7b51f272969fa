"""The characters on a page: connected components of ink, joined where a character is broken, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError
from inklings.fonts import load_font
from inklings.pages.binarise import Ink, find_ink
from inklings.pages.boxes import Box, Boxes
from inklings.pages.cells import find_cell
from inklings.pages.page_image import EIGHT_NEIGHBOURS, Grey, Page
from inklings.pages.text_lines import find_lines
from inklings.reprs import short_repr

if TYPE_CHECKING:
    from PIL import Image

MIN_SIDE = 5
"""A character's longer side has at least this many pixels."""

SPECK = 0.25
"""What is smaller than this fraction of the typical height, both ways, is a speck."""

DUST = 0.01
"""A component with less ink than this fraction of a typical one is dust, and joined to nothing."""

GAP, OVERLAP, MAX_HEIGHT = 0.15, 0.3, 2.1
"""One component stands above another, as the bar of a 5 does, if the gap between them is at most the first fraction of
their joint height, they overlap by the second fraction of the narrower one's width, and their joint height is at most
the third multiple of the typical height."""

LOW, NEAR = 0.6, 0.1
"""A component lower than the first fraction of the typical height is joined to what is nearer than the second fraction
of their joint height, in any direction."""

MAX_COMPONENTS = 2000
"""More than this is the grain of a photograph; and joining compares every pair."""


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Character:
    """One character's ink.

    Parameters
    ----------
    box : Box
        Where it is.
    ink : array of float32, shape (height, width)
        Its own ink alone, from 0 to 1, without what reaches into the box from other characters.
    line : int
        The text line it stands in, from 0.
    cell : (int, int), optional
        The row and the column of the cell it stands in, from 0; None on paper without cells.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import find_characters, open_page
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> first, second = find_characters(open_page(paper))
    >>> first.box.left < second.box.left, first.line == second.line
    (True, True)
    """

    box: Box
    ink: Grey
    line: int = 0
    cell: tuple[int, int] | None = None


@checks_call(DataError)
def find_characters(page: Page, *, light_ink: bool | None = None) -> tuple[Character, ...]:
    """Find the characters on a page, from left to right, line by line.

    Characters that touch are taken for one: nothing in the ink shows where one ends.

    Parameters
    ----------
    page : Page
    light_ink : bool, optional
        Whether ink is lighter than paper; None detects it.

    Returns
    -------
    tuple of Character
        Boxes are in pixels of the picture that the page was opened from; ``ink`` has the page's resolution.

    Raises
    ------
    DataError
        There is no ink, or it is not writing.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import find_characters, open_page
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> [(character.box.left, character.box.right) for character in find_characters(open_page(paper))]
    [(80, 92), (200, 212)]
    """
    try:
        return characters_and_lines(page, light_ink=light_ink)[0]
    except DataError as error:
        raise error.at(page.source) from error


def characters_and_lines(
    page: Page, *, light_ink: bool | None = None, keep_lines: bool = False
) -> tuple[tuple[Character, ...], int]:
    """Return what :func:`find_characters` does, and how many lines of the paper were taken off.

    Parameters
    ----------
    page, light_ink
        As there.
    keep_lines : bool
        Whether to look for no lines of the paper.
    """
    ink = find_ink(page.grey, light_ink=light_ink, keep_lines=keep_lines)
    found = (replace(each, box=each.box.enlarged(page.reduced_by, page.size)) for each in separate_characters(ink))
    return tuple(found), len(ink.ruling)


def separate_characters(ink: Ink) -> tuple[Character, ...]:
    """Separate ink into characters, from left to right, line by line.

    Parameters
    ----------
    ink : Ink

    Returns
    -------
    tuple of Character
        Boxes are in pixels of the ink.

    Raises
    ------
    DataError
        Nothing is large enough, or there are too many components.
    """
    from scipy.ndimage import find_objects, label

    components, count = label(ink.mask, EIGHT_NEIGHBOURS)
    if not count:  # contrast enough, but all of it faint: a shadow, or shades without strokes
        raise DataError(
            "no ink found, expected strokes that are darker or lighter than their paper", "use a clearer picture"
        )
    boxes = Boxes.of_slices(find_objects(components))
    # Ink per component, without component 0, which is the paper.
    weights = np.bincount(components.ravel(), ink.amount.ravel(), count + 1)[1:].astype(np.float64)  # (count,)
    kept = np.flatnonzero(_are_writing(boxes, weights, ink.mask.shape))
    if len(kept) > MAX_COMPONENTS:
        raise DataError(
            f"{len(kept):,} separate pieces of ink found, expected writing on plain paper",
            "crop the picture to what is written, or scan it in grey where dots of black and white stand for shades",
            found=len(kept),
            expected=f"at most {MAX_COMPONENTS:,}",
        )
    groups = _join(boxes.take(kept), weights[kept])
    # Which character each component belongs to; components are numbered from 1, and -1 is none.
    owner = np.full(count + 1, -1)
    owner[kept + 1] = groups
    joined = boxes.take(kept).united(groups)
    ink_of_groups = np.bincount(groups, weights[kept]).astype(np.float64)
    # By the joined height, since a 5 with a loose bar is as high as its neighbours only once it is whole.
    large = joined.longer_sides >= max(MIN_SIDE, SPECK * _weighted_median(joined.heights, ink_of_groups))
    chosen = np.flatnonzero(large)
    if not len(chosen):
        raise DataError("only specks found, expected something written", "crop the picture to it")
    characters = [
        _cut_out(ink, owner[components[joined[number].slices]] == number, joined[number], line)
        for line, members in enumerate(find_lines(joined.take(chosen)))
        # What lies in the box but belongs to a neighbour stays out.
        for number in chosen[members]
    ]
    return tuple(_in_cells(characters, ink) if ink.ruling else characters)


def _in_cells(characters: list[Character], ink: Ink) -> list[Character]:
    """Tell each character its cell; and order them by their cells if each has its own."""
    cells = [find_cell(ink.ruling, character.box) for character in characters]
    placed = [replace(character, cell=cell) for character, cell in zip(characters, cells, strict=True)]
    known = {cell for cell in cells if cell is not None}
    # Two in one cell, or one in none: cells do not say the order, lines of text do.
    if len(known) < len(cells):
        return placed
    rows = sorted({row for row, _ in known})
    ordered = sorted(placed, key=lambda character: character.cell or (0, 0))
    return [replace(each, line=rows.index(each.cell[0])) for each in ordered if each.cell is not None]


@checks_call(DataError)
def draw_boxes(page: Page, characters: Sequence[Character], texts: Sequence[str] = ()) -> Image.Image:
    """Draw a box around each character.

    Parameters
    ----------
    page : Page
    characters : sequence of Character
        As :func:`find_characters` returned them.
    texts : sequence of str
        What to write above each box, such as the predicted class; nothing if empty.

    Returns
    -------
    PIL.Image.Image
        RGB, as large as ``page.pixels``.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import draw_boxes
    >>> from inklings.pages import find_characters, open_page
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> page = open_page(paper)
    >>> draw_boxes(page, find_characters(page), ["1", "1"]).size
    (300, 200)
    """
    from PIL import Image, ImageDraw

    picture = Image.fromarray(page.pixels)
    draw = ImageDraw.Draw(picture)
    unit = max(page.pixels.shape[:2]) / 400
    text_height = round(max(10, 9 * unit))
    font = load_font(text_height)
    colour = (214, 39, 40)
    for number, character in enumerate(characters):
        # The picture that is drawn on is the reduced one; boxes are in the original's pixels.
        left, top, right, bottom = (side / page.reduced_by for side in character.box)
        margin = max(1.0, unit)
        outline = (left - margin - 1, top - margin - 1, right + margin, bottom + margin)
        draw.rectangle(outline, outline=colour, width=max(1, round(unit)))
        if texts:
            # Above the box, or to its right where the page ends above.
            above = outline[1] > text_height
            place = (max(0.0, outline[0]), outline[1]) if above else (outline[2] + 2, top + text_height)
            draw.text(place, texts[number], colour, font, anchor="ls")
    return picture


def _are_writing(boxes: Boxes, weights: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Exclude dust, and the edge of the paper or the table if something else is on the page."""
    # Against a component that is typical by ink, not by number: most components may be dust.
    ink = weights >= DUST * _weighted_median(weights, weights)
    inside = ink & ~boxes.run_along_edges(shape)
    # A page may be cropped so closely that its one character touches every edge.
    return inside if weights[inside].sum() > 0.1 * weights[ink].sum() else ink


def _join(boxes: Boxes, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the character that each component belongs to, shape (n,)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    typical = _weighted_median(boxes.heights, weights)
    across, down = boxes.gaps()
    # (n, n), of each pair.
    narrower, lower = (np.minimum.outer(sizes, sizes) for sizes in (boxes.widths, boxes.heights))
    joint_height = np.maximum.outer(boxes.bottom, boxes.bottom) - np.minimum.outer(boxes.top, boxes.top)
    # A negative gap is an overlap. A slight one is allowed vertically too, since broken strokes slant.
    above = (-across >= OVERLAP * narrower) & (-GAP * lower <= down) & (down <= GAP * joint_height)
    # Two lines of text are further apart than one broken character is high.
    above &= joint_height <= MAX_HEIGHT * typical
    # A dot or a loose piece joins what is very near, from whichever side.
    near = (lower < LOW * typical) & (np.maximum(across, down) <= NEAR * joint_height)
    # Joining is transitive: three pieces in a row are one character.
    groups: NDArray[np.int64] = connected_components(csr_array(above | near), directed=False)[1].astype(np.int64)
    return groups


def _cut_out(ink: Ink, own: NDArray[np.bool_], box: Box, line: int) -> Character:
    """Crop a character's ink, with the soft edge that no other character claims."""
    from scipy.ndimage import binary_dilation

    # The mask ends at the threshold, inside the soft edge of the stroke.
    others = ink.mask[box.slices] & ~own
    # One pixel of soft edge around its own, unless it is a neighbour's.
    around = binary_dilation(own, EIGHT_NEIGHBOURS) & ~others
    return Character(box, np.where(around, ink.amount[box.slices], 0).astype(np.float32), line)


def _weighted_median(values: NDArray[np.generic], weights: NDArray[np.float64]) -> float:
    """Return the median, each value weighted by its ink: specks, though many, have little."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
