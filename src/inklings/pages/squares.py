"""Taking squares off a page by the profile of their lines: what is darker than a line alone is writing.

A photograph spreads a line of one pixel over two or three, none of which it need cover wholly. Where a line covers the
part p of a pixel, and ink of amount i lies on it too, the page has p + i (1 - p): writing shows through the line. The
profile, p by the distance from the line's middle, is measured along the line, where it is alone.

Where p is nearly 1, writing is not seen. There its amount goes on from that beside it as evenly as it can: the squares
of the Laplacian are least (M. Bertalmio and others, *Image inpainting*, SIGGRAPH 2000, carry the Laplacian on
likewise), and those of the distances from what is seen, each pixel counting as much as it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.pages.page_image import EIGHT_NEIGHBOURS, Grey, Mask
from inklings.pages.paper_line import PaperLine
from inklings.pages.straight_strokes import StraightStroke

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Numbers = NDArray[np.float64]

EACH_WAY, FINE = 3, 4.5
"""Squares are at least so many lines each way, of which none is thicker than the second number of pixels."""

SOFT_EDGE = 2.5
"""A line's edge is soft for at most this many pixels."""

BINS = 4
"""How many values of the profile there are for each pixel of distance."""

CLEAR = 0.12
"""A pixel of which a line covers less than this part shows what is written."""

WRITTEN, SHOWING = 0.4, 0.6
"""Writing shows where there is more ink than the first amount, and less than the second part of a pixel is covered."""

LEAST_CROSSED = 8
"""Fewer pixels of lines between ink do not tell which of the two lies over the other."""

AROUND = 3
"""Writing may go on under a line for this many pixels."""

EVIDENCE = 8.0
"""How much what an uncovered pixel shows counts, against the square of the Laplacian."""

# Rounds of conjugate gradients, and by how much the residual may end above 0: a pixel's ink need not be exact.
ROUNDS, TOLERANCE = 80, 1e-3


@dataclass(frozen=True, eq=False)
class _Band:
    """The page straightened along a line: the middle row follows it; all of shape (2 reach + 1, columns).

    ``distance`` is that from the middle of the line, in pixels.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    inside: Mask
    ink: Numbers
    distance: Numbers

    @classmethod
    def along(cls, amount: Grey, stroke: StraightStroke) -> _Band:
        height, width = amount.shape
        pad = round(stroke.thickness) + 3
        columns = np.arange(max(0, stroke.start - pad), min(width, stroke.stop + pad))
        reach = int(np.ceil(stroke.thickness / 2 + SOFT_EDGE)) + 1
        middles = stroke.at(columns)
        rows = np.round(middles).astype(np.int64) + np.arange(-reach, reach + 1)[:, None]
        inside = (rows >= 0) & (rows < height)
        ink = np.where(inside, amount[np.clip(rows, 0, height - 1), columns], 0.0)
        return cls(rows, np.broadcast_to(columns, rows.shape), inside, ink, rows - middles)


def are_squares(lines: Sequence[PaperLine]) -> bool:
    """Whether lines are those of squared paper, or of a table as fine."""
    down = sum(line.is_vertical for line in lines)
    return min(down, len(lines) - down) >= EACH_WAY and max(line.stroke.thickness for line in lines) <= FINE


def take_squares_off(amount: Grey, lines: Sequence[PaperLine]) -> Grey:
    """Return the ink without lines.

    Parameters
    ----------
    amount : array of float32, shape (height, width)
        Ink, from 0 to 1.
    lines : sequence of PaperLine

    Returns
    -------
    array of float32, shape (height, width)
        No pixel has more ink than before, but where lines lie over the writing.
    """
    from scipy.ndimage import binary_dilation

    # What is covered, solved for i in p + i (1 - p); 0.02 where nothing is left to see.
    covered = _cover(amount, lines)
    shown = np.clip((amount - covered) / np.maximum(1 - covered, 0.02), 0, 1)
    clear = covered < CLEAR
    # Where writing shows, and three pixels on: as far as it may go on unseen.
    written = binary_dilation((shown > WRITTEN) & (covered < SHOWING), EIGHT_NEIGHBOURS, iterations=AROUND)
    without = np.where(clear, shown, 0)
    hidden, most = written & ~clear, amount
    if hidden.any():
        # What shows of a pixel covered to p is as good as (1 - p), and counts by its square.
        weight = (1 - covered[hidden]) ** 2
        if _lie_over(shown, covered):
            # Where lines hide the writing, what was measured under them is no
            # evidence, and ink may be darker than the page.
            weight, most = np.zeros_like(weight), np.where(hidden, 1, amount)
        without[hidden] = _continue(without, hidden, shown[hidden], weight)
    return np.minimum(without, most).astype(np.float32)


def _lie_over(shown: Numbers, covered: Numbers) -> bool:
    """Whether lines lie over the writing and hide it, as when a form is printed or drawn upon what was written.

    Then no more than the line itself is seen between ink on both its sides, though it covers only part of a pixel.
    """
    from scipy.ndimage import binary_closing

    beside = (shown > WRITTEN) & (covered < CLEAR)
    # Over gaps of some pixels, as wide as a line is: what lies between ink on both sides.
    between = binary_closing(beside, EIGHT_NEIGHBOURS, iterations=AROUND - 1)
    crossed = between & (covered >= CLEAR) & (covered < SHOWING)
    return bool(crossed.sum() >= LEAST_CROSSED and np.median(shown[crossed]) < WRITTEN / 2)


def _cover(amount: Grey, lines: Sequence[PaperLine]) -> Numbers:
    """Return what part of each pixel the lines cover."""
    free = np.ones(amount.shape)
    for line in lines:
        # A view: what is done to it is done to the page.
        uncovered = free.T if line.is_vertical else free
        band = _Band.along(amount.T if line.is_vertical else amount, line.stroke)
        part = _profile(band, line.stroke)[band.inside]
        # Where two lines cross, one covers its part of what the other leaves.
        uncovered[band.rows[band.inside], band.columns[band.inside]] *= 1 - part
    return 1 - free


def _profile(band: _Band, stroke: StraightStroke) -> Numbers:
    """Return what part of each pixel of a band its line covers: the median at each distance from its middle."""
    alone = _alone(band)
    distance = _from_middle(band, stroke, alone)
    farthest = stroke.thickness / 2 + SOFT_EDGE
    # Quarters of a pixel of distance, from the farthest on one side to the farthest on the other.
    bins = np.round((distance + farthest) * BINS).astype(np.int64)
    count = int(2 * farthest * BINS) + 1
    measured = alone & band.inside & (bins >= 0) & (bins < count)
    order = np.argsort(bins[measured], kind="stable")
    ink, starts = band.ink[measured][order], np.searchsorted(bins[measured][order], np.arange(count + 1))
    # Three values make a median; fewer are left to the interpolation.
    known = np.flatnonzero(np.diff(starts) >= 3)
    if not len(known):
        return np.zeros_like(distance)
    levels = [float(np.median(ink[starts[each] : starts[each + 1]])) for each in known]
    part = np.interp((distance + farthest) * BINS, known, levels)
    # Noise is no line.
    return np.where((np.abs(distance) <= farthest) & (part >= 0.05), np.minimum(part, 1), 0)


def _alone(band: _Band) -> Mask:
    """Return in which columns a line is alone: there is about as little ink around it as there ever is."""
    # At a page's edge, part of the band is missing, and so is its ink.
    whole: Mask = np.asarray(band.inside.all(axis=0))
    if whole.sum() < 8:
        whole = np.ones_like(whole)
    total = band.ink.sum(axis=0)
    # Other strokes only add ink, so a low quantile is the line's own.
    low, middle = np.percentile(total[whole], (30, 50))
    alone: Mask = whole & (np.abs(total - low) <= 0.25 * low + 0.3)
    return alone if alone.sum() >= 6 else whole & (total <= middle)


def _from_middle(band: _Band, stroke: StraightStroke, alone: Mask) -> Numbers:
    """Return the distance from the line's middle, found to a part of a pixel by the centre of its ink."""
    x = band.columns[0] - stroke.start
    # 0.1 is what noise leaves on paper: it would pull the centre to the band's middle.
    ink = np.maximum(band.ink - 0.1, 0)
    off = (ink * band.distance).sum(axis=0) / np.maximum(ink.sum(axis=0), 1e-6)
    used = alone & (np.abs(off) < 1)
    # As the line itself was fitted: a bend only where it has one.
    degree = 1 if stroke.path[2] == 0 else 2
    for _ in range(3):
        if used.sum() < 8:
            return band.distance
        path = np.polynomial.polynomial.polyfit(x[used], off[used], degree)
        away = np.abs(off - np.polynomial.polynomial.polyval(x, path))
        # Columns that stray are left out, three times anew.
        used = alone & (away <= max(0.15, 2.5 * float(np.median(away[used]))))
    shifted: Numbers = band.distance - np.polynomial.polynomial.polyval(x, path)
    return shifted


