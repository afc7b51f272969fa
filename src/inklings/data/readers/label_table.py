"""A table beside pictures that gives each file its label: ``labels.csv`` with a file and a label in each row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.label_column import LABEL_NAMES
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION
from inklings.data.readers.picture_index import PictureIndex
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.data.readers.table_parts import part_in
from inklings.data.readers.text_table import long_cells
from inklings.errors import DataError

MAX_BYTES = 1 << 28
"""Half a million rows of long paths take a tenth of this."""

_MORE_LABEL_NAMES = (
    *LABEL_NAMES,
    *("targets", "classes", "category", "class_name", "classname", "class name", "label_name", "breed"),
    *("classid", "class_id", "category_id", "label_id"),
)
_PART_NAMES = ("split", "set", "subset", "part", "partition", "usage")
_FILE_NAMES = ("file", "filename", "file_name", "image", "image_id", "id", "path", "name", "picture", "img")
_LOOKED_AT = 500


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


def read_label_table(path: Path, index: PictureIndex, column: str | None = None) -> LabelTable | None:
    """Read a table if most of its rows name pictures.

    Parameters
    ----------
    path : Path
        CSV with commas, semicolons, tabs or spaces between cells, or a JSON object per line.
    index : PictureIndex
    column : str, optional
        The column of the labels, by its name or its number from 0.

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
    header = rows[0] if index.find(rows[0][files]) is None and _is_header(rows, files) else None
    names = [name.strip() for name in header] if header else [str(number) for number in range(len(rows[0]))]
    others = [number for number in range(len(names)) if number != files]
    rows = rows[1:] if header else rows
    part_column = next(
        (number for number in others if names[number].lower() in _PART_NAMES and _names_parts(rows, number)), None
    )
    label_column = _find_label_column(names, [each for each in others if each != part_column], column, path)
    return _collect(path, rows, index, (files, label_column, part_column))


def _collect(
    path: Path, rows: Sequence[list[str]], index: PictureIndex, columns: tuple[int, int, int | None]
) -> LabelTable:
    files, label_column, part_column = columns
    labels: dict[int, str] = {}
    parts: dict[int, str] = {}
    unmatched = []
    for line, row in enumerate(rows, 1):
        if len(row) <= max(files, label_column, part_column or 0):
            raise DataError(f"row {line} has {len(row)} cells, expected a file and a label", path=path, found=len(row))
        number = index.find(row[files])
        if number is None:
            unmatched.append(row[files])
            continue
        label = row[label_column].strip()
        if labels.setdefault(number, label) != label:
            raise DataError(
                f"gives {row[files]} two labels, '{labels[number]}' and '{label}'",
                "remove one of the rows",
                path=path,
                found=(labels[number], label),
            )
        if part_column is not None:
            parts[number] = _part_in_row(row, part_column, path)
    return LabelTable(path, labels, parts, tuple(unmatched))


def _is_header(rows: Sequence[list[str]], files: int) -> bool:
    """Whether the first row, which names no picture, is names of columns, and not a picture that is missing."""
    first = [cell.strip().lower() for cell in rows[0]]
    if _looks_like_file(rows[0][files : files + 1]):
        return False
    others = [number for number in range(len(first)) if number != files and first[number]]
    if first[files] in _FILE_NAMES or any(first[number] in (*_MORE_LABEL_NAMES, *_PART_NAMES) for number in others):
        return True
    # A label comes again further down, or is a number; a name of a column is neither.
    below = [{row[number].strip().lower() for row in rows[1:] if len(row) > number} for number in others]
    again = any(first[number] in cells for number, cells in zip(others, below, strict=True))
    return not again and not any(character.isdecimal() for number in (files, *others) for character in first[number])


def _names_parts(rows: Sequence[list[str]], column: int) -> bool:
    """Whether any cell of a column names a part: a column called set or usage may mean something else."""
    return any(len(row) > column and part_in(row[column]) for row in rows)


def _part_in_row(row: list[str], column: int, path: Path) -> str:
    part = part_in(row[column])
    if part is None:
        raise DataError(
            f"gives {row[0]} the part '{row[column]}', expected {TRAIN}, {VALIDATION} or {TEST} as in other rows",
            "correct it, or leave the column out of the table",
            path=path,
            found=row[column],
            expected=(TRAIN, VALIDATION, TEST),
        )
    return part


