"""Taking lines off a page, and mending the strokes that crossed them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inklings.pages.page_image import EIGHT_NEIGHBOURS, Grey, Mask
from inklings.pages.paper_line import PaperLine, paint
from inklings.pages.squares import are_squares, take_squares_off
from inklings.pages.straight_strokes import StraightStroke

FAINT_LINE = 0.7
"""A line with less than this amount of ink shows dark strokes through."""

CLOSING_ROWS, CLOSING = 3, 2.5
"""Two strokes that come nearer to each other by a pixel each, in this many rows before the line, meet within it if they
would at the second number of times that speed."""

SHRED = 2
"""What is left of a line is at most this many times as long as the line is thick, and a little."""


def take_off(amount: Grey, lines: Sequence[PaperLine], faint: float) -> tuple[Grey, Grey]:
    """Take lines off a page.

    Parameters
    ----------
    amount : array of float32, shape (height, width)
        Ink, from 0 to 1.
    lines : sequence of PaperLine
    faint : float
        The least amount that is ink.

    Returns
    -------
    without : array of float32
        The ink without the lines; strokes that cross one are whole.
    lines : array of float32
        What was taken off.
    """
    # Lines with two pixels around, which is where shreds of them may be left.
    near = paint(lines, amount.shape)
    if are_squares(lines):
        without = take_squares_off(amount, lines)
    else:
        # The pen's thickness is measured away from the lines, of which it would be a mixture.
        without, pen = amount.copy(), _pen((amount > faint) & ~near)
        for line in lines:
            # A view: what is done to it is done to the page.
            seen = without.T if line.is_vertical else without
            _erase(seen, line.stroke, faint, pen)
    thickest = max(line.stroke.thickness for line in lines)
    return _without_shreds(without, near, thickest, faint), np.maximum(amount - without, 0)


def _pen(writing: Mask) -> float:
    """Return how thick the strokes of the writing are, in pixels."""
    from scipy.ndimage import distance_transform_edt

    # Across a stroke of n pixels the distances to paper are 1, 2, ... n / 2, ... 2, 1: about (n + 2) / 4 on average.
    distances = distance_transform_edt(writing)[writing]
    # 1 at least; by the mean m of those distances a stroke of n has n = 4 m - 2.
    return float(max(1.0, 4 * distances.mean() - 2)) if distances.size else 1.0


def _erase(amount: Grey, stroke: StraightStroke, faint: float, pen: float) -> None:
    """Take one line off, in place."""
    height, width = amount.shape
    # Some pixels beyond both ends, where the line fades out.
    pad = round(stroke.thickness) + 3
    columns = np.arange(max(0, stroke.start - pad), min(width, stroke.stop + pad))
    half = stroke.thickness / 2
    # Room to see what lies above and below: half the line, a pixel of soft edge, and the thickness of a stroke.
    reach = int(np.ceil(half)) + 2 + max(CLOSING_ROWS, int(np.ceil(pen)))
    offsets = np.arange(-reach, reach + 1)
    middles = stroke.at(columns)
    # Straightened: the middle row of the window follows the line, column by column; shape (2 reach + 1, columns).
    rows = np.round(middles).astype(np.int64) + offsets[:, None]
    valid = (rows >= 0) & (rows < height)  # (2 reach + 1, columns)
    clipped = np.clip(rows, 0, height - 1)
    # Beyond the page is paper.
    window = np.where(valid, amount[clipped, columns], 0)
    ink = window > faint
    run = _run_through(ink, reach)
    # A quarter more than half the thickness, for middles that lie between two pixels.
    in_band = np.abs(rows - middles) <= half + 0.25
    # Where the ink is no thicker than the line there is the line alone; its soft edge goes too.
    # One pixel more than the line: its soft edge may count as ink in some columns.
    alone = run.sum(axis=0) <= stroke.thickness + 1
    soft = np.zeros_like(run)
    soft[1:] |= run[:-1]
    soft[:-1] |= run[1:]
    erased = np.where(alone, run | soft, in_band)
    # The line's own darkness, where nothing else is.
    level = float(np.median(window[reach][alone])) if alone.any() else 1.0
    # What is clearly darker than a faint line is a stroke that shows through.
    own = window <= 1.35 * level + 0.1 if level < FAINT_LINE else np.ones_like(run)
    # As far as a stroke of 45 degrees moves sideways in crossing the line, and half as far again.
    bridge = _bridge(ink & ~alone, in_band, round(1.5 * stroke.thickness) + 1)
    # Ends of strokes only where no stroke goes through.
    bridge |= _ends(ink & ~alone, in_band, pen, stroke.thickness) & ~bridge.any(axis=0)
    result = np.where(erased & own, np.where(bridge, _across(window, in_band), 0), window)
    # Back from the straightened window to the page's own pixels.
    amount[clipped[valid], np.broadcast_to(columns, rows.shape)[valid]] = result[valid]


def _run_through(ink: Mask, middle: int) -> Mask:
    """Return, in each column, the ink that is connected with the middle row, give or take a pixel."""
    # The fitted middle may be off by one.
    start = ink[middle - 1 : middle + 2].any(axis=0)
    run = np.zeros_like(ink)
    run[middle] = ink[middle]
    run[middle - 1] = ink[middle - 1] & (ink[middle] | ~ink[middle + 1])
    run[middle + 1] = ink[middle + 1] & (ink[middle] | ~run[middle - 1])
    # Outwards row by row: a run ends at the first paper.
    for row in range(middle - 2, -1, -1):
        run[row] = ink[row] & run[row + 1] & start
    for row in range(middle + 2, len(ink)):
        run[row] = ink[row] & run[row - 1] & start
    return run


def _beside(ink: Mask, band: Mask) -> tuple[Mask, Mask]:
    """Return in which columns there is ink just above the band, and just below."""
    # argmax finds the first that is True; from below, the last.
    first, last = np.argmax(band, axis=0), len(band) - 1 - np.argmax(band[::-1], axis=0)
    columns = np.arange(ink.shape[1])
    return ink[np.maximum(first - 1, 0), columns], ink[np.minimum(last + 1, len(ink) - 1), columns]


def _ends(ink: Mask, band: Mask, pen: float, thickness: float) -> Mask:
    """Return what of the band belongs to strokes at one side of it."""
    above, below = _beside(ink, band)
    upper = _ends_of_upper(ink, band, below, pen, thickness)
    return upper | _ends_of_upper(ink[::-1], band[::-1], above, pen, thickness)[::-1]


def _ends_of_upper(ink: Mask, band: Mask, below: Mask, pen: float, thickness: float) -> Mask:
    """Return what of the band belongs to strokes above it, where there is nothing below.

    Of a stroke that lies on the line, what it lacks of the pen's thickness; of two that come together, what joins them.
    """
    from scipy.ndimage import binary_opening

    depth, width = ink.shape
    first, columns = np.argmax(band, axis=0), np.arange(width)
    up = first - 1 - np.arange(depth)[:, None]
    # The ink above the band, from the nearest row to the farthest.
    nearest = ink[np.maximum(up, 0), columns] & (up >= 0)
    high = np.cumprod(nearest, axis=0).sum(axis=0)  # how many rows of ink stand on the band without a gap, (columns,)
    # One pixel is the uneven edge of the line, unless there are many side by side.
    long = np.ones(max(4, round(2 * thickness)), bool)
    # Two rows of ink, or a long flat piece of one, such as the foot of a 2.
    stroke = ((high > 1) | binary_opening(high > 0, long)) & ~below
    # From the band's edge inwards, until the stroke is as thick as the pen.
    kept = np.where(stroke, np.maximum(0, np.round(pen - high)), 0)
    kept[_gaps(nearest, band.sum(axis=0)) & ~below] = max(1, round(pen))
    result: Mask = band & (np.arange(depth)[:, None] - first < kept)
    return result


def _gaps(nearest: Mask, thickness: NDArray[np.int64]) -> Mask:
    """Return the columns between two strokes above that meet within the line, as the sides of a 0 that stands on it do.

    Those of an n or A, which are parallel or part, don't.
    """
    found = np.zeros(nearest.shape[1], bool)
    touching = np.flatnonzero(nearest[0])
    far = nearest[CLOSING_ROWS]
    # Pairs of neighbouring columns with ink at the line; what lies between two is a gap.
    for left, right in pairwise(touching):
        between = np.flatnonzero(~far[left:right])
        if right - left < 2 or not len(between):
            continue
        # How much wider the gap is, some rows farther from the line.
        middle = left + between[len(between) // 2]
        before, after = np.flatnonzero(far[:middle]), np.flatnonzero(far[middle:])
        if not len(before) or not len(after):
            continue
        narrowed = left - before[-1], middle + after[0] - right
        # Pixels that the gap narrows per row.
        speed = sum(narrowed) / CLOSING_ROWS
        # Both sides must lean inwards, and the rest of the gap must close within the line's thickness.
        if min(narrowed) >= 1 and right - left - 1 <= CLOSING * speed * (thickness[middle] + 1):
            found[left + 1 : right] = True
    return found


def _bridge(ink: Mask, band: Mask, slant: int) -> Mask:
    """Return which pixels of the band lie between ink above it and ink below it, however the stroke slants."""
    depth, width = ink.shape
    first = np.argmax(band, axis=0)
    last = depth - 1 - np.argmax(band[::-1], axis=0)
    columns = np.arange(width)
    above, below = _beside(ink, band)
    found = np.zeros_like(ink)
    # How far down the band each pixel is, from 0 just above it to 1 just below.
    fraction = (np.arange(depth)[:, None] - (first - 1)) / (last - first + 2)
    # Each slant in turn: a pixel is bridged if ink stands where a stroke of that slant would enter and leave.
    for shift in range(-slant, slant + 1):
        from_above = np.round(columns - shift * fraction).astype(np.int64)
        to_below = from_above + shift
        inside = (from_above >= 0) & (from_above < width) & (to_below >= 0) & (to_below < width)
        upper, lower = above[np.clip(from_above, 0, width - 1)], below[np.clip(to_below, 0, width - 1)]
        found |= inside & upper & lower
    return found & band


def _across(window: Grey, band: Mask) -> NDArray[np.float32]:
    """Return the ink that bridges get: that of the strokes beside the band."""
    # At least 0.6, so that the mended part stays ink above the threshold.
    beside = np.where(band, 0, window).max(axis=0)
    result: NDArray[np.float32] = np.broadcast_to(np.maximum(beside, 0.6), window.shape).astype(np.float32)
    return result


def _without_shreds(amount: Grey, near: Mask, thickest: float, faint: float) -> Grey:
    """Return the ink without pieces that lie where lines were: their ends, knots and blots."""
    from scipy.ndimage import find_objects, label

    components, count = label(amount > faint, EIGHT_NEIGHBOURS)
    sizes = np.bincount(components.ravel(), minlength=count + 1)
    # How much of each piece lies where lines were.
    beside = np.bincount(components[near], minlength=count + 1)
    large = np.array([0, *(max(s.stop - s.start for s in each) for each in find_objects(components))])
    # On paper with narrow squares, most of a digit is near some line.
    shreds = (beside > 0.7 * sizes) & (large <= SHRED * thickest + 4)
    # Component 0 is the paper.
    shreds[0] = False
    return np.where(shreds[components], 0, amount).astype(np.float32)
