"""A table beside pictures that gives each file its label: ``labels.csv`` with a file and a label in each row."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inklings.data.readers.class_list import nfc
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.label_column import several_could_be
from inklings.data.readers.label_json import read_json_rows
from inklings.data.readers.label_names import find_named_labels
from inklings.data.readers.picture_index import PictureIndex
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.data.readers.table_columns import find_column
from inklings.data.readers.table_parts import part_in, parts_of
from inklings.data.readers.table_roles import IDENTIFIERS, PARTS
from inklings.data.readers.table_rows import iterate_cells
from inklings.data.readers.text_file import detect_encoding, open_text, read_lines
from inklings.data.readers.text_table import detect_form, long_cells
from inklings.errors import DataError

MAX_BYTES = 1 << 28
"""Half a million rows of long paths take a tenth of this."""

_FILE_NAMES = ("file", "filename", "file_name", "image", "path", "name", "picture", "img")
# Rows and columns that are searched for names of pictures; a table of pixels has hundreds of columns.
_LOOKED_AT = 500
_MOST_COLUMNS = 50

NO, YES = ("0", "0.0", "false"), ("1", "1.0", "true")
"""How programs write whether a picture is of a class; pandas' ``get_dummies`` by words."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class LabelTable:
    """The rows of a table that name pictures.

    Parameters
    ----------
    path : Path
        Of the table.
    labels, parts : dict of int to str
        By the number of the picture.
    unmatched : tuple of str
        Files that rows name and that are not there.
    """

    path: Path
    labels: dict[int, str]
    parts: dict[int, str] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()


def read_label_table(
    path: Path, index: PictureIndex, column: str | None = None, classes: frozenset[str] = frozenset()
) -> LabelTable | None:
    """Read a table if most of its rows name pictures.

    Parameters
    ----------
    path : Path
        CSV in any form that a table of pixels may have, a file and its label with blanks between, or JSON.
    index : PictureIndex
    column : str, optional
        The column of the labels, by its name or its number from 0, of which -1 is the last.
    classes : frozenset of str
        Names of classes that folders show; of several columns, the only one that holds these alone has the labels.

    Returns
    -------
    LabelTable or None
        None if it is a table of something else.

    Raises
    ------
    DataError
        It is damaged; it has several columns that could be the labels; two rows give a picture different labels.
    """
    with wrap_errors(path, "table of labels"), long_cells():
        if path.stat().st_size > MAX_BYTES:
            return None
        rows = _read_rows(path, index)
    files = _find_file_column(rows, index)
    if files is None:
        return None
    # The first row is one of names where its cell names no picture.
    header = rows[0] if index.find(rows[0][files]) is None and _is_header(rows, files) else None
    if header and len(rows) > 1 and all(len(row) == len(header) + 1 for row in rows[1:]):
        header = ["", *header]  # R names no column for the numbers of rows
    names = [name.strip() for name in header] if header else [str(number) for number in range(len(rows[0]))]
    others = [number for number in range(len(names)) if number != files]
    rows = rows[1:] if header else rows
    part = next((place for place in others if names[place].lower() in PARTS and _names_parts(rows, place)), None)
    asked = None if column is None else find_column(column, names, path)
    if asked is None and header and (one_hot := _find_one_hot(rows, names, others)):
        # The class's name as a cell of its own, at the end of each row.
        rows = [[*row, names[one_hot[_ones(row, one_hot).index(True)]]] for row in rows]
        asked = len(names)
    if asked is None:
        likely = [each for each in others if each != part]
        asked = _find_label(names, _columns_of_classes(rows, likely, classes) or likely, path)
    _check_width(path, rows, asked, len(names))
    return _collect(path, rows, index, (files, asked, part))


def _check_width(path: Path, rows: Rows, label: int, width: int) -> None:
    """Refuse a row with more cells than there are columns, unless its label is one that whole rows have too.

    A comma in a cell that is not in quotes moves all cells behind it: the label may be half of a title.
    """
    known = {row[label].strip() for row in rows if len(row) > label and not any(row[width:])}
    for line, row in enumerate(rows, 1):
        if label < width and any(row[width:]) and row[label].strip() not in known:
            raise DataError(
                f"row {line} has {len(row)} cells, expected {width}",
                "put what holds the character that separates cells into quotes",
                path=path,
                found=len(row),
                expected=width,
            )


def _collect(path: Path, rows: Rows, index: PictureIndex, columns: tuple[int, int, int | None]) -> LabelTable:
    files, label_column, part_column = columns
    labels: dict[int, str] = {}
    cells: dict[int, str] = {}
    unmatched = []
    for line, row in enumerate(rows, 1):
        if len(row) <= max(files, label_column, part_column or 0):
            raise DataError(f"row {line} has {len(row)} cells, expected a file and a label", path=path, found=len(row))
        number = index.find(row[files])
        if number is None:
            unmatched.append(row[files])
            continue
        label = row[label_column].strip()
        # The same picture twice with the same label is no contradiction.
        if labels.setdefault(number, label) != label:
            raise DataError(
                f"gives {row[files]} two labels, '{labels[number]}' and '{label}'",
                "remove one of the rows",
                path=path,
                found=(labels[number], label),
            )
        if part_column is not None:
            cells[number] = row[part_column]
    try:
        parts = parts_of(list(cells.values()), [row[files] for row in rows if index.find(row[files]) in cells])
    except DataError as error:
        raise error.at(path) from error
    return LabelTable(path, labels, dict(zip(cells, parts, strict=True)), tuple(unmatched))


