"""Raw pixels for a trained network: what was decided of the training images is applied again, never guessed again.

Only one thing is looked at anew: whether new pixels contradict the decision. Where they do, one line says what was
found, what was done and what overrides it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import check_finite
from inklings.data.dataset import Dataset
from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images, spread_rows, stack_if_large, take_rows, value_range
from inklings.data.notes import Decision
from inklings.data.pixels import border_pixels
from inklings.data.polarity import LIGHT
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.typical import coarse_mean
from inklings.data.unit_length import IMAGE, describe_unit_lengths, find_unit_lengths
from inklings.data.value_range import choose_range
from inklings.models.arrangement import Shape, arrange_like, other_size
from inklings.models.contradictions import (
    TWICE,
    border_of,
    contradicts_border,
    contradicts_kind,
    contradicts_range,
    describe_border,
    describe_range,
    is_prepared,
)
from inklings.models.pixel_order import choose_order
from inklings.models.swapped_colours import describe_swapped

OUTLIERS = 0.001
"""The share of values at either end that may be outliers, where training had some."""

SAMPLE = 200
"""At most this many images, spread over all, are looked at for their border."""


@dataclass(frozen=True, eq=False)
class Applied:
    """Images as the network sees them, and the notes on them.

    Parameters
    ----------
    images : array of float32 or ImageStack, shape (n, height, width, channels)
    interpretation : Interpretation
        How the raw pixels became these images.
    notes : tuple of str
        What contradicts the training images, one :class:`Decision` each.
    """

    images: Images
    interpretation: Interpretation
    notes: tuple[str, ...]


def interpretation_of(dataset: Dataset) -> Interpretation:
    """Return how a data set's images came from raw pixels; as they are, where they were never anything else."""
    if dataset.interpretation is not None:
        return dataset.interpretation
    lowest, highest = value_range(dataset.images)
    rows = spread_rows(len(dataset), SAMPLE)
    some = take_rows(dataset.images, rows)[:]
    border = float(np.median(border_pixels(some)))
    return Interpretation(lowest=lowest, highest=highest, border=border, typical=coarse_mean(some))


def apply_again(
    raw: RawArrays,
    decided: Interpretation | None,
    shape: Shape,
    options: ReadOptions | None = None,
    *,
    as_found: bool = False,
    resized: bool = False,
) -> Applied:
    """Turn raw pixels into a network's images as in training.

    Parameters
    ----------
    raw : RawArrays
        Labels may be missing.
    decided : Interpretation or None
        How the training images came from raw pixels; None if nobody knows, so that pixels decide.
    shape : (int, int, int)
        Height, width and channels of the network's input.
    options : ReadOptions, optional
        What the user says overrides training and pixels.
    as_found : bool
        Whether range and polarity are decided from these pixels alone. The order of rows and columns stays that of
        training: without labels, pixels do not show it.
    resized : bool
        Whether images of another size are resized to the network's, with a note; otherwise they are refused.

    Raises
    ------
    DataError
        The pixels are not images of the network's size, or hold NaN or infinity.
    """
    options = options or ReadOptions()
    before = decided or Interpretation()
    # Rows and columns first, since arranging the axes needs them; then in the order in which training decided: each
    # step is looked for in what those before it leave.
    order = choose_order(raw, before, options)
    before = replace(before, transposed=order.transposed)
    arranged = arrange_like(raw, before, shape, rows=options.shape, any_size=resized)
    # The range of all images, not of the sample: a single value outside is what contradicts.
    low, high = value_range(stack_if_large(arranged))
    # Two numbers show whether all values are finite; only where they are not, a second pass finds which.
    if not (isfinite(low) and isfinite(high)):
        check_finite(arranged)
    found, notes = _decide_range(raw, arranged, decided, low, high, as_found=as_found)
    found = replace(found, transposed=order.transposed)
    found, lengths = _decide_lengths(found, before, arranged)
    found, colours = _decide_colours(found, arranged.shape[3], shape[2], options)
    border = _border(found, arranged)
    if _looks_prepared(raw, before, (low, high), border, len(arranged)) and not as_found and options.invert is None:
        found = replace(found, inverted=False, transposed=False)
        notes = [_describe_prepared(low, high, before) + _way_out_of_prepared(raw)]
    else:
        anew = as_found or (decided is None and bool(notes))
        found, polarity = _decide_polarity(found, decided, border, shape, options, anew=anew, count=len(arranged))
        notes = [*notes, *polarity, *order.notes]
    # Colours of pictures come from a decoder that knows their order; arrays may be OpenCV's.
    if arranged.shape[3] == 3 and not raw.upright:
        colours += describe_swapped(decided, replace(found, size=None, greyscale=False).apply(_spread(arranged)))
    said = [Decision(note) for note in (*notes, *lengths, *colours)]
    return fit_network(found, arranged, shape, said, resized=resized)


