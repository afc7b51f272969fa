"""Putting a character into its frame as the makers of MNIST did: size, shape, place, and the width of its strokes.

They scaled each character to fit a box of 20 x 20 pixels, keeping its shape, and moved it so that its centre of mass
lies in the middle of 28 x 28 (Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to
document recognition*, Proc. IEEE 86, 1998, section III A). Measured on the bundled digits: the longer side of the ink
is 20 pixels in 4,999 of 5,000, and the centre of mass within half a pixel of row 14 and column 14, counted from 0, in
all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inklings.errors import DataError
from inklings.pages.page import Grey

FINE = 8
"""Strokes are measured, and drawn wider or narrower, with so many pixels to one of the box."""


@dataclass(frozen=True)
class Framing:
    """How the images of a data set were framed.

    Parameters
    ----------
    box : int
        Pixels of a character's longer side.
    field : int
        Pixels of the image's side.
    strokes : (float, float)
        The narrowest and the widest usual strokes, in pixels of the box. What is outside is drawn as the nearest of
        the two. Of the bundled digits 10 % have narrower strokes than these and 4 % wider ones; measured on digits
        drawn with strokes of 0.5 and of 6 pixels, a classifier reads 8 of 100 more right than without.

    Raises
    ------
    DataError
        The box does not fit the field, or there is no usual width.
    """

    box: int = 20
    field: int = 28
    strokes: tuple[float, float] = (1.8, 4.0)

    def __post_init__(self) -> None:
        if not 1 <= self.box <= self.field:
            raise DataError(f"a box of {self.box} pixels in a field of {self.field}, expected 1 <= box <= field")
        if not 0 < self.strokes[0] <= self.strokes[1]:
            raise DataError(f"strokes are {self.strokes}, expected the narrowest and the widest, above 0")


MNIST = Framing()


def even_strokes(ink: Grey, framing: Framing = MNIST) -> Grey:
    """Draw strokes wider that are too narrow for the network to have seen, and narrower that are too wide.

    Parameters
    ----------
    ink : array of float32, shape (height, width)
        One character, cut out, from 0 to 1.
    framing : Framing

    Returns
    -------
    array of float32
        The very same array if its strokes are usual; else one of another size.
    """
    width = stroke_width(ink, framing)
    narrowest, widest = framing.strokes
    if narrowest <= width <= widest:
        return ink
    wanted = narrowest if width < narrowest else widest
    grown = FINE * (wanted - width) / 2
    margin = 2 + max(0, int(np.ceil(grown)))
    fine = np.pad(_scale(ink, FINE * framing.box), margin)
    return trim(np.clip(_height_inside(fine > 0.5) + np.float32(grown + 0.5), 0, 1))


def stroke_width(ink: Grey, framing: Framing = MNIST) -> float:
    """Measure how wide strokes are, in pixels of the box.

    Along a stroke of width w, a point's distance to the edge is on average w / 4.

    Parameters
    ----------
    ink : array of float32, shape (height, width)
        One character, cut out, from 0 to 1.
    framing : Framing

    Returns
    -------
    float
    """
    from scipy.ndimage import distance_transform_edt

    inside = np.pad(_scale(ink, FINE * framing.box) > 0.5, 1)
    # From a pixel's middle to that of the nearest one outside is half a pixel more than to the edge.
    return float(4 * (distance_transform_edt(inside)[inside] - 0.5).mean() / FINE) if inside.any() else 0.0


def frame(ink: Grey, framing: Framing = MNIST) -> tuple[Grey, Grey]:
    """Scale a character to the box, and put it into the field.

    Parameters
    ----------
    ink : array of float32, shape (height, width)
        One character, cut out, from 0 to 1.
    framing : Framing

    Returns
    -------
    boxed : array of float32
        Its longer side is ``framing.box``.
    framed : array of float32, shape (framing.field, framing.field)
        The centre of mass is within half a pixel of ``field / 2``, unless ink would then be lost at an edge.
    """
    boxed = _scale(ink, framing.box)
    framed = np.zeros((framing.field, framing.field), np.float32)
    top, left = (_place(boxed.sum(axis=axis), framing.field) for axis in (1, 0))
    framed[top : top + boxed.shape[0], left : left + boxed.shape[1]] = boxed
    return boxed, framed


def trim(ink: Grey, least: float = 0.5) -> Grey:
    """Cut off the rows and columns around a character that hold less ink than ``least`` in every pixel."""
    rows, columns = (np.flatnonzero((ink >= least).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink


def _place(profile: Grey, field: int) -> int:
    """Where along one axis the box begins, in whole pixels, so that it is not resampled once more."""
    centre = float(profile @ np.arange(len(profile)) / profile.sum())
    return int(np.clip(round(field / 2 - centre), 0, field - len(profile)))


def _scale(ink: Grey, longer_side: int) -> Grey:
    """Scale to a longer side, keeping the shape; on the way down, each pixel is a weighted mean of those it covers."""
    from PIL import Image

    factor = longer_side / max(ink.shape)
    height, width = (max(1, round(factor * side)) for side in ink.shape)
    if (height, width) == ink.shape:
        return ink
    scaled = Image.fromarray(ink).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(scaled, np.float32), 0, 1)


def _height_inside(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Grey:
    """How far inside the edge each pixel is; below 0 outside."""
    from scipy.ndimage import distance_transform_edt

    outside = distance_transform_edt(~mask)
    inside = distance_transform_edt(mask)
    height: Grey = np.where(mask, inside - 0.5, 0.5 - outside).astype(np.float32)
    return height
