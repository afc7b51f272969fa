"""A line of the paper: where it runs, and which others it meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inklings.pages.page_image import Mask
from inklings.pages.straight_strokes import StraightStroke


@dataclass(frozen=True)
class PaperLine:
    """A line of the paper.

    Parameters
    ----------
    stroke : StraightStroke
        Where it runs; of a vertical line, with rows and columns exchanged.
    is_vertical : bool
        Whether it runs down rather than across.
    """

    stroke: StraightStroke
    is_vertical: bool

    def reaches(self, shape: tuple[int, ...]) -> tuple[bool, bool]:
        """Return whether its start and its end are at an edge of a page of this shape."""
        # In the line's own directions: a vertical one has rows and columns exchanged.
        height, width = shape[::-1] if self.is_vertical else shape
        near = 2 + self.stroke.thickness
        first, last = (row <= near or row >= height - 1 - near for row in self.stroke.ends)
        return self.stroke.start <= 3 or first, self.stroke.stop >= width - 3 or last

    def meets(self, other: PaperLine) -> bool:
        """Whether it touches a line of the other direction."""
        column, row = crossing(self.stroke, other.stroke)
        near = 3 + self.stroke.thickness + other.stroke.thickness
        return (
            self.stroke.start - near <= column <= self.stroke.stop + near
            and other.stroke.start - near <= row <= other.stroke.stop + near
        )


def crossing(stroke: StraightStroke, other: StraightStroke) -> tuple[float, float]:
    """Return the column and row at which a stroke is crossed by one of the other direction (both prolonged)."""
    column = (other.start + other.stop) / 2
    row = float(stroke.at(column))
    # Slopes are slight, so that each step is at least 20 times nearer.
    for _ in range(4):
        column = float(other.at(row))
        row = float(stroke.at(column))
    return column, row


def paint(lines: Sequence[PaperLine], shape: tuple[int, ...]) -> Mask:
    """Return where lines are, and two pixels more."""
    painted = np.zeros(shape, bool)
    for line in lines:
        seen = painted.T if line.is_vertical else painted
        height, width = seen.shape
        stroke = line.stroke
        columns = np.arange(max(0, stroke.start - 3), min(width, stroke.stop + 3))
        reach = int(np.ceil(stroke.thickness / 2)) + 2
        for offset in range(-reach, reach + 1):
            rows = np.round(stroke.at(columns)).astype(np.int64) + offset
            inside = (rows >= 0) & (rows < height)
            seen[rows[inside], columns[inside]] = True
    return painted
