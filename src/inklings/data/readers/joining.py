"""Joining the parts of a data set that a source holds apart: those to train on, to validate and to test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays
from inklings.data.readers.part_ranges import in_one_range
from inklings.data.readers.parts import ORDER, TEST, TRAIN
from inklings.data.readers.reserving import reserve
from inklings.errors import DataError

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
    order = [part for part in ORDER if part in parts]
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
    scaled, notes = in_one_range([[piece.images] for piece in pieces], order)
    pieces = [replace(piece, images=images) for piece, (images,) in zip(pieces, scaled, strict=True)]
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


def _join_labels(labels: Sequence[NDArray[Any]], source: Path | str) -> NDArray[Any]:
    kinds = {"text" if array.dtype.kind in "USO" else "numbers" for array in labels}
    shapes = {array.shape[1:] for array in labels}
    if len(kinds) > 1 or len(shapes) > 1:
        raise DataError("the labels of its parts are of different kinds, expected one").at(source)
    return np.concatenate(labels)