def _is_header(rows: Rows, files: int) -> bool:
    """Whether the first row, which names no picture, holds the names of columns rather than a missing picture."""
    first = [cell.strip().lower() for cell in rows[0]]
    if _looks_like_file(rows[0][files : files + 1]):
        return False
    others = [number for number in range(len(first)) if number != files and first[number]]
    if first[files] in (*_FILE_NAMES, *IDENTIFIERS) or find_named_labels(first) in others:
        return True
    if any(first[number] in PARTS for number in others):
        return True
    # A label comes again further down, or is a number; a name of a column is neither.
    below = [{row[number].strip().lower() for row in rows[1:] if len(row) > number} for number in others]
    again = any(first[number] in cells for number, cells in zip(others, below, strict=True))
    return not again and not any(character.isdecimal() for number in (files, *others) for character in first[number])


def _names_parts(rows: Rows, column: int) -> bool:
    """Whether any cell of a column names a part: a column called set or usage may mean something else."""
    return any(len(row) > column and part_in(row[column]) for row in rows)


def _find_file_column(rows: Rows, index: PictureIndex) -> int | None:
    """Return the column in which at least half of the cells name pictures, most of all."""
    looked_at = rows[:_LOOKED_AT]
    if not looked_at or len(looked_at[0]) < 2:
        return None
    found = _pictures_by_column(rows, index)
    # The column that names most pictures; of two, the one whose cells end as pictures' names do.
    best = max(range(len(found)), key=lambda column: (len(found[column]), _looks_like_file(rows[-1][column:][:1])))
    # Of a contest's table of training and test files, or of a few of the pictures, a tenth is enough where the cells
    # look like names of files.
    enough = 0.1 if _looks_like_file(rows[-1][best:][:1]) else 0.5
    # Less one: the first row may be a header.
    return best if len(found[best]) >= max(1, enough * (len(looked_at) - 1)) else None


def _pictures_by_column(rows: Rows, index: PictureIndex) -> list[set[int]]:
    """Return which pictures the cells of each column name, of the first rows.

    Different pictures are to be counted: a label such as 3 may be called like a picture, 3.png, but not each like its
    own.
    """
    looked_at = [row for row in rows[:_LOOKED_AT] if len(row) > 1]
    columns = range(min(len(looked_at[0]), _MOST_COLUMNS) if looked_at else 0)
    found = [[index.find(row[column]) for row in looked_at if len(row) > column] for column in columns]
    return [{number for number in numbers if number is not None} for numbers in found]


def _find_label(names: Sequence[str], others: Sequence[int], path: Path) -> int:
    """Return the column of labels: by its name, or the only one that does not just count the rows."""
    named = find_named_labels([name if number in others else "" for number, name in enumerate(names)])
    if named is not None:
        return named
    likely = [number for number in others if names[number].lower() not in IDENTIFIERS] or others
    if len(likely) == 1:
        return likely[0]
    raise several_could_be("labels", [names[number] for number in likely], path)


def _columns_of_classes(rows: Rows, columns: Sequence[int], classes: frozenset[str]) -> list[int]:
    """Return the columns that hold nothing but names of classes; none if those are numbers, which others may be too."""
    if len(classes) < 2 or any(name.isdecimal() for name in classes):
        return []
    return [column for column in columns if {nfc(row[column].strip()) for row in rows if len(row) > column} <= classes]


def _find_one_hot(rows: Rows, names: Sequence[str], others: Sequence[int]) -> list[int]:
    """Return the columns of which exactly one is 1 in each row, and all others 0, as Roboflow writes them.

    Empty if there are no such, or a column is called label.
    """
    if not rows or find_named_labels([names[number] for number in others]) is not None:
        return []
    if any(len(row) <= max(others) for row in rows):
        return []
    classes = [number for number in others if {row[number].strip().lower() for row in rows} <= {*NO, *YES}]
    single = all(_ones(row, classes).count(True) == 1 for row in rows)
    return classes if len(classes) > 1 and single else []


def _ones(row: Sequence[str], columns: Sequence[int]) -> list[bool]:
    return [row[number].strip().lower() in YES for number in columns]


def _read_rows(path: Path, index: PictureIndex) -> Rows:
    """Return the cells of a table, split in the way in which most of them name pictures."""
    if path.suffix.lower() in (".json", ".jsonl"):
        return read_json_rows(path)
    # A file and its label with blanks between, as Caffe has them; the name may hold blanks itself.
    with open_text(path, detect_encoding(path)) as file:
        spaced = [line.rsplit(None, 1) for line in read_lines(file, path) if line.strip()]
    try:
        form = detect_form(path)
    except DataError:
        return spaced
    if form.delimiter == " ":
        return spaced
    cells = [row for row in iterate_cells(path, form, 0, array("Q")) if any(row)]
    # Where both name as many, the first: the form that the table shows of itself.
    return max((cells, spaced), key=lambda rows: max(map(len, _pictures_by_column(rows, index)), default=0))


def _looks_like_file(cells: Sequence[str]) -> bool:
    """Whether a cell, if there is one, ends as pictures' names do."""
    return any(Path(cell.strip().lower()).suffix in SUFFIXES for cell in cells)
