"""Whether flat rows of pixels are stored column by column, so that images read row by row lie on their side.

No statistic of neighbouring pixels can show it: transposing swaps rows and columns and nothing else. Only knowledge of
the subject can, and this package knows one subject, the ten digits. Anything else, however much it looks like writing,
is "cannot tell": drawings of fish are wider than tall, letters of an alphabet that nobody here has seen may be too, and
an image turned by a wrong guess still trains well, so that nobody notices.

The rule, measured on kinds of images it may meet in docs/decisions/0016-what-pixels-mean.md: the classes are exactly
the ten digits, and a nearest-mean classifier of the bundled digits agrees with the labels far better one way than the
other. It agrees with 82 % of upright digits of MNIST and 18 % of transposed ones; with 38 % and 13 % of 8 x 8 digits
from another collection; with 29 % and 9 % of printed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import Labels
from inklings.data.digits import load_digits
from inklings.data.lazy_images import Images
from inklings.data.resizing import resize

DIGITS = tuple("0123456789")

CLEAR_MARGIN = 0.1
"""Agreement beyond chance (Cohen's kappa) by which one way must exceed the other. Shuffled labels, clothes and Japanese
characters stay within 0.07 of each other; printed digits, the hardest that are recognised, are 0.2 apart."""

LEAST_AGREEMENT = 0.15
"""Agreement beyond chance that the better way must reach: without it, classes called 0 to 9 are not digits."""

STANDARD_ERRORS = 4
"""Of few images, chance alone agrees more one way than the other; the margin is at least this many of its errors."""


def detect_transposed_digits(images: Images, labels: Labels, class_names: Sequence[str]) -> tuple[bool | None, str]:
    """Detect whether images of the ten digits are transposed.

    Parameters
    ----------
    images : array of float32, shape (n, side, side, 1)
        Ink is 1; some hundreds, spread over the whole set, are enough.
    labels : array of int64, shape (n,)
    class_names : sequence of str

    Returns
    -------
    transposed : bool or None
        None if the pixels do not show it.
    evidence : str
        What was found, for the note.
    """
    if images.shape[3] != 1 or images.shape[1] != images.shape[2] or set(class_names) != set(DIGITS):
        return None, "the pixels do not show it"
    # (n,): labels are places among the classes, which may be in any order.
    digits = np.array([int(name) for name in class_names])[labels]
    upright, transposed = agreement(images, digits)
    (kept, kept_rate), (turned, turned_rate) = upright, transposed
    # A share of n has a standard error of at most half of 1 / sqrt(n), so the difference of two has at most that.
    margin = max(CLEAR_MARGIN, STANDARD_ERRORS / np.sqrt(len(digits)))
    if abs(kept - turned) < margin or max(kept, turned) < LEAST_AGREEMENT:
        return None, "they look no more like digits one way than the other"
    high, low = max(kept_rate, turned_rate), min(kept_rate, turned_rate)
    return turned > kept, f"{high:.0%} are classified as their digit that way, {low:.0%} the other"


def agreement(images: Images, digits: Labels) -> tuple[tuple[float, float], tuple[float, float]]:
    """Classify images as digits as they are and transposed, by the mean image of each bundled digit.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, 1)
    digits : array of int64, shape (n,)
        What the labels say they are.

    Returns
    -------
    as they are, transposed : (float, float) each
        Cohen's kappa, which is agreement beyond chance, and the share that agrees.
    """
    views = (classify_digits(view) for view in (images, images.swapaxes(1, 2)))
    found = [(_cohens_kappa(view, digits), float((view == digits).mean())) for view in views]
    return found[0], found[1]


def classify_digits(images: Images) -> Labels:
    """Return the digit that each image looks most like, shape (n,): the nearest mean image of the bundled ones."""
    means = _mean_digits()
    # Resized to the bundled 20 x 20, whatever they are.
    return _nearest_mean(resize(images, (means.shape[1], means.shape[2])), means)


@cache
def _mean_digits() -> Images:
    known = load_digits("digits")
    return np.stack([known.images[known.labels == digit].mean(axis=0) for digit in range(10)])  # (10, height, width, 1)


def _nearest_mean(images: Images, means: Images) -> Labels:
    """Return the digit whose mean image correlates best with each image."""
    flat, centres = (_standardise(array.reshape(len(array), -1)) for array in (images, means))
    # Rows have zero mean and unit length, so their products are correlations.
    nearest: Labels = np.argmax(flat @ centres.T, axis=1)
    return nearest


def _standardise(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    # A blank image has length 0 and stays zero: NaN would make it a 0 and raise a warning.
    standard: NDArray[np.float32] = centred / np.maximum(lengths, np.float32(1e-6))
    return standard


def _cohens_kappa(predicted: Labels, true: Labels) -> float:
    """Return the agreement beyond that of random predictions with the same class frequencies (J. Cohen, 1960)."""
    # How often two independent guesses with these frequencies agree: the sum over classes of both shares' product.
    chance = float(np.bincount(predicted, minlength=10) @ np.bincount(true, minlength=10)) / len(true) ** 2
    # 1e-9: where all are one class, chance agrees always.
    return (float((predicted == true).mean()) - chance) / max(1 - chance, 1e-9)
