"""Names of classes among a file's arrays: ``class_names``, MATLAB's ``meta.classes``, EMNIST's ``mapping``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.readers.variable_matching import Reader, Variable
from inklings.data.readers.variable_names import CLASS_NAMES, IDS, LABELS

PRINTABLE = range(33, 127)


@dataclass(frozen=True)
class Named:
    """The names of the classes by label, and where they are from."""

    names: Mapping[Any, str] | None = None
    used: Sequence[str] = ()
    notes: Sequence[str] = ()


def find_class_names(
    variables: Sequence[Variable], read: Reader, labels: NDArray[Any], *, matlab: bool, used: set[str]
) -> Named:
    """Find the names of the classes that labels count.

    Parameters
    ----------
    variables : sequence of Variable
    read : callable
        Reads a variable by its name.
    labels : array, shape (n,), or (n, classes) if one-hot
    matlab : bool
        Whether counting is from 1, where the labels do not show it.
    used : set of str
        Variables that are something else.
    """
    values = distinct_labels(labels)
    if values is None:
        return Named()
    for each in variables:
        if each.name in used:
            continue
        if each.meaning.role == CLASS_NAMES and len(each.shape) == 2 and each.kind in "iu" and 1 not in each.shape:
            names = _from_codes(read(each.name), values)
            if names:
                return Named(names, [each.name])
        if each.kind not in "USO" or not each.is_vector or each.meaning.role not in (CLASS_NAMES, LABELS, IDS):
            continue
        texts = [_text(value) for value in read(each.name).reshape(-1).tolist()]
        # "data.name" may name images or classes: as many as there are classes, and not images, name those.
        if each.meaning.role == IDS and len(texts) != len(values):
            continue
        start, clear = _first_label(values, len(texts), matlab)
        if start is None or len(set(texts)) < len(texts):
            continue
        note = f"class names are from {each.name}"
        if clear:
            return Named(dict(enumerate(texts, start)), [each.name], [note])
        unclear = f"{note}, counted from {start}: the labels, {values[0]} to {values[-1]}, do not show it"
        return Named(dict(enumerate(texts, start)), [each.name], [Decision(unclear)])
    return Named()


def _text(value: object) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def distinct_labels(labels: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the distinct labels, or columns of one-hot rows, if they are whole numbers from 0; else None."""
    if labels.ndim == 2 and 1 not in labels.shape:
        return np.arange(labels.shape[1])
    if labels.dtype.kind not in "iuf" or not labels.size:
        return None
    values = np.unique(labels)
    if not np.isfinite(values).all() or values[0] < 0 or (values != np.floor(values)).any() or values[-1] > 1e6:
        return None
    return values.astype(np.int64)


def _first_label(values: NDArray[np.int64], count: int, matlab: bool) -> tuple[int | None, bool]:
    """Return the label that the first of some names is for, and whether the labels show it; None if none fits."""
    low, high = int(values[0]), int(values[-1])
    from_zero, from_one = high < count, low >= 1 and high <= count
    if from_zero and from_one:
        # Neither 0 nor the last is there.
        return int(matlab), False
    return (0, True) if from_zero else (1, True) if from_one else (None, False)


def _from_codes(table: NDArray[Any], values: NDArray[np.int64]) -> dict[int, str] | None:
    """Read a table whose rows are a label and the codes of its characters, as in EMNIST's files."""
    if not set(values.tolist()) <= set(table[:, 0].tolist()) or not all(
        code in PRINTABLE for code in table[:, 1].tolist()
    ):
        return None
    names = {int(row[0]): chr(int(row[1])) for row in table.tolist()}
    return names if len(set(names.values())) == len(names) else None
