"""Drawings by chance: strokes, shapes and lines, prepared as a network's pictures are.

All that chance decides is drawn for every image at once: one call of NumPy for each image would take longer than the
pen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.data.resizing import resize
from inklings.models.preparation import CHARACTER, Preparation
from inklings.pages.mnist_framing import frame_each

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Random = np.random.Generator
Draw = Callable[["list[ImageDraw]", Random], None]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Some four times the side of the images, so that edges come out smooth when it is reduced.
SIDE = 96
"""Of the canvas that is drawn on, before it is reduced to the images' size."""

_WIDTHS = (0.09, 0.2)
"""The narrowest and the widest strokes, as fractions of the side: 1.8 to 4 pixels of 20, as handwriting has."""

_SIGN_WIDTHS = (0.06, 0.2)
"""Of signs: a fine pen too."""

_MOST_STROKES, _MOST_OF_A_SIGN = 5, 7

_LIFTED, _LONG, _BENT = 0.15, 0.3, 0.6
"""How often the pen is lifted before a stroke of a sign, a stroke is twice as long, and a diagonal one is bent."""

# (16, 1): how far along a stroke each of its points lies.
_ALONG = np.linspace(0, 1, 16)[:, np.newaxis]


def draw_images(draw: Draw, preparation: Preparation, shape: tuple[int, ...], count: int, random: Random) -> Images:
    """Draw images by chance.

    Parameters
    ----------
    draw : callable
        :func:`strokes`, :func:`signs`, :func:`shapes` or :func:`lines`.
    preparation : Preparation
        Drawings are framed as characters if it frames pictures so.
    shape : (height, width, channels)
    count : int
    random : numpy.random.Generator

    Returns
    -------
    array of float32, shape (count, height, width, channels)
        From 0, paper, to 1, ink.
    """
    from PIL import Image, ImageDraw

    canvases = [Image.new("L", (SIDE, SIDE)) for _ in range(count)]
    draw([ImageDraw.Draw(canvas) for canvas in canvases], random)
    # (count, SIDE, SIDE)
    return as_prepared(np.stack([np.asarray(canvas) for canvas in canvases]) > 0, preparation, shape)


def as_prepared(inks: NDArray[np.bool_], preparation: Preparation, shape: tuple[int, ...]) -> Images:
    """Return ink on canvases, shape (n, side, side), as images of a network, framed if its pictures are."""
    found = frame_each(inks) if preparation.kind == CHARACTER else inks.astype(np.float32)
    images: Images = np.clip(resize(found[..., np.newaxis], (shape[0], shape[1])), 0, 1)
    # Grey drawings serve networks of colours too: the same in each channel.
    return np.broadcast_to(images, (len(images), *shape)).astype(np.float32)


def strokes(drawings: list[ImageDraw], random: Random) -> None:
    """Draw two to five strokes, straight, bent or round, some joined: a sign of no known script."""
    count = len(drawings)
    # Across or down, never both: a sign still fills its frame one way, as narrow and flat letters do.
    squeeze = random.uniform(0.4, 1, (count, 1, 2))
    squeeze[np.arange(count), 0, random.integers(0, 2, count)] = 1
    curves = np.empty((count, _MOST_STROKES, len(_ALONG), 2))
    for number in range(_MOST_STROKES):
        start = _anywhere(count, random)
        # Seven in ten begin on an earlier stroke: at its beginning, its middle or its end.
        if number:
            joined = random.random(count) < 0.7
            place = (np.arange(count), random.integers(0, number, count), random.choice([0, 8, -1], count))
            start[joined] = curves[place][joined]
        round_ones = random.random((count, 1, 1)) < 0.25
        curves[:, number] = np.where(round_ones, _arcs(count, random), _curves(start, random))
    curves = np.clip(curves, 0, 1) * squeeze[:, np.newaxis]
    # (count, strokes): the first two to five of the five that were made for each.
    drawn = np.arange(_MOST_STROKES) < random.integers(2, _MOST_STROKES + 1, count)[:, np.newaxis]
    _pens(drawings, curves, drawn, random.uniform(*_WIDTHS, count))


def _anywhere(count: int, random: Random) -> Floats:
    """Return points near corners, middles of sides and the centre, shape (count, 2)."""
    points: Floats = random.choice([0.0, 0.5, 1.0], (count, 2)) + random.normal(0, 0.06, (count, 2))
    return points


def _curves(start: Floats, random: Random) -> Floats:
    """Return points along quadratic Bezier curves, half of them straight lines, shape (count, 16, 2)."""
    end = _anywhere(len(start), random)
    # Without a bend the control point is the middle, and the curve a straight line.
    bent = random.random((len(start), 1)) < 0.5
    return _bezier(start, (start + end) / 2 + random.normal(0, 0.5, start.shape) * bent, end)


def _bezier(start: Floats, control: Floats, end: Floats) -> Floats:
    """Return points along quadratic Bezier curves, shape (count, 16, 2), through points of shape (count, 2)."""
    start, control, end = (each[:, np.newaxis] for each in (start, control, end))
    points: Floats = (1 - _ALONG) ** 2 * start + 2 * _ALONG * (1 - _ALONG) * control + _ALONG**2 * end
    return points


def _arcs(count: int, random: Random) -> Floats:
    """Return points along parts of ellipses, or all of them, shape (count, 16, 2)."""
    centres, radii = random.choice([0.3, 0.5, 0.7], (count, 1, 2)), random.uniform(0.2, 0.5, (count, 1, 2))
    lengths = random.choice([120, 180, 270, 360], (count, 1, 1))
    angles = np.deg2rad(random.uniform(0, 360, (count, 1, 1)) + lengths * _ALONG)  # (count, 16, 1)
    points: Floats = centres + radii * np.concatenate([np.cos(angles), np.sin(angles)], axis=2)
    return points


