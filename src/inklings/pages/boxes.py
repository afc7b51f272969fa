"""Bounding boxes on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.int64]


class Box(NamedTuple):
    """A rectangle of pixels; right and bottom are exclusive.

    Examples
    --------
    >>> from inklings.pages import Box
    >>> box = Box(left=10, top=20, right=30, bottom=60)
    >>> box.right - box.left, box.bottom - box.top
    (20, 40)
    """

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
        """Slices of rows and columns that crop an array to the box."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def enlarged(self, factor: int, size: tuple[int, int]) -> Box:
        """Return the box on a picture ``factor`` times as large, of which ``size`` is the height and width."""
        left, top, right, bottom = (factor * side for side in self)
        # Reducing rounds up, so the last reduced pixel may stand for fewer than ``factor``.
        return Box(left, top, min(right, size[1]), min(bottom, size[0]))


@dataclass(frozen=True, eq=False)
class Boxes:
    """Many boxes: one array per side, all of shape (n,)."""

    left: Pixels
    top: Pixels
    right: Pixels
    bottom: Pixels

    @classmethod
    def of_slices(cls, slices: Sequence[tuple[slice, slice]]) -> Boxes:
        """Build boxes from pairs of slices, rows and columns, as ``scipy.ndimage.find_objects`` returns them."""
        rows = [(across.start, down.start, across.stop, down.stop) for down, across in slices]
        # reshape: no boxes are (0, 4) too.
        return cls(*np.array(rows, np.int64).reshape(-1, 4).T)

    def __len__(self) -> int:
        return len(self.left)

    def __getitem__(self, row: int) -> Box:
        return Box(int(self.left[row]), int(self.top[row]), int(self.right[row]), int(self.bottom[row]))

    def take(self, rows: NDArray[np.int64]) -> Boxes:
        """Return some of the boxes."""
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
    def centres(self) -> NDArray[np.float64]:
        """Columns and rows, shape (n, 2)."""
        return np.stack([self.left + self.right, self.top + self.bottom], axis=1) / 2

    def gaps(self) -> tuple[Pixels, Pixels]:
        """Return the pixels between every pair of boxes, horizontally and vertically, shape (n, n).

        Negative gaps are overlaps.
        """
        # From the right one's left side to the left one's right side, whichever box is which.
        across = np.maximum.outer(self.left, self.left) - np.minimum.outer(self.right, self.right)
        down = np.maximum.outer(self.top, self.top) - np.minimum.outer(self.bottom, self.bottom)
        return across, down

    def united(self, groups: NDArray[np.int64]) -> Boxes:
        """Return the bounding box of each group; ``groups`` numbers the boxes from 0, shape (n,)."""
        count = int(groups.max()) + 1
        sides = []
        for side in (self.left, self.top):
            # Larger than any side, so that the first minimum is a side.
            result = np.full(count, np.iinfo(np.int64).max)
            # ``at`` is unbuffered: a group that occurs several times is reduced over all its boxes.
            np.minimum.at(result, groups, side)
            sides.append(result)
        for side in (self.right, self.bottom):
            result = np.zeros(count, np.int64)
            np.maximum.at(result, groups, side)
            sides.append(result)
        return Boxes(*sides)

    def run_along_edges(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return which boxes touch two edges of a page, or one edge with more than half its length."""
        height, width = shape
        wide, tall = self.widths > width / 2, self.heights > height / 2
        # A character touches an edge only where the page is cropped through it; a table's edge runs along it.
        touching = [self.left == 0, self.top == 0, self.right == width, self.bottom == height]
        along = (touching[0] & tall) | (touching[2] & tall) | (touching[1] & wide) | (touching[3] & wide)
        result: NDArray[np.bool_] = (np.sum(touching, axis=0) >= 2) | along
        return result
