"""From the named arrays of a file to a data set: its parts, images, labels, class names, and what is not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.array_names import find_class_names
from inklings.data.readers.array_parts import find_part_rows
from inklings.data.readers.array_pieces import MANY, Search, read_piece, read_with_labels
from inklings.data.readers.class_arrays import find_class_arrays
from inklings.data.readers.joining import Piece, join_parts
from inklings.data.readers.parts import ORDER, TEST, TRAIN
from inklings.data.readers.variable_matching import (
    PICKLED,
    Reader,
    Variable,
    called,
    could_be_labels,
)
from inklings.data.readers.variable_names import IMAGES
from inklings.errors import DataError


def find_arrays(
    variables: Sequence[Variable],
    read: Reader,
    options: ReadOptions,
    path: Path,
    *,
    matlab: bool = False,
    labels: NDArray[Any] | None = None,
    left_out: Sequence[str] = (),
) -> RawArrays:
    """Find images and labels among named arrays, and read them.

    Where names say that some are to train, others to validate and to test, all are read and their rows reserved. Where
    there are no labels but an array for each class, these are joined.

    Parameters
    ----------
    variables : sequence of Variable
    read : callable
        Reads one variable.
    options : ReadOptions
        ``images`` and ``labels`` name variables.
    path : Path
        For messages.
    matlab : bool
        Whether the file comes from MATLAB, which counts from 1.
    labels : array, optional
        The labels, if they are from another file.
    left_out : sequence of str
        What the file holds besides, for the note on what is not used.

    Raises
    ------
    DataError
        A requested variable is missing; there are no images or no labels; several variables could be either.
    """
    pickled = [each.name for each in variables if each.kind == PICKLED]
    if pickled:
        if {options.images, options.labels} & set(pickled):
            # Reading it says why not.
            read(next(name for name in pickled if name in (options.images, options.labels)))
        plain = [each for each in variables if each.kind != PICKLED]
        also = [*left_out, *(f"{name} (pickled Python objects)" for name in pickled)]
        try:
            return find_arrays(plain, read, options, path, matlab=matlab, labels=labels, left_out=also)
        except DataError:
            # What is missing is likely to be in one of those.
            read(pickled[0])
            raise
    search = Search(variables, read, options, path, matlab)
    _check_requested(search)
    raw = _read_all(search, labels)
    unused = [*(str(each) for each in variables if each.name not in search.used and _matters(each)), *left_out]
    if unused:
        more = f" and {len(unused) - MANY} more" if len(unused) > MANY else ""
        search.decide(f"not used: {', '.join(unused[:MANY])}{more}")
    # Only these tell which axis is that of the images; else all axes are still as they are stored.
    known = raw.labels is not None or raw.names is not None or options.axes is not None
    raw = replace(raw, notes=[*raw.notes, *search.notes], matlab=matlab, arranged=known)
    by_name = options.images is not None or options.labels is not None
    return raw if options.labelled or by_name else replace(raw, labels=None)


def _read_all(search: Search, labels: NDArray[Any] | None) -> RawArrays:
    """Read the images and labels of all parts, and the names of the classes."""
    options, variables = search.options, search.variables
    requested = {options.images, options.labels} - {None}
    # A field that several parts have, such as fine_labels, does not choose among them.
    whole = not requested & {each.name for each in variables}
    parts = _group_parts(search) if whole and options.labelled and labels is None else {}
    if parts:
        raw = join_parts(_read_parts(search, parts), search.path)
    else:
        asked = _asked_about(variables) if whole and not options.labelled else []
        piece = read_piece(search, asked or variables) if labels is None else read_with_labels(search, labels)
        raw = join_parts({TRAIN: piece}, search.path)
        reserved = find_part_rows(variables, search.read, len(raw.images), matlab=search.matlab, used=search.used)
        search.used |= set(reserved.used)
        search.notes += reserved.notes
        raw = replace(raw, given_test=reserved.test, given_validation=reserved.validation)
    if raw.labels is None:
        return raw
    named = find_class_names(variables, search.read, raw.labels, search.used, matlab=search.matlab)
    search.used |= set(named.used)
    search.notes += named.notes
    return replace(raw, class_names=named.names)


def _asked_about(variables: Sequence[Variable]) -> list[Variable]:
    """Return the variables of the test part, if it has images without labels beside a part to train on: a contest's."""
    parts: dict[str, list[Variable]] = {}
    for each in variables:
        parts.setdefault(each.meaning.part or TRAIN, []).append(each)
    test = parts.get(TEST, [])
    asked = _images_in(test) and not any(map(could_be_labels, test))
    return test if asked and _images_in(parts.get(TRAIN, [])) else []


def _matters(variable: Variable) -> bool:
    """Whether a variable that is not used is worth a word: single numbers, such as a version, are not."""
    return bool(np.prod(variable.shape, dtype=object) > 1)


def _check_requested(search: Search) -> None:
    for requested in (search.options.images, search.options.labels):
        if requested is not None and not called(requested, search.variables):
            listing = ", ".join(map(str, search.variables)) or "nothing"
            raise DataError(
                f"holds no variable '{requested}', found {listing}",
                path=search.path,
                found=[each.name for each in search.variables],
                expected=requested,
            )


def _group_parts(search: Search) -> dict[str, list[Variable]]:
    """Return the variables of each part, if one is to train on and others are not; else nothing."""
    groups: dict[str, list[Variable]] = {}
    for each in search.variables:
        groups.setdefault(each.meaning.part or "", []).append(each)
    parts = {part: group for part, group in groups.items() if _images_in(group)}
    # Beside X_test and y_test, X and y are to train on.
    rest = parts.pop("", [])
    if TRAIN not in parts and parts and rest and any(map(could_be_labels, rest)):
        parts[TRAIN] = rest
    return parts if TRAIN in parts and len(parts) > 1 else {}


def _images_in(group: Sequence[Variable]) -> bool:
    return any(each.could_be_images and each.meaning.role in (None, IMAGES) for each in group)


def _read_parts(search: Search, parts: dict[str, list[Variable]]) -> dict[str, Piece]:
    pieces = {}
    for part in ORDER:
        if part not in parts:
            continue
        if part == TRAIN or find_class_arrays(parts[part]) or any(map(could_be_labels, parts[part])):
            pieces[part] = read_piece(search, parts[part])
            continue
        # The images of a contest's test part have no labels; nothing can be measured on them.
        names = [each.name for each in parts[part] if each.could_be_images]
        search.used |= set(names)
        search.decide(f"the {part} part has no labels, and is not used: {', '.join(names)}")
    return pieces
