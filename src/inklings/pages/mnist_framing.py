"""Framing a character as the makers of MNIST did: size, shape, position, and the width of its strokes.

They scaled each character to fit a box of 20 x 20 pixels, preserving its aspect ratio, and centred it by its centre of
mass in 28 x 28 (Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document
recognition*, Proc. IEEE 86, 1998, section III A). Measured on the bundled digits: the longer side of the ink is 20
pixels in 4,999 of 5,000, and the centre of mass within half a pixel of row 14 and column 14, counted from 0, in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import refuses_unknown
from inklings.errors import DataError
from inklings.pages.page_image import Grey

FINE = 8
"""Strokes are measured, widened and narrowed at this multiple of the box's resolution."""

_FRAMED_AT_ONCE = 500
"""Characters: their weights and canvases take 25 MB."""

# Keeps divisions by the ink of a blank canvas defined.
_TINY = 1e-9


@refuses_unknown(DataError)
@dataclass(frozen=True)
class Framing:
    """How the images of a data set were framed.

    Parameters
    ----------
    box : int
        Pixels along a character's longer side.
    field : int
        Pixels along the image's side.
    strokes : (float, float)
        The narrowest and the widest typical strokes, in pixels of the box. Strokes outside the range are redrawn at its
        nearer end. Of the bundled digits 10 % have narrower strokes and 4 % wider ones; of digits drawn with strokes of
        0.5 and of 6 pixels, a classifier classifies 8 in 100 more correctly than without the correction.

    Raises
    ------
    DataError
        The box does not fit the field, or the stroke widths are no range above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import Framing, normalise
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 140:152] = 40
    >>> normalise(paper, size=(28, 28), framing=Framing(box=24)).image.shape
    (28, 28, 1)
    """

    box: int = 20
    field: int = 28
    strokes: tuple[float, float] = (1.8, 4.0)

    def __post_init__(self) -> None:
        if not 1 <= self.box <= self.field:
            raise DataError(
                f"a box of {self.box} pixels in a field of {self.field}, expected 1 <= box <= field",
                found=self.box,
                expected=f"1 to {self.field}",
            )
        if not 0 < self.strokes[0] <= self.strokes[1]:
            expected = "the narrowest and the widest, above 0"
            raise DataError(f"strokes are {self.strokes}, expected {expected}", found=self.strokes, expected=expected)


MNIST = Framing()
"""How MNIST's digits were framed."""


def normalise_strokes(ink: Grey, framing: Framing = MNIST) -> Grey:
    """Widen strokes that are narrower than a network has seen in training, and narrow those that are wider.

    Parameters
    ----------
    ink : array of float32, shape (height, width)
        One character, cropped, from 0 to 1.
    framing : Framing

    Returns
    -------
    array of float32
        ``ink`` itself if its strokes are typical; else an array of another size.
    """
    width = stroke_width(ink, framing)
    narrowest, widest = framing.strokes
    if narrowest <= width <= widest:
        return ink
    wanted = narrowest if width < narrowest else widest
    # Half the difference, since a stroke grows at both edges.
    grown = FINE * (wanted - width) / 2
    # Room for the outline to grow, and two pixels for its soft edge.
    margin = 2 + max(0, int(np.ceil(grown)))
    # Enlarged eight times, where distances in whole pixels are eighths of a pixel of the box.
    fine = np.pad(_scale(ink, FINE * framing.box), margin)
    # The outline moves by ``grown`` on both sides of a stroke; half a pixel more keeps its edge soft.
    return trim(np.clip(_signed_distance(fine > 0.5) + np.float32(grown + 0.5), 0, 1))


def stroke_width(ink: Grey, framing: Framing = MNIST) -> float:
    """Measure the mean width of strokes, in pixels of the box.

    Across a stroke of width w, the distance to the nearer edge averages w / 4.

    Parameters
    ----------
    ink : array of float32, shape (height, width)
        One character, cropped, from 0 to 1.
    framing : Framing

    Returns
    -------
    float
    """
    from scipy.ndimage import distance_transform_edt

    # A border of paper: a stroke that touches the crop has its edge there.
    inside = np.pad(_scale(ink, FINE * framing.box) > 0.5, 1)
    # The transform measures to the centre of the nearest pixel outside, half a pixel beyond the edge.
    return float(4 * (distance_transform_edt(inside)[inside] - 0.5).mean() / FINE) if inside.any() else 0.0


def frame(ink: Grey, framing: Framing = MNIST) -> tuple[Grey, Grey]:
    """Scale a character to the box, and centre it in the field.

    Parameters
    ----------
    ink : array of float32, shape (height, width)
        One character, cropped, from 0 to 1.
    framing : Framing

    Returns
    -------
    boxed : array of float32
        Its longer side is ``framing.box``.
    framed : array of float32, shape (framing.field, framing.field)
        The centre of mass is within half a pixel of ``field / 2``, unless ink would then be cut off at an edge.
    """
    boxed = _scale(ink, framing.box)
    framed = np.zeros((framing.field, framing.field), np.float32)
    # Summed across, the profile down gives the row, and the other way round.
    top, left = (_offset(boxed.sum(axis=axis), framing.field) for axis in (1, 0))
    framed[top : top + boxed.shape[0], left : left + boxed.shape[1]] = boxed
    return boxed, framed


