"""MATLAB's cells and structs as plain arrays: a cell of pictures, of one cell or stack of pictures a class, of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import ReadOptions
from inklings.data.readers.class_arrays import image_axis
from inklings.data.resizing import resize
from inklings.errors import DataError

Items = list[NDArray[Any]]


@dataclass
class Unfolded:
    """Plain arrays by their names, notes on what cells were taken as, and what is neither numbers nor text."""

    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def unfold(variables: Mapping[str, Any], options: ReadOptions, path: Path) -> Unfolded:
    """Take cells and structs apart.

    Parameters
    ----------
    variables : mapping from name to value
        Arrays of numbers and text; structs as structured arrays or mappings; cells as arrays of objects.
    options : ReadOptions
        Pictures of different sizes need a ``size``.
    path : Path
        For messages.

    Returns
    -------
    Unfolded
        Fields have names with dots. Of a cell of classes ``name``, ``name.class`` numbers them from 1.

    Raises
    ------
    DataError
        Pictures in a cell differ in size, and no size is given.
    """
    found = Unfolded()
    cells: list[tuple[str, NDArray[Any]]] = []
    for name, value in _flatten(variables):
        array = np.asarray(value)
        if array.dtype.kind == "O":
            cells.append((name, array))
        elif array.dtype.kind in "biufUSc":
            # MATLAB has no single numbers: 1 x 1 is one, and no image of one pixel.
            found.arrays[name] = array.reshape(()) if array.size == 1 and array.ndim == 2 else array
        else:
            found.left_out.append(name)
    # Cells of text and of single numbers come first: they tell how those of pictures are meant.
    pictures = []
    for name, cell in cells:
        plain = _plain_vector(cell)
        if plain is not None:
            found.arrays[name] = plain
        else:
            pictures.append((name, cell))
    # How many entries vectors have: as many labels as a cell has pictures, say.
    lengths = {max(array.shape) for array in found.arrays.values() if array.ndim in (1, 2) and _is_vector(array)}
    for name, cell in pictures:
        if not _unfold_pictures(name, cell, lengths, found, options, path):
            found.left_out.append(f"{name} (a cell of {' x '.join(map(str, cell.shape))})")
    return found


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is in nested structs, under names joined by dots; of an array of structs, a cell for each field."""
    for name, value in values.items():
        # loadmat adds __header__, __version__ and __globals__.
        if name.startswith("__"):
            continue
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, np.ndarray) and value.dtype.names and value.dtype.hasobject:
            # An array of structs has a cell for each field; a single one its values themselves.
            fields = {each: value[each].flat[0] if value.size == 1 else value[each] for each in value.dtype.names}
            yield from _flatten(fields, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _is_vector(array: NDArray[Any]) -> bool:
    # Exactly one axis longer than 1.
    return [length != 1 for length in array.shape].count(True) == 1


def _plain_vector(cell: NDArray[Any]) -> NDArray[Any] | None:
    """Return a cell of texts or of single numbers as a vector."""
    # Down the columns first, as MATLAB counts.
    items = [np.asarray(item) for item in cell.reshape(-1, order="F")]
    if not items:
        return None
    if all(item.dtype.kind in "US" and item.size <= 1 for item in items):
        return np.array([str(item.reshape(-1)[0]) if item.size else "" for item in items])
    if all(item.dtype.kind in "biuf" and item.size == 1 for item in items):
        return np.array([item.reshape(-1)[0] for item in items])
    return None


def _unfold_pictures(
    name: str, cell: NDArray[Any], lengths: set[int], found: Unfolded, options: ReadOptions, path: Path
) -> bool:
    """Add the images of a cell, and the classes of its rows or entries if those are classes; False if it has none."""
    if cell.ndim == 2 and min(cell.shape) > 1:
        # As many names as columns, and not as rows: the columns are the classes.
        by_column = cell.shape[1] in lengths and cell.shape[0] not in lengths
        groups = [list(row) for row in (cell.T if by_column else cell)]
        what = f"each {'column' if by_column else 'row'} of the cell {name} ({cell.shape[0]} x {cell.shape[1]})"
    else:
        # Row by row: of a cell with one row or one column, in its order.
        entries = [np.asarray(item) for item in cell.reshape(-1)]
        # Cells in a cell: each inner one holds the pictures of a class. But as many entries as a vector is long have
        # their labels in it, and are a picture each.
        if all(entry.dtype.kind == "O" for entry in entries):
            groups = [list(entry.reshape(-1)) for entry in entries]
        elif len(entries) in lengths and not _are_stacks(entries):
            groups = []
        else:
            groups = _split_stacks(entries)
        what = f"each entry of the cell {name}"
    if not groups:
        pictures = _pictures(list(cell.reshape(-1)))
        if pictures is None or not len(pictures):
            return False
        found.arrays[name] = _stack(pictures, name, options, path)
        return True
    per_class = [_pictures(group) for group in groups]
    if any(each is None for each in per_class) or not any(per_class):
        return False
    found.arrays[name] = _stack([picture for each in per_class for picture in each or ()], name, options, path)
    # Counted from 1, as MATLAB's users would.
    found.arrays[f"{name}.class"] = np.repeat(np.arange(1, len(groups) + 1), [len(each or ()) for each in per_class])
    found.notes.append(Decision(f"{what} was taken as a class"))
    return True


def _pictures(items: Sequence[Any]) -> Items | None:
    """Return the pictures among a cell's entries, of which some may be empty; None if one is something else."""
    arrays = [np.asarray(item) for item in items]
    # A struct or a cell of one entry may be around each picture.
    arrays = [np.asarray(each.flat[0]) if each.dtype.kind == "O" and each.size == 1 else each for each in arrays]
    if any(each.dtype.kind not in "biuf" for each in arrays if each.size):
        return None
    return [each for each in arrays if each.size]


def _are_stacks(entries: Items) -> bool:
    """Whether each entry has three axes, of which none is one of colours."""
    # (height, width, n), or (n, height, width): no axis of 1 or 3, which would be colours.
    return all(entry.ndim == 3 and not {1, 3} & {entry.shape[0], entry.shape[2]} for entry in entries if entry.size)


def _split_stacks(entries: Items) -> list[Items]:
    """Return the pictures of each entry, if each entry holds many of one size: else nothing."""
    filled = [entry for entry in entries if entry.size]
    axis = image_axis([entry.shape for entry in filled]) if filled else None
    flat = bool(filled) and all(entry.ndim == 2 for entry in filled)
    if axis is None or any(entry.dtype.kind not in "biuf" for entry in filled):
        return []
    # Of one size they may be pictures themselves; of several, stacks of as many as each class has.
    same = len({entry.shape for entry in filled}) == 1
    if not (_are_stacks(filled) or (flat and not same) or all(entry.ndim == 4 for entry in filled)):
        return []
    return [list(np.moveaxis(entry, axis, 0)) if entry.size else [] for entry in entries]


def _stack(pictures: Items, name: str, options: ReadOptions, path: Path) -> NDArray[Any]:
    sizes = {picture.shape for picture in pictures}
    if len(sizes) == 1:
        return np.stack(pictures)
    size = options.height_and_width
    if size is None or len({picture.shape[2:] for picture in pictures}) > 1:
        listed = sorted(sizes)
        raise DataError(
            f"the pictures in {name} have {len(sizes)} sizes, such as {listed[0]} and {listed[-1]}, expected one",
            "resize them",
            path=path,
            found=listed,
            suggested={"size": 28},
        )
    # (height, width, channels) each, whatever further axes there are joined to the channels.
    whole = [np.asarray(picture, np.float32).reshape(*picture.shape[:2], -1) for picture in pictures]
    return np.concatenate([resize(picture[np.newaxis], size) for picture in whole])
