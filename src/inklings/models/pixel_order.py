"""Whether new pixels are to be transposed: as in training, where they lie as the training images did.

An order found for flat rows of pixels says nothing about arrays of whole images, nor the reverse. What training never
decided is decided by what the source itself says, and by the labels of the ten digits where there are any.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inklings.data.axes import holds_flat_rows
from inklings.data.interpretation import Interpretation
from inklings.data.labels import Encoded
from inklings.data.lazy_images import Images, spread_rows, take_rows
from inklings.data.orientation import detect_transposed_digits
from inklings.data.raw import RawArrays, ReadOptions

SAMPLE = 2000
"""At most this many images, spread over all, are looked at for which way is up."""


@dataclass(frozen=True)
class Order:
    """Whether images are transposed, whether that was decided in training, and the notes on it."""

    transposed: bool
    from_training: bool
    notes: tuple[str, ...] = ()


def choose_order(raw: RawArrays, decided: Interpretation, options: ReadOptions) -> Order:
    """Choose the order of rows and columns before anything is known of the pixels.

    Parameters
    ----------
    raw : RawArrays
    decided : Interpretation
        As in training; models of earlier versions did not keep for which layout it was, and take it for either.
    options : ReadOptions
        What the user says overrides all else.
    """
    if options.column_major is not None:
        return Order(options.column_major, from_training=False)
    # Pictures say themselves which way is up.
    if raw.upright:
        return Order(False, from_training=False)
    flat = _is_flat(raw)
    if decided.flat is None or decided.flat == flat:
        return _as_in_training(raw, decided, flat)
    # The file's name is evidence of its own; MATLAB's format too, but for flat rows alone.
    if raw.transposed:
        return Order(True, from_training=False, notes=(_TURNED_BY_NAME,))
    if flat and raw.matlab:
        said = "pixels were read as column-major, as MATLAB stores them; training had whole images"
        return Order(True, from_training=False, notes=(f"{said} (column_major=False overrides)",))
    if decided.transposed:
        here, there = ("flat rows", "whole images") if flat else ("whole images", "flat rows")
        said = f"{here} were taken as upright, though the {there} of training were transposed"
        return Order(False, from_training=False, notes=(f"{said} (column_major=True turns them)",))
    # Training says nothing of such arrays, and nor does the file: as they are.
    return Order(False, from_training=False)


_TURNED_BY_NAME = "images were turned, since files of this name hold them transposed (column_major=False keeps them)"


def _as_in_training(raw: RawArrays, decided: Interpretation, flat: bool) -> Order:
    # This file's name against what training found: the file is nearer to its pixels.
    if raw.transposed and not decided.transposed:
        return Order(True, from_training=False, notes=(_TURNED_BY_NAME,))
    if raw.matlab and flat and not decided.transposed:
        note = "pixels were read as row-major, as in training, though MATLAB stores them column by column "
        return Order(False, from_training=True, notes=(f"{note}(column_major=True overrides)",))
    # A name, MATLAB's format or the user had images turned in training, and nothing in this file says so.
    if decided.transposed and decided.flat is not None and not _says_so_itself(raw) and isinstance(raw.source, Path):
        done = "pixels were read as column-major" if flat else "images were turned"
        there = "in training" if flat else "those of training were"
        return Order(True, from_training=True, notes=(f"{done}, as {there} (column_major=False keeps them)",))
    return Order(decided.transposed, from_training=True)


def _says_so_itself(raw: RawArrays) -> bool:
    """Whether a file's name says that its images lie, or its format that its rows of pixels do."""
    return raw.transposed or (raw.matlab and _is_flat(raw))


def _is_flat(raw: RawArrays) -> bool:
    """Whether pixels lie in flat rows; of a matrix of one image's shape, nothing else would be taken."""
    return raw.images.ndim == 2 if raw.arranged else holds_flat_rows(raw.images.shape)


def find_lying_digits(images: Images, encoded: Encoded) -> str | None:
    """Return what shows that labelled images of the ten digits are transposed as they are; None if nothing does.

    Parameters
    ----------
    images : array of float32 or ImageStack, shape (n, height, width, channels)
        As the network is to see them.
    encoded : Encoded
        Their labels.
    """
    rows = spread_rows(len(images), SAMPLE)
    sample = take_rows(images, rows)[:]
    lying, evidence = detect_transposed_digits(sample, encoded.labels[rows], encoded.class_names)
    return evidence if lying else None
