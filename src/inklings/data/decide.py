"""Deciding what raw arrays mean: from their values, what they show and what the user said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import check_finite
from inklings.data.interpretation import Interpretation
from inklings.data.labels import Encoded
from inklings.data.lazy_images import stack_if_large, value_range
from inklings.data.notes import Decision
from inklings.data.orientation import detect_orientation
from inklings.data.pixels import border_pixels, choose_paper_and_ink
from inklings.data.raw import RawArrays, ReadOptions

SAMPLE = 2000
"""At most this many images, spread over the whole set, are looked at for polarity and orientation."""


def interpret(
    raw: RawArrays, arranged: NDArray[Any], encoded: Encoded, options: ReadOptions
) -> tuple[Interpretation, list[str]]:
    """Decide how raw pixels become images.

    Parameters
    ----------
    raw : RawArrays
    arranged : array of numbers, shape (n, height, width, channels)
        The images of ``raw``, as :func:`inklings.data.axes.arrange_images` returns them.
    encoded : Encoded
    options : ReadOptions
        What the user said; it overrules whatever the pixels show.

    Returns
    -------
    interpretation : Interpretation
    notes : list of str
        How it was decided; a :class:`Decision` where it concerns what the data mean.

    Raises
    ------
    DataError
        A value is NaN or infinite, or the requested size is impossible.
    """
    size = options.height_and_width
    check_finite(arranged)
    lowest, highest = value_range(stack_if_large(arranged))
    paper, ink, scaling = choose_paper_and_ink(lowest, highest, arranged.dtype)
    found = Interpretation(paper, ink, lowest, highest)
    # Greyscale first: polarity and orientation are detected in one channel.
    found = replace(found, greyscale=options.colour is False and arranged.shape[3] == 3)
    # Spread over the whole set, which may be sorted by class.
    rows = np.unique(np.linspace(0, len(arranged) - 1, SAMPLE).astype(np.int64))
    sample = arranged[rows]
    # Polarity comes before orientation, which looks at the ink.
    found, polarity = _decide_polarity(found, sample, options.invert)
    found, orientation = _decide_orientation(found, sample, rows, raw, encoded, options.column_major)
    notes = [*orientation, *scaling, *polarity]
    height, width = found.apply(sample[:1]).shape[1:3]
    if size is not None and size != (height, width):
        notes.append(f"resized from {height} x {width} by bicubic interpolation")
        found = replace(found, size=size)
    return found, notes


def _decide_polarity(
    found: Interpretation, sample: NDArray[Any], invert: bool | None
) -> tuple[Interpretation, list[str]]:
    """Make paper 0 and ink 1: greyscale images with a light border are inverted.

    Colour images are never inverted unless requested: in photographs, light is not paper.
    """
    # The border alone is converted: scaling and greyscale look at one pixel at a time.
    images = found.apply(border_pixels(sample))
    border = float(np.median(images))
    found = replace(found, border=border)
    if invert is not None:
        return replace(found, inverted=invert), ["images were inverted, as requested"] if invert else []
    if images.shape[3] != 1 or border <= 0.5:
        return found, []
    note = "images were inverted, since their background was light: ink is 1 (invert=False keeps them)"
    return replace(found, inverted=True), [Decision(note)]


def _decide_orientation(
    found: Interpretation,
    sample: NDArray[Any],
    rows: NDArray[np.int64],
    raw: RawArrays,
    encoded: Encoded,
    column_major: bool | None,
) -> tuple[Interpretation, list[str]]:
    flat = raw.images.ndim == 2
    if column_major is not None:
        found = replace(found, transposed=column_major)
        if flat:
            return found, [f"pixels were read as {_order(column_major)}, as requested"]
        return found, ["images were transposed, as requested"] if column_major else []
    if raw.upright:
        return found, []
    detected, evidence = detect_orientation(found.apply(sample), encoded.labels[rows], encoded.class_names)
    # Where the images give no evidence, the format's own convention holds.
    transposed = flat and raw.matlab if detected is None else detected
    notes: list[str] = []
    # That rows of pixels are upright is worth a note; of whole images, only that they are not.
    if transposed or (flat and detected is not None):
        reason = evidence if detected is not None else "as MATLAB stores them; the pixels themselves do not show it"
        notes.append(Decision(f"pixels are {_order(transposed)} ({reason}; column_major={not transposed} overrides)"))
    return replace(found, transposed=transposed), notes


def _order(column_major: bool) -> str:
    return "column-major" if column_major else "row-major"
