"""Images of nothing that a network was taught, made up from its training images and from chance alone.

They stand in for what people show a model by mistake: no data from outside are needed to learn what is unusual.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.data.resizing import resize
from inklings.evaluation.drawings import SIDE, as_prepared, draw_images, lines, shapes, signs, strokes
from inklings.models.preparation import CHARACTER, Preparation

Random = np.random.Generator
Integers = NDArray[np.int64]

DRAWN = ("strokes", "signs")
"""The kinds that stand for letters and signs: what is shown most, and least unlike what is learnt."""

STROKES = 4
"""How many times as many images of these kinds are made up as of each other."""


def make_up(
    images: Images, labels: Integers, preparation: Preparation, count: int, random: Random
) -> dict[str, Images]:
    """Make up images unlike a data set's, of the same size and range.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
        To make others of.
    labels : array of int64, shape (n,)
    preparation : Preparation
        How pictures become like the images; drawings are framed as characters where these are.
    count : int
        How many of each kind; :data:`STROKES` times as many of those in :data:`DRAWN`.
    random : numpy.random.Generator

    Returns
    -------
    dict of str to array of float32, shape (count, height, width, channels)
        By kind: ``halves``, ``quarters``, ``overlaid``, ``turned``, ``inverted``, ``strokes``, ``signs``, ``shapes``,
        ``lines``, ``noise``, ``texture``, ``flat``.
    """
    # Within 0 to 1: what a bicubic filter overshot is no tone to make images of.
    low, high = max(0.0, float(images.min())), min(1.0, float(images.max()))
    first, second = _pairs(images, labels, count, random)
    shape = images.shape[1:]
    drawn = {
        # Drawn from 0 to 1, then brought to the data's own tones of paper and ink.
        name: np.float32(low) + np.float32(high - low) * draw_images(draw, preparation, shape, many, random)
        for name, draw, many in (
            ("strokes", strokes, STROKES * count),
            ("signs", signs, STROKES * count),
            ("shapes", shapes, count),
            ("lines", lines, count),
        )
    }
    return {
        "halves": _halves(first, second, random),
        "quarters": _quarters(first, second, random),
        # Two characters on one another, by the darker ink of both.
        "overlaid": np.maximum(first, second),
        "turned": turn(first, random),
        # Mirrored between the lowest and the highest tone, not at 0 and 1.
        "inverted": np.float32(low + high) - first,
        **drawn,
        "noise": _noise(first, low, high, random),
        "texture": _textures(shape, count, low, high, random),
        "flat": _flat(shape, count, low, high, random),
    }


def redraw(images: Images, preparation: Preparation) -> Images:
    """Return the same characters as a picture of them would be prepared: with the edges of a drawing.

    What is made up must not be told from what is familiar by its edges, or a drawn digit would be novel. Images of
    other kinds than characters are returned as they are.
    """
    if preparation.kind != CHARACTER:
        return images
    return as_prepared(resize(images, (SIDE, SIDE))[..., 0] > 0.5, preparation, images.shape[1:])


def _pairs(images: Images, labels: Integers, count: int, random: Random) -> tuple[Images, Images]:
    """Draw pairs of images, of different classes where chance gives such in a few draws."""
    first, second = random.integers(0, len(labels), (2, count))
    # Twenty draws part nearly all pairs; of one class alone no draw could.
    for _ in range(20):
        same = labels[first] == labels[second]
        second[same] = random.integers(0, len(labels), int(same.sum()))
    return images[first], images[second]


def _halves(first: Images, second: Images, random: Random) -> Images:
    made = first.copy()
    # The lower half of another image, or its right half.
    height, width = first.shape[1] // 2, first.shape[2] // 2
    across = random.random(len(first)) < 0.5
    made[across, height:] = second[across, height:]
    made[~across, :, width:] = second[~across, :, width:]
    return made


def _quarters(first: Images, second: Images, random: Random) -> Images:
    """Exchange the quarters of each image, and take the last from another."""
    height, width = first.shape[1] // 2, first.shape[2] // 2
    corners = [(slice(top, top + height), slice(left, left + width)) for top in (0, height) for left in (0, width)]
    made = first.copy()
    for number in range(len(first)):
        for place, source in enumerate(random.permutation(4)):
            whole = second if place == 3 else first
            made[number][corners[place]] = whole[number][corners[source]]
    return made


def turn(images: Images, random: Random) -> Images:
    """Return images turned by a quarter either way, or mirrored; those that are not square are only mirrored."""
    square = images.shape[1] == images.shape[2]
    made = images.copy()
    for number, kind in enumerate(random.integers(0 if square else 2, 4, len(images))):
        image = images[number]
        # 0 and 1 turn by one or three quarters; 2 and 3 mirror.
        made[number] = image[:, ::-1] if kind == 2 else image[::-1] if kind == 3 else np.rot90(image, 1 + 2 * kind)
    return made


def _noise(images: Images, low: float, high: float, random: Random) -> Images:
    """Return uniform and normal noise, salt and pepper, and shuffled pixels, in turn."""
    made = random.uniform(low, high, images.shape)
    # Every fourth image is of one kind: uniform noise is what the others leave.
    # Normal noise about the middle tone: two standard deviations reach the ends, where it is cut.
    made[1::4] = np.clip(random.normal((low + high) / 2, (high - low) / 4, made[1::4].shape), low, high)
    # (images, 1, 1, 1): how much of each image is salt, from hardly any to more than half.
    share = random.uniform(0.02, 0.6, (len(made[2::4]), 1, 1, 1))
    made[2::4] = np.where(random.random(made[2::4].shape) < share, high, low)
    flat = images[3::4].reshape(len(images[3::4]), -1)
    made[3::4] = random.permuted(flat, axis=1).reshape(images[3::4].shape)
    return made.astype(np.float32)


def _textures(shape: tuple[int, ...], count: int, low: float, high: float, random: Random) -> Images:
    """Return smooth noise of every grain and contrast, as patches of photographs are."""
    from scipy.ndimage import gaussian_filter

    made = np.empty((count, *shape), np.float32)
    for number in range(count):
        grain = random.uniform(0.6, max(1.0, max(shape[:2]) / 4))
        values = gaussian_filter(random.normal(size=shape), (grain, grain, 0))
        # Smoothing takes away contrast, the more the coarser the grain: here it gets one that is chosen.
        contrast = random.uniform(0.02, 0.5) * (high - low) / max(float(values.std()), 1e-9)
        made[number] = np.clip(random.uniform(low, high) + contrast * (values - values.mean()), low, high)
    return made


def _flat(shape: tuple[int, ...], count: int, low: float, high: float, random: Random) -> Images:
    """Return blank images, even tones, and tones that change evenly."""
    made = np.empty((count, *shape), np.float32)
    # (height, width) each, from -1 to 1 down and across.
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    for number in range(count):
        # Every third: blank paper and all ink by turns.
        if number % 3 == 0:
            made[number] = low if number % 2 else high
            continue
        # A factor of 0 for even tones, 1 for those that change.
        down, right = random.normal(0, 0.3, 2) * (number % 3 - 1) * (high - low)
        tone = random.uniform(low, high) + down * rows + right * columns
        made[number] = np.clip(tone, low, high)[..., np.newaxis]
    return made