def fit_network(
    found: Interpretation, arranged: NDArray[Any], shape: Shape, notes: Sequence[str], *, resized: bool
) -> Applied:
    """Turn raw pixels into images of a network's channels and size.

    Parameters
    ----------
    found : Interpretation
    arranged : array of numbers, shape (n, height, width, channels)
    shape : (int, int, int)
        Height, width and channels of the network's input.
    notes : sequence of str
        What there is to say so far.
    resized : bool
        Whether images of another size are resized, with a note; otherwise they are refused.
    """
    images = arranged if _is_unchanged(found, arranged) else found.apply(stack_if_large(arranged))
    if images.shape[3] == 1 and shape[2] == 3:
        # A stack becomes an array by the slice.
        images = np.repeat(images[:], 3, axis=3)
    found, images, sizes = _bring_to_size(found, images, shape, resized)
    return Applied(images, found, (*notes, *map(Decision, sizes)))


def _is_unchanged(found: Interpretation, arranged: NDArray[Any]) -> bool:
    """Whether arrays are images as they are, so that no copy of them is needed."""
    # Lowest, highest and border only describe raw pixels, and change none.
    nothing = replace(found, lowest=0.0, highest=1.0, border=0.0, size=None) == Interpretation()
    return nothing and arranged.dtype == np.float32 and found.size in (None, arranged.shape[1:3])


def _decide_range(
    raw: RawArrays, arranged: NDArray[Any], decided: Interpretation | None, low: float, high: float, *, as_found: bool
) -> tuple[Interpretation, list[str]]:
    """Scale as in training, unless the values cannot be of that kind."""
    before = decided or Interpretation()
    found = replace(before, lowest=low, highest=high)
    # Decoded pictures hold 0 to 1 whatever the training data held.
    if raw.upright and is_prepared(low, high):
        return replace(found, paper=0.0, ink=1.0, signed_bytes=False, clipped=False), []
    usual, sample = (low, high), _spread(arranged)
    if before.clipped:
        # New outliers are cut off as those of training were, and are not a contradiction.
        usual = tuple(np.quantile(sample, (OUTLIERS, 1 - OUTLIERS)).tolist())
    contradicted = contradicts_range(before, *usual, len(arranged)) or contradicts_kind(before, low, high, sample)
    if decided is not None and not as_found and not contradicted:
        return found, []
    new = choose_range(low, high, sample)
    found = replace(found, paper=new.paper, ink=new.ink, signed_bytes=new.signed_bytes, clipped=new.clipped)
    if (new.paper, new.ink) == (before.paper, before.ink) and not contradicted:
        return found, []
    return found, [describe_range(found, decided) + _way_out(raw)]


def _decide_lengths(
    found: Interpretation, before: Interpretation, arranged: NDArray[Any]
) -> tuple[Interpretation, list[str]]:
    """Notice images that were divided by their length, where those of training were not."""
    unit = find_unit_lengths(_spread(arranged))
    said = [] if unit in (None, before.unit) else [describe_unit_lengths(str(unit))]
    if before.unit not in (None, IMAGE, unit):
        said = [f"each {before.unit} of pixels of the training images had length 1, but here it does not"]
    return replace(found, unit=unit), said


