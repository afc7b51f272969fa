"""Whether new pixels contradict what was decided of the training images: another range, or dark and light swapped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.interpretation import Interpretation
from inklings.data.pixels import border_pixels
from inklings.data.value_range import are_centred_bytes, are_signed_bytes, lies_below_paper

SEVERAL = 10
"""Of fewer images than this, one that is nearly blank or fills its frame proves little about all."""

TWICE = 4 / 255
"""No image that is worth reading is so dark: bytes that were divided by 255 twice are."""

_SLACK = 0.25
"""Values may lie this share of the training range outside it: a bicubic filter overshoots by up to an eighth."""

_BEYOND = 0.05
"""Images that are brighter than full ink by this share of the contrast, and nowhere below 0, had no mean subtracted."""

_BARELY = 0.02
"""Values that span less than this share of the contrast, and are not all one, are on another scale."""

_PILED = 0.05
"""The share of one image's pixels at its very minimum from which on they are paper: a filter's overshoot never piles
up."""

_EXACT = 0.02
"""Paper of the training images was one value if their border lies within this share of the contrast of an end, and of
new images it is another if it lies further than this from it."""

_CLEAR = 0.2
"""A border is dark or light if its median is this far from the middle."""


def is_prepared(low: float, high: float) -> bool:
    """Whether values lie about 0 to 1, as a Dataset's do; a bicubic filter overshoots a little."""
    # Far wider than any overshoot, so that only another scale is refused.
    return low >= -0.5 and high <= 1.5


def contradicts_range(decided: Interpretation, low: float, high: float, count: int) -> bool:
    """Return whether values cannot be on the scale of the training images.

    Parameters
    ----------
    decided : Interpretation
    low, high : float
        The range of the new values.
    count : int
        The number of new images.
    """
    # Training images may all have been somewhat faint: up to what they were divided by is not a contradiction.
    lowest = min(decided.lowest, decided.paper)
    highest = max(decided.highest, min(decided.ink, 1.5 * decided.highest))
    # Where outliers were cut off, the range that was seen is theirs, and only paper and ink are the images'.
    if decided.clipped:
        lowest, highest = sorted((decided.paper, decided.ink))
    if decided.signed_bytes and low >= 0:
        lowest, highest = 0.0, decided.ink  # bytes without a sign, which are read all the same
    elif decided.signed_bytes and high > 127:
        return True
    span = highest - lowest
    if low < lowest - _SLACK * span or high > highest + _SLACK * span:
        return True
    if low == high:
        return False  # a blank image is on any scale
    # Numbers from 0 to 1 where training had bytes; and -1 to 1 where no value is ever near the -1 of paper.
    if span > 8 and is_prepared(low, high):
        return True
    if decided.paper < 0 and low >= lowest + _SLACK * span:
        return True
    # Where a mean was subtracted, paper lies below 0: of several images that are nowhere below it, none had that.
    if decided.paper < 0 <= low and (count >= SEVERAL or high > decided.ink + _BEYOND * decided.contrast):
        return True
    if decided.paper < 0 and high - low < _BARELY * decided.contrast:
        return True
    # Of several images, one at least should come near full ink; a single one may be faint.
    full = min(decided.ink, highest if decided.signed_bytes and low >= 0 else decided.highest) - decided.paper
    # The brightest of ten images comes to half of full ink at least, unless the scale is another; one alone may not.
    return high - decided.paper < full * (0.5 if count >= SEVERAL else 0.1)


def contradicts_kind(decided: Interpretation, low: float, high: float, sample: NDArray[Any]) -> bool:
    """Return whether values within the range of training cannot mean what they meant there: see the next three.

    Parameters
    ----------
    decided : Interpretation
    low, high : float
        The range of the new values.
    sample : array of numbers, shape (n, height, width, channels)
        Some of the new images.
    """
    return (
        contradicts_sign(decided, low, high, sample)
        or contradicts_paper(decided, low, sample)
        or contradicts_level(decided, sample)
    )


def contradicts_sign(decided: Interpretation, low: float, high: float, sample: NDArray[Any]) -> bool:
    """Return whether values from -128 to 127 are bytes with the wrong sign and were not in training, or the reverse.

    Both have the same range, and one read as the other is noise. Only :data:`SEVERAL` images or more prove it.

    Parameters
    ----------
    decided : Interpretation
    low, high : float
        The range of the new values.
    sample : array of numbers, shape (n, height, width, channels)
        Some of the new images.
    """
    # Other ranges cannot be both: below -128 or above 127 there are no signed bytes.
    if len(sample) < SEVERAL or not (-128 <= low < 0 and high <= 127):
        return False
    if decided.signed_bytes:
        return are_centred_bytes(sample)
    return decided.paper < 0 and decided.contrast > 8 and are_signed_bytes(sample)


