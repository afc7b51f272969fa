"""Names of classes from a list that lies beside arrays or tables whose labels are numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.label_spelling import CODE, as_text, is_missing, whole_number
from inklings.data.notes import Decision
from inklings.data.raw import RawArrays
from inklings.data.readers.array_names import distinct_labels
from inklings.data.readers.class_list import FILE_NAMES, ClassList, read_class_list
from inklings.data.readers.source_file import is_regular
from inklings.errors import DataError

_MAPPING = re.compile(r"(emnist[-_].*)mapping\.txt", re.IGNORECASE)
_LEAST_CODE = 33
"""The first character of ASCII that can be seen."""


def list_class_lists(folder: Path, images: Path | None = None) -> list[Path]:
    """Return the lists of class names directly in a folder.

    Parameters
    ----------
    folder : Path
    images : Path, optional
        The file that the names are for. EMNIST's sets each have a list of their own: ``emnist-letters-mapping.txt``
        is for ``emnist-letters-train-images-idx3-ubyte.gz``.
    """
    found = []
    for path in sorted(folder.iterdir()):
        mapping = _MAPPING.fullmatch(path.name)
        theirs = mapping and images and images.name.lower().startswith(mapping[1].lower())
        if (theirs or FILE_NAMES.fullmatch(path.name)) and is_regular(path):
            found.append(path)
    return found


def name_classes(raw: RawArrays, lists: Iterable[Path]) -> RawArrays:
    """Name the classes by the first list that names all of them; a note says which, and why others do not."""
    if raw.labels is None or raw.class_names is not None or (values := _distinct(raw.labels)) is None:
        return raw
    for path in lists:
        why = "it does not name every one of the labels found"
        try:
            # By value: the list may name more classes than there are here.
            listed = _read(path)
            entries = listed.find([str(value) for value in values], numbers=True)
        except DataError as error:
            entries, why = None, error.message
        if entries is not None:
            names = {int(value): name for value, (_, name) in zip(values, entries, strict=True)}
            return replace(
                raw, class_names=names, notes=[*raw.notes, f"class names are from {path.name}", *listed.notes]
            )
        raw = replace(raw, notes=[*raw.notes, Decision(f"{path.name} is not used: {why}")])
    return raw


def _distinct(labels: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the distinct labels if they are whole numbers, which tables hold as text; else None."""
    if labels.dtype.kind != "U":
        return distinct_labels(labels)
    texts = [as_text(text) for text in np.unique(labels) if not is_missing(text)]
    # 007 is a name and no number.
    numbers = [None if CODE.fullmatch(text) else whole_number(text) for text in texts]
    return None if None in numbers else distinct_labels(np.array(numbers))


def _read(path: Path) -> ClassList:
    """Read a list of names; EMNIST's hold codes of characters, as ``1 65 97`` for label 1, which is A or a."""
    listed = read_class_list(path)
    if not _MAPPING.fullmatch(path.name):
        return listed
    return ClassList({key: (place, _character(codes)) for key, (place, codes) in listed.entries.items()})


def _character(codes: str) -> str:
    """Return the first of some characters, given their codes: where a capital and a small letter are one, that."""
    first = codes.split()[0]
    if not first.isdecimal() or not _LEAST_CODE <= int(first[:4]) < 0x7F:
        raise DataError(f"holds {codes[:20]!r}, expected codes of characters in ASCII", found=codes)
    return chr(int(first))
