"""How often orientation and polarity are decided rightly, wrongly or not at all, on kinds of images people bring.

    python tools/measure_meaning.py

Each kind is drawn here, with a known way up and known ink. It is opened as flat rows and as whole images, upright and
transposed, as from MATLAB and not, dark on light and light on dark, and with 20 to 2,000 images. "Wrong" is an image
turned, or inverted, that should not be, or one that is not although a decision claims to have seen the way; keeping a
file's convention with a note that says so is "undecided".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inklings.data import Dataset, open_dataset
from inklings.data.build import build_dataset
from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions

Kind = tuple[NDArray[np.uint8], NDArray[np.int64] | NDArray[np.str_]]
SIZES = (20, 100, 500, 2000)
SIDE = 28


def fonts() -> list[Path]:
    """Return the fonts that Matplotlib brings."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [path for path in sorted(folder.glob("DejaVu*.ttf")) if "Display" not in path.name]


def glyphs(texts: str, count: int, random: np.random.Generator, *, turn: float = 8.0) -> Kind:
    """Draw characters in several fonts, sizes and angles."""
    names = np.array([texts[place % len(texts)] for place in range(count)])
    return np.stack([glyph(name, random, turn) for name in names]), names


def glyph(text: str, random: np.random.Generator, turn: float) -> NDArray[np.uint8]:
    """Draw one character."""
    image = Image.new("L", (4 * SIDE, 4 * SIDE))
    font = ImageFont.truetype(str(fonts()[random.integers(len(fonts()))]), int(random.integers(60, 95)))
    place = 2 * SIDE + random.integers(-6, 7, 2)
    ImageDraw.Draw(image).text(tuple(map(int, place)), text, fill=255, font=font, anchor="mm")
    turned = image.rotate(float(random.uniform(-turn, turn)), Image.Resampling.BICUBIC)
    return np.asarray(turned.resize((SIDE, SIDE), Image.Resampling.BOX))


def drawn(draw: Callable[[ImageDraw.ImageDraw, int, np.random.Generator], None], classes: int) -> Callable[..., Kind]:
    """Return a kind of drawings: ``draw(canvas, class, random)`` on 112 x 112, reduced to 28 x 28."""

    def make(count: int, random: np.random.Generator) -> Kind:
        images, labels = [], np.arange(count) % classes
        for label in labels:
            image = Image.new("L", (4 * SIDE, 4 * SIDE))
            draw(ImageDraw.Draw(image), int(label), random)
            images.append(np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX)))
        return np.stack(images), labels

    return make


