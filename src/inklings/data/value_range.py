"""Which raw values stand for 0 and 1: found from what a data set holds, and kept for whatever is predicted later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision

DEPTHS = (255, 1023, 4095, 16383, 65535)
"""Full ink of unsigned numbers of 8, 10, 12, 14 and 16 bits, which cameras and scanners store in bytes or 16 bits."""

BELOW_BYTES = 210
"""A maximum above this is that of bytes without full ink, whatever piles up there: a scanner may leave ink at 247."""

PERCENT = 100.0
"""A maximum of just this is that of shares of full ink; bytes without full ink hardly ever end there."""

SATURATED = 0.05
"""Of the pixels above the middle of the range, the share at the very maximum from which on it is full ink: strokes and
binary images pile up there, photographs and blurred bytes that happen to end at 200 do not."""

HALVES = (-0.5, 0.5)
"""Images from which half of full ink was subtracted reach the lower end, within 0.1; a bicubic filter's overshoot of
images of 0 to 1 does not come near it."""

BELOW_PAPER = -0.06
"""Values below 0 that are not overshoot: at least one in twenty lies as far below, as a share of the contrast. A
bicubic filter leaves one in twenty below -0.036 at most (0 and 1 made smaller); digits from which their mean was
subtracted have all their paper at -0.13."""

OFFSET = 0.25
"""Values above those of bytes that span at most this share of their maximum hold nothing near 0 or full ink."""

OUTLYING = 0.001
"""Share of pixels at either end that may be outliers: dead pixels, markers, a stray value of a million."""

FAR = 4.0
"""How many times the range of all other pixels an outlier must reach, for a bright spark is not a fault."""

WRAPPED = 0.02
"""Bytes with the wrong sign go from 127 on to -128: of the neighbours of values from 96 to 127, at least this share lie
from -128 to -97. Among numbers that are really signed, and smooth as images are, hardly any do."""

MOSTLY = 3
"""So many times as many values lie near one place as near another, if images are mostly there."""


@dataclass(frozen=True)
class ValueRange:
    """The raw values that become 0 and 1.

    Parameters
    ----------
    paper, ink : float
    signed_bytes : bool
        Whether values below 0 are bytes of 128 and more, stored with the wrong sign.
    clipped : bool
        Whether values outside of paper to ink are outliers, to be cut off.
    notes : tuple of str
    """

    paper: float
    ink: float
    signed_bytes: bool = False
    clipped: bool = False
    notes: tuple[str, ...] = ()


def choose_range(low: float, high: float, sample: NDArray[Any]) -> ValueRange:
    """Choose which raw values stand for 0 and 1.

    Parameters
    ----------
    low, high : float
        The range of all raw values.
    sample : array of numbers, shape (n, height, width, channels)
        Some of the images, spread over the whole set.

    Returns
    -------
    ValueRange
        Its notes are decisions, but for what is plain: 0 and 1, 0 to 1, 0 to 255.
    """
    # The upper end may be lower than 0.5, in a dim part of a set, but not higher.
    if high > low and HALVES[0] - 0.1 <= low <= HALVES[0] + 0.1 and high <= HALVES[1] + 0.1:
        return ValueRange(*HALVES, notes=(Decision("values -0.5 to 0.5 are stretched to 0 to 1"),))
    if high == low or (low >= -0.5 and high <= 1.5):
        # Constant images, and 0 to 1 with a filter's overshoot.
        return _around_zero(low, high, sample) if lies_below_paper(sample, high, 1.0) else ValueRange(0.0, 1.0)
    if low < 0 and low >= -128 and high <= 127 and are_signed_bytes(sample):
        note = f"values {low:g} to {high:g} are bytes stored with the wrong sign, and are read as 0 to 255"
        return ValueRange(0.0, 255.0, signed_bytes=True, notes=(Decision(note),))
    inner = _without_outliers(low, high, sample)
    if inner is not None:
        # Once more, on what is left: it may be bytes, or 0 to 1.
        found = choose_range(*inner, np.clip(sample, *inner))
        note = (
            f"values {low:g} to {high:g} hold outliers: nearly all are {inner[0]:g} to {inner[1]:g}, others are cut off"
        )
        return ValueRange(found.paper, found.ink, clipped=True, notes=(Decision(note), *found.notes))
    if low >= 0:
        return _from_offset(low, high) or _from_zero(high, sample)
    return _around_zero(low, high, sample)


def _from_offset(low: float, high: float) -> ValueRange | None:
    """Return the range of values that lie together far above those of bytes, such as temperatures in kelvins."""
    if low <= 255 or high - low > OFFSET * high:
        return None
    return ValueRange(low, high, notes=(Decision(f"values {low:g} to {high:g} are stretched to 0 to 1"),))


def _from_zero(high: float, sample: NDArray[Any]) -> ValueRange:
    whole = sample.dtype.kind in "iub" or bool((sample == np.round(sample)).all())
    # Bytes resized as floats overshoot 255, by 13 % in the bundled digits; whole numbers were clipped to it.
    # 1e-4, as floats of 100 may differ in their last digits.
    if abs(high - PERCENT) < 1e-4:
        ink = PERCENT
    elif 64 < high <= 255 * (1 if whole else 1.25):
        ink = high if whole and high <= BELOW_BYTES and _saturated(high, sample) else 255.0
    elif whole and high > 255:
        # The depth, not the maximum: it must not depend on which part of a data set was opened.
        ink = next((float(depth) for depth in DEPTHS if high <= depth), high)
    else:
        ink = high
    note = f"values are divided by {ink:g}"
    return ValueRange(0.0, ink, notes=(note if ink == 255 else Decision(note),))


def _around_zero(low: float, high: float, sample: NDArray[Any]) -> ValueRange:
    # Bytes resized as floats overshoot below 0 too, but few of their pixels.
    if low >= -64 and 64 < high <= 319 and low >= -0.25 * high and not lies_below_paper(sample, high, 255.0):
        return ValueRange(0.0, 255.0, notes=("values are divided by 255",))
    # -1 to 1 is how many libraries prepare images; a part of a data set may not reach either end.
    ends = (-1.0, 1.0) if -1.25 <= low <= -0.5 and 0 < high <= 1.25 else (low, high)
    return ValueRange(*ends, notes=(Decision(f"values {ends[0]:g} to {ends[1]:g} are stretched to 0 to 1"),))


def lies_below_paper(sample: NDArray[Any], high: float, contrast: float) -> bool:
    """Return whether so many values lie so far below 0 that no filter put them there: a mean was subtracted.

    That lowers full ink as much as paper; a filter overshoots both.
    """
    if sample.dtype.kind not in "if" or high > (1 + BELOW_PAPER) * contrast:
        return False
    return float(np.quantile(sample, 0.05)) < BELOW_PAPER * contrast


def _saturated(high: float, sample: NDArray[Any]) -> bool:
    """Whether ink piles up at the maximum."""
    strong = sample[sample > high / 2]
    return bool(strong.size) and float((strong == high).mean()) >= SATURATED


def are_signed_bytes(sample: NDArray[Any]) -> bool:
    """Return whether whole numbers from -128 to 127, shape (n, height, width, channels), have the wrong sign."""
    if sample.dtype.kind not in "if" or not (sample == np.round(sample)).all():
        return False
    # Black and white are 0 and -1 with the wrong sign. Of values from which 128 was subtracted they are the two ends,
    # which are neighbours in any drawing.
    near_zero, at_ends = _shares(sample)
    if near_zero < MOSTLY * at_ends:
        return False
    signed = sample.astype(np.int16)
    beside, wrapped = 0, 0
    for axis in (1, 2):
        # Neighbours down and across, both ways round.
        one, other = signed.swapaxes(0, axis)[:-1], signed.swapaxes(0, axis)[1:]
        for value, neighbour in ((one, other), (other, one)):
            high = value >= 96
            beside += int(high.sum())
            wrapped += int((high & (neighbour < -96)).sum())
    # A step from 127 on to -128 is a step of 1 between bytes; among signed numbers it is the largest there is.
    return beside > 0 and wrapped >= WRAPPED * beside


def are_centred_bytes(sample: NDArray[Any]) -> bool:
    """Return whether values from -128 to 127 are plainly bytes from which 128 was subtracted."""
    near_zero, at_ends = _shares(sample)
    return at_ends > MOSTLY * near_zero


def _shares(sample: NDArray[Any]) -> tuple[float, float]:
    """Return the shares of values within 8 of -0.5, and of those within 8 of -128 and 127."""
    distance = np.abs(sample.astype(np.float32) + 0.5)
    return float((distance < 8).mean()), float((distance > 120).mean())


def _without_outliers(low: float, high: float, sample: NDArray[Any]) -> tuple[float, float] | None:
    """Return the range of all but the outlying values, if those lie far outside of it."""
    if sample.dtype.itemsize == 1:
        return None
    with np.errstate(invalid="ignore", over="ignore"):  # infinity is refused later, with the image that holds it
        inner_low, inner_high = (float(value) for value in np.quantile(sample, (OUTLYING, 1 - OUTLYING)))
        span = inner_high - inner_low
    if not 0 < span < np.inf:
        return None
    # What is within reach of the others is not an outlier: of 0 to 255, a brightest pixel of 255 beside 250.
    far_low, far_high = low < inner_low - FAR * span, high > inner_high + FAR * span
    if not (far_low or far_high):
        return None
    return (inner_low if far_low else low), (inner_high if far_high else high)