def _find_file_column(rows: Sequence[list[str]], index: PictureIndex) -> int | None:
    """Return the column in which at least half of the cells name pictures, most of all."""
    looked_at = rows[:_LOOKED_AT]
    if not looked_at or len(looked_at[0]) < 2:
        return None
    found = _pictures_by_column(rows, index)
    best = max(range(len(found)), key=lambda column: (len(found[column]), _looks_like_file(rows[-1][column:][:1])))
    # Of a contest's table of training and test files, or of a few of the pictures, a tenth is enough where the cells
    # look like names of files.
    enough = 0.1 if _looks_like_file(rows[-1][best:][:1]) else 0.5
    return best if len(found[best]) >= max(1, enough * (len(looked_at) - 1)) else None


def _pictures_by_column(rows: Sequence[list[str]], index: PictureIndex) -> list[set[int]]:
    """Return which pictures the cells of each column name, of the first rows.

    Different pictures are to be counted: a label such as 3 may be called like a picture, 3.png, but not each like its
    own.
    """
    looked_at = [row for row in rows[:_LOOKED_AT] if len(row) > 1]
    columns = range(min(len(looked_at[0]), 50) if looked_at else 0)
    found = [[index.find(row[column]) for row in looked_at if len(row) > column] for column in columns]
    return [{number for number in numbers if number is not None} for numbers in found]


def _find_label_column(names: list[str], others: list[int], column: str | None, path: Path) -> int:
    lowered = [name.lower() for name in names]
    if column is not None:
        if column in names:
            return names.index(column)
        if column.isdecimal() and int(column) < len(names):
            return int(column)
        raise DataError(
            f"has no column '{column}', found {', '.join(names[:8])}", path=path, found=names, expected=column
        )
    for usual in _MORE_LABEL_NAMES:
        if usual in lowered and lowered.index(usual) in others:
            return lowered.index(usual)
    # An unnamed first column counts the rows; pandas writes one.
    others = [number for number in others if lowered[number] not in ("", "unnamed: 0", "index")] or others
    if len(others) == 1:
        return others[0]
    found = [names[number] for number in others]
    raise DataError(
        f"several columns could be the labels: {', '.join(found[:8])}",
        "name one",
        path=path,
        found=found,
        suggested={"labels": found[0]},
    )


def _read_rows(path: Path, index: PictureIndex) -> list[list[str]]:
    """Return the cells of a table, split in the way in which most of them name pictures."""
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # What Windows programs of the West write; every byte means something in it.
        text = content.decode("cp1252", "replace")
    if path.suffix.lower() in (".json", ".jsonl"):
        return _read_json(text) if path.suffix.lower() == ".json" else _read_json_lines(text)
    lines = [line for line in text.splitlines() if line.strip()]
    head = lines[:20]
    splits = [_split(text, delimiter) for delimiter in ",;\t|" if all(delimiter in line for line in head)]
    # A file and its label with spaces between, as Caffe has them; the name may hold spaces itself.
    splits.append([line.rsplit(None, 1) for line in lines])
    return max(splits, key=lambda rows: max(map(len, _pictures_by_column(rows, index)), default=0))


def _split(text: str, delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]


def _read_json_lines(text: str) -> list[list[str]]:
    """Return the rows of a file with a JSON object in each line, the keys of the first as the header."""
    return _rows_of([json.loads(line) for line in text.splitlines() if line.strip()])


def _read_json(text: str) -> list[list[str]]:
    """Return the rows of a list of objects, or of one object from files to labels; none of any other JSON."""
    value = json.loads(text)
    if isinstance(value, dict) and all(isinstance(label, str | int) for label in value.values()):
        return [[str(name), str(label)] for name, label in value.items()]
    return _rows_of(value) if isinstance(value, list) else []


def _rows_of(objects: Sequence[object]) -> list[list[str]]:
    rows = [each for each in objects if isinstance(each, dict)]
    names = list(rows[0]) if rows else []
    return [names, *([str(row.get(name, "")) for name in names] for row in rows)] if names else []


def _looks_like_file(cells: Sequence[str]) -> bool:
    """Whether a cell, if there is one, ends as pictures' names do."""
    return any(Path(cell.strip().lower()).suffix in SUFFIXES for cell in cells)