def _continue(known: Numbers, hidden: Mask, shown: Numbers, weight: Numbers) -> Numbers:
    """Return the ink of hidden pixels; ``shown`` is what shows of it, and ``weight`` how well."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    laplacian, right = _laplacian(known, hidden)
    # Least squares of the Laplacian and of the distance from what shows; 1e-3 keeps it definite where nothing does.
    matrix = laplacian.T @ laplacian + diags_array(EVIDENCE * weight + 1e-3)
    vector = laplacian.T @ right + EVIDENCE * weight * shown
    ink, _ = cg(matrix, vector, x0=shown / 2, maxiter=ROUNDS, rtol=TOLERANCE)
    clipped: Numbers = np.clip(ink, 0, 1)
    return clipped


def _laplacian(known: Numbers, hidden: Mask) -> tuple[csr_array, Numbers]:
    """Return the matrix and right side of: at hidden pixels and beside them the Laplacian is 0."""
    from scipy.ndimage import binary_dilation
    from scipy.sparse import csr_array

    touched = binary_dilation(hidden, EIGHT_NEIGHBOURS)
    # The Laplacian needs all four neighbours, which pixels at the page's edge lack.
    touched[[0, -1]] = touched[:, [0, -1]] = False
    down, right = np.nonzero(touched)
    number = np.full(hidden.shape, -1)
    number[hidden] = np.arange(hidden.sum())
    values, rows, columns, sides = [], [], [], np.zeros(len(down))
    # 1 in the middle and -1/4 for each neighbour: 0 where a pixel is the mean of those around it.
    for step, value in (((0, 0), 1.0), ((1, 0), -0.25), ((-1, 0), -0.25), ((0, 1), -0.25), ((0, -1), -0.25)):
        place = down + step[0], right + step[1]
        is_hidden = hidden[place]
        rows.append(np.flatnonzero(is_hidden))
        columns.append(number[place][is_hidden])
        values.append(np.full(len(rows[-1]), value))
        # Known neighbours go to the right side.
        sides -= np.where(is_hidden, 0, value * known[place])
    matrix = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(len(down), int(hidden.sum()))
    )
    return matrix, sides
