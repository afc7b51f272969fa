"""The text lines of a page, though the paper may lie slightly askew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.pages.boxes import Boxes

SAME_LINE = 0.6
"""How far a character's centre may lie above or below that of its predecessor in the line, in typical heights."""


def find_lines(boxes: Boxes) -> list[NDArray[np.int64]]:
    """Group boxes into text lines.

    From left to right, each box joins the line whose last box is nearest in height, so that a line may climb or fall
    by more than its own height over the width of the page. Lines are then ordered by where they would meet the page's
    left edge, given the slope they have in common.

    Parameters
    ----------
    boxes : Boxes

    Returns
    -------
    list of arrays of int64
        The rows of each line's boxes, left to right; lines from top to bottom.
    """
    centres = boxes.centres
    typical = float(np.median(boxes.heights))
    lines: list[list[int]] = []
    for row in np.argsort(centres[:, 0], kind="stable").tolist():
        # Each line's last box against this one, by height alone: they come from left to right.
        distances = [abs(centres[line[-1], 1] - centres[row, 1]) for line in lines]
        nearest = int(np.argmin(distances)) if distances else -1
        if distances and distances[nearest] <= SAME_LINE * typical:
            lines[nearest].append(row)
        else:
            lines.append([row])
    # Sorted by height alone, a short line at the right of a sloping page could come before the line above it.
    slope = _common_slope(centres, lines)
    # How high each line would be at the left edge.
    lines.sort(key=lambda line: float(np.median(centres[line, 1] - slope * centres[line, 0])))
    return [np.array(line, np.int64) for line in lines]


def _common_slope(centres: NDArray[np.float64], lines: list[list[int]]) -> float:
    """Return how far lines fall for each pixel to the right."""
    steps = [np.diff(centres[line], axis=0) for line in lines if len(line) > 1]
    if not steps:
        return 0.0
    across, down = np.concatenate(steps).T
    # Sums weight each step by its length; single steps go up and down with the heights of the characters.
    return float(down.sum() / max(across.sum(), 1.0))
