"""The mean of the training images, coarsely: what shows in an instant whether others lie with rows and columns swapped.

Of 32 kinds of images (tools/measure_typical.py) no batch of 20, 50 or 200 upright ones was said to lie on its side, and
of swapped ones 98 % or more were noticed for 22 kinds: digits, letters, drawings, faces, chess pieces. Arrows,
scribbles, signs of arithmetic, textures and noise look alike both ways, or like nothing. The mean of one class or two
may lie across that of all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images

SIDE = 12
"""Pixels each way that are kept of the mean."""

FEWEST, LOOKED_AT = 20, 300
"""Of fewer images than the first, chance decides what their mean is like; of more than the second, some show it."""

TRANSPOSED = 0.05
"""Images lie transposed where that makes the correlation of their mean with the training images' larger by so much."""

ALIKE = 0.85
"""The least correlation of the mean, once turned, with that of the training images: textures and noise have means that
resemble nothing, and each other by chance."""

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


def how_much_transposed(known: tuple[float, ...], images: Images) -> float:
    """Return by how much images resemble the training images more with rows and columns swapped.

    Parameters
    ----------
    known : tuple of float
        What :func:`coarse_mean` returned of the training images.
    images : array of float32, shape (n, side, side, channels)

    Returns
    -------
    float
        A difference of correlations; 0 where they resemble these neither way.
    """
    found = coarse_mean(images)
    if found is None or len(known) != SIDE * SIDE or not np.isfinite(found).all():
        return 0.0
    one, other = (np.reshape(values, (SIDE, SIDE)) for values in (known, found))
    if not one.std() or not other.std():
        return 0.0
    turned = _correlation(one.T, other)
    return turned - _correlation(one, other) if turned >= ALIKE else 0.0


def are_spread(predicted: NDArray[np.int64], classes: int) -> bool:
    """Whether predictions are of so many classes that their images show what all look like."""
    shares = np.bincount(predicted, minlength=classes) / len(predicted)
    # Simpson's index: of k classes equally frequent, k.
    effective = 1 / float((shares**2).sum())
    return effective >= max(SPREAD * classes, 1.5)


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1])
