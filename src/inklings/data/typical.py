"""The mean of the training images, coarsely: what shows in an instant whether others lie with rows and columns swapped.

Of 32 kinds of images (tools/measure_typical.py) no batch of 20, 50 or 200 upright ones was said to lie on its side, and
of swapped ones 98 % or more were noticed for 22 kinds: digits, letters, drawings, faces, chess pieces. Arrows,
scribbles, signs of arithmetic, textures and noise look alike both ways, or like nothing. The mean of one class or two
may lie across that of all.

Of batches of 30 that run upwards or to the left, those of half the kinds show it: handwritten digits in nine of ten,
printed digits seldom, since letters and digits are as symmetric as people could make them. Of upright ones none did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images, ImageStack, spread_rows, take_rows
from inklings.data.notes import Decision
from inklings.data.split import Indices

SIDE = 12
"""Pixels each way that are kept of the mean."""

FEWEST, LOOKED_AT = 20, 300
"""Of fewer images than the first, chance decides what their mean is like; of more than the second, some show it."""

TRANSPOSED = 0.05
"""Images lie transposed where that makes the correlation of their mean with the training images' larger by so much."""

ALIKE = 0.85
"""The least correlation of the mean, once turned, with that of the training images: textures and noise have means that
resemble nothing, and each other by chance."""

FLIPS = {"upside down": (1,), "mirrored": (2,), "turned by 180 degrees": (1, 2)}
"""Which axes of images, shape (n, height, width, channels), run backwards."""

SHARED = 0.3
"""How much the pixels of the mean must differ, as a share of what pixels do: drawings have 0.4 to 0.7, textures, noise
and stripes at most 0.25, whose means are chance."""

SPREAD = 0.3
"""Once the images are turned, the classes predicted must be as many as if this share of all were equally frequent; else
the mean is that of a few."""


def coarse_mean(images: Images) -> tuple[float, ...] | None:
    """Return the mean of square images, shape (n, side, side, channels), in 12 x 12 pixels; None of others.

    Examples
    --------
    >>> from inklings import open_dataset
    >>> len(coarse_mean(open_dataset("digits").images[:100]))
    144
    """
    if images.shape[1] != images.shape[2]:
        return None
    from PIL import Image

    mean = images.mean(axis=(0, 3), dtype=np.float64).astype(np.float32)
    coarse = np.asarray(Image.fromarray(mean).resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)
    return tuple(np.round(coarse, 4).reshape(-1).tolist())


def how_much_transposed(known: tuple[float, ...], found: tuple[float, ...] | None) -> float:
    """Return by how much images resemble the training images more with rows and columns swapped.

    Parameters
    ----------
    known, found : tuple of float
        What :func:`coarse_mean` returned of the training images, and of those.

    Returns
    -------
    float
        A difference of correlations; 0 where they resemble these neither way.
    """
    return _gain(known, found, np.transpose)


def find_flip(known: tuple[float, ...], found: tuple[float, ...] | None, spread: float) -> str | None:
    """Return how images lie, of :data:`FLIPS`, if they resemble the training images far more once that is undone.

    Parameters
    ----------
    known, found
        As :func:`how_much_transposed` takes them.
    spread : float
        The standard deviation of the images' pixels.
    """
    if found is None or np.std(found) < SHARED * spread:
        return None
    gains = {name: _gain(known, found, _flip(axes)) for name, axes in FLIPS.items()}
    best = max(gains, key=gains.__getitem__)
    return best if gains[best] > TRANSPOSED else None


def _flip(axes: tuple[int, ...]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    # The mean has no axis of images.
    return lambda mean: np.flip(mean, tuple(axis - 1 for axis in axes))


# What a changed model file holds may be too large to square: a correlation of NaN is none.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _gain(
    known: tuple[float, ...],
    found: tuple[float, ...] | None,
    turn: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> float:
    """Return by how much the correlation of two means is larger once one is turned; 0 where it is small even then."""
    if found is None or len(known) != SIDE * SIDE or not np.isfinite(found).all():
        return 0.0
    one, other = (np.reshape(values, (SIDE, SIDE)) for values in (known, found))
    if not one.std() or not other.std():
        return 0.0
    turned = correlation(turn(one), other)
    return turned - correlation(one, other) if turned >= ALIKE else 0.0


def are_spread(predicted: NDArray[np.int64], classes: int) -> bool:
    """Whether predictions are of so many classes that their images show what all look like."""
    shares = np.bincount(predicted, minlength=classes) / len(predicted)
    # Simpson's index: of k classes equally frequent, k.
    effective = 1 / float((shares**2).sum())
    return effective >= max(SPREAD * classes, 1.5)


def describe_parts(images: Images | ImageStack, labels: NDArray[np.int64], parts: Mapping[str, Indices]) -> list[str]:
    """Return a note on each part whose images lie with rows and columns swapped, compared with those to learn from.

    Parameters
    ----------
    images : array of float32 or ImageStack, shape (n, height, width, channels)
    labels : array of int64, shape (n,)
    parts : mapping of str to array of int64
        The rows of the parts that are set apart, by what they are called.
    """
    apart = np.concatenate([np.zeros(0, np.int64), *parts.values()])
    learnt = np.setdiff1d(np.arange(len(labels)), apart)
    known = coarse_mean(_some(images, learnt)) if parts and len(learnt) >= FEWEST else None
    if known is None:
        return []
    classes, lying = int(labels.max()) + 1, []
    for part, rows in parts.items():
        several = len(rows) >= FEWEST and are_spread(labels[rows], classes)
        if several and how_much_transposed(known, coarse_mean(_some(images, rows))) > TRANSPOSED:
            lying.append(part)
    said = "images look like those to learn from with rows and columns swapped: check how each were stored"
    return [Decision(f"the {part} {said}") for part in lying]


def _some(images: Images | ImageStack, rows: Indices) -> Images:
    some: Images = take_rows(images, rows[spread_rows(len(rows), LOOKED_AT)])[:]
    return some


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return Pearson's correlation of the values of two arrays of one shape."""
    return float(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1])
