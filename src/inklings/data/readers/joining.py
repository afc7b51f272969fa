"""Joining the parts of a data set that a source holds apart: those to train on, to validate and to test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import spread_rows
from inklings.data.notes import Decision
from inklings.data.pixels import scale
from inklings.data.raw import RawArrays
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION
from inklings.data.readers.reserving import reserve
from inklings.data.value_range import choose_range
from inklings.errors import DataError

_LOOKED_AT = 200
"""Images of each part whose values are looked at."""

_FAR = 100
"""How many times the range of one part another's must be: of bytes it is 255 times that of 0 to 1, 127 times that of -1
to 1. Parts of one camera's numbers, of up to 14 bits, differ by less."""

Pair = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Piece:
    """The arrays of one part, images first; labels are None where there are none.

    Parameters
    ----------
    images : array of numbers, shape (n, ...)
    labels : array, shape (n,) or (n, classes), or None
    names : sequence of str, optional
        What the source calls each image.
    """

    images: NDArray[Any]
    labels: NDArray[Any] | None
    names: Sequence[str] | None = None


def join_train_and_test(train: Pair, test: Pair, source: Path | str) -> RawArrays:
    """Join training and test arrays, images along the first axis, with the test rows reserved.

    Parameters
    ----------
    train, test : (array, array)
        Images, and labels of shape (n,).
    source : Path or str
        A file or folder, or words for where the arrays came from.

    Raises
    ------
    DataError
        The lengths of images and labels differ, or the sizes of training and test images.
    """
    return join_parts({TRAIN: Piece(*train), TEST: Piece(*test)}, source)


def join_parts(parts: Mapping[str, Piece], source: Path | str) -> RawArrays:
    """Join the parts of a data set, with the rows for validation and test reserved.

    Raises
    ------
    DataError
        The lengths of images and labels differ, or the sizes of the images of two parts.
    """
    order = [part for part in (TRAIN, VALIDATION, TEST) if part in parts]
    pieces = [parts[part] for part in order]
    for part, piece in zip(order, pieces, strict=True):
        if piece.labels is not None and len(piece.images) != len(piece.labels):
            raise DataError(
                f"{len(piece.images)} {part} images but {len(piece.labels)} labels, expected as many of both",
                found=len(piece.images),
                expected=len(piece.labels),
            ).at(source)
        if piece.images.shape[1:] != pieces[0].images.shape[1:]:
            sizes = piece.images.shape[1:], pieces[0].images.shape[1:]
            raise DataError(
                f"{order[0]} images of {sizes[1]} and {part} images of {sizes[0]} pixels, expected the same size",
                found=sizes[0],
                expected=sizes[1],
            ).at(source)
    pieces, notes = _in_one_range(order, pieces)
    rows = np.repeat(order, [len(piece.images) for piece in pieces])
    # If one part has none, the whole has none: rows with and without labels cannot stand in one array.
    labels = [piece.labels for piece in pieces if piece.labels is not None]
    names = [name for piece in pieces for name in piece.names or ()]
    one = len(pieces) == 1
    raw = RawArrays(
        pieces[0].images if one else np.concatenate([piece.images for piece in pieces]),
        (labels[0] if one else _join_labels(labels, source)) if len(labels) == len(pieces) else None,
        source,
        names=names if len(names) == len(rows) else None,
        notes=notes,
    )
    return reserve(raw, rows)


def _in_one_range(order: Sequence[str], pieces: list[Piece]) -> tuple[list[Piece], list[str]]:
    """Scale each part to 0 to 1 by itself where their ranges differ as those of 0 to 1 and 0 to 255 do.

    By the range of all together, one of them would be blank.
    """
    samples = [piece.images[spread_rows(len(piece.images), _LOOKED_AT)] for piece in pieces]
    if any(sample.size == 0 or sample.dtype.kind not in "buif" or sample.ndim < 2 for sample in samples):
        return pieces, []
    limits = [(float(sample.min()), float(sample.max())) for sample in samples]
    found = [
        choose_range(*ends, sample.reshape(len(sample), sample.shape[1], -1, 1))
        for ends, sample in zip(limits, samples, strict=True)
    ]
    inks = [each.ink - each.paper for each in found]
    if min(inks) <= 0 or max(inks) < _FAR * min(inks):
        return pieces, []
    said = ", ".join(f"{part} images {low:g} to {high:g}" for part, (low, high) in zip(order, limits, strict=True))
    scaled = [
        replace(piece, images=scale(piece.images, paper=each.paper, ink=each.ink, signed_bytes=each.signed_bytes))
        for piece, each in zip(pieces, found, strict=True)
    ]
    return scaled, [Decision(f"the values of its parts differ ({said}), and each part is brought to 0 to 1 by itself")]


def _join_labels(labels: Sequence[NDArray[Any]], source: Path | str) -> NDArray[Any]:
    kinds = {"text" if array.dtype.kind in "USO" else "numbers" for array in labels}
    shapes = {array.shape[1:] for array in labels}
    if len(kinds) > 1 or len(shapes) > 1:
        raise DataError("the labels of its parts are of different kinds, expected one").at(source)
    return np.concatenate(labels)
