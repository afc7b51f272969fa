"""From labels as a file holds them (text, numbers, one-hot rows) to classes counted from 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import Labels, check_range
from inklings.errors import DataError


@dataclass(frozen=True)
class Encoded:
    """Labels from 0, the names of their classes, and notes of what was decided."""

    labels: Labels
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def encode_labels(raw: NDArray[Any], *, class_names: Sequence[str] | None = None) -> Encoded:
    """Number the classes from 0 and name them.

    Text is sorted and becomes the class names; integers are sorted and their text becomes the class names; of a matrix
    with exactly one 1 in each row, the label is the column of the 1.

    Parameters
    ----------
    raw : array, shape (n,), (n, 1), (1, n), or (n, classes) if one-hot
        Text, booleans or integers of any type.
    class_names : sequence of str, optional
        The names of classes 0, 1, ...; labels must then be numbers from 0.

    Raises
    ------
    DataError
        There are no labels; they are neither text nor integers; one is NaN, infinite or without a name.
    """
    if raw.size == 0:
        raise DataError("no labels, expected one per image")
    # A single column or row holds plain labels: MATLAB has no vectors.
    if raw.ndim == 2 and 1 not in raw.shape:
        encoded = _encode_one_hot(raw)
        return _rename(encoded, class_names) if class_names is not None else encoded
    if raw.ndim > 2:
        raise DataError(f"labels have shape {raw.shape}, expected one per image", found=raw.shape)
    flat = raw.reshape(-1)
    if flat.dtype.kind in "OUSb":
        return _encode_text(flat)
    numbers = _to_integers(flat)
    if class_names is not None:
        return _rename(Encoded(numbers, ()), class_names)
    return _encode_numbers(numbers)


def _encode_one_hot(raw: NDArray[Any]) -> Encoded:
    one_hot = raw.dtype.kind in "biuf" and bool(np.isin(raw, (0, 1)).all() and (raw.sum(axis=1) == 1).all())
    if not one_hot:
        expected = "one per image, or one-hot rows (one 1, else 0)"
        raise DataError(f"labels have shape {raw.shape}, expected {expected}", found=raw.shape, expected=expected)
    names = tuple(str(column) for column in range(raw.shape[1]))
    return Encoded(np.argmax(raw, axis=1).astype(np.int64), names, ("labels were one-hot rows",))


def _encode_text(flat: NDArray[Any]) -> Encoded:
    texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in flat.tolist()]
    texts = [text.strip() for text in texts]
    if "" in texts:
        raise DataError(f"the label of image {texts.index('')} is empty, expected text or a number", found="")
    if flat.dtype.kind != "b" and all(_is_integer(text) for text in texts):
        # "2" must come before "10", so text that spells integers is sorted as integers.
        return _encode_numbers(np.array([int(text) for text in texts], np.int64))
    names, labels = np.unique(np.array(texts), return_inverse=True)
    return Encoded(labels.reshape(-1).astype(np.int64), tuple(str(name) for name in names))


def _is_integer(text: str) -> bool:
    """Whether text is an integer as Python writes it: "01" is not, and stays a different class from "1"."""
    # Fewer than 19 characters always fit int64.
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 19 and str(int(text)) == text


def _to_integers(flat: NDArray[Any]) -> Labels:
    if flat.dtype.kind not in "iuf":
        expected = "text or whole numbers"
        raise DataError(f"labels are of type {flat.dtype}, expected {expected}", found=flat.dtype, expected=expected)
    # astype alone would turn NaN and 1e300 into arbitrary integers without a word.
    with np.errstate(invalid="ignore"):
        bad = ~np.isfinite(flat) | (flat != np.floor(flat)) | (np.abs(flat.astype(np.float64)) >= 2**63)
    if bad.any():
        first = int(np.argmax(bad))
        expected = "text or a whole number"
        raise DataError(
            f"the label of image {first} is {flat[first]}, expected {expected}", found=flat[first], expected=expected
        )
    return flat.astype(np.int64)


def _encode_numbers(numbers: Labels) -> Encoded:
    notes = []
    values, labels = np.unique(numbers, return_inverse=True)
    if not np.array_equal(values, np.arange(len(values))):
        notes.append(f"labels {values[0]} to {values[-1]} are classes 0 to {len(values) - 1}, under their own names")
    return Encoded(labels.reshape(-1).astype(np.int64), tuple(str(value) for value in values), tuple(notes))


def _rename(encoded: Encoded, class_names: Sequence[str]) -> Encoded:
    check_range(encoded.labels, len(class_names))
    return Encoded(encoded.labels, tuple(class_names), encoded.notes)
