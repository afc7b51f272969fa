"""Votes of runs of ink for the straight lines through their middles: Hough's transform, over slopes near level.

P. V. C. Hough, *Machine analysis of bubble chamber pictures*, 1959. A line is given by its slope and its height,
the row in which it crosses the middle column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.pages.ink_runs import Runs

MAX_SLOPE = 0.21
"""12 degrees: five of rotation, and what perspective adds."""

Path = tuple[float, float, float]
"""Coefficients of ``c + b x + a x**2``, the row at a column."""


class Votes:
    """How many runs lie on each straight line, in bins of slope and height; runs can be taken back.

    Parameters
    ----------
    runs : Runs
    shape : (height, width)
        Of the page, in pixels.
    """

    def __init__(self, runs: Runs, shape: tuple[int, int]) -> None:
        height, self._width = shape
        # One bin of slope moves the end of a line by less than one bin of height.
        self.bin = max(1.5, self._width / 400)
        # As many slopes as there are bins of height at the end of the page, for each way, and level.
        ways = int(np.ceil(MAX_SLOPE * self._width / (2 * self.bin)))
        self._slopes = np.linspace(-MAX_SLOPE, MAX_SLOPE, 2 * ways + 1)
        # (runs, slopes): where the line of each slope through a run crosses the middle column.
        heights = runs.middle[:, None] - self._slopes * (runs.column[:, None] - self._width / 2)
        bins = np.round(heights / self.bin).astype(np.int64)
        # No bin below 0: a steep line may cross the middle column beyond the page.
        self._beyond = int(MAX_SLOPE * self._width / self.bin)
        bins += self._beyond + 1
        self._depth = int(height / self.bin) + 2 * self._beyond + 4
        # A stretch of ``depth`` bins for each slope, one behind the other, so that one count does for all.
        self._bins = np.clip(bins, 0, self._depth - 1) + self._depth * np.arange(len(self._slopes))
        self._size = self._depth * len(self._slopes)
        self._counts = np.bincount(self._bins.ravel(), minlength=self._size)

    def best(self) -> tuple[int, int]:
        """Return the number of the line on which most runs lie, and how many these are."""
        # A line between two bins has half of its votes in each.
        line = int(np.argmax(self._counts[1:] + self._counts[:-1]))
        return line, int(self._counts[line] + self._counts[line + 1])

    def path(self, line: int) -> Path:
        """Return the path of a line by its number."""
        slope = self._slopes[line // self._depth]
        height = (line % self._depth + 0.5 - self._beyond - 1) * self.bin
        return height - slope * self._width / 2, slope, 0.0

    def take_back(self, used: NDArray[np.bool_], line: int) -> None:
        """Remove the votes of the runs that a line has used, for every slope: they must not make another line."""
        self._counts -= np.bincount(self._bins[used].ravel(), minlength=self._size)
        # Whatever is left in both bins: the next line must be another.
        self._counts[line : line + 2] = 0
