"""What tells a line of the paper from a stroke drawn with a ruler: where it ends, how fine it is and how dark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inklings.pages.page_image import Grey, Mask
from inklings.pages.paper_line import PaperLine, paint

CUT = 0.78
"""Where the picture's edge cuts a line off, the last pixel has at least this share of the ink that the line has
elsewhere. A pen's round tip, at the edge of a close crop, has 0.45 (8 pixels thick) to 0.75 (1.6 pixels)."""

FINER, FAINTER = 0.6, 0.8
"""A line that has at most these shares of the pen's thickness or darkness was not drawn by that pen."""


@dataclass(frozen=True, eq=False)
class PageInk:
    """The ink of a page on which lines are looked for.

    Parameters
    ----------
    amount : array of float32, shape (height, width)
        From 0 to 1.
    mask : array of bool, shape (height, width)
        Where there is ink, however faint.
    """

    amount: Grey
    mask: Mask

    def is_cut(self, line: PaperLine) -> bool:
        """Whether the picture's edges cut a line off at both its ends, as no stroke of a pen ends."""
        seen = self.amount.T if line.is_vertical else self.amount
        height, width = seen.shape
        stroke, half = line.stroke, int(np.ceil(line.stroke.thickness / 2)) + 1
        columns = np.arange(width)
        # Prolonged to the edges: where it leaves the page above or below, nothing shows how it ends.
        middles = stroke.at(columns)
        rows = np.round(middles).astype(np.int64) + np.arange(-half, half + 1)[:, None]
        band = np.where((rows >= 0) & (rows < height), seen[np.clip(rows, 0, height - 1), columns], 0).sum(axis=0)
        usual = float(np.median(band[stroke.start : stroke.stop]))
        leaves = (middles < half) | (middles > height - 1 - half)
        runs_along = leaves[width // 2]
        return all(bool(band[end] >= CUT * usual or (leaves[end] and not runs_along)) for end in (0, width - 1))

    def was_drawn_otherwise(self, line: PaperLine) -> bool:
        """Whether a line is finer or fainter than all else on the page, and so not drawn by the same pen."""
        from scipy.ndimage import distance_transform_edt

        rest = self.mask & ~paint([line], self.mask.shape)
        if not rest.any():
            return False
        distances = distance_transform_edt(rest)[rest]
        # By the mean m of the distances to paper, a stroke of n pixels has n = 4 m - 2.
        pen = max(1.0, 4 * float(distances.mean()) - 2)
        seen = self.amount.T if line.is_vertical else self.amount
        columns = np.arange(line.stroke.start, line.stroke.stop)
        rows = np.clip(np.round(line.stroke.at(columns)).astype(np.int64), 0, len(seen) - 1)
        # The middle of both: soft edges are faint in a line and a stroke alike.
        own, others = float(np.median(seen[rows, columns])), float(np.percentile(self.amount[rest], 85))
        return line.stroke.thickness <= FINER * pen or own <= FAINTER * others
