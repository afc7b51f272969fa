"""Names of classes among a file's arrays: ``class_names``, MATLAB's ``meta.classes``, EMNIST's ``mapping``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.readers.parts import part_of
from inklings.data.readers.variable_matching import Reader, Variable
from inklings.data.readers.variable_names import CLASS_NAMES, LABELS

PRINTABLE = range(33, 127)  # codes of visible ASCII: EMNIST's mapping has no others


@dataclass(frozen=True)
class Named:
    """The names of the classes by label, and where they are from."""

    names: Mapping[Any, str] | None = None
    used: Sequence[str] = ()
    notes: Sequence[str] = ()


def find_class_names(
    variables: Sequence[Variable], read: Reader, labels: NDArray[Any], used: set[str], *, matlab: bool
) -> Named:
    """Find the names of the classes that labels count.

    Parameters
    ----------
    variables : sequence of Variable
    read : callable
        Reads a variable by its name.
    labels : array, shape (n,), or (n, classes) if one-hot
    used : set of str
        Variables that are the labels or something else.
    matlab : bool
        Whether counting is from 1, where the labels do not show it.
    """
    values = distinct_labels(labels)
    if values is None:
        return Named()
    lists: dict[str, list[str]] = {}
    rest = [each for each in variables if each.name not in used]
    for each in rest:
        # A table of two columns or more, of whole numbers, under a name for classes: EMNIST's label and code.
        if each.meaning.role == CLASS_NAMES and len(each.shape) == 2 and each.kind in "iu" and 1 not in each.shape:
            names = _from_codes(read(each.name), values)
            if names:
                return Named(names, [each.name])
        if each.kind not in "USO" or not each.is_vector:
            continue
        texts = [_text(value) for value in read(each.name).reshape(-1).tolist()]
        # "data.name" may name images or classes, "dirnames" whatever: as many as there are classes name those.
        sure = each.meaning.role in (CLASS_NAMES, LABELS)
        # As many names as labels would be a name for each image; train and test are names of parts.
        fits = len(texts) == len(values) != labels.size and not all(map(part_of, texts))
        # Without repeats: two classes of one name could not be told apart.
        if len(set(texts)) == len(texts) and (sure or fits) and _first_label(values, len(texts), matlab)[0] is not None:
            lists[each.name] = texts
    of_labels = {word for each in variables if each.name in used for word in each.meaning.words}
    chosen = _most_likely([each for each in rest if each.name in lists], lists, values, of_labels)
    if len(chosen) > 1:
        note = f"class names could be those in {' or '.join(chosen)}: none is used, since nothing decides between them"
        return Named(notes=[Decision(note)])
    if not chosen:
        return Named()
    (name,) = chosen
    texts = lists[name]
    start, clear = _first_label(values, len(texts), matlab)
    assert start is not None, "checked above"
    note = f"class names are from {name}"
    if not clear:
        note = f"{note}, counted from {start}: the labels, {values[0]} to {values[-1]}, do not show it"
    sure = any(each.name == name and each.meaning.role in (CLASS_NAMES, LABELS) for each in rest)
    return Named(dict(enumerate(texts, start)), [name], [note if sure and clear else Decision(note)])


def _most_likely(
    candidates: Sequence[Variable], lists: Mapping[str, list[str]], values: NDArray[np.int64], of_labels: set[str]
) -> list[str]:
    """Return those of several lists of names that most likely are the classes'."""
    likely = list(candidates)
    # fine_label_names go with fine_labels; a name for each class is likelier than more; class_names likelier than tags.
    shared = {each.name: len(of_labels & set(each.meaning.words)) for each in likely}
    for better in (
        [each for each in likely if each.meaning.role == CLASS_NAMES],
        [each for each in likely if shared[each.name] == max(shared.values())],
        [each for each in likely if len(lists[each.name]) == len(values)],
    ):
        kept = [each for each in likely if each in better]
        likely = kept or likely
    # Two copies of one list are no contradiction.
    same = all(lists[each.name] == lists[likely[0].name] for each in likely)
    return [each.name for each in (likely[:1] if same else likely)]


def _text(value: object) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def distinct_labels(labels: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the distinct labels, or columns of one-hot rows, if they are whole numbers from 0; else None."""
    if labels.ndim == 2 and 1 not in labels.shape:
        # (classes,): a column for each class, of one-hot rows.
        return np.arange(labels.shape[1])
    if labels.dtype.kind not in "iuf" or not labels.size:
        return None
    values = np.unique(labels)
    # Beyond a million, whole numbers are identifiers and no classes.
    if not np.isfinite(values).all() or values[0] < 0 or (values != np.floor(values)).any() or values[-1] > 1e6:
        return None
    return values.astype(np.int64)


def _first_label(values: NDArray[np.int64], count: int, matlab: bool) -> tuple[int | None, bool]:
    """Return the label that the first of some names is for, and whether the labels show it; None if none fits."""
    low, high = int(values[0]), int(values[-1])
    # Either fits where the lowest label is not 0 and the highest not the number of names.
    from_zero, from_one = high < count, low >= 1 and high <= count
    if from_zero and from_one:
        # Neither 0 nor the last is there.
        # MATLAB counts from 1, Python from 0: likely, and said to be no more than that.
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
