"""Whether images lie on their side: pixels stored column by column and read row by row come out transposed.

No statistic of neighbouring pixels can tell, since transposing swaps rows and columns and nothing else. What can tell
is what is known of the subject, in two cases that were measured:

* **Digits.** The bundled digits' class means read upright MNIST right in 82 % of cases and transposed in 18 %;
  8 x 8 digits of another collection 38 % and 13 %, printed digits 29 % and 9 %.
* **Letters and digits** are taller than wide: 84 to 100 % of them upright (handwritten digits, printed capitals and
  small letters), against 49 to 51 % of printed symbols and patches of photographs.

In any other case the pixels do not tell, and this module says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Images, Labels

SAMPLE = 2000
"""At most this many images are looked at."""


def judge_orientation(images: Images, labels: Labels, class_names: Sequence[str]) -> tuple[bool | None, str]:
    """Tell whether images are transposed.

    Parameters
    ----------
    images : array of float32, shape (n, side, side, channels)
        Ink is 1.
    labels : array of int64, shape (n,)
    class_names : sequence of str

    Returns
    -------
    transposed : bool or None
        None if the pixels do not tell.
    evidence : str
        What was seen, for the note.
    """
    if images.shape[3] != 1 or images.shape[1] != images.shape[2]:
        return None, "only square grey images are judged"
    rows = np.unique(np.linspace(0, len(images) - 1, SAMPLE).astype(np.int64))
    names = np.array(class_names)[labels[rows]]
    some = images[rows]
    digits = np.isin(names, list("0123456789"))
    if len(set(names[digits])) >= 2:
        verdict, evidence = _judge_by_reading(some[digits], names[digits].astype(np.int64))
        if verdict is not None:
            return verdict, evidence
    if all(len(name) == 1 and name.isascii() and name.isalnum() for name in class_names):
        return _judge_by_height(some)
    return None, "nothing is known of these classes that would tell"


def _judge_by_reading(images: Images, digits: Labels) -> tuple[bool | None, str]:
    """Read the images as digits both ways, and prefer the way that agrees with the labels far beyond chance."""
    from inklings.data.resizing import resize

    means = _mean_digits()
    small = resize(images, (means.shape[1], means.shape[2]))
    upright, turned = (_nearest_mean(view, means) for view in (small, small.swapaxes(1, 2)))
    right, wrong = _agreement(upright, digits), _agreement(turned, digits)
    # Agreement of n images by chance has a standard error of at most about 1 / sqrt(n).
    if abs(right - wrong) < max(0.1, 3 / np.sqrt(len(digits))):
        return None, "they read as digits no better one way than the other"
    rates = sorted((float((view == digits).mean()) for view in (upright, turned)), reverse=True)
    return bool(wrong > right), f"{rates[0]:.0%} read as their digit that way, {rates[1]:.0%} the other"


@cache
def _mean_digits() -> Images:
    from inklings.data.digits import load_digits

    known = load_digits("digits")
    return np.stack([known.images[known.labels == digit].mean(axis=0) for digit in range(10)])


def _nearest_mean(images: Images, means: Images) -> Labels:
    """Find the digit whose mean image correlates best with each image."""
    flat, centres = (_standardise(array.reshape(len(array), -1)) for array in (images, means))
    nearest: Labels = np.argmax(flat @ centres.T, axis=1)
    return nearest


def _standardise(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    standard: NDArray[np.float32] = centred / np.maximum(lengths, np.float32(1e-6))
    return standard


def _agreement(found: Labels, true: Labels) -> float:
    """Cohen's kappa: the agreement beyond what the frequencies of the answers alone would give."""
    chance = float(np.bincount(found, minlength=10) @ np.bincount(true, minlength=10)) / len(true) ** 2
    return (float((found == true).mean()) - chance) / max(1 - chance, 1e-9)


def _judge_by_height(images: Images) -> tuple[bool | None, str]:
    ink = np.clip(images[..., 0], 0, 1)
    spread = [_spread(ink.sum(axis=axis)) for axis in (2, 1)]
    taller = float((spread[0] > spread[1]).mean())
    if len(images) < 50 or 0.3 < taller < 0.7:
        return None, "the characters are about as wide as tall"
    return taller < 0.5, f"{max(taller, 1 - taller):.0%} of the characters are taller than wide that way"


def _spread(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure the standard deviation of the position of ink along a line, for each row of shape (n, length)."""
    positions = np.arange(profiles.shape[1], dtype=np.float32)
    weights = profiles / np.maximum(profiles.sum(axis=1, keepdims=True), np.float32(1e-6))
    middle = (weights * positions).sum(axis=1, keepdims=True)
    deviation: NDArray[np.float32] = np.sqrt((weights * (positions - middle) ** 2).sum(axis=1))
    return deviation
