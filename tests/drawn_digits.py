"""Digits drawn by strokes, as a pen would: the same ones every time, no two alike."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE, FINE = 256, 2
Stroke = list[tuple[float, float]]


def _arc(x: float, y: float, wide: float, high: float, start: float, stop: float) -> Stroke:
    """Part of an ellipse; 0 is at three o'clock, angles run clockwise, in degrees."""
    turns = np.linspace(math.radians(start), math.radians(stop), 24)
    return [(x + wide * math.cos(turn), y + high * math.sin(turn)) for turn in turns]


# In a square from 0 to 1, y downwards.
DIGITS: tuple[list[Stroke], ...] = (
    [_arc(0.5, 0.5, 0.3, 0.45, -90, 270)],
    [[(0.35, 0.2), (0.52, 0.05), (0.5, 0.95)]],
    [[*_arc(0.5, 0.3, 0.28, 0.25, 180, 380), (0.2, 0.95), (0.8, 0.93)]],
    [[*_arc(0.45, 0.28, 0.27, 0.23, 200, 440), *_arc(0.45, 0.71, 0.32, 0.24, -80, 150)]],
    [[(0.6, 0.05), (0.15, 0.62), (0.85, 0.6)], [(0.65, 0.35), (0.62, 0.96)]],
    [[(0.75, 0.06), (0.3, 0.08), (0.27, 0.45), *_arc(0.45, 0.67, 0.32, 0.27, -110, 140)]],
    [[(0.65, 0.05), (0.35, 0.4), *_arc(0.5, 0.7, 0.26, 0.25, 190, 550)]],
    [[(0.18, 0.1), (0.8, 0.08), (0.42, 0.95)]],
    [_arc(0.5, 0.27, 0.22, 0.22, 90, 450), _arc(0.5, 0.73, 0.28, 0.24, -90, 270)],
    [_arc(0.5, 0.3, 0.25, 0.25, 0, 360), [(0.75, 0.3), (0.68, 0.95)]],
)


def drawn_digit(number: int, *, background: int = 255, ink: int = 0) -> NDArray[np.uint8]:
    """Return drawing ``number`` of the digit ``number % 10``: grey bytes, shape (256, 256)."""
    random = np.random.default_rng(number)
    size = random.uniform(0.35, 0.85) * SIDE
    left, top = random.uniform(8, SIDE - size - 8, 2)
    stretch, turn, shear = random.uniform(0.7, 1), random.normal(0, 0.1), random.normal(0, 0.12)
    width = random.choice([4, 8, 14, 20, 30]) * random.uniform(0.9, 1.1) * FINE
    picture = Image.new("L", (SIDE * FINE, SIDE * FINE), background)
    draw = ImageDraw.Draw(picture)
    for stroke in DIGITS[number % 10]:
        points = []
        for x, y in _dense(stroke):
            across, down = stretch * (x - 0.5) + shear * (0.5 - y), y - 0.5
            across, down = (
                across * math.cos(turn) - down * math.sin(turn),
                across * math.sin(turn) + down * math.cos(turn),
            )
            shaken = random.normal(0, 0.006, 2)
            points.append(
                (FINE * (left + size * (across + 0.5 + shaken[0])), FINE * (top + size * (down + 0.5 + shaken[1])))
            )
        draw.line(points, ink, round(width), joint="curve")
        for x, y in points:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=ink)
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))


def _dense(stroke: Stroke) -> Stroke:
    """Return points no farther apart than a pen reports them."""
    dense = [stroke[0]]
    for (x, y), (to_x, to_y) in pairwise(stroke):
        steps = max(1, round(math.hypot(to_x - x, to_y - y) / 0.04))
        dense += [(x + (to_x - x) * step / steps, y + (to_y - y) * step / steps) for step in range(1, steps + 1)]
    return dense
