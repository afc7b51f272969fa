"""The images and labels of one part of a data set, read from its named arrays."""

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
from inklings.data.raw import ReadOptions
from inklings.data.readers.class_arrays import find_class_arrays, find_single_pictures, stack_classes
from inklings.data.readers.joining import Piece
from inklings.data.readers.part_ranges import in_one_range
from inklings.data.readers.variable_matching import Reader, Variable, choose, choose_fitting, within
from inklings.data.readers.variable_names import IDS, LABELS
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


def read_piece(search: Search, variables: Sequence[Variable]) -> Piece:
    """Read the images and labels of one part."""
    options = within(search.options, variables, search.path)
    # What the user named decides; else the special forms first, whose arrays would pass for ordinary ones.
    by_name = options.images is not None or options.labels is not None
    if not by_name and (pictures := find_single_pictures(variables)):
        return _read_single_pictures(search, pictures)
    if not by_name and (classes := find_class_arrays(variables)):
        images, labels = stack_classes(classes, search.read)
        search.used |= {each.name for each in classes.values()}
        names = list(classes)
        shown = ", ".join(names[:MANY]) + (" ..." if len(names) > MANY else "")
        note = Decision(f"each of {len(names)} arrays was taken as a class: {shown}")
        # Of several parts, each is read by this function, and says the same once.
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
    # (n,) or (n, classes) each.
    found = [_as_rows(search.read(name), arrays) for name in chosen.labels]
    # One vector for several arrays tells of none of them how many images it holds: they are joined as they lie.
    if len(found) == len(arrays):
        pairs = zip(arrays, found, strict=True)
        # With as many labels as arrays, each pair tells which axis of its array counts the images.
        arrays = [_images_first(search, array, len(each)) for array, each in pairs]
    if len(arrays) > 1:
        scaled, notes = in_one_range([[array] for array in arrays], chosen.images)
        arrays = [array for (array,) in scaled]
        search.notes += notes
    piece = Piece(arrays[0] if len(arrays) == 1 else np.concatenate(arrays), np.concatenate(found))
    return replace(piece, names=_read_names(search, variables, len(piece.images)))


def _say_odd_labels(search: Search, variables: Sequence[Variable], names: Sequence[str]) -> None:
    """Say which vector the labels are, if nothing but its length tells that it has labels."""
    odd = [each.name for each in variables if each.name in names and each.meaning.role != LABELS]
    # NumPy's own names, arr_0 and arr_1, name nothing else.
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
    # Images stand along the first axis, or along the last as MATLAB has them; names for one of both lengths tell which.
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


def read_with_labels(search: Search, labels: NDArray[Any]) -> Piece:
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
    # (n, 1), (1, n) and (n, 1, 1, 1) too: one label for each image.
    if labels.size == max(labels.shape, default=1):
        return labels.reshape(-1)
    if labels.ndim > 2:
        return labels
    lengths = {length for array in arrays for length in array.shape}
    # (classes, n), where only the second length is one of the images': turned round.
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