def _way_out(raw: RawArrays) -> str:
    """Return what a caller may say of arrays; what a file holds is never prepared."""
    return "" if isinstance(raw.source, Path) else " (prepared=True takes images as they are)"


def _decide_colours(
    found: Interpretation, channels: int, expected: int, options: ReadOptions
) -> tuple[Interpretation, list[str]]:
    """Bring the channels to those of the network."""
    if channels == expected:
        return replace(found, greyscale=False), []
    if channels == 3:
        usual = found.greyscale or options.colour is False
        said = [] if usual else ["colours were converted to grey, as the network expects"]
        return replace(found, greyscale=True), said
    return replace(found, greyscale=False), ["grey images were given three equal channels, as the network expects"]


def _border(found: Interpretation, arranged: NDArray[Any]) -> NDArray[np.float32]:
    """Return the pixels on the border of some images, scaled but not inverted."""
    plain = replace(found, inverted=False, transposed=False, size=None)
    # Scaled as a few images, with all that would move or change the border's pixels left out.
    return plain.apply(border_pixels(_spread(arranged)))


def _spread(arranged: NDArray[Any]) -> NDArray[Any]:
    """Return some images, spread over all."""
    return arranged[spread_rows(len(arranged), SAMPLE)]


def _looks_prepared(
    raw: RawArrays, before: Interpretation, values: tuple[float, float], border: NDArray[np.float32], count: int
) -> bool:
    """Whether arrays are images of a Dataset already: 0 to 1 on dark paper, where raw ones were neither."""
    # Of a model whose raw images were bright on the outside; where nothing was inverted, there is no way to tell.
    other_range = contradicts_range(before, *values, count) and is_prepared(*values) and values[1] > TWICE
    return other_range and not raw.upright and before.inverted and border_of(border) < 0.5


def _describe_prepared(low: float, high: float, before: Interpretation) -> str:
    return (
        f"values {low:g} to {high:g} on a dark border look prepared already, where the training images held "
        f"{before.lowest:g} to {before.highest:g} on a light one; they were used as they are"
    )


def _way_out_of_prepared(raw: RawArrays) -> str:
    """Return what overrides that: of a file nobody can say that it is prepared."""
    said = "" if isinstance(raw.source, Path) else "prepared=True says so, "
    return f" ({said}as_found=True decides anew)"


def _decide_polarity(
    found: Interpretation,
    decided: Interpretation | None,
    border: NDArray[np.float32],
    shape: Shape,
    options: ReadOptions,
    *,
    anew: bool,
    count: int,
) -> tuple[Interpretation, list[str]]:
    """Invert as in training; say so where the border is now of the other kind."""
    before = decided or Interpretation()
    new = replace(found, border=border_of(border), inverted=before.inverted)
    if options.invert is not None:
        return replace(new, inverted=options.invert), []
    if shape[2] != 1:
        return new, []
    if anew:
        inverted = new.border > LIGHT
        said = f"images were {'' if inverted else 'not '}inverted, as their own border says"
        return replace(new, inverted=inverted), [said] if inverted or before.inverted else []
    if not contradicts_border(before.border, border, count):
        return new, []
    return new, [f"{describe_border(new.border, decided)} (as_found=True decides anew)"]


def _bring_to_size(
    found: Interpretation, images: Images, shape: Shape, resized: bool
) -> tuple[Interpretation, Images, list[str]]:
    """Resize to the network's size; say so where training did not."""
    size, expected = images.shape[1:3], shape[:2]
    if size == expected:
        return found, images, []
    if not resized:
        raise other_size(images, [images], shape)
    only_size = Interpretation(size=expected)
    note = f"images of {size[0]} x {size[1]} were resized to the network's {expected[0]} x {expected[1]}"
    if size == expected[::-1]:
        note += "; they may lie on their side (column_major=True transposes them)"
    return replace(found, size=expected), only_size.apply(images), [note]
