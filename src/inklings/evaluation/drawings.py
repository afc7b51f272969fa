"""Drawings by chance: strokes, shapes and lines, prepared as a network's pictures are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.data.resizing import resize
from inklings.models.preparation import CHARACTER, Preparation
from inklings.pages.mnist_framing import MNIST, frame, trim

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Random = np.random.Generator
Draw = Callable[["ImageDraw", Random], None]
Points = NDArray[np.float64]

SIDE = 96
"""Of the canvas that is drawn on, before it is reduced to the images' size."""

_WIDTHS = (0.09, 0.2)
"""The narrowest and the widest strokes, as fractions of the side: 1.8 to 4 pixels of 20, as handwriting has."""

_SIGN_WIDTHS = (0.06, 0.2)
"""Of signs: a fine pen too."""

_LIFTED, _LONG, _BENT = 0.15, 0.3, 0.6
"""How often the pen is lifted before a stroke of a sign, a stroke is twice as long, and a diagonal one is bent."""

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

    inks = []
    for _ in range(count):
        canvas = Image.new("L", (SIDE, SIDE))
        draw(ImageDraw.Draw(canvas), random)
        inks.append(np.asarray(canvas, np.float32) / np.float32(255))
    return as_prepared(inks, preparation, shape)


def as_prepared(inks: Sequence[NDArray[np.float32]], preparation: Preparation, shape: tuple[int, ...]) -> Images:
    """Return ink on canvases, each of shape (side, side), as images of a network, framed if its pictures are."""
    if preparation.kind == CHARACTER:
        inks = [frame(trim(ink), MNIST)[1] if ink.any() else np.zeros((MNIST.field,) * 2, np.float32) for ink in inks]
    images: Images = np.clip(resize(np.stack(inks)[..., np.newaxis], (shape[0], shape[1])), 0, 1)
    return np.broadcast_to(images, (len(images), *shape)).astype(np.float32)


def strokes(drawing: ImageDraw, random: Random) -> None:
    """Draw two to five strokes, straight, bent or round, some joined: a sign of no known script."""
    width = round(SIDE * random.uniform(*_WIDTHS))
    squeeze = random.uniform(0.4, 1, 2)
    squeeze[random.integers(2)] = 1
    places: list[Points] = []
    for _ in range(random.integers(2, 6)):
        start = random.choice([0.0, 0.5, 1.0], 2) + random.normal(0, 0.06, 2)
        if places and random.random() < 0.7:
            start = places[random.integers(len(places))]
        curve = _arc(random) if random.random() < 0.25 else _curve(start, random)
        # Its ends and its middle, at which later strokes may begin.
        places += [curve[0], curve[8], curve[-1]]
        _pen(drawing, width + (SIDE - 2 * width) * np.clip(curve, 0, 1) * squeeze, width)


def _curve(start: Points, random: Random) -> Points:
    """Return points along a quadratic Bezier curve, half of the time a straight line, shape (16, 2)."""
    end = random.choice([0.0, 0.5, 1.0], 2) + random.normal(0, 0.06, 2)
    control = (start + end) / 2 + random.normal(0, 0.5, 2) * (random.random() < 0.5)
    return _bezier(start, control, end)


def _bezier(start: Points, control: Points, end: Points) -> Points:
    points: Points = (1 - _ALONG) ** 2 * start + 2 * _ALONG * (1 - _ALONG) * control + _ALONG**2 * end
    return points


def _arc(random: Random) -> Points:
    """Return points along a part of an ellipse, or all of it, shape (16, 2)."""
    centre, radii = random.choice([0.3, 0.5, 0.7], 2), random.uniform(0.2, 0.5, 2)
    angles = np.deg2rad(random.uniform(0, 360) + random.choice([120, 180, 270, 360]) * _ALONG)
    points: Points = centre + radii * np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    return points


def signs(drawing: ImageDraw, random: Random) -> None:
    """Draw three to seven strokes from point to point of a slanting lattice: the pen goes on, or is lifted at times."""
    across, down = random.integers(2, 4), random.integers(2, 5)
    width = round(SIDE * random.uniform(*_SIGN_WIDTHS))
    narrow, slant = random.uniform(0.45, 1), random.normal(0, 0.1)

    def place(point: NDArray[np.int64]) -> Points:
        x, y = point / (across - 1, down - 1)
        return np.array([0.5 + narrow * (x - 0.5) + slant * (0.5 - y), y])

    def anywhere() -> NDArray[np.int64]:
        return np.array([random.integers(across), random.integers(down)])

    point, left = anywhere(), random.integers(3, 8)
    while left:
        if random.random() < _LIFTED:
            point = anywhere()
        step = random.integers(-1, 2, 2) * (2 if random.random() < _LONG else 1)
        reached = point + step
        if not step.any() or (reached < 0).any() or (reached >= (across, down)).any():
            continue
        start, end = place(point), place(reached)
        corner = place(np.array([point[0], reached[1]] if random.random() < 0.5 else [reached[0], point[1]]))
        bent = step.all() and random.random() < _BENT
        curve = _bezier(start, corner if bent else (start + end) / 2, end) + random.normal(0, 0.015, 2)
        _pen(drawing, width + (SIDE - 2 * width) * np.clip(curve, 0, 1), width)
        point, left = reached, left - 1


def shapes(drawing: ImageDraw, random: Random) -> None:
    """Draw one or two ellipses or rectangles, filled or hollow."""
    for _ in range(random.integers(1, 3)):
        left, top = random.uniform(0, 0.5, 2) * SIDE
        right, bottom = np.array([left, top]) + random.uniform(0.25, 0.5, 2) * SIDE
        shape = drawing.ellipse if random.random() < 0.5 else drawing.rectangle
        fill = 255 if random.random() < 0.5 else None
        shape((left, top, right, bottom), fill=fill, outline=255, width=round(SIDE * random.uniform(0.05, 0.15)))


def lines(drawing: ImageDraw, random: Random) -> None:
    """Draw parallel lines, level, upright or slanting, or a grid of them."""
    gap = SIDE * random.uniform(0.12, 0.4)
    width = max(2, round(gap * random.uniform(0.15, 0.6)))
    slope = SIDE * random.uniform(-0.5, 0.5) * (random.random() < 1 / 3)
    level, upright = ((True, False), (False, True), (True, True))[random.integers(3)]
    for place in np.arange(random.uniform(0, gap) - SIDE, 2 * SIDE, gap):
        if level:
            drawing.line((0, place, SIDE, place + slope), 255, width)
        if upright:
            drawing.line((place, 0, place + slope, SIDE), 255, width)


def _pen(drawing: ImageDraw, points: Points, width: int) -> None:
    drawing.line([(float(x), float(y)) for x, y in points], 255, width)
    # Pillow's lines have square ends, and no length where both points are one: a round pen has neither.
    for x, y in (points[0], points[-1]):
        drawing.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)
