"""The lines of a page: which marks stand in which, though the paper lies a little askew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.pages.boxes import Boxes

SAME_LINE = 0.6
"""A mark belongs to the line whose nearest mark's middle is within this part of the usual height of its own."""


def find_lines(boxes: Boxes) -> list[NDArray[np.int64]]:
    """Sort boxes into lines.

    From left to right, each box goes on the line whose last box is nearest in height, so that a line may climb or fall
    by more than its own height over the width of the page. Lines are then put in order by where they would meet the
    page's left edge, with the slope they have in common.

    Parameters
    ----------
    boxes : Boxes

    Returns
    -------
    list of arrays of int64
        The rows of each line's boxes, left to right; lines from top to bottom.
    """
    middles = boxes.middles
    usual = float(np.median(boxes.heights))
    lines: list[list[int]] = []
    for row in np.argsort(middles[:, 0], kind="stable").tolist():
        away = [abs(middles[line[-1], 1] - middles[row, 1]) for line in lines]
        nearest = int(np.argmin(away)) if away else -1
        if away and away[nearest] <= SAME_LINE * usual:
            lines[nearest].append(row)
        else:
            lines.append([row])
    slope = _common_slope(middles, lines)
    lines.sort(key=lambda line: float(np.median(middles[line, 1] - slope * middles[line, 0])))
    return [np.array(line, np.int64) for line in lines]


def _common_slope(middles: NDArray[np.float64], lines: list[list[int]]) -> float:
    """How far lines fall for each pixel to the right."""
    steps = [np.diff(middles[line], axis=0) for line in lines if len(line) > 1]
    if not steps:
        return 0.0
    across, down = np.concatenate(steps).T
    return float(down.sum() / max(across.sum(), 1.0))
