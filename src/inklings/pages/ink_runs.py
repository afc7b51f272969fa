"""Ink taken column by column, as runs of pixels: what straight strokes are looked for in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.pages.page_image import EIGHT_NEIGHBOURS, Mask

Numbers = NDArray[np.float64]
Columns = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Runs:
    """Vertical runs of ink: one column each, from ``top`` on, ``size`` pixels."""

    column: Columns
    top: Columns
    size: Columns

    @property
    def middle(self) -> Numbers:
        """The row of each one's middle."""
        return self.top + (self.size - 1) / 2

    def take(self, chosen: NDArray[np.generic]) -> Runs:
        """Return some of them, by a mask or by their numbers."""
        return Runs(self.column[chosen], self.top[chosen], self.size[chosen])


def find_runs(mask: Mask, thickest: float) -> Runs:
    """Return the thin runs of ink that continue one another for longer than they are thick."""
    from scipy.ndimage import find_objects, label

    height, width = mask.shape
    # One more row, so that a run that reaches the page's edge still ends.
    edges = np.zeros((width, height + 1), np.int8)
    edges[:, :height] = mask.T
    # 1 where a run of ink begins, -1 just below its end; a column of the page is a row here.
    edges[:, 1:] -= edges[:, :-1].copy()
    column, top = np.nonzero(edges == 1)
    bottom = np.nonzero(edges == -1)[1]
    size = bottom - top
    thin = size <= thickest
    runs = Runs(column[thin], top[thin], size[thin])  # columns, tops and lengths of thin runs
    painted = np.zeros((width, height + 1), np.int8)
    painted[runs.column, runs.top] = 1
    painted[runs.column, runs.top + runs.size] -= 1
    # Summed, 1 and -1 paint the thin runs; labelled, runs that touch make chains.
    chains, _ = label(np.cumsum(painted, axis=1, dtype=np.int8)[:, :height], EIGHT_NEIGHBOURS)
    number = chains[runs.column, runs.top] - 1
    lengths = np.array([across.stop - across.start for across, _ in find_objects(chains)] or [0])
    areas = np.bincount(number, runs.size, len(lengths))
    # Area by length is the mean thickness: a chain is at least twice as long as thick.
    # lengths^2 >= 2 areas is length >= 2 thicknesses without a division.
    chained = (lengths >= 4) & (lengths**2 >= 2 * areas)
    return runs.take(chained[number])