def frame_each(inks: NDArray[np.bool_], framing: Framing = MNIST) -> Grey:
    """Scale many characters to the box, and centre each in the field, as :func:`frame` does one.

    A product with the resizing filter's weights from either side scales a character, so NumPy does all in one call.

    Parameters
    ----------
    inks : array of bool, shape (n, side, side)
        A character on each canvas; one without ink gives a blank field.
    framing : Framing

    Returns
    -------
    array of float32, shape (n, field, field)
    """
    framed = np.empty((len(inks), framing.field, framing.field), np.float32)
    for start in range(0, len(inks), _FRAMED_AT_ONCE):
        part = slice(start, start + _FRAMED_AT_ONCE)
        framed[part] = _frame_part(inks[part], framing)
    return framed


def _frame_part(inks: NDArray[np.bool_], framing: Framing) -> Grey:
    count, box, field = len(inks), framing.box, framing.field
    edges = [_edges(np.asarray(inks.any(axis=axis))) for axis in (2, 1)]
    # (n,): the longer side of each character's ink.
    longer = np.maximum(*(last - first for first, last in edges))
    weights, sides = [], []
    for first, last in edges:
        # The longer side becomes the box, the other as much shorter as it was; at least one pixel.
        reduced = np.maximum(1, np.rint(box / longer * (last - first))).astype(int)
        # Each character's own weights: (n, box, side), zero beyond its own extent.
        along = np.zeros((count, box, inks.shape[1]), np.float32)
        for number, (begin, end, side) in enumerate(zip(first, last, reduced, strict=True)):
            along[number, :side, begin:end] = _filter(end - begin, side)
        weights.append(along)
        sides.append(reduced)
    # Reduced from both sides: (n, box, side) @ (n, side, side) @ (n, side, box); the filter overshoots a little.
    boxed = np.clip(weights[0] @ inks.astype(np.float32) @ weights[1].swapaxes(1, 2), 0, 1)
    places = []
    for axis, side in zip((2, 1), sides, strict=True):
        profile = boxed.sum(axis=axis)
        # (n,): the centre of mass within the box.
        centre = profile @ np.arange(box) / np.maximum(profile.sum(axis=1), _TINY)
        # (n, box): which rows, or columns, of the field each of the box's goes to.
        places.append(np.clip(np.rint(field / 2 - centre), 0, field - side).astype(int)[:, np.newaxis] + np.arange(box))
    # Room for the rest of a box that is wider than its character.
    framed = np.zeros((count, field + box, field + box), np.float32)
    # One assignment for all characters, by broadcasting (n, 1, 1), (n, box, 1) and (n, 1, box).
    framed[np.arange(count)[:, None, None], places[0][:, :, np.newaxis], places[1][:, np.newaxis]] = boxed
    return framed[:, :field, :field]


def _edges(holds_ink: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first of each row's values that is true, and one beyond the last; all of a row that has none."""
    return holds_ink.argmax(1), holds_ink.shape[1] - holds_ink[:, ::-1].argmax(1)


@cache
def _filter(length: int, reduced: int) -> Grey:
    """Return the weights by which Pillow reduces a line of pixels, shape (reduced, length)."""
    from PIL import Image

    # The picture of an identity matrix, resized, is the filter's matrix itself.
    unit = Image.fromarray(np.eye(length, dtype=np.float32))
    return np.asarray(unit.resize((length, reduced), Image.Resampling.BICUBIC), np.float32)


def trim(ink: Grey, least: float = 0.5) -> Grey:
    """Crop the rows and columns around a character in which no pixel holds ``least`` ink."""
    rows, columns = (np.flatnonzero((ink >= least).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink


def _offset(profile: Grey, field: int) -> int:
    """Return where the box begins along one axis, in whole pixels: fractions would resample it once more."""
    centre = float(profile @ np.arange(len(profile)) / profile.sum())
    # Counted from 0, the centre of mass of MNIST's digits is at 14 of 28, not at 13.5.
    return int(np.clip(round(field / 2 - centre), 0, field - len(profile)))


def _scale(ink: Grey, longer_side: int) -> Grey:
    """Scale to a longer side, preserving the aspect ratio; when reducing, Pillow averages all pixels covered."""
    from PIL import Image

    factor = longer_side / max(ink.shape)
    height, width = (max(1, round(factor * side)) for side in ink.shape)
    if (height, width) == ink.shape:
        return ink
    scaled = Image.fromarray(ink).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(scaled, np.float32), 0, 1)


def _signed_distance(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Grey:
    """Return each pixel's distance to the edge, positive inside and negative outside."""
    from scipy.ndimage import distance_transform_edt

    outside = distance_transform_edt(~mask)
    inside = distance_transform_edt(mask)
    # Half a pixel: the edge lies between the last pixel inside and the first outside.
    distance: Grey = np.where(mask, inside - 0.5, 0.5 - outside).astype(np.float32)
    return distance
