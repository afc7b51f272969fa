"""Boxes: where marks are on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.int64]


class Box(NamedTuple):
    """A rectangle of pixels; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        """What cuts it out of an array of rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def enlarged(self, factor: int, size: tuple[int, int]) -> Box:
        """Give it on a picture ``factor`` times as large, of which ``size`` is the height and width."""
        left, top, right, bottom = (factor * side for side in self)
        return Box(left, top, min(right, size[1]), min(bottom, size[0]))


@dataclass(frozen=True, eq=False)
class Boxes:
    """Many boxes: one array a side, all of shape (n,)."""

    left: Pixels
    top: Pixels
    right: Pixels
    bottom: Pixels

    @classmethod
    def of_slices(cls, slices: Sequence[tuple[slice, slice]]) -> Boxes:
        """Make them of pairs of slices, rows and columns."""
        rows = [(across.start, down.start, across.stop, down.stop) for down, across in slices]
        return cls(*np.array(rows, np.int64).reshape(-1, 4).T)

    def __len__(self) -> int:
        return len(self.left)

    def __getitem__(self, row: int) -> Box:
        return Box(int(self.left[row]), int(self.top[row]), int(self.right[row]), int(self.bottom[row]))

    def take(self, rows: NDArray[np.int64]) -> Boxes:
        """Those boxes."""
        return Boxes(self.left[rows], self.top[rows], self.right[rows], self.bottom[rows])

    @property
    def widths(self) -> Pixels:
        """Shape (n,)."""
        return self.right - self.left

    @property
    def heights(self) -> Pixels:
        """Shape (n,)."""
        return self.bottom - self.top

    @property
    def longer_sides(self) -> Pixels:
        """The greater of width and height, shape (n,)."""
        return np.maximum(self.widths, self.heights)

    @property
    def middles(self) -> NDArray[np.float64]:
        """Right and down, shape (n, 2)."""
        return np.stack([self.left + self.right, self.top + self.bottom], axis=1) / 2

    def gaps(self) -> tuple[Pixels, Pixels]:
        """The pixels between each two boxes, across and down, shape (n, n); below 0 is what they share."""
        across = np.maximum.outer(self.left, self.left) - np.minimum.outer(self.right, self.right)
        down = np.maximum.outer(self.top, self.top) - np.minimum.outer(self.bottom, self.bottom)
        return across, down

    def united(self, groups: NDArray[np.int64]) -> Boxes:
        """The box round each group; ``groups`` numbers the boxes from 0, shape (n,)."""
        count = int(groups.max()) + 1
        sides = []
        for side, nearest in ((self.left, np.minimum), (self.top, np.minimum)):
            result = np.full(count, np.iinfo(np.int64).max)
            nearest.at(result, groups, side)
            sides.append(result)
        for side in (self.right, self.bottom):
            result = np.zeros(count, np.int64)
            np.maximum.at(result, groups, side)
            sides.append(result)
        return Boxes(*sides)

    def run_along_edges(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Tell which touch two edges of a page, or one over more than half its length."""
        height, width = shape
        flat, upright = self.widths > width / 2, self.heights > height / 2
        touching = [self.left == 0, self.top == 0, self.right == width, self.bottom == height]
        along = (touching[0] & upright) | (touching[2] & upright) | (touching[1] & flat) | (touching[3] & flat)
        result: NDArray[np.bool_] = (np.sum(touching, axis=0) >= 2) | along
        return result
