"""What each column of a table is: labels, identifiers, parts, paths of pictures, pixels; shared by CSV and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from inklings.data.notes import Decision
from inklings.data.raw import ReadOptions
from inklings.data.readers.label_column import find_label_column, list_some
from inklings.data.readers.label_names import is_label_column
from inklings.data.readers.pixel_columns import NUMBERED, in_order, skeleton
from inklings.data.readers.table_columns import Column, find_column
from inklings.errors import DataError

IDENTIFIERS = (
    *("", "id", "ids", "index", "idx", "imageid", "image_id", "rowid", "row_id", "row", "no", "uuid", "guid"),
    *("unnamed: 0", "__index_level_0__", "__key__", "__url__"),
)
PARTS = ("usage", "split", "set", "part", "partition", "subset", "fold_name", "fold", "dataset", "phase")
_FEW_PIXELS = 4
_FEW_MEASUREMENTS = 15
"""So many columns at most, called by words, are measurements rather than images of up to 3 x 3."""
_MANY = 3
"""Pixels are the many columns that are numbered alike; this many others may be something else."""


@dataclass(frozen=True)
class Roles:
    """Which column is what; numbers from 0.

    Parameters
    ----------
    label, identifier, part, path, cell : int or None
        Labels; names of the images; parts of the set; paths of pictures; all pixels in a cell.
    pixels : tuple of int
        Columns of one pixel each, in their order; empty if a path or a cell holds them.
    notes : tuple of str
    counted : bool
        Whether the identifiers were told by counting the first rows alone, and not by a name.
    """

    label: int | None
    identifier: int | None = None
    part: int | None = None
    path: int | None = None
    cell: int | None = None
    pixels: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    counted: bool = False

    @property
    def used(self) -> tuple[int, ...]:
        """The columns that hold anything of the above."""
        single = (self.label, self.identifier, self.part, self.path, self.cell)
        return (*self.pixels, *(index for index in single if index is not None))

    def noting(self, notes: Sequence[str]) -> Self:
        """Return the same roles with more notes in front."""
        return replace(self, notes=(*notes, *self.notes))


def find_roles(columns: Sequence[Column], options: ReadOptions, path: Path) -> Roles:
    """Find out what each column is, by what the user said, its name and its first cells.

    Raises
    ------
    DataError
        A requested column is missing; there are no images, or several columns could hold labels.
    """
    names = [column.name for column in columns]
    skipped = {find_column(name, names, path) for name in options.skip}
    label = None if options.labels is None else find_column(options.labels, names, path)
    left = [index for index in range(len(columns)) if index not in skipped and index != label]
    # Labels last: parts, identifiers and paths are text too, and text alone would make any of them the labels.
    part = _find_part(columns, left)
    # One-hot labels fill cells with lists too.
    candidates = [index for index in left if index != part and not is_label_column(names[index])]
    image = _find_images(columns, candidates, options, path)
    identifier, counted = _find_identifier(columns, [index for index in left if index not in (part, image)])
    rest = [index for index in left if index not in (part, image, identifier)]
    note = ""
    if label is None:
        label, note = _find_label(columns, rest, options, path, few=image is not None)
    else:
        note = f"labels are column '{names[label]}' of {len(names)}"
    rest = [index for index in rest if index != label]
    notes = [note] if note else []
    if identifier is not None:
        notes.append(f"column '{names[identifier]}' holds identifiers, not pixels")
    found = Roles(label, identifier, part, counted=counted)
    if image is not None:
        found = replace(found, notes=(*notes, *_left_out(names, rest)))
        return replace(found, path=image) if columns[image].holds_paths else replace(found, cell=image)
    pixels = _find_pixels(columns, rest, may_hold_label=label is None and options.labelled)
    if not pixels or (options.shape is None and _are_measurements(columns, pixels)):
        raise DataError(
            f"no images, found columns {list_some(names)}",
            "expected columns of numbers, or one of lists of numbers or of pictures' paths; if it gives pictures in a "
            "folder their labels, give the folder that holds both",
            path=path,
            found=names,
        )
    ordered, reordered = in_order(pixels, names)
    others = [index for index in rest if index not in set(pixels)]
    return replace(found, pixels=tuple(ordered), notes=(*notes, *reordered, *_left_out(names, others)))


def _are_measurements(columns: Sequence[Column], pixels: Sequence[int]) -> bool:
    """Whether few columns, each called by a word of its own, are not pixels: identifiers, or lengths of petals.

    A letter may be a spreadsheet's name of a column.
    """
    words = all(len(columns[index].name.strip()) > 1 for index in pixels)
    return words and len(pixels) <= _FEW_MEASUREMENTS and len(_numbered_alike(columns, pixels)) <= len(pixels) // 2


def _left_out(names: Sequence[str], columns: Sequence[int]) -> list[str]:
    if not columns:
        return []
    which = list_some([f"'{names[index]}'" for index in columns])
    word = "column" if len(columns) == 1 else "columns"
    return [Decision(f"{word} {which} {'is' if len(columns) == 1 else 'are'} neither pixels nor labels, and left out")]


def _find_part(columns: Sequence[Column], left: Sequence[int]) -> int | None:
    named = [index for index in left if columns[index].name.strip().lower() in PARTS and columns[index].holds_parts]
    return named[0] if named else None


def _find_images(columns: Sequence[Column], left: Sequence[int], options: ReadOptions, path: Path) -> int | None:
    """Return the column of paths, or of all pixels in a cell."""
    whole = [index for index in left if columns[index].holds_paths or columns[index].holds_pixels]
    if options.images is None:
        return whole[0] if whole else None
    names = [column.name for column in columns]
    asked = find_column(options.images, names, path)
    if asked not in whole:
        raise DataError(
            f"is '{options.images}', a column that holds neither lists of pixels nor paths of pictures",
            "where each pixel has a column, leave it out",
            setting="images",
            path=path,
            found=options.images,
        )
    return asked


def _find_identifier(columns: Sequence[Column], left: Sequence[int]) -> tuple[int | None, bool]:
    """Return the column of identifiers, and whether only its counting says so."""
    for index in left:
        name = columns[index].name.strip().lower()
        if not columns[index].name.isdecimal() and name in IDENTIFIERS:
            return index, False
    # Without a name only the first column, which counts the rows, is believed; the corner of every image may be 0.
    if left and left[0] == 0 and columns[0].counts_up and not is_label_column(columns[0].name):
        return 0, True
    return None, False


def check_counts(cells: Sequence[str], name: str, path: Path) -> None:
    """Refuse a column of identifiers, told by its counting alone, that counts the first rows and then does not.

    Raises
    ------
    DataError
        A column of labels may begin 0, 1, 2 by chance.
    """
    if not Column(name, tuple(cells)).counts_up:
        raise DataError(
            f"column '{name}' counts the first rows, but not all of them: it may hold labels or identifiers",
            "name it",
            path=path,
            found=name,
            suggested={"labels": name},
        )


def _find_label(
    columns: Sequence[Column], rest: Sequence[int], options: ReadOptions, path: Path, *, few: bool
) -> tuple[int | None, str]:
    """Return the column of the labels and a note; None if only the values can show it, or there is none.

    With ``few``, another column holds the images whole.
    """
    names = [column.name for column in columns]
    named = [index for index in rest if is_label_column(names[index])]
    if not options.labelled and not few and not named:
        # Of a table to be answered, text such as a writer's name is not a label.
        return None, ""
    textual = [columns[index].is_text for index in rest]
    if few and len(rest) == 1:
        found: int | None = rest[0]
    else:
        place = find_label_column([names[index] for index in rest], textual, path)
        found = None if place is None else rest[place]
    if found is not None:
        note = f"labels are column '{names[found]}' of {len(names)}"
        return found, note if found in named or len(rest) == 1 else Decision(note)
    if few and options.labelled:
        raise DataError(
            f"no labels, found columns {list_some(names)}",
            "name the column",
            path=path,
            found=names,
            suggested={"labels": "NAME"},
        )
    return (None, "") if few else _find_odd_name(columns, rest)


def _find_odd_name(columns: Sequence[Column], rest: Sequence[int]) -> tuple[int | None, str]:
    """Return the one column of whole numbers that is not numbered as the pixels are."""
    largest = _numbered_alike(columns, rest)
    others = [index for index in rest if index not in set(largest)]
    if len(largest) <= _FEW_PIXELS or len(others) != 1 or not columns[others[0]].is_whole:
        return None, ""
    name = columns[others[0]].name
    note = f"labels are column '{name}', the only one that is not numbered as the pixels are (labels=NAME overrides)"
    return others[0], Decision(note)


def _numbered_alike(columns: Sequence[Column], rest: Sequence[int]) -> list[int]:
    """Return the largest group of columns of numbers whose names differ by their number alone."""
    kinds: dict[str, list[int]] = {}
    for index in rest:
        if columns[index].is_text:
            continue
        name = columns[index].name.strip()
        numbered = NUMBERED.match(name)
        kind = skeleton(name) or (numbered[1].lower() if numbered else f"alone {name}")
        kinds.setdefault(kind, []).append(index)
    return max(kinds.values(), key=len, default=[])


def _find_pixels(columns: Sequence[Column], rest: Sequence[int], *, may_hold_label: bool) -> list[int]:
    """Return the columns of pixels: all numbers, or those that are numbered alike if nearly all are."""
    numeric = [index for index in rest if not columns[index].is_text]
    if may_hold_label:
        # Nothing is known of it but its values.
        return numeric
    largest = _numbered_alike(columns, rest)
    return largest if len(largest) > _FEW_PIXELS and len(numeric) - len(largest) <= _MANY else numeric
