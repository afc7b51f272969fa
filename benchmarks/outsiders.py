"""Pictures of what no network of digits was taught: letters, staves, drawings, photographs, noise.

They are only measured with: nothing here is seen when a measure of novelty is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import ascii_letters

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inklings.errors import DataError
from inklings.pages.normalise import normalise

FONTS = {
    "DejaVu Sans": "dejavu/DejaVuSans.ttf",
    "DejaVu Serif": "dejavu/DejaVuSerif-Bold.ttf",
    "Liberation Serif": "liberation/LiberationSerif-Italic.ttf",
    "Liberation Mono": "liberation/LiberationMono-Regular.ttf",
    "FreeSans": "freefont/FreeSans.ttf",
    "FreeSerif": "freefont/FreeSerif.ttf",
    "Open Sans": "open-sans/OpenSans-Regular.ttf",
    "Roboto": "roboto/unhinted/RobotoTTF/Roboto-Light.ttf",
    "Lato": "lato/Lato-Regular.ttf",
    "Comic Neue": "comic-neue/ComicNeue-Regular.otf",
}
"""From Debian's packages fonts-dejavu, -liberation, -freefont-ttf, -open-sans, -roboto, -lato and -comic-neue."""

FONT_FOLDERS = (Path("/usr/share/fonts/truetype"), Path("/usr/share/fonts/opentype"))

LIKE_DIGITS = "OoDQIlijSsZzBbGgqTtYy"
"""Letters that many people write as they write a digit: no measure can tell these by their shape."""

Pictures = NDArray[np.float32]
_SIDE = 200

Strokes = dict[str, list[list[tuple[float, float]] | str]]
"""Each shape's strokes: points from (0, 0), top left, to (1, 1), or an arc (see :func:`_arc`)."""

