"""What the first cells of a table's column show of it: text, numbers, a count, paths, parts, or pixels in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PureWindowsPath

from inklings.data.label_spelling import is_missing
from inklings.data.readers.label_column import list_some
from inklings.data.readers.number_notation import is_number
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.data.readers.table_parts import part_in
from inklings.errors import DataError

_BRACKETS = str.maketrans("[](){},;", " " * 8)
# Fewer numbers in a cell may be a date; fewer rows count up by chance.
_FEWEST_PIXELS = 4
_FEWEST_ROWS = 3
_LOOKED_AT = 5
"""Cells of many pixels each that are looked at."""


@dataclass(frozen=True)
class Column:
    """One column, as its first rows show it.

    Parameters
    ----------
    name : str
        Its number, from 0, if there is no header.
    cells : tuple of str
        Its first cells, without a header.
    whole_images : bool
        Whether each cell holds an image in a form other than text: a list, or the bytes of a picture.
    """

    name: str
    cells: tuple[str, ...]
    whole_images: bool = False

    @cached_property
    def filled(self) -> tuple[str, ...]:
        """The cells that are not missing."""
        return tuple(cell for cell in self.cells if not is_missing(cell))

    @cached_property
    def is_text(self) -> bool:
        """Whether most cells are neither numbers nor missing; one among numbers is a mistake, to be reported."""
        return 2 * sum(not is_number(cell) for cell in self.filled) > len(self.filled)

    @cached_property
    def is_whole(self) -> bool:
        """Whether all cells are whole numbers."""
        return bool(self.filled) and all(is_number(cell) and float(cell).is_integer() for cell in self.filled)

    @cached_property
    def counts_up(self) -> bool:
        """Whether the cells are consecutive whole numbers from 0 or 1, as row numbers are."""
        first = [str(number) for number in range(len(self.cells))]
        second = [str(number) for number in range(1, len(self.cells) + 1)]
        # pandas writes 1.0 where a column of whole numbers had a gap once.
        plain = [cell.removesuffix(".0") for cell in self.cells]
        return len(plain) >= _FEWEST_ROWS and plain in (first, second)

    @cached_property
    def holds_pixels(self) -> bool:
        """Whether the cells are lists of numbers: ``0 0 255 ...`` or ``[0, 0, 255]``."""
        # A few: cells of thousands of numbers take long to parse.
        cells = self.filled[:_LOOKED_AT]
        return self.whole_images or (bool(cells) and all(_is_list(cell) for cell in cells))

    @cached_property
    def holds_paths(self) -> bool:
        """Whether every cell ends as the name of a picture does."""
        return bool(self.filled) and all(_ending(cell) in SUFFIXES for cell in self.filled)

    @cached_property
    def holds_parts(self) -> bool:
        """Whether every cell is a word for training, validation or test."""
        return bool(self.filled) and all(part_in(cell) for cell in self.filled)


def clean_cell(cell: str) -> str:
    """Return the numbers of a cell that holds a list of them, nested or not, with blanks between.

    >>> clean_cell("[[0, 12.5], [255, 0]]").split()
    ['0', '12.5', '255', '0']
    """
    return cell.translate(_BRACKETS)


def _ending(cell: str) -> str:
    return PureWindowsPath(cell).suffix.lower()


def _is_list(cell: str) -> bool:
    words = clean_cell(cell).split()
    # NumPy abbreviates long arrays by three dots: still pixels, but lost ones, which is reported where they are read.
    return len(words) >= _FEWEST_PIXELS and all(is_number(word) or word == "..." for word in words)


def find_column(name: str, names: Sequence[str], path: Path) -> int:
    """Return a column's number by its name, or by its number as text, of which -1 is the last.

    Raises
    ------
    DataError
        There is no such column.
    """
    for known in (names, [each.strip() for each in names]):
        if name in known:
            return list(known).index(name)
    if name.removeprefix("-").isdecimal() and -len(names) <= int(name) < len(names):
        return int(name) % len(names)
    raise DataError(f"has no column '{name}', found {list_some(names)}", path=path, found=names, expected=name)
