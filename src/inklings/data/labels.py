"""From labels as a file holds them (text, numbers, one-hot rows) to classes counted from 0."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import Labels, check_range
from inklings.data.notes import Decision
from inklings.errors import DataError

MISSING = frozenset({"", "nan", "na", "n/a", "<na>", "nat", "null", "none", "?"})
"""How programs write a label that is not there, in small letters: never a class."""

ClassNames = Sequence[str] | Mapping[Any, str]

_WHOLE = re.compile(r"^[+-]?(\d{1,18})(\.0*)?$")
_LEADING_ZERO = re.compile(r"^[+-]?0\d")


@dataclass(frozen=True)
class Encoded:
    """Labels from 0, the names of their classes, and notes of what was decided."""

    labels: Labels
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def find_missing(raw: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which labels are missing: empty, NaN, None, or a word that programs write for it.

    Parameters
    ----------
    raw : array, shape (n,), (n, 1), (1, n), or (n, classes)

    Returns
    -------
    array of bool, shape (n,)
    """
    if isinstance(raw, np.ma.MaskedArray):
        mask = np.asarray(np.ma.getmaskarray(raw)).reshape(len(raw), -1)
        masked: NDArray[np.bool_] = np.asarray(mask.any(axis=1))
        return masked
    if raw.ndim == 2 and 1 not in raw.shape:
        return np.isnan(raw).any(axis=1) if raw.dtype.kind == "f" else np.zeros(len(raw), bool)
    flat = raw.reshape(-1)
    if flat.dtype.kind == "f":
        missing: NDArray[np.bool_] = np.isnan(flat)
        return missing
    if flat.dtype.kind in "OUS":
        return np.array([_is_missing(value) for value in flat.tolist()], bool)
    return np.zeros(len(flat), bool)


def _is_missing(value: object) -> bool:
    # pandas' NA is no float, but calls itself <NA>.
    return value is None or (isinstance(value, float) and value != value) or _as_text(value).lower() in MISSING


def encode_labels(raw: NDArray[Any], *, class_names: ClassNames | None = None) -> Encoded:
    """Number the classes from 0 and name them.

    Text is compared trimmed and in Unicode's composed form (NFC), sorted, and becomes the class names. Whole numbers,
    whether written 3, 3.0 or "3", are sorted by value and their text becomes the class names; where any has a leading
    zero, as in postal codes, all are text. Of a matrix with exactly one 1 in each row, the label is its column.

    Parameters
    ----------
    raw : array, shape (n,), (n, 1), (1, n), or (n, classes) if one-hot
        Text, booleans or integers of any type; none missing.
    class_names : sequence of str, or mapping from label to str, optional
        The names of classes 0, 1, ...; labels must then be numbers from 0. A mapping names any labels.

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
    elif raw.ndim > 2:
        raise DataError(f"labels have shape {raw.shape}, expected one per image", found=raw.shape)
    else:
        flat = raw.reshape(-1)
        if flat.dtype.kind not in "OUSb":
            numbers = _to_integers(flat)
            if class_names is not None and not isinstance(class_names, Mapping):
                return _rename(Encoded(numbers, ()), class_names)
            encoded = _encode_numbers(numbers)
        else:
            encoded = _encode_text(flat)
    if class_names is None:
        return encoded
    return _translate(encoded, class_names) if isinstance(class_names, Mapping) else _rename(encoded, class_names)


def _encode_one_hot(raw: NDArray[Any]) -> Encoded:
    expected = "one per image, or one-hot rows (one 1, else 0)"
    if raw.dtype.kind not in "biuf" or not np.isin(raw, (-1, 0, 1)).all():
        raise DataError(f"labels have shape {raw.shape}, expected {expected}", found=raw.shape, expected=expected)
    ones = (raw == 1).sum(axis=1)
    if (ones != 1).any():
        several = int((ones > 1).sum())
        if several:
            raise DataError(
                f"labels have shape {raw.shape}, and {several:,} images have several labels, expected {expected}",
                "networks here answer one class per image: keep one label of each, or one column as the question",
                found=raw.shape,
                expected=expected,
            )
        raise DataError(f"labels have shape {raw.shape}, expected {expected}", found=raw.shape, expected=expected)
    names = tuple(str(column) for column in range(raw.shape[1]))
    return Encoded(np.argmax(raw, axis=1).astype(np.int64), names, ("labels were one-hot rows",))


def _as_text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    # One letter may be written as one code point or two, as macOS does in file names: to a person they are the same.
    return unicodedata.normalize("NFC", text).strip()


def _encode_text(flat: NDArray[Any]) -> Encoded:
    texts = [_as_text(value) for value in flat.tolist()]
    if "" in texts:
        raise DataError(f"the label of image {texts.index('')} is empty, expected text or a number", found="")
    whole = [_WHOLE.match(text) for text in texts]
    if flat.dtype.kind != "b" and all(whole) and not any(_LEADING_ZERO.match(text) for text in texts):
        # "2" must come before "10", so text that spells integers is sorted as integers.
        return _encode_numbers(np.array([int(text.partition(".")[0]) for text in texts], np.int64))
    names, labels = np.unique(np.array(texts), return_inverse=True)
    found = tuple(str(name) for name in names)
    return Encoded(labels.reshape(-1).astype(np.int64), found, tuple(_hints(found)))


def _hints(names: Sequence[str]) -> list[str]:
    """Say which classes differ by the case of letters or by blanks alone."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in names:
        alike["".join(name.casefold().split())].append(name)
    return [
        Decision(f"classes {' and '.join(repr(name) for name in same)} differ by the case of letters or blanks alone")
        for same in alike.values()
        if len(same) > 1
    ]


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


def _translate(encoded: Encoded, class_names: Mapping[Any, str]) -> Encoded:
    """Name classes by their labels; classes of one name become one."""
    names = {_as_text(label): str(name) for label, name in class_names.items()}
    unknown = [name for name in encoded.class_names if name not in names]
    if unknown:
        raise DataError(
            f"label {unknown[0]} has no class name, found names for {', '.join(list(names)[:8])}",
            found=unknown,
            expected=list(names),
        )
    kept = list(dict.fromkeys(names[name] for name in encoded.class_names))
    places = np.array([kept.index(names[name]) for name in encoded.class_names], np.int64)
    notes = [note for note in encoded.notes if "under their own names" not in note]
    return Encoded(places[encoded.labels], tuple(kept), tuple(notes))