_LETTERS: Strokes = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.6), (0.8, 0.6)]],
    "B": [[(0, 0), (0, 1)], "arc 0 0.25 0.7 0.25 -90 90", "arc 0 0.75 0.9 0.25 -90 90"],
    "C": ["arc 0.5 0.5 0.5 0.5 45 315"],
    "D": [[(0, 0), (0, 1)], "arc 0 0.5 0.9 0.5 -90 90"],
    "E": [[(1, 0), (0, 0), (0, 1), (1, 1)], [(0, 0.5), (0.8, 0.5)]],
    "F": [[(1, 0), (0, 0), (0, 1)], [(0, 0.5), (0.8, 0.5)]],
    "G": ["arc 0.5 0.5 0.5 0.5 45 360", [(1, 0.5), (0.6, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0.5), (1, 0.5)]],
    "I": [[(0.5, 0), (0.5, 1)], [(0.2, 0), (0.8, 0)], [(0.2, 1), (0.8, 1)]],
    "J": [[(0.8, 0), (0.8, 0.7)], "arc 0.4 0.7 0.4 0.3 0 180"],
    "K": [[(0, 0), (0, 1)], [(1, 0), (0, 0.55), (1, 1)]],
    "L": [[(0, 0), (0, 1), (1, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "N": [[(0, 1), (0, 0), (1, 1), (1, 0)]],
    "O": ["arc 0.5 0.5 0.5 0.5 0 360"],
    "P": [[(0, 0), (0, 1)], "arc 0 0.27 0.8 0.27 -90 90"],
    "Q": ["arc 0.5 0.5 0.5 0.5 0 360", [(0.6, 0.65), (1, 1)]],
    "R": [[(0, 0), (0, 1)], "arc 0 0.27 0.8 0.27 -90 90", [(0.2, 0.54), (0.9, 1)]],
    "S": ["arc 0.5 0.26 0.45 0.26 -30 -270", "arc 0.5 0.76 0.5 0.24 -90 150"],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "U": [[(0, 0), (0, 0.6)], "arc 0.5 0.6 0.5 0.4 0 180", [(1, 0.6), (1, 0)]],
    "V": [[(0, 0), (0.5, 1), (1, 0)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "Y": [[(0, 0), (0.5, 0.5), (1, 0)], [(0.5, 0.5), (0.5, 1)]],
    "Z": [[(0, 0), (1, 0), (0, 1), (1, 1)]],
}

_DRAWINGS: Strokes = {
    "chair": [[(0.1, 0), (0.1, 1)], [(0.1, 0.55), (0.9, 0.55), (0.9, 1)], [(0.1, 0.2), (0.3, 0.2)]],
    "table": [[(0, 0.3), (1, 0.3)], [(0.15, 0.3), (0.1, 1)], [(0.85, 0.3), (0.9, 1)]],
    "house": [[(0, 1), (0, 0.4), (0.5, 0), (1, 0.4), (1, 1), (0, 1)], [(0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1)]],
    "tree": [[(0.5, 1), (0.5, 0.6)], "arc 0.5 0.3 0.4 0.3 0 360", [(0.5, 0.8), (0.7, 0.62)]],
    "star": [[(0.2, 1), (0.5, 0), (0.8, 1), (0, 0.4), (1, 0.4), (0.2, 1)]],
    "arrow": [[(0, 0.5), (1, 0.5)], [(0.7, 0.2), (1, 0.5), (0.7, 0.8)]],
    "face": ["arc 0.5 0.5 0.5 0.5 0 360", "arc 0.5 0.55 0.25 0.25 20 160", [(0.35, 0.3), (0.35, 0.4)]],
    "stairs": [[(0, 1), (0, 0.7), (0.33, 0.7), (0.33, 0.35), (0.66, 0.35), (0.66, 0), (1, 0)]],
    "lamp": [[(0.2, 0.4), (0.35, 0), (0.65, 0), (0.8, 0.4), (0.2, 0.4)], [(0.5, 0.4), (0.5, 1)], [(0.2, 1), (0.8, 1)]],
    "boat": [[(0, 0.7), (0.2, 1), (0.8, 1), (1, 0.7), (0, 0.7)], [(0.5, 0.7), (0.5, 0), (0.9, 0.6)]],
}


def outsiders(size: tuple[int, int], digits: Pictures, seed: int = 0) -> dict[str, Pictures]:
    """Return groups of images of a network's size, each of shape (n, height, width, 1).

    Parameters
    ----------
    size : (int, int)
    digits : array, shape (n, height, width, 1)
        Test images, to be inverted.
    seed : int
    """
    random = np.random.default_rng(seed)
    printed = _print_letters(ascii_letters, size)
    drawn = _prepared(_drawn(_LETTERS, 12, random), size)
    unlike = "".join(letter for letter in ascii_letters if letter not in LIKE_DIGITS)
    return {
        "letters": np.concatenate([printed, drawn]),
        "printed letters": printed,
        "drawn letters": drawn,
        "letters like no digit": _print_letters(unlike, size),
        "drawings": _prepared(_drawn(_DRAWINGS, 20, random), size),
        "staves": _prepared((_stave(random) for _ in range(200)), size),
        "photographs": _patches(size, 300, random),
        "uniform noise": random.random((200, *size, 1)).astype(np.float32),
        "normal noise": np.clip(random.normal(0.5, 0.25, (200, *size, 1)), 0, 1).astype(np.float32),
        "salt and pepper": (random.random((200, *size, 1)) < random.uniform(0.02, 0.5, (200, 1, 1, 1))).astype(
            np.float32
        ),
        "blank": np.tile(np.linspace(0, 1, 50, dtype=np.float32)[:, None, None, None], (1, *size, 1)),
        "inverted digits": 1 - digits,
    }


def find_fonts() -> list[Path]:
    """Return the fonts that are installed."""
    places = [folder / file for file in FONTS.values() for folder in FONT_FOLDERS]
    return [place for place in places if place.is_file()]


def _prepared(pages: Iterator[NDArray[np.uint8]], size: tuple[int, int]) -> Pictures:
    """Prepare pages as ``inklings predict`` prepares pictures."""
    made = []
    for page in pages:
        try:
            made.append(normalise(page, size=size).image)
        except DataError:  # nothing found: no prediction, so nothing to measure
            continue
    return np.stack(made)


@cache
def _print_letters(letters: str, size: tuple[int, int]) -> Pictures:
    return _prepared(_printed(letters), size)


def _printed(letters: str) -> Iterator[NDArray[np.uint8]]:
    for path in find_fonts():
        font = ImageFont.truetype(str(path), 120)
        for letter in letters:
            page = Image.new("L", (_SIDE, _SIDE), 255)
            ImageDraw.Draw(page).text((_SIDE / 2, _SIDE / 2), letter, 0, font, anchor="mm")
            yield np.asarray(page)


def _drawn(shapes: Strokes, times: int, random: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Draw each shape several times with a trembling hand: points moved, slanted, with pens of several widths."""
    for strokes in shapes.values():
        for _ in range(times):
            page = Image.new("L", (_SIDE, _SIDE), 255)
            drawing, width = ImageDraw.Draw(page), int(random.integers(8, 18))
            slant, aspect = random.normal(0, 0.12), random.uniform(0.6, 1)
            for stroke in strokes:
                points = np.array(_arc(stroke) if isinstance(stroke, str) else stroke, float)
                points = points + (
                    random.normal(0, 0.03, points.shape) if len(points) < 8 else random.normal(0, 0.03, 2)
                )
                x = 40 + 120 * (aspect * points[:, 0] + slant * (1 - points[:, 1]))
                y = 40 + 120 * points[:, 1]
                drawing.line(list(zip(x, y, strict=True)), 0, width, joint="curve")
                for end in (0, -1):
                    drawing.ellipse((x[end] - width / 2, y[end] - width / 2, x[end] + width / 2, y[end] + width / 2), 0)
            yield np.asarray(page)


def _arc(words: str) -> list[tuple[float, float]]:
    """Return points of ``arc x y radius_x radius_y from to``, in degrees clockwise from the right."""
    x, y, across, down, start, end = map(float, words.split()[1:])
    angles = np.deg2rad(np.linspace(start, end, 24))
    return list(zip(x + across * np.cos(angles), y + down * np.sin(angles), strict=True))


def _stave(random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw five lines with up to four notes."""
    page = Image.new("L", (_SIDE, _SIDE), 255)
    drawing, gap = ImageDraw.Draw(page), random.uniform(12, 24)
    width, top = int(random.integers(2, 7)), random.uniform(30, 60)
    for line in range(5):
        drawing.line((20, top + line * gap, 180, top + line * gap), 0, width)
    for _ in range(random.integers(0, 5)):
        x, y = random.uniform(30, 170), top + gap * random.integers(0, 9) / 2
        drawing.ellipse((x - 0.7 * gap, y - gap / 2, x + 0.7 * gap, y + gap / 2), 0)
        drawing.line((x + 0.6 * gap, y, x + 0.6 * gap, y - 3 * gap), 0, width)
    drawing.line((20, top, 20, top + 4 * gap), 0, width)  # a bar line holds the lines together
    return np.asarray(page)


def _patches(size: tuple[int, int], count: int, random: np.random.Generator) -> Pictures:
    """Cut grey patches from scikit-learn's two photographs."""
    from sklearn.datasets import load_sample_images

    photographs = [
        np.asarray(Image.fromarray(image).convert("L"), np.float32) / 255 for image in load_sample_images().images
    ]
    made = np.empty((count, *size, 1), np.float32)
    for number in range(count):
        photograph = photographs[number % len(photographs)]
        top, left = (random.integers(0, length - side) for length, side in zip(photograph.shape, size, strict=True))
        made[number, ..., 0] = photograph[top : top + size[0], left : left + size[1]]
    return made
