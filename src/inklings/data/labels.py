"""From labels as a file holds them (text, numbers, one-hot rows) to classes counted from 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.data.checks import Labels, check_range
from inklings.data.label_hints import describe_names
from inklings.data.label_spelling import CODE, NUMBER, as_text, canonical, is_missing, whole_number
from inklings.data.masked import mask_of
from inklings.data.notes import Decision, Numbering
from inklings.errors import DataError

ClassNames = Sequence[str] | Mapping[Any, str]

_SEVERAL = 10
"""Of fewer images, each may well have another class."""


@dataclass(frozen=True)
class Encoded:
    """Labels from 0, the names of their classes, and notes of what was decided."""

    labels: Labels
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


class ClassName(str):
    """A label that is the name of a class's folder: somebody made it, so no word in it means that there is no label."""

    __slots__ = ()


def as_label_array(labels: ArrayLike) -> NDArray[Any]:
    """Return labels as an array; a DataError where some are lists and others are not, or of other lengths."""
    try:
        return np.asanyarray(labels)  # a masked array stays one
    except ValueError:
        raise DataError("the labels are lists of unequal lengths, expected one label per image") from None


def find_missing(raw: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which labels are missing: empty, NaN, None, masked, or a word that programs write for it.

    Parameters
    ----------
    raw : array, shape (n,), (n, 1), (1, n), or (n, classes)

    Returns
    -------
    array of bool, shape (n,)
    """
    values = _rows_first(np.asarray(raw))
    missing = _find_missing(values)
    if (mask := mask_of(raw)) is not None:
        # Masks have the shape of the array as it was passed; a matrix may have been turned since.
        missing = missing | (mask if mask.shape == values.shape else mask.T).reshape(len(missing), -1).any(axis=1)
    return missing


def _find_missing(raw: NDArray[Any]) -> NDArray[np.bool_]:
    if raw.ndim == 2 and 1 not in raw.shape:
        # Of one-hot rows a NaN anywhere leaves the class unknown.
        return np.isnan(raw).any(axis=1) if raw.dtype.kind == "f" else np.zeros(len(raw), bool)
    flat = raw.reshape(-1)
    if flat.dtype.kind in "fc":
        return np.asarray(np.isnan(flat))
    if flat.dtype.kind in "mM":
        return np.asarray(np.isnat(flat))
    if flat.dtype.kind in "OUS":
        return np.array([not isinstance(value, ClassName) and is_missing(value) for value in flat.tolist()], bool)
    return np.zeros(len(flat), bool)


def encode_labels(raw: NDArray[Any], *, class_names: ClassNames | None = None) -> Encoded:
    """Number the classes from 0 and name them.

    Text is compared trimmed and in Unicode's composed form (NFC), sorted, and becomes the class names. Whole numbers,
    whether written 3, 3.0 or "3", are one class, sorted by value; where any has a leading zero, as in postal codes, or
    more than 40 digits, all are text. Of a matrix with exactly one 1 in each row, the label is its column.

    Parameters
    ----------
    raw : array, shape (n,), (n, 1), (1, n), or (n, classes) or (classes, n) if one-hot
        Text, booleans or integers of any type; none missing.
    class_names : sequence of str, or mapping from label to str, optional
        The names of classes 0, 1, ... for labels that are numbers; text must be one of them. A mapping names any
        labels. Classes of one name are one class.

    Raises
    ------
    DataError
        There are no labels; they are neither text nor integers; one is NaN, infinite or without a name.
    """
    if raw.size == 0:
        raise DataError("no labels, expected one per image")
    if raw.ndim > 2:
        raise DataError(f"labels have shape {raw.shape}, expected one per image", found=raw.shape)
    if not isinstance(class_names, Sequence | Mapping | np.ndarray | None) or isinstance(class_names, str):
        raise DataError(f"class_names is {class_names!r}, expected a name for each class", found=class_names)
    # As text, since a range or an array of numbers names classes too.
    names = None if class_names is None or isinstance(class_names, Mapping) else tuple(map(str, class_names))
    # A single column or row holds plain labels: MATLAB has no vectors.
    if raw.ndim == 2 and 1 not in raw.shape:
        encoded = _encode_one_hot(_rows_first(raw))
        encoded = encoded if names is None else _rename(encoded.labels, names, encoded.notes)
    else:
        flat = raw.reshape(-1)
        encoded = _encode_text(flat, names) if flat.dtype.kind in "OUSb" else _encode_numbers(_to_integers(flat), names)
    encoded = _translate(encoded, class_names) if isinstance(class_names, Mapping) else encoded
    return _doubting(_one_class_per_name(encoded))


def _doubting(encoded: Encoded) -> Encoded:
    """Say so if labels may be something else: identifiers or captions, or a mark of images that have none."""
    count, notes = len(encoded.labels), list(encoded.notes)
    if count >= _SEVERAL and len(np.unique(encoded.labels)) == count:
        said = f"each of the {count:,} images has a class of its own: these may be identifiers rather than labels"
        notes.append(Decision(said))
    notes += describe_names(encoded.labels, encoded.class_names)
    return Encoded(encoded.labels, encoded.class_names, tuple(notes))


def _rows_first(raw: NDArray[Any]) -> NDArray[Any]:
    """Turn a matrix with one 1 in each column, as MATLAB's networks have labels, into one of rows."""
    if raw.ndim != 2 or 1 in raw.shape or raw.dtype.kind not in "biuf":
        return raw
    ones = raw == 1
    in_columns = bool((ones.sum(axis=0) == 1).all()) and not (ones.sum(axis=1) == 1).all()
    return raw.T if in_columns and raw.shape[0] < raw.shape[1] else raw


def _encode_one_hot(raw: NDArray[Any]) -> Encoded:
    expected = "one per image, or one-hot rows (one 1, else 0)"
    # 0 and -1 together say "no" and "unknown", so such rows have more to them than one class.
    if raw.dtype.kind not in "biuf" or not (np.isin(raw, (0, 1)).all() or np.isin(raw, (-1, 1)).all()):
        raise DataError(f"labels have shape {raw.shape}, expected {expected}", found=raw.shape, expected=expected)
    ones = (raw == 1).sum(axis=1)
    if (ones != 1).any():
        several, none = int((ones > 1).sum()), int((ones == 0).sum())
        raise DataError(
            f"labels have shape {raw.shape}, rows with several ones: {several}, with none: {none}, expected {expected}",
            "a network answers one class per image: keep one label of each, or one column as the question",
            found=raw.shape,
            expected=expected,
        )
    # Columns count from 0; whoever knows better says so by class_names.
    names = tuple(str(column) for column in range(raw.shape[1]))
    return Encoded(np.argmax(raw, axis=1).astype(np.int64), names, ("labels were one-hot rows",))


def _encode_text(flat: NDArray[Any], class_names: tuple[str, ...] | None) -> Encoded:
    texts = [as_text(value) for value in flat.tolist()]
    if "" in texts:
        raise DataError(f"the label of image {texts.index('')} is empty, expected text or a number", found="")
    if class_names is not None and (named := _find_names(texts, class_names)) is not None:
        return named
    # Each label is spelt the same way many times, so spellings are read once.
    spelt, places = np.unique(np.array(texts), return_inverse=True)
    spellings = [str(text) for text in spelt]
    codes = any(CODE.fullmatch(text) for text in spellings)
    wholes = [None if codes or flat.dtype.kind == "b" else whole_number(text) for text in spellings]
    if None not in wholes:
        return _number_classes([int(whole) for whole in wholes if whole is not None], places, class_names)
    if class_names is not None:
        unknown = next(text for text in texts if text not in class_names)
        raise DataError(
            f"label '{unknown}' is none of the {len(class_names)} class names ({', '.join(class_names[:6])} ...)",
            found=unknown,
            expected=class_names,
        )
    if not codes and all(NUMBER.fullmatch(text) for text in spellings):
        broken = next(text for text, whole in zip(spellings, wholes, strict=True) if whole is None)
        raise _not_whole(texts.index(broken), broken)
    # Among words, 3 and 3.0 are still one class.
    common = [text if whole is None else str(whole) for text, whole in zip(spellings, wholes, strict=True)]
    # Sorted by text, so that the numbers of classes do not depend on the order of the images.
    names, numbers = np.unique(np.array(common), return_inverse=True)
    return Encoded(numbers.reshape(-1).astype(np.int64)[places.reshape(-1)], tuple(map(str, names)))


def _find_names(texts: Sequence[str], class_names: tuple[str, ...]) -> Encoded | None:
    """Return the labels as positions among class names, if all are such names."""
    known = {as_text(name): index for index, name in enumerate(class_names)}
    if not all(text in known for text in texts):
        return None
    return Encoded(np.array([known[text] for text in texts], np.int64), class_names)


def _number_classes(wholes: Sequence[int], places: NDArray[np.intp], class_names: tuple[str, ...] | None) -> Encoded:
    """Number the classes of labels that spell whole numbers, which may be longer than int64 holds."""
    # Beyond int64: numbers that long are identifiers, but whole ones, and sorted by value.
    if max(abs(whole) for whole in wholes) < 2**63:
        return _encode_numbers(np.array(wholes, np.int64)[places.reshape(-1)], class_names)
    numbers = {value: number for number, value in enumerate(sorted(set(wholes)))}
    labels = np.array([numbers[whole] for whole in wholes], np.int64)[places.reshape(-1)]
    return Encoded(labels, tuple(map(str, numbers)))


def _to_integers(flat: NDArray[Any]) -> Labels:
    if flat.dtype.kind not in "iuf":
        expected = "text or whole numbers"
        raise DataError(f"labels are of type {flat.dtype}, expected {expected}", found=flat.dtype, expected=expected)
    if flat.dtype.kind == "u" and flat.size and int(flat.max()) >= 2**63:
        found = int(flat.max())
        raise DataError(
            f"the label of image {int(np.argmax(flat))} is {found}, expected less than {2**63}",
            "if it is an identifier, give labels as text",
            found=found,
            expected=2**63,
        )
    if flat.dtype.kind != "f":
        return flat.astype(np.int64)
    # astype alone would turn NaN and 1e300 into arbitrary integers without a word.
    with np.errstate(invalid="ignore"):
        bad = ~np.isfinite(flat) | (flat != np.floor(flat)) | (np.abs(flat.astype(np.float64)) >= 2**63)
    if bad.any():
        raise _not_whole(int(np.argmax(bad)), flat[np.argmax(bad)])
    return flat.astype(np.int64)


def _not_whole(image: int, found: object) -> DataError:
    expected = "text or a whole number"
    return DataError(f"the label of image {image} is {found}, expected {expected}", found=found, expected=expected)


def _encode_numbers(numbers: Labels, class_names: tuple[str, ...] | None) -> Encoded:
    if class_names is not None:
        return _rename(numbers, class_names, ())
    notes: list[str] = []
    values, labels = np.unique(numbers, return_inverse=True)
    # 0, 1, 2, ... as they are need no word.
    if not np.array_equal(values, np.arange(len(values))):
        said = f"labels {values[0]} to {values[-1]} are classes 0 to {len(values) - 1}, under their own names"
        notes.append(Numbering(said))
    return Encoded(labels.reshape(-1).astype(np.int64), tuple(str(value) for value in values), tuple(notes))


def _rename(numbers: Labels, class_names: tuple[str, ...], notes: tuple[str, ...]) -> Encoded:
    check_range(numbers, len(class_names))
    return Encoded(numbers, class_names, notes)


def _translate(encoded: Encoded, class_names: Mapping[Any, str]) -> Encoded:
    """Name classes by their labels."""
    names = {canonical(label): as_text(name) for label, name in class_names.items()}
    if not any(name in names for name in encoded.class_names):
        # Maps are written both ways: {"cat": 0} as often as {0: "cat"}.
        names = {canonical(name): as_text(label) for label, name in class_names.items()}
    unknown = [name for name in encoded.class_names if name not in names]
    if unknown:
        raise DataError(
            f"label {unknown[0]} has no class name, found names for {', '.join(list(names)[:8])}",
            found=unknown,
            expected=list(names),
        )
    notes = tuple(note for note in encoded.notes if not isinstance(note, Numbering))
    return Encoded(encoded.labels, tuple(names[name] for name in encoded.class_names), notes)


def _one_class_per_name(encoded: Encoded) -> Encoded:
    """Make classes of one name one class: by its name, nothing could tell which of them is meant."""
    # In the order of the first class that has each name.
    places = {name: place for place, name in enumerate(dict.fromkeys(encoded.class_names))}
    if len(places) == len(encoded.class_names):
        return encoded
    labels = np.array([places[name] for name in encoded.class_names], np.int64)[encoded.labels]
    note = f"{len(encoded.class_names)} labels have {len(places)} names: those of one name are one class"
    return Encoded(labels, tuple(places), (*encoded.notes, Decision(note)))
