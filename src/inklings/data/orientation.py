"""Whether images are transposed: pixels stored column by column and read row by row lie on their side.

No statistic of neighbouring pixels can show it, since transposing swaps rows and columns and nothing else. What can
is what is known of the subject, in two cases that were measured:

* **Digits.** A nearest-mean classifier of the bundled digits classifies 82 % of upright MNIST correctly and 18 % of
  transposed; of 8 x 8 digits from another collection 38 % and 13 %, of printed digits 29 % and 9 %.
* **Letters and digits** are taller than wide: 84 to 100 % of them when upright (handwritten digits, printed capitals
  and small letters), against 49 to 51 % of printed symbols and patches of photographs.

In any other case the pixels do not show it, and nothing is detected.
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

MIN_SAMPLE_BY_HEIGHT = 50
"""Of fewer images, a share of 70 % is less than 2.8 standard errors from one half."""


def detect_orientation(images: Images, labels: Labels, class_names: Sequence[str]) -> tuple[bool | None, str]:
    """Detect whether images are transposed.

    Parameters
    ----------
    images : array of float32, shape (n, side, side, channels)
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
    if images.shape[3] != 1 or images.shape[1] != images.shape[2]:
        return None, "only square greyscale images are examined"
    names = np.array(class_names)[labels]
    digits = np.isin(names, list("0123456789"))
    # With one digit alone, all agreement is chance.
    if len(set(names[digits])) >= 2:
        transposed, evidence = _detect_by_digits(images[digits], names[digits].astype(np.int64))
        if transposed is not None:
            return transposed, evidence
    if all(len(name) == 1 and name.isascii() and name.isalnum() for name in class_names):
        return _detect_by_height(images)
    return None, "nothing is known of these classes that would show it"


def _detect_by_digits(images: Images, digits: Labels) -> tuple[bool | None, str]:
    """Classify the images as digits both ways, and prefer the way that agrees with the labels far beyond chance."""
    means = _mean_digits()
    small = resize(images, (means.shape[1], means.shape[2]))
    upright, transposed = (_nearest_mean(view, means) for view in (small, small.swapaxes(1, 2)))
    kappas = _cohens_kappa(upright, digits), _cohens_kappa(transposed, digits)
    # The standard error of chance agreement over n images is at most about 1 / sqrt(n).
    if abs(kappas[0] - kappas[1]) < max(0.1, 3 / np.sqrt(len(digits))):
        return None, "they are classified as digits no better one way than the other"
    rates = sorted((float((view == digits).mean()) for view in (upright, transposed)), reverse=True)
    evidence = f"{rates[0]:.0%} are classified as their digit that way, {rates[1]:.0%} the other"
    return bool(kappas[1] > kappas[0]), evidence


@cache
def _mean_digits() -> Images:
    known = load_digits("digits")
    return np.stack([known.images[known.labels == digit].mean(axis=0) for digit in range(10)])


def _nearest_mean(images: Images, means: Images) -> Labels:
    """Return the digit whose mean image correlates best with each image."""
    flat, centres = (_standardise(array.reshape(len(array), -1)) for array in (images, means))
    # Rows have zero mean and unit length, so their products are correlations.
    nearest: Labels = np.argmax(flat @ centres.T, axis=1)
    return nearest


def _standardise(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    standard: NDArray[np.float32] = centred / np.maximum(lengths, np.float32(1e-6))
    return standard


def _cohens_kappa(predicted: Labels, true: Labels) -> float:
    """Return the agreement beyond that of random predictions with the same class frequencies (J. Cohen, 1960)."""
    chance = float(np.bincount(predicted, minlength=10) @ np.bincount(true, minlength=10)) / len(true) ** 2
    return (float((predicted == true).mean()) - chance) / max(1 - chance, 1e-9)


def _detect_by_height(images: Images) -> tuple[bool | None, str]:
    ink = np.clip(images[..., 0], 0, 1)
    vertical, horizontal = (_spread(ink.sum(axis=axis)) for axis in (2, 1))
    taller = float((vertical > horizontal).mean())
    # Between symbols (about half) and upright letters (84 % or more), the threshold leaves a wide gap undecided.
    if len(images) < MIN_SAMPLE_BY_HEIGHT or 0.3 < taller < 0.7:
        return None, "the characters are about as wide as tall"
    return taller < 0.5, f"{max(taller, 1 - taller):.0%} of the characters are taller than wide that way"


def _spread(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the standard deviation of the position of ink along each row of profiles, shape (n, length)."""
    positions = np.arange(profiles.shape[1], dtype=np.float32)
    weights = profiles / np.maximum(profiles.sum(axis=1, keepdims=True), np.float32(1e-6))
    middle = (weights * positions).sum(axis=1, keepdims=True)
    deviation: NDArray[np.float32] = np.sqrt((weights * (positions - middle) ** 2).sum(axis=1))
    return deviation
