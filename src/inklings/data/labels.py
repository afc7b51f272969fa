"""From labels as they stand in a file (text, numbers, one-hot rows) to classes counted from 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Labels
from inklings.errors import DataError


@dataclass(frozen=True)
class Encoded:
    """Labels from 0 with the names of their classes, and what was decided on the way."""

    labels: Labels
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def encode_labels(
    raw: NDArray[Any], source: str, *, class_names: Sequence[str] | None = None, ten_is_zero: bool = False
) -> Encoded:
    """Count classes from 0 and name them.

    Text is sorted and becomes the class names; whole numbers are sorted and their text becomes the class names; a
    matrix with exactly one 1 a row gives the column of the 1.

    Parameters
    ----------
    raw : array, shape (n,), (n, 1), (1, n), or (n, classes) if one-hot
        Text, booleans or whole numbers of any type.
    source : str
        For messages.
    class_names : sequence of str, optional
        The names of classes 0, 1, ...; labels must then be numbers from 0.
    ten_is_zero : bool
        Whether label 10 means the digit 0 if all labels are from 1 to 10, as in files from MATLAB, which counts from 1.

    Raises
    ------
    DataError
        No labels; not text or whole numbers; NaN or infinity; a label without a name.
    """
    if raw.size == 0:
        raise DataError(f"{source}: no labels, expected one an image")
    if raw.ndim == 2 and 1 not in raw.shape:
        encoded = _encode_one_hot(raw, source)
        return _rename(encoded, class_names, source) if class_names is not None else encoded
    if raw.ndim > 2:
        raise DataError(f"{source}: labels have shape {raw.shape}, expected one an image")
    flat = raw.reshape(-1)
    if flat.dtype.kind in "OUSb":
        return _encode_text(flat, source)
    numbers = _whole_numbers(flat, source)
    if class_names is not None:
        return _rename(Encoded(numbers, ()), class_names, source)
    return _encode_numbers(numbers, ten_is_zero)


def _encode_one_hot(raw: NDArray[Any], source: str) -> Encoded:
    good = raw.dtype.kind in "biuf" and bool(np.isin(raw, (0, 1)).all() and (raw.sum(axis=1) == 1).all())
    if not good:
        raise DataError(
            f"{source}: labels have shape {raw.shape}, expected one an image, or one-hot rows (one 1, else 0)"
        )
    names = tuple(str(column) for column in range(raw.shape[1]))
    return Encoded(np.argmax(raw, axis=1).astype(np.int64), names, ("labels were one-hot rows",))


def _encode_text(flat: NDArray[Any], source: str) -> Encoded:
    texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in flat.tolist()]
    texts = [text.strip() for text in texts]
    if "" in texts:
        raise DataError(f"{source}: the label of image {texts.index('')} is empty, expected text or a number")
    if flat.dtype.kind != "b" and all(_is_whole(text) for text in texts):
        # "2" must come before "10": numbers as text are numbers.
        return _encode_numbers(np.array([int(text) for text in texts], np.int64), ten_is_zero=False)
    names, labels = np.unique(np.array(texts), return_inverse=True)
    return Encoded(labels.reshape(-1).astype(np.int64), tuple(str(name) for name in names))


def _is_whole(text: str) -> bool:
    """Whether text is a number just as Python writes it: "01" is not, and stays apart from "1"."""
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 19 and str(int(text)) == text


def _whole_numbers(flat: NDArray[Any], source: str) -> Labels:
    if flat.dtype.kind not in "iuf":
        raise DataError(f"{source}: labels are of type {flat.dtype}, expected text or whole numbers")
    with np.errstate(invalid="ignore"):
        bad = ~np.isfinite(flat) | (flat != np.floor(flat)) | (np.abs(flat.astype(np.float64)) >= 2**63)
    if bad.any():
        first = int(np.argmax(bad))
        raise DataError(f"{source}: the label of image {first} is {flat[first]}, expected text or a whole number")
    return flat.astype(np.int64)


def _encode_numbers(numbers: Labels, ten_is_zero: bool) -> Encoded:
    notes = []
    if ten_is_zero and numbers.min() >= 1 and numbers.max() == 10:
        numbers = numbers % 10
        notes.append("label 10 stands for the digit 0, since MATLAB counts from 1")
    values, labels = np.unique(numbers, return_inverse=True)
    if not np.array_equal(values, np.arange(len(values))):
        notes.append(f"labels {values[0]} to {values[-1]} are classes 0 to {len(values) - 1}, under their own names")
    return Encoded(labels.reshape(-1).astype(np.int64), tuple(str(value) for value in values), tuple(notes))


def _rename(encoded: Encoded, class_names: Sequence[str], source: str) -> Encoded:
    low, high = int(encoded.labels.min()), int(encoded.labels.max())
    if low < 0 or high >= len(class_names):
        raise DataError(
            f"{source}: labels run from {low} to {high}, "
            f"expected 0 to {len(class_names) - 1} for {len(class_names)} class names"
        )
    return Encoded(encoded.labels, tuple(class_names), encoded.notes)
