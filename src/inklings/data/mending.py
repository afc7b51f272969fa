"""Data without what is wrong with them: which images to leave out, and which have another label.

What to do stands in a table that ``inklings data check`` writes and a person may edit, see
:mod:`inklings.data.mending_table`; a run stores it as plain values, so that its images can be opened again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypedDict

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.label_spelling import canonical
from inklings.data.lazy_images import take_rows
from inklings.data.notes import Decision
from inklings.errors import DataError
from inklings.serialise import check_stored, did_you_mean

Indices = NDArray[np.int64]

_DIGITS = 12
"""Hexadecimal digits of each part of a mark: two data sets share one by chance once in 3e14."""


class _StoredMending(TypedDict):
    """What :meth:`Mending.to_plain` gives."""

    removed: list[int]
    relabelled: dict[str, str]
    data: str
    source: str


@dataclass(frozen=True)
class Mending:
    """What to change about a data set.

    Parameters
    ----------
    removed : tuple of int
        Rows to leave out, from 0.
    relabelled : mapping of int to str
        Rows and the names of their new classes.
    data : str
        The mark of the data that were checked (:func:`mark_of`); empty to apply it unchecked.
    source : str
        Where it stands, for people.
    stated : mapping of int to str
        The labels that a table says rows have, to notice rows that a spreadsheet has sorted away from them.
    """

    removed: tuple[int, ...] = ()
    relabelled: Mapping[int, str] = field(default_factory=dict)
    data: str = ""
    source: str = "the findings"
    stated: Mapping[int, str] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        """What it does: ``"12 images are left out and 3 have a new label"``."""
        removed, renamed = len(self.removed), len(self.relabelled)
        parts = [f"{_count(removed)} left out"] if removed else []
        verb = "has" if renamed == 1 else "have"
        if renamed:
            parts.append(f"{renamed:,} {verb} a new label" if removed else f"{_count(renamed, verb)} a new label")
        return " and ".join(parts) or "no image is left out, and no label changed"

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain values, for a run."""
        return {
            "source": self.source,
            "data": self.data,
            "removed": list(self.removed),
            "relabelled": {str(row): name for row, name in self.relabelled.items()},
        }

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_plain` returned; a DataError says what is wrong with it."""
        try:
            check_stored(_StoredMending, values, "", DataError)
            renamed = {int(row): name for row, name in values["relabelled"].items()}
        except (DataError, ValueError) as problem:
            raise DataError(f"what was left out is missing or invalid ({problem})") from None
        return cls(tuple(values["removed"]), renamed, values["data"], values["source"])


def mend(dataset: Dataset, mending: Mending) -> Dataset:
    """Return a data set without the images to leave out, and with the new labels.

    Raises
    ------
    DataError
        The mending is of other data, names a row or a class that is not there, or leaves too little.
    """
    # Checked before anything is taken: a table of other data would remove the wrong images.
    labels = mended_labels(dataset, mending)
    kept = kept_rows(dataset, mending)
    # Of the images kept, by their new labels.
    left = [name for number, name in enumerate(dataset.class_names) if (labels[kept] == number).any()]
    if len(left) < 2:
        raise DataError(
            f"{mending.source} leaves images of {len(left)} class{'es' * (not left)}, expected at least 2",
            "keep more of them",
            setting="without",
            found=len(left),
        )
    notes = [*dataset.notes, *notes_on(dataset, mending)]
    # A class without images keeps its name and number, so that a model trained on these data can be evaluated on all of
    # them.
    lost = [name for name in dataset.class_names if name not in left]
    gone = [name for number, name in enumerate(dataset.class_names) if name in lost and dataset.class_sizes[number]]
    if gone:
        notes.append(Decision(f"no image of {', '.join(map(repr, gone))} is left"))
    return Dataset(
        take_rows(dataset.images, kept),
        labels[kept],
        dataset.class_names,
        dataset.source,
        notes,
        _renumber(dataset.given_test, kept, "testing", mending),
        _renumber(dataset.given_validation, kept, "validation", mending),
        None if dataset.weights is None else dataset.weights[kept],
        dataset.interpretation,
        None if dataset.names is None else [dataset.names[row] for row in kept.tolist()],
    )


def notes_on(dataset: Dataset, mending: Mending) -> list[str]:
    """Return what to say about a mending of this data set: what it does, and whether its images look otherwise."""
    notes: list[str] = [Decision(f"{mending.in_words}, as {mending.source} says")]
    if mending.data and mending.data != mark_of(dataset):
        prepared = "the images were prepared otherwise when they were checked, such as in another size"
        notes.append(Decision(f"{prepared}; their number, labels and names are the same"))
    return notes


def kept_rows(dataset: Dataset, mending: Mending) -> Indices:
    """Return the rows that are not left out, in ascending order."""
    kept = np.ones(len(dataset), bool)
    # Rows that are not there are refused by mended_labels, which whoever mends calls first.
    kept[list(mending.removed)] = False
    return np.flatnonzero(kept)


def mended_labels(dataset: Dataset, mending: Mending) -> Indices:
    """Return all labels with the new ones, shape (n,); the mending is checked against the data first."""
    _check(dataset, mending)
    labels = dataset.labels.copy()
    for row, name in mending.relabelled.items():
        labels[row] = _class_number(name, row, dataset.class_names, mending.source)
    return labels


def mark_of(dataset: Dataset) -> str:
    """Return what tells whether a table of rows is about this data set.

    Two fingerprints: of everything, and of the number of images, the name of each one's label and its own name. The
    second is the same for the same images in another size.
    """
    digest = hashlib.sha256(repr([dataset.class_names[label] for label in dataset.labels]).encode())
    if dataset.names is not None:
        digest.update(repr(list(dataset.names)).encode())
    # The word in front keeps spreadsheets from taking digits such as 12e456 for a number.
    return f"sha256:{dataset.fingerprint[:_DIGITS]}-{digest.hexdigest()[:_DIGITS]}"


def _check(dataset: Dataset, mending: Mending) -> None:
    rows = [*mending.removed, *mending.relabelled]
    beyond = [row for row in rows if not 0 <= row < len(dataset)]
    mark = mark_of(dataset) if mending.data else ""
    # By the second half alone: the first is another one where the images were resized or inverted otherwise, which is
    # no reason to refuse the table.
    if mark.partition("-")[2] != mending.data.partition("-")[2] or beyond:
        what = f"names row {beyond[0]}, and there are rows 0 to {len(dataset) - 1}" if beyond else "is of other data"
        raise DataError(
            f"{mending.source} {what}: expected the findings on {dataset.source} as it is read here",
            f"check it again: inklings data check {dataset.source}, with the same options",
            setting="without",
            found=mending.data,
            expected=mark,
        )
    # A spreadsheet that sorts one column leaves each row with the cells of another image.
    for row, label in mending.stated.items():
        # Of a row that is not there nothing can be said: those to change were checked above.
        own = dataset.class_names[dataset.labels[row]] if 0 <= row < len(dataset) else label
        if _bare(own) != _bare(label):
            raise DataError(
                f"{mending.source} says that row {row} is labelled '{label}', and it is '{own}'",
                "keep each row's cells together, and write another class into new_label",
                setting="without",
                found=label,
                expected=own,
            )


def _class_number(name: str, row: int, class_names: Any, source: str) -> int:  # noqa: ANN401 - a sequence of str
    """Return the class of a name, also where a spreadsheet has rewritten it: 01 as 1, or 3 as 3.0."""
    names = list(class_names)
    if name in names:
        return names.index(name)
    alike = [number for number, known in enumerate(names) if _bare(known) == _bare(name)]
    if len(alike) == 1:
        return alike[0]
    raise DataError(
        f"{source} gives row {row} the new label '{name}', expected one of the {len(names)} classes",
        did_you_mean(name, names),
        setting="without",
        found=name,
        expected=names,
    )


def _bare(name: str) -> str:
    text = canonical(name)
    # "01", "1" and "1.0" alike: spreadsheets rewrite numbers as they like.
    return text.lstrip("0") or "0" if text.isdecimal() else text.casefold()


def _renumber(rows: Indices | None, kept: Indices, part: str, mending: Mending) -> Indices | None:
    if rows is None:
        return None
    left = np.flatnonzero(np.isin(kept, rows))
    if len(rows) and not len(left):
        raise DataError(f"{mending.source} leaves out all images reserved for {part}", "keep some", setting="without")
    return left


def _count(number: int, verb: str = "") -> str:
    return f"{number:,} image{'s' * (number != 1)} {verb or ('is' if number == 1 else 'are')}"
