"""What each column of a table is: labels, identifiers, parts, paths of pictures, pixels; shared by CSV and Parquet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from inklings.data.notes import Decision
from inklings.data.raw import ReadOptions
from inklings.data.readers.label_column import LABEL_NAMES, find_label_column, list_some
from inklings.errors import DataError

IDENTIFIERS = ("", "id", "ids", "index", "idx", "imageid", "image_id", "rowid", "row_id", "row", "no", "unnamed: 0")
PARTS = ("usage", "split", "set", "part", "partition", "subset", "fold_name", "dataset", "phase")
PART_WORDS = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    # FER2013's names; its public test was the contest's leaderboard, by which people chose.
    "publictest": "validation",
    "privatetest": "test",
    "test": "test",
    "testing": "test",
    "eval": "test",
}
PICTURE_ENDINGS = re.compile(r"\.(png|jpe?g|jpe|jfif|bmp|gif|tiff?|webp|p[gp]m|heic)$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(.*?)[ _.\-]?(\d+)$")
_PLACED = re.compile(r"^\d+[x_,]\d+$")
_MANY = 3
"""Pixels are the many columns that are numbered alike; this many others may be something else."""


@dataclass(frozen=True)
class Column:
    """One column, as its first rows show it.

    Parameters
    ----------
    name : str
        Its number, from 0, if there is no header.
    cells : tuple of str
        Its first cells, without a header.
    """

    name: str
    cells: tuple[str, ...]

    @property
    def is_text(self) -> bool:
        """Whether most cells are neither numbers nor empty; one that is among numbers is a mistake, to be told."""
        filled = [cell for cell in self.cells if cell]
        return 2 * sum(not is_number(cell) for cell in filled) > len(filled)

    @property
    def counts_up(self) -> bool:
        """Whether the cells are consecutive whole numbers from 0 or 1, as row numbers are."""
        first = [str(number) for number in range(len(self.cells))]
        second = [str(number) for number in range(1, len(self.cells) + 1)]
        plain = [cell.removesuffix(".0") for cell in self.cells]
        return len(plain) >= _MANY and plain in (first, second)

    @property
    def holds_pixels(self) -> bool:
        """Whether every cell is a list of numbers: ``0 0 255 ...`` or ``[0, 0, 255]``."""
        cells = [cell for cell in self.cells if cell]
        return bool(cells) and all(len(pixels_in(cell)) >= 4 for cell in cells)

    @property
    def holds_paths(self) -> bool:
        """Whether every cell ends as the name of a picture does."""
        cells = [cell for cell in self.cells if cell]
        return bool(cells) and all(PICTURE_ENDINGS.search(cell) for cell in cells)

    @property
    def holds_parts(self) -> bool:
        """Whether every cell is a word for training, validation or test."""
        cells = [cell for cell in self.cells if cell]
        return bool(cells) and all(cell.lower().replace("_", "").strip() in PART_WORDS for cell in cells)


@dataclass(frozen=True)
class Roles:
    """Which column is what; numbers from 0.

    Parameters
    ----------
    label, identifier, part, path, cell : int or None
        Labels; names of the images; parts of the set; paths of pictures; all pixels in a cell.
    pixels : tuple of int
        Columns of one pixel each; empty if a path or a cell holds them.
    notes : tuple of str
    """

    label: int | None
    identifier: int | None = None
    part: int | None = None
    path: int | None = None
    cell: int | None = None
    pixels: tuple[int, ...] = ()
    notes: tuple[str, ...] = field(default=())


def is_number(cell: str) -> bool:
    """Whether text is a number; NaN and infinity are, as Python has it."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def pixels_in(cell: str) -> list[str]:
    """Return the numbers in a cell that holds a list of them; an empty list if it holds something else.

    >>> pixels_in("[0, 12.5 255]")
    ['0', '12.5', '255']
    """
    numbers = cell.strip().strip("[](){}").replace(",", " ").replace(";", " ").split()
    return numbers if all(is_number(number) for number in numbers) else []