def fish(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw something wider than tall."""
    width, height = random.uniform(60, 76), random.uniform(20, 30)
    x, y = 52 + random.uniform(-4, 4), 56 + random.uniform(-8, 8)
    box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    (canvas.ellipse if label else canvas.rectangle)(box, outline=255, width=6)
    canvas.line([(box[2], y), (box[2] + 14, y - 12), (box[2] + 14, y + 12), (box[2], y)], fill=255, width=6)


def stripes(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw level lines."""
    for place in range(int(random.integers(0, 12)), 112, 14 + 4 * label):
        canvas.line([(0, place), (112, place)], fill=255, width=5)


def towers(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw something taller than wide."""
    width, height = random.uniform(14, 26), random.uniform(60, 90)
    canvas.rectangle([56 - width, 104 - height, 56 + width, 104], outline=255, width=5 + 2 * label)


def faces(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw a face that smiles or does not."""
    x, y = 56 + random.uniform(-5, 5, 2)
    canvas.ellipse([x - 32, y - 42, x + 32, y + 42], outline=255, width=4)
    for side in (-1, 1):
        canvas.ellipse([x + side * 14 - 5, y - 17, x + side * 14 + 5, y - 7], fill=255)
    canvas.arc([x - 16, y + 2, x + 16, y + 26], 10 if label else 190, 170 if label else 350, fill=255, width=4)


def arrows(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw an arrow in one of four directions."""
    end = [(90, 56), (56, 90), (22, 56), (56, 22)][label]
    start = (112 - end[0], 112 - end[1])
    canvas.line([start, end], fill=255, width=6)
    canvas.ellipse([end[0] - 9, end[1] - 9, end[0] + 9, end[1] + 9], fill=255)


def scribbles(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw a random line."""
    points = np.cumsum(random.normal(0, 12, (4 + 3 * label, 2)), axis=0)
    points += 56 - points.mean(0)
    canvas.line([tuple(map(float, point)) for point in points], fill=255, width=6, joint="curve")


def signs(canvas: ImageDraw.ImageDraw, label: int, random: np.random.Generator) -> None:
    """Draw a polygon."""
    shake = lambda: random.uniform(-4, 4)  # noqa: E731
    corners = {0: 3, 1: 4, 2: 8}[label]
    canvas.regular_polygon((56 + shake(), 56 + shake(), 40), corners, outline=255, width=6)


def textures(count: int, random: np.random.Generator) -> Kind:
    """Draw waves of grey."""
    labels = np.arange(count) % 2
    rows, columns = np.indices((SIDE, SIDE))
    waves = [
        np.sin(rows * (0.5 + 0.6 * label) + random.uniform(0, 6)) + 0.5 * np.sin(columns * 0.3 + random.uniform(0, 6))
        for label in labels
    ]
    return np.clip(100 + 60 * np.stack(waves), 0, 255).astype(np.uint8), labels


def noise(count: int, random: np.random.Generator) -> Kind:
    """Draw random grey values."""
    return random.integers(0, 120, (count, SIDE, SIDE), np.uint8), np.arange(count) % 10


def patches(count: int, random: np.random.Generator) -> Kind:
    """Cut patches out of two photographs."""
    from sklearn.datasets import load_sample_images

    labels = np.arange(count) % 2
    grey = [image.mean(axis=2) for image in load_sample_images().images]
    images = []
    for label in labels:
        top, left = (int(random.integers(0, size - SIDE)) for size in grey[label].shape)
        images.append(grey[label][top : top + SIDE, left : left + SIDE])
    return np.stack(images).astype(np.uint8), labels


def bundled(
    count: int, random: np.random.Generator, *, labels: Callable[[NDArray[np.int64]], Any] = lambda labels: labels
) -> Kind:
    """Return some of the bundled digits, under other labels."""
    digits = open_dataset("digits28")
    rows = random.choice(len(digits), min(count, len(digits)), replace=False)
    named = digits.labels[rows]
    return np.round(255 * digits.images[rows, ..., 0]).astype(np.uint8), labels(named)


def small_digits(count: int, random: np.random.Generator) -> Kind:
    """Return scikit-learn's digits."""
    from sklearn.datasets import load_digits

    data = load_digits()
    rows = random.choice(len(data.target), min(count, len(data.target)), replace=False)
    return (data.images[rows] * 15).astype(np.uint8), data.target[rows]


def kinds() -> dict[str, Callable[[int, np.random.Generator], Kind]]:
    """Return every kind by its name."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return {
        "handwritten digits": bundled,
        "handwritten digits, 5,000 of them": lambda count, random: bundled(5000, random),
        "handwritten digits, labels shuffled": partial(bundled, labels=np.random.default_rng(0).permutation),
        "handwritten digits as even and odd": partial(bundled, labels=lambda digits: digits % 2),
        "handwritten digits named as words": partial(
            bundled, labels=lambda digits: np.char.add("n", digits.astype(str))
        ),
        "handwritten digits, labels 1 to 10": partial(bundled, labels=lambda digits: np.where(digits == 0, 10, digits)),
        "handwritten digits, one label off": partial(bundled, labels=lambda digits: (digits + 1) % 10),
        "digits of 8 x 8": small_digits,
        "printed digits": partial(glyphs, "0123456789"),
        "printed digits, much turned": partial(glyphs, "0123456789", turn=30),
        "printed capitals": partial(glyphs, letters),
        "printed small letters": partial(glyphs, letters.lower()),
        "printed letters and digits": partial(glyphs, letters + "0123456789"),
        "Greek letters": partial(glyphs, "αβγδεζηθικλμ"),
        "Cyrillic letters": partial(glyphs, "БГДЖИЛПФЦШЩЮЯ"),
        "wide signs": partial(glyphs, "—=~∞≈↔⇒☰"),
        "tall signs": partial(glyphs, "|!()[]{}/"),
        "signs of arithmetic": partial(glyphs, "+-×÷=<>%"),
        "letters labelled 0 to 9": lambda count, random: (
            glyphs(letters[:10], count, random)[0],
            np.arange(count) % 10,
        ),
        "fish and boats": drawn(fish, 2),
        "towers": drawn(towers, 2),
        "faces": drawn(faces, 2),
        "arrows": drawn(arrows, 4),
        "scribbles": drawn(scribbles, 10),
        "road signs": drawn(signs, 3),
        "level stripes": drawn(stripes, 2),
        "textures": textures,
        "noise, ten classes": noise,
        "patches of photographs": patches,
        "towers labelled 0 to 9": lambda count, random: (drawn(towers, 2)(count, random)[0], np.arange(count) % 10),
        "currency signs": partial(glyphs, "€$£¥"),
        "chess pieces": partial(glyphs, "♔♕♖♗♘♙"),
    }


PHOTOGRAPHS = {"textures", "noise, ten classes", "patches of photographs"}
"""Kinds without ink: inverting them is always wrong, and kept as they are is right."""


def opened(images: NDArray[np.uint8], labels: NDArray[Any], matlab: bool) -> Dataset:
    """Build a data set of them."""
    return build_dataset(RawArrays(images, labels, "measured", matlab=matlab), ReadOptions())


def judge_orientation(
    images: NDArray[np.uint8], labels: NDArray[Any], *, flat: bool, turned: bool, matlab: bool
) -> str:
    """Say whether the way up is found: right, wrong or undecided."""
    stored = images.swapaxes(1, 2) if turned else images
    dataset = opened(stored.reshape(len(stored), -1) if flat else stored, labels, matlab)
    assert dataset.interpretation is not None
    swapped = dataset.interpretation.transposed
    said = [note for note in dataset.notes if re.search("column_major|transposed", note)]
    if any(("taken as" in note or "are kept (" in note) and isinstance(note, Decision) for note in said):
        return "undecided"
    if not flat and not swapped:
        # Whole images are as they are: nothing was claimed.
        return "undecided" if turned else "right"
    return "right" if swapped == turned else "wrong"


def judge_polarity(images: NDArray[np.uint8], labels: NDArray[Any], *, light: bool, has_ink: bool) -> str:
    """Say whether ink is found: right, wrong or undecided."""
    dataset = opened(255 - images if light else images, labels, matlab=False)
    assert dataset.interpretation is not None
    if any("cannot tell whether ink" in note for note in dataset.notes):
        return "undecided"
    inverted = dataset.interpretation.inverted
    if not has_ink:
        # There is no right; inverted with a note is a decision that a user sees.
        return "undecided" if inverted else "right"
    return "right" if inverted == light else "wrong"


def main() -> None:
    """Print the table."""
    totals: Counter[str] = Counter()
    print("| kind | orientation: right | wrong | undecided | polarity: right | wrong | undecided |")
    print("|---|---|---|---|---|---|---|")
    for name, make in kinds().items():
        way: Counter[str] = Counter()
        ink: Counter[str] = Counter()
        for size in SIZES:
            images, labels = make(size, np.random.default_rng(size))
            for flat in (True, False):
                for turned in (True, False):
                    for matlab in (True, False):
                        way[judge_orientation(images, labels, flat=flat, turned=turned, matlab=matlab)] += 1
            for light in (True, False):
                ink[judge_polarity(images, labels, light=light, has_ink=name not in PHOTOGRAPHS)] += 1
        totals.update({f"way {key}": count for key, count in way.items()})
        totals.update({f"ink {key}": count for key, count in ink.items()})
        cells = [str(counts[key]) for counts in (way, ink) for key in ("right", "wrong", "undecided")]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    cells = [str(totals[f"{what} {key}"]) for what in ("way", "ink") for key in ("right", "wrong", "undecided")]
    print(f"| all {len(kinds())} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