def signs(drawings: list[ImageDraw], random: Random) -> None:
    """Draw three to seven strokes from point to point of a slanting lattice: the pen goes on, or is lifted at times."""
    count = len(drawings)
    # (count, 2): two or three points across, two to four down.
    size = np.stack([random.integers(2, 4, count), random.integers(2, 5, count)], axis=1)
    narrow, slant = random.uniform(0.45, 1, count), random.normal(0, 0.1, count)
    wanted = random.integers(3, _MOST_OF_A_SIGN + 1, count)
    curves = np.zeros((count, _MOST_OF_A_SIGN, len(_ALONG), 2))
    point, done = random.integers(0, size), np.zeros(count, np.int64)

    def place(points: Integers, rows: Integers) -> Floats:
        # A point's place from 0 to 1 in both directions; then narrowed about the middle and slanted by its height.
        x, y = (points / (size[rows] - 1)).T
        return np.stack([0.5 + narrow[rows] * (x - 0.5) + slant[rows] * (0.5 - y), y], axis=1)

    # A stroke of each unfinished sign per round; a step out of the lattice, or of no length, is drawn again.
    while len(left := np.flatnonzero(done < wanted)):
        lifted = left[random.random(len(left)) < _LIFTED]
        point[lifted] = random.integers(0, size[lifted])
        step = random.integers(-1, 2, (len(left), 2)) * (1 + (random.random((len(left), 1)) < _LONG))
        reached = point[left] + step
        inside = step.any(1) & (reached >= 0).all(1) & (reached < size[left]).all(1)
        rows, reached, step = left[inside], reached[inside], step[inside]
        start, end = place(point[rows], rows), place(reached, rows)
        # A bent diagonal goes by a corner of the box between its ends, by either of both.
        level = random.random(len(rows)) < 0.5
        corner = np.stack(
            [np.where(level, point[rows, 0], reached[:, 0]), np.where(level, reached[:, 1], point[rows, 1])], axis=1
        )
        bent = step.all(1) & (random.random(len(rows)) < _BENT)
        control = np.where(bent[:, np.newaxis], place(corner, rows), (start + end) / 2)
        # A stroke as a whole is put down a little beside its points, as a hand does.
        curves[rows, done[rows]] = _bezier(start, control, end) + random.normal(0, 0.015, (len(rows), 1, 2))
        point[rows], done[rows] = reached, done[rows] + 1
    drawn = np.arange(_MOST_OF_A_SIGN) < wanted[:, np.newaxis]
    _pens(drawings, np.clip(curves, 0, 1), drawn, random.uniform(*_SIGN_WIDTHS, count))


def shapes(drawings: list[ImageDraw], random: Random) -> None:
    """Draw one or two ellipses or rectangles, filled or hollow."""
    for drawing in drawings:
        for _ in range(random.integers(1, 3)):
            left, top = random.uniform(0, 0.5, 2) * SIDE
            right, bottom = np.array([left, top]) + random.uniform(0.25, 0.5, 2) * SIDE
            shape = drawing.ellipse if random.random() < 0.5 else drawing.rectangle
            fill = 255 if random.random() < 0.5 else None
            shape((left, top, right, bottom), fill=fill, outline=255, width=round(SIDE * random.uniform(0.05, 0.15)))


def lines(drawings: list[ImageDraw], random: Random) -> None:
    """Draw parallel lines, level, upright or slanting, or a grid of them."""
    for drawing in drawings:
        gap = SIDE * random.uniform(0.12, 0.4)
        width = max(2, round(gap * random.uniform(0.15, 0.6)))
        # One in three slants.
        slope = SIDE * random.uniform(-0.5, 0.5) * (random.random() < 1 / 3)
        level, upright = ((True, False), (False, True), (True, True))[random.integers(3)]
        # From beyond the canvas, since slanting lines come in from outside.
        for place in np.arange(random.uniform(0, gap) - SIDE, 2 * SIDE, gap):
            if level:
                drawing.line((0, place, SIDE, place + slope), 255, width)
            if upright:
                drawing.line((place, 0, place + slope, SIDE), 255, width)


def _pens(drawings: list[ImageDraw], curves: Floats, drawn: NDArray[np.bool_], widths: Floats) -> None:
    """Draw strokes with round pens.

    Parameters
    ----------
    drawings : list of PIL.ImageDraw.ImageDraw
    curves : array, shape (n, strokes, points, 2)
        Across and down, from 0 to 1.
    drawn : array of bool, shape (n, strokes)
        Which of them are drawn.
    widths : array, shape (n,)
        Of the pens, as fractions of the side.
    """
    # Pillow's lines have square ends, and no length where both points are one: a round pen has neither.
    pens = np.round(SIDE * widths)
    # A pen's width away from each edge, so that no stroke is cut off.
    centred = pens[:, np.newaxis, np.newaxis, np.newaxis] + (SIDE - 2 * pens[:, None, None, None]) * curves
    # (n, strokes, 2, 2): both ends.
    ends = centred[:, :, [0, -1]]
    radius = pens[:, np.newaxis, np.newaxis, np.newaxis] / 2
    boxes = np.concatenate([ends - radius, ends + radius], axis=3)
    for row, stroke in np.argwhere(drawn):
        drawing = drawings[row]
        drawing.line(centred[row, stroke].ravel().tolist(), 255, int(pens[row]))
        for box in boxes[row, stroke].tolist():
            drawing.ellipse(box, 255)
