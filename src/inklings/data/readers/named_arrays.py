"""From the named arrays of a file to a data set: its parts, images, labels, class names, and what is not used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.axes import check_axes, images_first
from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.array_names import find_class_names
from inklings.data.readers.array_parts import find_part_rows
from inklings.data.readers.class_arrays import find_class_arrays, find_single_pictures, stack_classes
from inklings.data.readers.joining import Piece, join_parts
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION
from inklings.data.readers.variable_matching import (
    PICKLED,
    Reader,
    Variable,
    called,
    choose,
    choose_fitting,
    could_be_labels,
    within,
)
from inklings.data.readers.variable_names import IDS, IMAGES, LABELS
from inklings.errors import DataError

MANY = 8
"""Of more variables than this that are not used, the first are named and the rest counted."""


@dataclass
class Search:
    """What is being looked for, and what was found so far.

    Parameters
    ----------
    variables : sequence of Variable
    read : callable
        Reads a variable by its name.
    options : ReadOptions
    path : Path
        For messages.
    matlab : bool
        Whether numbers count from 1.
    """

    variables: Sequence[Variable]
    read: Reader
    options: ReadOptions
    path: Path
    matlab: bool = False
    used: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def decide(self, note: str) -> None:
        """Note what was decided about the meaning of the arrays."""
        self.notes.append(Decision(note))


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
    requested = {options.images, options.labels} - {None}
    by_name = bool(requested)
    # A field that several parts have, such as fine_labels, does not choose among them.
    whole = not requested & {each.name for each in variables}
    parts = _group_parts(search) if whole and options.labelled and labels is None else {}
    if parts:
        raw = join_parts(_read_parts(search, parts), path)
    else:
        piece = _read_piece(search, variables) if labels is None else _with_labels(search, labels)
        raw = join_parts({TRAIN: piece}, path)
        reserved = find_part_rows(search.variables, read, len(raw.images), matlab=matlab, used=search.used)
        search.used |= set(reserved.used)
        search.notes += reserved.notes
        raw = replace(raw, given_test=reserved.test, given_validation=reserved.validation)
    if raw.labels is not None:
        named = find_class_names(search.variables, read, raw.labels, search.used, matlab=matlab)
        search.used |= set(named.used)
        search.notes += named.notes
        raw = replace(raw, class_names=named.names)
    unused = [*(str(each) for each in variables if each.name not in search.used and _matters(each)), *left_out]
    if unused:
        more = f" and {len(unused) - MANY} more" if len(unused) > MANY else ""
        search.decide(f"not used: {', '.join(unused[:MANY])}{more}")
    known = raw.labels is not None or raw.names is not None or options.axes is not None
    raw = replace(raw, notes=[*raw.notes, *search.notes], matlab=matlab, arranged=known)
    return raw if options.labelled or by_name else replace(raw, labels=None)


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
    for part in (TRAIN, VALIDATION, TEST):
        if part not in parts:
            continue
        if part == TRAIN or find_class_arrays(parts[part]) or any(map(could_be_labels, parts[part])):
            pieces[part] = _read_piece(search, parts[part])
            continue
        # The images of a contest's test part have no labels; nothing can be measured on them.
        names = [each.name for each in parts[part] if each.could_be_images]
        search.used |= set(names)
        search.decide(f"the {part} part has no labels, and is not used: {', '.join(names)}")
    return pieces


def _read_piece(search: Search, variables: Sequence[Variable]) -> Piece:
    """Read the images and labels of one part."""
    options = within(search.options, variables, search.path)
    by_name = options.images is not None or options.labels is not None
    if not by_name and (pictures := find_single_pictures(variables)):
        return _read_single_pictures(search, pictures)
    if not by_name and (classes := find_class_arrays(variables)):
        images, labels = stack_classes(classes, search.read)
        search.used |= {each.name for each in classes.values()}
        names = list(classes)
        shown = ", ".join(names[:MANY]) + (" ..." if len(names) > MANY else "")
        note = Decision(f"each of {len(names)} arrays was taken as a class: {shown}")
        if note not in search.notes:
            search.notes.append(note)
        return Piece(images, labels)
    chosen = choose(variables, options, search.path)
    search.used |= {*chosen.images, *chosen.labels}
    if len(chosen.images) > 1:
        search.decide(f"{len(chosen.images)} arrays were joined: {chosen.images[0]} to {chosen.images[-1]}")
    arrays: list[NDArray[Any]] = [search.read(name) for name in chosen.images]
    if not chosen.labels:
        return _without_labels(search, variables, arrays)
    if options.labels is None and options.labelled:
        _say_odd_labels(search, variables, chosen.labels)
    found = [_as_rows(search.read(name), arrays) for name in chosen.labels]
    if len(found) == len(arrays):
        pairs = zip(arrays, found, strict=True)
        arrays = [_images_first(search, array, len(each)) for array, each in pairs]
    piece = Piece(arrays[0] if len(arrays) == 1 else np.concatenate(arrays), np.concatenate(found))
    return replace(piece, names=_read_names(search, variables, len(piece.images)))


def _say_odd_labels(search: Search, variables: Sequence[Variable], names: Sequence[str]) -> None:
    """Say which vector the labels are, if nothing but its length tells that it has labels."""
    odd = [each.name for each in variables if each.name in names and each.meaning.role != LABELS]
    # NumPy's own names, arr_0 and arr_1, are no names of anything else.
    odd = [name for name in odd if not re.fullmatch(r"(.*\.)?arr_\d+", name)]
    if odd:
        search.decide(f"the labels were taken from {', '.join(odd)}, which fits (labels=NAME takes another)")


def _without_labels(search: Search, variables: Sequence[Variable], arrays: list[NDArray[Any]]) -> Piece:
    """Return images without labels; what they are called tells which axis is theirs, or else the option does."""
    axes = search.options.axes
    if axes is not None:
        for array in arrays:
            check_axes(array, axes)
        arrays = [_images_first(search, array, array.shape[axes.index("n")]) for array in arrays]
        images = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
        return Piece(images, None, _read_names(search, variables, len(images)))
    if len(arrays) > 1:
        return Piece(np.concatenate(arrays), None)
    (array,) = arrays
    for count in (array.shape[0], array.shape[-1]):
        if names := _read_names(search, variables, count):
            return Piece(_images_first(search, array, count), None, names)
    return Piece(array, None)


def _read_single_pictures(search: Search, pictures: Mapping[str, Sequence[Variable]]) -> Piece:
    """Read arrays that hold one picture each."""
    names = [each.name for group in pictures.values() for each in group]
    search.used |= set(names)
    search.decide(f"each of {len(names):,} arrays was taken as one image, its group as its class")
    labels = np.repeat(list(pictures), [len(group) for group in pictures.values()])
    return Piece(np.stack([search.read(name) for name in names]), labels, names)


def _with_labels(search: Search, labels: NDArray[Any]) -> Piece:
    """Read the images that labels from another file are for."""
    name = choose_fitting(
        search.variables, search.options, labels.size if labels.ndim == 1 else len(labels), search.path
    )
    search.used.add(name)
    array = search.read(name)
    labels = _as_rows(labels, [array])
    return Piece(_images_first(search, array, len(labels)), labels, _read_names(search, search.variables, len(labels)))


def _as_rows(labels: NDArray[Any], arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return labels as a vector, or as one-hot rows, of which MATLAB has columns."""
    if labels.size == max(labels.shape, default=1):
        return labels.reshape(-1)
    if labels.ndim > 2:
        return labels
    lengths = {length for array in arrays for length in array.shape}
    return labels.T if labels.shape[0] not in lengths and labels.shape[1] in lengths else labels


def _images_first(search: Search, array: NDArray[Any], count: int) -> NDArray[Any]:
    try:
        images, notes = images_first(array, count, search.options.axes)
    except DataError as error:
        raise error.at(search.path) from error
    search.notes += notes
    return images


def _read_names(search: Search, variables: Sequence[Variable], count: int) -> list[str] | None:
    """Read what the images are called, if a variable says it."""
    for each in variables:
        if each.meaning.role == IDS and each.is_vector and each.length == count and each.name not in search.used:
            search.used.add(each.name)
            return [str(value) for value in search.read(each.name).reshape(-1).tolist()]
    return None