def find_roles(columns: Sequence[Column], options: ReadOptions, path: Path) -> Roles:
    """Find out what each column is, by what the user said, its name and its first cells.

    Raises
    ------
    DataError
        A requested column is missing; there are no images, or several columns could hold labels.
    """
    names = [column.name for column in columns]
    skipped = {find_column(name, names, path) for name in options.skip}
    left = [index for index in range(len(columns)) if index not in skipped]
    part = _find_part(columns, left)
    image = _find_images(columns, left, part)
    identifier = _find_identifier(columns, left, options)
    taken = {part, image, identifier}
    rest = [index for index in left if index not in taken]
    label = _find_label(columns, rest, options, path, few=image is not None)
    rest = [index for index in rest if index != label]
    notes = [] if label is None else [f"labels are column '{names[label]}' of {len(names)}"]
    if identifier is not None:
        notes.append(f"column '{names[identifier]}' holds identifiers, and is no pixel")
    if image is not None:
        found = Roles(label, identifier, part, notes=(*notes, *_left_out(names, rest)))
        return replace(found, path=image) if columns[image].holds_paths else replace(found, cell=image)
    pixels = _find_pixels(columns, rest, label)
    others = [index for index in rest if index not in set(pixels)]
    return Roles(label, identifier, part, pixels=tuple(pixels), notes=(*notes, *_left_out(names, others)))


def find_column(name: str, names: Sequence[str], path: Path) -> int:
    """Return a column's number by its name, or by its number as text, of which -1 is the last."""
    if name in names:
        return list(names).index(name)
    if name.lstrip("-").isdecimal() and -len(names) <= int(name) < len(names):
        return int(name) % len(names)
    raise DataError(f"has no column '{name}', found {list_some(names)}", path=path, found=names, expected=name)


def _left_out(names: Sequence[str], columns: Sequence[int]) -> list[str]:
    if not columns:
        return []
    which = list_some([f"'{names[index]}'" for index in columns])
    word = "column" if len(columns) == 1 else "columns"
    return [Decision(f"{word} {which} {'is' if len(columns) == 1 else 'are'} neither pixels nor labels, and left out")]


def _find_part(columns: Sequence[Column], left: Sequence[int]) -> int | None:
    named = [index for index in left if columns[index].name.strip().lower() in PARTS and columns[index].holds_parts]
    return named[0] if named else None


def _find_images(columns: Sequence[Column], left: Sequence[int], part: int | None) -> int | None:
    """Return the column of paths, or of all pixels in a cell."""
    whole = [index for index in left if index != part and (columns[index].holds_paths or columns[index].holds_pixels)]
    return whole[0] if whole else None


def _find_identifier(columns: Sequence[Column], left: Sequence[int], options: ReadOptions) -> int | None:
    for index in left:
        column = columns[index]
        if options.labels in (column.name, str(index)):
            continue
        named = not column.name.isdecimal() and column.name.strip().lower() in IDENTIFIERS
        # Without a name only the first column, which counts the rows, is believed; the corner of every image may be 0.
        if named or (index == 0 and column.counts_up and not _is_label_name(column.name)):
            return index
    return None


def _is_label_name(name: str) -> bool:
    return name.strip().lower() in LABEL_NAMES


def _find_label(
    columns: Sequence[Column], rest: Sequence[int], options: ReadOptions, path: Path, *, few: bool
) -> int | None:
    names = [column.name for column in columns]
    if options.labels is not None:
        return find_column(options.labels, names, path)
    # A table without labels has as many columns as there are pixels.
    if not options.labelled and not few and not any(_is_label_name(names[index]) for index in rest):
        text = [index for index in rest if columns[index].is_text]
        return text[0] if len(text) == 1 else None
    among = [names[index] for index in rest]
    textual = [columns[index].is_text for index in rest]
    if few and len(rest) == 1:
        return rest[0]
    found = find_label_column(among, textual, None, path)
    return None if found is None else rest[found]


def _find_pixels(columns: Sequence[Column], rest: Sequence[int], label: int | None) -> list[int]:
    """Return the columns of pixels: all numbers, or those that are numbered alike if nearly all are."""
    numeric = [index for index in rest if not columns[index].is_text]
    if label is None:
        # The label is still among them, and nothing is known of it but its values.
        return numeric
    kinds: dict[str, list[int]] = {}
    for index in numeric:
        name = columns[index].name.strip()
        numbered = _NUMBERED.match(name)
        kind = "placed" if _PLACED.match(name) else numbered[1].lower() if numbered else f"alone {name}"
        kinds.setdefault(kind, []).append(index)
    largest = max(kinds.values(), key=len, default=[])
    return largest if len(largest) > 4 and len(numeric) - len(largest) <= _MANY else numeric
