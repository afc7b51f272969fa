"""Long straight thin strokes: where ink continues along a straight path, as a printed line's does.

Ink is taken column by column as runs of pixels. Thin runs that continue one another vote for the straight lines through
their centres (P. V. C. Hough, *Machine analysis of bubble chamber pictures*, 1959; over slopes near the horizontal
only). Along each line with many votes, the stretches in which ink never ceases are measured: how thick, how straight,
how even. A stroke that crosses the line hides its thickness but does not end it, so one digit more or less on a ruled
line changes nothing (Y. Zheng, H. Liu and X. Ding, *A single-run-based form frame line detection algorithm*, ICDAR
2003, follow runs likewise).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.pages.hough import MAX_SLOPE, Path, Votes
from inklings.pages.ink_runs import Numbers, Runs, find_runs
from inklings.pages.page_image import Mask

MAX_CANDIDATES = 400
"""More lines than any form has; each costs about half a millisecond."""

MIN_BREAK = 8
"""Strokes along one line are apart by at least this many pixels."""

SUPPORT = 0.3
"""A line shows its own thickness in at least this share of its columns, between the strokes that cross it."""

SLENDER = 6.5
"""A line is at least this many times as long as it is thick. A digit's frame has 7.6 or more, its bar 3 to 5."""

UNEVEN = 0.75
"""How uneven a line may be, in pixels. Lines that were photographed and compressed have 0.5 to 0.7 (those in a scan 0),
a hand's straight strokes 0.7 to 1.5."""


@dataclass(frozen=True)
class StraightStroke:
    """A straight thin stroke near the horizontal; or near the vertical, with rows and columns exchanged.

    Parameters
    ----------
    start, stop : int
        The columns it runs over; ``stop`` is exclusive.
    path : (float, float, float)
        Coefficients of ``c + b x + a x**2``, ``x`` from ``start``: the row of its middle.
    thickness : float
        In pixels.
    unevenness : float
        Mean deviation of the middle from the path, and of the thickness from its mean, in pixels.
    """

    start: int
    stop: int
    path: Path
    thickness: float
    unevenness: float

    @property
    def length(self) -> int:
        """In pixels, along the axis."""
        return self.stop - self.start

    def at(self, columns: NDArray[np.generic] | float) -> Numbers:
        """Return the rows of the middle."""
        x = np.asarray(columns, np.float64) - self.start
        middle: Numbers = self.path[0] + x * (self.path[1] + x * self.path[2])
        return middle

    @property
    def ends(self) -> tuple[float, float]:
        """The rows of its middle at both ends."""
        first, last = self.at(np.array([self.start, self.stop - 1]))
        return float(first), float(last)


def find_straight_strokes(mask: Mask, shortest: int, thickest: float) -> list[StraightStroke]:
    """Find straight thin strokes near the horizontal.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
    shortest : int
        The least length, in pixels.
    thickest : float
        The greatest thickness, in pixels.

    Returns
    -------
    list of StraightStroke
        The longest are likely first.
    """
    runs = find_runs(mask, thickest)
    if len(runs.column) < shortest / 2:
        return []
    votes = Votes(runs, mask.shape)
    # Wide enough for both bins of a line, and for a run whose middle is half a pixel off.
    reach = 1.5 * votes.bin + 1
    free = np.ones(len(runs.column), bool)
    found: list[StraightStroke] = []
    for _ in range(MAX_CANDIDATES):
        line, support = votes.best()
        if support < SUPPORT * shortest:
            break
        path = votes.path(line)
        near = free & (np.abs(runs.middle - path[0] - path[1] * runs.column) <= reach)
        strokes = _measure_near(mask, runs.take(near), path, reach, shortest, thickest)
        # Runs near the line are used up even where no stroke was found: else the same bin would win again.
        used = near | (free & _lie_on(runs, strokes))
        free &= ~used
        votes.take_back(used, line)
        found += strokes
    return found


def _lie_on(runs: Runs, strokes: list[StraightStroke]) -> Mask:
    """Return which runs are part of one of the strokes."""
    on = np.zeros(len(runs.column), bool)
    for stroke in strokes:
        within = (runs.column >= stroke.start) & (runs.column < stroke.stop)
        on |= within & (np.abs(runs.middle - stroke.at(runs.column)) <= 1.5 + stroke.thickness / 2)
    return on


