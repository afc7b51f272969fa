"""Whether the first row of a text table names its columns, and how."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from inklings.data.label_spelling import is_missing
from inklings.data.notes import Decision
from inklings.data.readers.label_names import is_label_column
from inklings.data.readers.number_notation import is_number
from inklings.data.readers.table_columns import Column
from inklings.data.readers.text_file import describe_encoding
from inklings.data.readers.text_table import TextForm
from inklings.errors import DataError

_MANGLED = re.compile(r"^(\d+)\.(\d+)$")


def split_header(form: TextForm, path: Path) -> tuple[list[Column], int, list[str]]:
    """Return the columns with their names and first cells, 1 if the first row holds the names, and notes.

    Raises
    ------
    DataError
        There is nothing but a header.
    """
    first, others = form.rows[0], form.rows[1:]
    mangled = _is_mangled(first)
    header = mangled or _is_header(first, others)
    if header and not others:
        raise DataError("no images, found a header and no rows", path=path)
    names = list(first) if header else [str(index) for index in range(form.columns)]
    cells = [tuple(row[index] for row in form.rows[header:] if index < len(row)) for index in range(len(names))]
    note = "the first line is an image that a program took for the names of columns and changed: it is left out"
    notes: list[str] = [Decision(note)] if mangled else []
    notes += [*form.notation.notes(), *describe_encoding(path, form.encoding)]
    if form.skipped:
        notes.append(f"the table begins in line {form.skipped + 1}")
    return [Column(name, column) for name, column in zip(names, cells, strict=True)], int(header), notes


def _is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a row names columns: its cells are text, mostly, or numbers that count up.

    One text among numbers may be a label, or a mistake, and a row of a picture's name and its label is not a header.
    """
    columns = [Column("", (cell,)) for cell in first]
    if any(column.holds_paths or column.holds_pixels for column in columns):
        return False
    if _counts_up(first):
        return True
    words = [cell for cell in first if not is_number(cell) and not is_missing(cell)]
    if len(words) == len(first):
        # Of a table of text alone, such as identifiers and names, the first row looks like any other.
        return True
    named = any(map(is_label_column, words))
    below = others[0] if others else ()
    more = len(words) > sum(not is_number(cell) and not is_missing(cell) for cell in below)
    # Empty cells prove neither: pandas leaves the name of its index empty.
    empty = sum(not cell for cell in first)
    return 2 * len(words) >= len(first) - empty and (named or more)


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are consecutive whole numbers, as data frames name columns without names."""
    numbers = [int(cell) if cell.isdecimal() and cell.isascii() else None for cell in cells]
    steps = [one is not None and other == one + 1 for one, other in itertools.pairwise(numbers)]
    # A label column before or after them takes part in at most two steps.
    return len(steps) >= 4 and sum(steps) >= len(steps) - 2


def _is_mangled(cells: Sequence[str]) -> bool:
    """Whether cells are a first row that pandas took for names: repeated ones became 0, 0.1, 0.2 and so on."""
    marked = [match for cell in cells if (match := _MANGLED.match(cell))]
    counts = [int(match[2]) for match in marked if match[1] == "0"]
    # 0, 0.1, 0.2 and so on up to the last, at least four: no header that people write counts so.
    return len(counts) >= 4 and counts == list(range(1, len(counts) + 1))
