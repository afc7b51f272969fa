"""Whether a sheet was cut between its pictures or through them."""

from __future__ import annotations

import numpy as np

from inklings.data.lazy_images import Images
from inklings.data.notes import Decision

LEAST_SIDE = 8
"""Pixels of the smallest pictures that are looked for."""

LEAST_SEAMS = 4
"""Seams that all lie in paper by chance are fewer."""

QUIET, LOUD = 0.1, 0.5
"""Across seams between drawings, pixels change by at most the first of these shares of what they change by elsewhere;
across seams through drawings by more than the second. Between, or on sheets of photographs, nothing is said."""


def describe_seams(pixels: Images, grid: tuple[int, int]) -> list[Decision]:
    """Say so if a sheet was cut through its drawings, where another grid cuts between them.

    Parameters
    ----------
    pixels : array of float32, shape (height, width, channels)
    grid : (int, int)
        Rows and columns that the sheet was cut into.
    """
    axes = [_Seams(pixels.swapaxes(0, axis)) for axis in (0, 1)]
    better = (axes[0].better(grid[0]), axes[1].better(grid[1]))
    if better == grid:
        return []
    # Rows and columns exchanged, most likely: of ten rows that are twenty, every second seam is missed and none is bad.
    if axes[0].is_quiet(grid[1]) and axes[1].is_quiet(grid[0]):
        better = grid[::-1]
    said = f"the sheet was cut through what is drawn; in {better[0]} rows of {better[1]} pictures it is cut between"
    return [Decision(f"{said} (grid={better[0]}x{better[1]} takes that)")]


class _Seams:
    """How much pixels change from line to line, and so across the seams of equal parts."""

    def __init__(self, lines: Images) -> None:
        self._count = len(lines)
        self._changes = np.abs(np.diff(lines, axis=0)).mean(axis=(1, 2), dtype=np.float64)

    def better(self, parts: int) -> int:
        """Return into how many parts the lines are to be cut; as given where that is good."""
        if parts < 2 or self._share(parts) <= LOUD:
            return parts
        fitting = filter(self.is_quiet, range(LEAST_SEAMS + 1, self._count // LEAST_SIDE + 1))
        # The finest: of pictures in ten rows, every second seam is quiet as well.
        return max(fitting, default=parts)

    def is_quiet(self, parts: int) -> bool:
        """Whether so many parts are equal, and their seams several and all in paper."""
        return parts > LEAST_SEAMS and self._count % parts == 0 and self._share(parts) <= QUIET

    def _share(self, parts: int) -> float:
        """Return how much pixels change across the seams, as a share of what they change everywhere."""
        usual, side = float(self._changes.mean()), self._count // parts
        return float(self._changes[side - 1 :: side].mean()) / usual if usual > 0 else 0.0
