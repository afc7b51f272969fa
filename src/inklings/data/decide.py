"""Deciding what raw arrays mean: from their values, what they show and what the user said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import check_finite
from inklings.data.digit_labels import are_one_to_ten, rename_ten
from inklings.data.interpretation import Interpretation
from inklings.data.labels import Encoded
from inklings.data.lazy_images import spread_rows, stack_if_large, value_range
from inklings.data.notes import Decision
from inklings.data.orientation import detect_transposed_digits
from inklings.data.pixels import border_pixels
from inklings.data.polarity import choose_polarity
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.typical import coarse_mean
from inklings.data.unit_length import describe_unit_lengths, find_unit_lengths
from inklings.data.value_range import choose_range

SAMPLE = 2000
"""At most this many images, spread over the whole set, are looked at for values, polarity and orientation."""

FEW = 200
"""Images enough for the statistics of single pixels."""


def interpret(
    raw: RawArrays, arranged: NDArray[Any], encoded: Encoded, options: ReadOptions
) -> tuple[Interpretation, Encoded, list[str]]:
    """Decide how raw pixels become images.

    Parameters
    ----------
    raw : RawArrays
    arranged : array of numbers, shape (n, height, width, channels)
        The images of ``raw``, as :func:`inklings.data.axes.split_rows` returns them.
    encoded : Encoded
    options : ReadOptions
        What the user said; it overrides whatever the pixels show.

    Returns
    -------
    interpretation : Interpretation
    encoded : Encoded
        The labels, with class 10 renamed where it stands for the digit 0.
    notes : list of str
        How pixels were interpreted; a :class:`Decision` where it concerns what the data mean.

    Raises
    ------
    DataError
        A value is NaN or infinite, or the requested size is impossible.
    """
    size = options.height_and_width
    check_finite(arranged)
    lowest, highest = value_range(stack_if_large(arranged))
    rows = spread_rows(len(arranged), SAMPLE)
    sample, labels = arranged[rows], encoded.labels[rows]
    # Every so many, rounded up, so that no more than FEW are left.
    values = choose_range(lowest, highest, sample[:: -(-len(sample) // FEW)])
    found = Interpretation(values.paper, values.ink, values.signed_bytes, values.clipped, lowest, highest)
    found = replace(found, unit=find_unit_lengths(sample), deep=raw.deep, backdrop=raw.backdrop)
    # Beside pictures only MATLAB's arrays are ever known to be upright.
    found = replace(found, pictures=raw.upright and not raw.matlab)
    # Greyscale first: polarity and orientation are detected in one channel.
    found = replace(found, greyscale=options.colour is False and arranged.shape[3] == 3)
    # Polarity comes before orientation, which looks at the ink. The border alone is converted: scaling and greyscale
    # look at one pixel at a time.
    polarity = choose_polarity(found.apply(border_pixels(sample)), labels, encoded.class_names, options.invert)
    found = replace(found, border=polarity.border, inverted=polarity.inverted)
    if are_one_to_ten(encoded.class_names):
        encoded = rename_ten(encoded, found.apply(sample), rows)
        # Asked of the result: renamed classes are 0 to 9, and no longer 1 to 10.
        found = replace(found, ten_is_zero=not are_one_to_ten(encoded.class_names))
    of_sample = replace(encoded, labels=encoded.labels[rows])
    transposed, orientation = _decide_orientation(found, sample, of_sample, raw, options)
    found = replace(found, transposed=transposed, flat=raw.images.ndim == 2)
    lengths = [] if found.unit is None else [Decision(describe_unit_lengths(found.unit))]
    notes = [*orientation, *values.notes, *lengths, *polarity.notes]
    few = found.apply(sample[:: -(-len(sample) // FEW)])
    if few.shape[3] == 3:
        # Of some images: to notice swapped colours later, their means are enough.
        red, green, blue = few.mean(axis=(0, 1, 2), dtype=np.float64).tolist()
        found = replace(found, colours=(red, green, blue))
    found = replace(found, typical=coarse_mean(few))
    height, width = few.shape[1:3]
    if size is not None and size != (height, width):
        notes.append(f"resized from {height} x {width} by bicubic interpolation")
        found = replace(found, size=size)
    return found, encoded, notes


def shape_of_rows(raw: RawArrays, options: ReadOptions) -> tuple[int, int] | None:
    """Return the shape to which flat rows are cut: the requested one, reversed for rows stored column by column.

    Images that are not square never show their order, so it is known before they are cut.
    """
    # Pictures know which way is up; for other files the name or MATLAB's habit says how rows were stored.
    stored = not raw.upright and (raw.transposed or raw.matlab)
    column_major = stored if options.column_major is None else options.column_major
    return options.shape[::-1] if options.shape is not None and column_major else options.shape


def _decide_orientation(
    found: Interpretation, sample: NDArray[Any], encoded: Encoded, raw: RawArrays, options: ReadOptions
) -> tuple[bool, list[str]]:
    """Decide whether to swap rows and columns; whole images are never turned unless requested."""
    flat, requested = raw.images.ndim == 2, options.column_major
    if requested is not None:
        if flat:
            return requested, [f"pixels were read as {_order(requested)}, as requested"]
        return requested, ["images were transposed, as requested"] if requested else []
    if raw.upright:
        return False, []
    detected, evidence = detect_transposed_digits(found.apply(sample), encoded.labels, encoded.class_names)
    # A file's name says which way its images are stored, unless they are digits that visibly are not.
    if raw.transposed and detected is not False:
        note = "images were turned, since files of this name hold them transposed (column_major=False keeps them)"
        return True, [Decision(note)]
    # Whole arrays: their order is their file's business, so evidence is told and nothing turned.
    if not flat:
        if not detected:
            return False, []
        note = f"the images look transposed ({evidence}), and are kept (column_major=True turns them)"
        return False, [Decision(note)]
    if detected is not None:
        note = f"pixels are {_order(detected)} ({evidence}; column_major={not detected} overrides)"
        return detected, [Decision(note) if detected else note]
    # Where the images give no evidence, the format's own convention holds.
    convention = "MATLAB stores them" if raw.matlab else "most programs store them"
    other = f"column_major={not raw.matlab} turns them"
    note = f"pixels are taken as {_order(raw.matlab)}, as {convention} ({evidence}; {other})"
    return raw.matlab, [Decision(note)]


def _order(column_major: bool) -> str:
    return "column-major" if column_major else "row-major"
