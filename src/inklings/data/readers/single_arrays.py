"""Folders of NPY files that hold one picture each: in a folder for each class, beside a table of labels, or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.picture_or_rows import is_one_picture
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.class_list import nfc
from inklings.data.readers.file_errors import Claim
from inklings.data.readers.folder_tree import TABLES, describe_others
from inklings.data.readers.image_files import list_names
from inklings.data.readers.joining import Piece, join_parts
from inklings.data.readers.label_table import LabelTable, read_label_table
from inklings.data.readers.numpy_file import outline_npy, read_npy_array
from inklings.data.readers.parts import TRAIN, part_of
from inklings.data.readers.picture_index import PictureIndex
from inklings.data.readers.variable_names import LABELS, understand
from inklings.errors import DataError

_LOOKED_AT = 5


def read_single_arrays(folder: Path, files: Sequence[Path], options: ReadOptions) -> RawArrays | None:
    """Read NPY files that hold one picture each; None if they are something else.

    Raises
    ------
    DataError
        A file is damaged, or pictures have several shapes; there are no labels and ``options.labelled`` asks for some.
    """
    if len(files) < 2 or any(path.suffix.lower() != ".npy" for path in files):
        return None
    # y.npy among them: these are images and labels, not pictures.
    if any(understand(path.stem).role == LABELS for path in files):
        return None
    places = [path.relative_to(folder).parts for path in files]
    names = ["/".join(place) for place in places]
    labels = [nfc(place[-2]) if len(place) > 1 else "" for place in places]
    if _are_classes(labels):
        # train/cat/1.npy: the part is two folders above the file, the class one above.
        parts = [found[0] if len(place) > 2 and (found := part_of(place[-3])) else TRAIN for place in places]
        note = f"each of {len(files):,} arrays was taken as one image, its folder as its class"
        return _join(folder, files, names, labels, parts, note)
    if not _are_pictures(files):
        return None
    if not options.labelled:
        return _unlabelled(folder, files, names)
    table = _read_table(folder, names, options.labels)
    rows = sorted(table.labels)
    note = f"each of {len(rows):,} arrays was taken as one image, labelled by {table.path.name}"
    raw = _join(
        folder,
        [files[row] for row in rows],
        [names[row] for row in rows],
        [nfc(table.labels[row]) for row in rows],
        [table.parts.get(row, TRAIN) for row in rows],
        note,
    )
    notes = list(map(Decision, filter(None, [describe_others(folder, [*files, table.path])])))
    if left := [name for row, name in enumerate(names) if row not in table.labels]:
        notes.append(Decision(f"{len(left)} arrays have no label and are not used: {list_names(left, 2)}"))
    return replace(raw, notes=[*notes, *raw.notes])


def _are_classes(labels: Sequence[str]) -> bool:
    """Whether the names of the arrays' folders are classes: several, with several arrays, and none that is a part."""
    several = 1 < len(set(labels)) < len(labels)
    return several and "" not in labels and not any(part_of(label) for label in set(labels))


def _are_pictures(files: Sequence[Path]) -> bool:
    """Whether arrays of one shape, (h, w), each show a picture rather than rows of pixels; some are looked at."""
    outlines = [outline_npy(path) for path in files]
    if len({each.shape for each in outlines}) > 1 or len(outlines[0].shape) != 2:
        return False
    some = files[:: -(-len(files) // _LOOKED_AT)]
    # Most, not all: a picture of a few slanting strokes is as rough as rows can be, but rows are never smooth.
    return 2 * sum(is_one_picture(read_npy_array(path)) for path in some) > len(some)


def _read_table(folder: Path, names: Sequence[str], asked: str | None) -> LabelTable:
    """Read the table beside the arrays that names them; ``asked`` is that table, or a column."""
    index = PictureIndex(names)
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in TABLES)
    if named := [path for path in paths if path.name == asked]:
        paths, asked = named, None
    for path in paths:
        if (table := read_label_table(path, index, asked)) is not None:
            return table
    expected = "a folder of them for each class, or a table of labels beside them (labels.csv: file, label)"
    raise DataError(
        f"holds {len(names):,} arrays of one picture each and no labels, expected {expected}",
        path=folder,
        found=len(names),
        expected=expected,
    )


def _unlabelled(folder: Path, files: Sequence[Path], names: Sequence[str]) -> RawArrays:
    note = Decision(f"each of {len(files):,} arrays was taken as one image")
    return RawArrays(_stack(folder, files), None, folder, notes=[note], names=list(names), arranged=True)


def _join(
    folder: Path,
    files: Sequence[Path],
    names: Sequence[str],
    labels: Sequence[str],
    parts: Sequence[str],
    note: str,
) -> RawArrays:
    arrays = _stack(folder, files)
    pieces = {}
    for part in set(parts):
        rows = [row for row, each in enumerate(parts) if each == part]
        pieces[part] = Piece(arrays[rows], np.array([labels[row] for row in rows]), [names[row] for row in rows])
    raw = join_parts(pieces, folder)
    return replace(raw, notes=[*raw.notes, Decision(note)])


def _stack(folder: Path, files: Sequence[Path]) -> NDArray[Any]:
    """Read arrays of one shape as (n, height, width) or (n, height, width, channels)."""
    # The files' sizes first, before any is read.
    claim = Claim(folder)
    for path in files:
        claim.add_to_total(f"file {path.name}", path.stat().st_size)
    arrays = [read_npy_array(path) for path in files]
    shapes = sorted({array.shape for array in arrays})
    if len(shapes) > 1:
        raise DataError(
            f"its arrays, one for each image, have {len(shapes)} shapes, such as {shapes[0]} and {shapes[-1]}",
            "save all with the same height and width",
            path=folder,
            found=shapes,
        )
    return np.stack(arrays)
