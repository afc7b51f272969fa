"""Labelled images that are no handwritten digits of some hundred pixels, for tools/measure_best.py.

All of them are made of what is installed: scikit-learn's digits and photographs, fonts, and the bundled digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inklings import Dataset, Split, from_arrays, open_dataset

FONT_FOLDER = Path("/usr/share/fonts")
SIGNS = {"circle": 40, "triangle": 3, "square": 4, "hexagon": 6, "star": 10}
"""Corners of each sign; every other one of a star lies further in."""
COLOURS = {"red": (200, 30, 40), "blue": (30, 60, 190)}
Pixels = NDArray[np.uint8]


def small_digits() -> Dataset:
    """Return scikit-learn's 1,797 digits of 8 x 8 pixels."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return from_arrays(bunch.images, bunch.target, source="scikit-learn's digits")


def letters() -> Dataset:
    """Return the 26 capital letters in each installed font, twice, at other places and sizes: 28 x 28 pixels."""
    return _printed(list(ascii_uppercase), 2)


def numbers() -> Dataset:
    """Return the numbers 00 to 99, 100 classes, in each installed font: 28 x 28 pixels."""
    return _printed([f"{number:02}" for number in range(100)], 1)


def signs() -> Dataset:
    """Return 4,000 signs of five shapes and two colours before photographs: 32 x 32 pixels, three channels."""
    from sklearn.datasets import load_sample_images

    photographs = load_sample_images().images
    random = np.random.default_rng(0)
    kinds = list(product(SIGNS, COLOURS))
    labels = np.arange(4000) % len(kinds)
    images = [_sign(*kinds[label], photographs[random.integers(len(photographs))], random) for label in labels]
    names = [" ".join(reversed(kind)) for kind in kinds]
    return from_arrays(np.stack(images), labels, class_names=names, source="signs", colour=True)


def thinned(counts: Sequence[int], seed: int) -> Split:
    """Divide the bundled digits so that classes have so many images to learn from, and ten to choose by."""
    whole = open_dataset("digits")
    random = np.random.default_rng(seed)
    train, validation, test = list[int](), list[int](), list[int]()
    for label, count in enumerate(counts):
        rows = random.permutation(np.flatnonzero(whole.labels == label)).tolist()
        train += rows[:count]
        validation += rows[count : count + 10]
        test += rows[count + 10 :]
    parts = (np.sort(np.array(rows)) for rows in (train, validation, test))
    return Split(whole, *parts, seed)


def usual(make: Callable[[], Dataset]) -> Callable[[int], Split]:
    """Return a function ``seed -> Split`` of images that are made once."""
    made = cache(make)
    return lambda seed: made().split(seed=seed)


UNBALANCED = [round(275 * (10 / 275) ** (number / 9)) for number in range(10)]
SPLITS: dict[str, Callable[[int], Split]] = {
    "digits": usual(lambda: open_dataset("digits")),
    "small-digits": usual(small_digits),
    "letters": usual(letters),
    "numbers": usual(numbers),
    "signs": usual(signs),
    "twenty-each": lambda seed: thinned([20] * 10, seed),
    "unbalanced": lambda seed: thinned(UNBALANCED, seed),
}
"""What there is, each as a function of the seed that divides it."""


def installed_fonts() -> list[Path]:
    """Return the fonts that have all that is printed here, in the order of their names."""
    found = sorted(path for path in FONT_FOLDER.rglob("*") if path.suffix in (".ttf", ".otf"))
    return [path for path in found if _has_all(path)]


def _has_all(path: Path) -> bool:
    # A font without a letter prints the same box for all of them.
    try:
        font = ImageFont.truetype(str(path), 20)
        masks = {bytes(font.getmask(letter)) for letter in ascii_uppercase + "0123456789"}
    except OSError:
        return False
    return len(masks) >= 30


def _printed(texts: list[str], times: int) -> Dataset:
    random = np.random.default_rng(0)
    fonts = installed_fonts()
    images = [_print(text, font, random) for font in fonts for text in texts for _ in range(times)]
    labels = np.tile(np.repeat(np.arange(len(texts)), times), len(fonts))
    return from_arrays(np.stack(images), labels, class_names=texts, source="printed")


def _print(text: str, path: Path, random: np.random.Generator) -> Pixels:
    """Print in ink on a page, turned a little and somewhere near its middle."""
    page = Image.new("L", (112, 112))
    size = float(random.uniform(60, 84)) / (1 if len(text) == 1 else 1.35)
    place = tuple(56 + random.uniform(-8, 8, 2))
    ImageDraw.Draw(page).text(place, text, 255, ImageFont.truetype(str(path), size), anchor="mm")
    turned = page.rotate(float(random.uniform(-10, 10)), Image.Resampling.BICUBIC)
    return np.asarray(turned.resize((28, 28), Image.Resampling.BOX))


def _sign(shape: str, colour: str, photograph: Pixels, random: np.random.Generator) -> Pixels:
    top, left = (int(random.integers(length - 64)) for length in photograph.shape[:2])
    scene = Image.fromarray(photograph[top : top + 64, left : left + 64])
    radius, turn = random.uniform(12, 26), random.uniform(0, 2 * np.pi)
    centre = 32 + random.uniform(-6, 6, 2)
    corners = SIGNS[shape]
    angles = turn + 2 * np.pi * np.arange(corners) / corners
    radii = radius * np.where((np.arange(corners) % 2 == 1) & (shape == "star"), 0.45, 1)
    outline = np.stack([centre[0] + radii * np.cos(angles), centre[1] + radii * np.sin(angles)], axis=1)
    light = random.uniform(0.4, 1.1)
    fill = tuple(int(np.clip(light * value + random.normal(0, 25), 0, 255)) for value in COLOURS[colour])
    ImageDraw.Draw(scene).polygon([tuple(point) for point in outline], fill)
    noisy = np.asarray(scene.resize((32, 32), Image.Resampling.BOX)) + random.normal(0, 12, (32, 32, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)