def _measure_near(
    mask: Mask, runs: Runs, path: Path, reach: float, shortest: int, thickest: float
) -> list[StraightStroke]:
    """Return the strokes near a rough path, all along one line; or else each along a line of its own."""
    strokes = _measure(mask, runs, _nearer(runs, path, reach), shortest, thickest)
    columns = np.sort(runs.column)
    breaks = columns[1:][np.diff(columns) > max(MIN_BREAK, shortest // 4)]
    if strokes or not len(breaks):
        return strokes
    # The sides of boxes one below the other are in line on a form, no longer in its photograph.
    for part in range(len(breaks) + 1):
        own = runs.take(np.searchsorted(breaks, runs.column, side="right") == part)
        if len(own.column) >= SUPPORT * shortest:
            strokes += _measure(mask, own, _nearer(own, path, reach), shortest, thickest)
    return strokes


def _nearer(runs: Runs, path: Path, reach: float) -> Path:
    """Return the line through the middles of runs that are near a rough one."""
    x, y = runs.column, runs.middle
    # Three times, nearer each time: a few runs of other strokes must not turn the line.
    for within in (reach, 0.7 * reach, 1.0):
        close = np.abs(y - path[0] - path[1] * x) <= within
        if close.sum() < 4 or np.ptp(x[close]) < 4:
            break
        c, b = np.polynomial.polynomial.polyfit(x[close], y[close], 1)
        path = (float(c), float(b), 0.0)
    return path


def _measure(mask: Mask, runs: Runs, path: Path, shortest: int, thickest: float) -> list[StraightStroke]:
    """Return the strokes along a path: where ink continues without a gap, straight and of one thickness."""
    strokes = []
    # From a rough path along the whole page to where there is ink under it.
    for start, stop in _stretches(_occupied(mask, np.polyval(path[::-1], np.arange(mask.shape[1])))):
        if stop - start < 0.6 * shortest:
            continue
        rough = StraightStroke(0, mask.shape[1], path, 1.0, 0.0)
        fitted = _fit(runs, start, stop, along=rough)
        # The path from the votes is rough; along the fitted one the stroke may go on.
        for _ in range(2):
            if fitted is None:
                break
            occupied = _occupied(mask, fitted.at(np.arange(mask.shape[1])))
            middle = (fitted.start + fitted.stop) / 2
            longer = [each for each in _stretches(occupied) if each[0] <= middle < each[1]]
            fitted = _fit(runs, *longer[0], along=fitted) if longer else None
        if fitted is not None and fitted.length >= shortest and fitted.thickness <= thickest:
            strokes.append(fitted)
    return strokes


def _occupied(mask: Mask, rows: Numbers) -> Mask:
    """Return in which columns there is ink on a path, give or take a pixel."""
    height, width = mask.shape
    nearest = np.round(rows).astype(np.int64)
    inside = (nearest >= 0) & (nearest < height)
    columns = np.arange(width)
    found = np.zeros(width, bool)
    for shift in (-1, 0, 1):
        # The path may be off by one pixel, as the middle of an even run is.
        found |= mask[np.clip(nearest + shift, 0, height - 1), columns]
    result: Mask = found & inside
    return result


def _stretches(occupied: Mask, gap: int = 3) -> list[tuple[int, int]]:
    """Return where a row is occupied but for gaps of a few pixels, which noise makes."""
    where = np.flatnonzero(occupied)
    if not len(where):
        return []
    breaks = np.flatnonzero(np.diff(where) > gap + 1)
    starts = where[np.concatenate([[0], breaks + 1])]
    stops = where[np.concatenate([breaks, [len(where) - 1]])] + 1
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _fit(runs: Runs, start: int, stop: int, along: StraightStroke) -> StraightStroke | None:
    """Fit a path through runs from column to column; None if they are not a straight line of one thickness."""
    inside = (runs.column >= start) & (runs.column < stop)
    x, y, sizes = runs.column[inside] - start, runs.middle[inside], runs.size[inside]
    near = np.abs(y - along.at(x + start)) <= 1.0 + along.thickness / 2
    x, y, sizes = x[near], y[near], sizes[near]
    if len(x) < 4:
        return None
    # A bend of paper or lens is slight, and only a long line shows it.
    degree = 2 if stop - start > 150 else 1
    kept = np.ones(len(x), bool)
    for _ in range(4):
        path = np.polynomial.polynomial.polyfit(x[kept], y[kept], degree)
        away = np.abs(y - np.polynomial.polynomial.polyval(x, path))
        thickness = float(np.median(sizes[kept]))
        # Runs that lie off the path or are of another thickness belong to strokes that cross; noise stays.
        kept = (away <= max(0.75, 2.5 * float(np.median(away)))) & (np.abs(sizes - thickness) <= 1 + 0.3 * thickness)
        if kept.sum() < max(4, SUPPORT * (stop - start)):
            return None
    # What bends further is no line.
    # path[2] times the length is half of what the slope changes by from end to end.
    if degree == 2 and abs(path[2]) * (stop - start) > 0.1:
        return None
    # How much the middle wavers, and how much the thickness does: both are near 0 for what was printed.
    unevenness = float(away[kept].mean() + np.abs(sizes[kept] - sizes[kept].mean()).mean())
    if abs(path[1]) > 1.2 * MAX_SLOPE or unevenness > UNEVEN:
        return None
    if stop - start < SLENDER * thickness:
        return None
    c, b, a = (*(float(each) for each in path), 0.0)[:3]
    return StraightStroke(start, stop, (c, b, a), thickness, unevenness)