def contradicts_paper(decided: Interpretation, low: float, sample: NDArray[Any]) -> bool:
    """Return whether a mean was subtracted from images, where paper was 0 or more in training.

    What lies below 0 is then paper, and no overshoot of a filter; of fewer than :data:`SEVERAL` images it must pile up
    at their minimum.

    Parameters
    ----------
    decided : Interpretation
    low : float
        The smallest of the new values.
    sample : array of numbers, shape (n, height, width, channels)
        Some of the new images.
    """
    if decided.paper < 0 or decided.signed_bytes or low >= 0:
        return False
    if not lies_below_paper(sample, float(sample.max()), decided.contrast):
        return False
    return len(sample) >= SEVERAL or float((sample == sample.min()).mean()) >= _PILED


def contradicts_level(decided: Interpretation, sample: NDArray[Any]) -> bool:
    """Return whether fewer than :data:`SEVERAL` images have their paper at another value than the training images had.

    Where a mean was subtracted, or bytes have the wrong sign, paper was one value, which no other image of that kind
    misses: of 100 single digits from each of 16 other ranges all are found so. Elsewhere paper is 0 in most ranges.

    Parameters
    ----------
    decided : Interpretation
    sample : array of numbers, shape (n, height, width, channels)
        The new images.
    """
    plain = min(decided.border, 1 - decided.border) <= _EXACT and not decided.clipped
    if len(sample) >= SEVERAL or not plain or not (decided.paper < 0 or decided.signed_bytes):
        return False
    values, counts = np.unique(border_pixels(sample), return_counts=True)
    if counts.max() < counts.sum() / 2:
        return False
    found = float(values[counts.argmax()])
    if decided.signed_bytes:
        return found in (-128, 127)  # the ends of bytes from which 128 was subtracted
    if (decided.lowest, decided.highest) == (-128, 127):
        return found in (-1, 0)  # black and white of bytes with the wrong sign; any other value is a grey paper
    away = abs(found - decided.paper) / decided.contrast
    # At the other end dark and light are swapped, which is said of the border.
    return min(abs(away - decided.border), abs(away - 1 + decided.border)) > _EXACT


def describe_range(found: Interpretation, decided: Interpretation | None) -> str:
    """Say in one line that values are on another scale than those of training, and what was made of them."""
    if (found.paper, found.ink) == (0, 1):
        done = "they were taken as 0 to 1"
    elif found.paper == 0:
        done = f"they were divided by {found.ink:g}"
    else:
        done = "they were stretched to 0 to 1"
    values = f"values are {found.lowest:g} to {found.highest:g}"
    if 0 < found.highest < TWICE and found.lowest >= 0:
        done += ", and may have been divided by 255 twice"
    if decided is None:
        return f"{values}, and what those of the training images were is not known; {done}"
    low, high = (decided.paper, decided.ink) if decided.clipped else (decided.lowest, decided.highest)
    return f"{values}, where the training images held {low:g} to {high:g}; {done}"


def describe_border(border: float, decided: Interpretation | None) -> str:
    """Say in one line that dark and light are swapped, and what was done."""
    light, dark = ("light", "dark") if border > 0.5 else ("dark", "light")
    if decided is None:
        return f"the border is {light}, whereas networks are trained on dark ones by default; images were not inverted"
    done = "inverted" if decided.inverted else "not inverted"
    return f"the border is {light}, where that of the training images was {dark}; images were {done}, as in training"


def border_of(border: NDArray[np.float32]) -> float:
    """Return the median of border pixels."""
    return float(np.median(border))


def contradicts_border(decided: float, border: NDArray[np.float32], count: int) -> bool:
    """Return whether borders are clearly light where those of the training images were clearly dark, or reversed.

    Parameters
    ----------
    decided : float
        The median of the training images' border pixels, 0 to 1, before any inversion.
    border : array of float32
        The new images' border pixels, likewise.
    count : int
        The number of new images; of few, nearly all border pixels must be of the other kind.
    """
    if abs(decided - 0.5) < _CLEAR:
        return False
    # Measured towards the other side, so that one comparison serves both.
    away = border if decided < 0.5 else 1 - border
    # Of several images half the border pixels, of fewer all but a twentieth: a single one may have ink at its border.
    return float(np.quantile(away, 0.5 if count >= SEVERAL else 0.05)) > 0.5 + _CLEAR
