"""Reading CSV: a row per image, a column per pixel, one column of labels; plain or gzip, with or without a header."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import check_claimed_size, wrap_errors
from inklings.data.readers.idx import open_decompressed
from inklings.data.readers.label_column import (
    LABEL_NAMES,
    find_label_column,
    find_label_column_if_any,
    find_numeric_label_column,
)
from inklings.errors import DataError


@dataclass(frozen=True)
class Dialect:
    """What the first rows of a CSV file show.

    Parameters
    ----------
    delimiter : str
    has_header : bool
    names : tuple of str
        The columns' names; their numbers from 0 without a header.
    textual : tuple of bool
        Whether each column holds text.
    """

    delimiter: str
    has_header: bool
    names: tuple[str, ...]
    textual: tuple[bool, ...]


def read_csv(path: Path, options: ReadOptions) -> RawArrays:
    """Read a CSV file separated by commas, semicolons or tabs.

    The labels are the column named by ``options.labels``, or called label, class, target, y or digit, or the only one
    with text, or the first or last if it holds integers of which several are equal.

    Raises
    ------
    DataError
        The file is not text or has no rows; a cell is not a number; rows differ in length; there is no label column.
    """
    if options.images is not None:
        raise DataError(
            "names a column, but a CSV file's images are all its columns but one",
            "leave it out",
            setting="images",
            path=path,
            found=options.images,
        )
    with wrap_errors(path, "CSV file"):
        dialect = _detect_dialect(path)
        column = find_label_column(dialect.names, dialect.textual, options.labels, path)
        texts: dict[str, int] = {}
        values = _read_numbers(path, dialect, column, texts)
    if column is None:
        find = find_numeric_label_column if options.labelled else find_label_column_if_any
        column = find(values, path)
    if column is None:
        return RawArrays(values, None, path)
    labels = values[:, column]
    if texts:
        labels = np.array(list(texts))[labels.astype(np.int64)]
    pixels = np.delete(values, column, axis=1)
    notes = [f"labels are column '{dialect.names[column]}' of {len(dialect.names)}"]
    return RawArrays(pixels, labels, path, notes=notes)


def _open_text(path: Path) -> TextIO:
    # utf-8-sig drops the mark that Excel puts at the start.
    return io.TextIOWrapper(open_decompressed(path), encoding="utf-8-sig", newline="")


def _detect_dialect(path: Path) -> Dialect:
    with _open_text(path) as file:
        first_line = file.readline(1 << 20)
        delimiter = max(",;\t", key=first_line.count)
        lines = itertools.chain([first_line], file)
        rows = list(itertools.islice((row for row in csv.reader(lines, delimiter=delimiter) if row), 2))
    if not rows or len(rows[0]) < 2:
        expected = "rows of numbers separated by commas, semicolons or tabs"
        raise DataError(f"no table, expected {expected}", path=path, expected=expected)
    textual = [[not _is_number(cell) for cell in row] for row in rows]
    named = any(cell.strip().lower() in LABEL_NAMES for cell in rows[0])
    # Labels may be text in every row, so only a first row with more text than the second is a header.
    has_header = named or (len(rows) == 2 and sum(textual[0]) > sum(textual[1])) or all(textual[0])
    if has_header and len(rows) == 1:
        raise DataError("no images, found a header and no rows", path=path)
    names = [cell.strip() for cell in rows[0]] if has_header else [str(index) for index in range(len(rows[0]))]
    return Dialect(delimiter, has_header, tuple(names), tuple(textual[-1]))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_numbers(path: Path, dialect: Dialect, column: int | None, texts: dict[str, int]) -> NDArray[np.float32]:
    """Return all cells as numbers; those of the label column as positions in ``texts``, which is filled."""
    # Generous: a cell takes at least two bytes, its separator included, and four as float32.
    check_claimed_size(path, "the table", 4 * path.stat().st_size)

    def position(cell: str) -> int:
        return texts.setdefault(cell.strip(), len(texts))

    try:
        with _open_text(path) as file:
            return np.loadtxt(
                file,
                np.float32,
                delimiter=dialect.delimiter,
                comments=None,
                quotechar='"',
                skiprows=int(dialect.has_header),
                converters=None if column is None else {column: position},
                encoding=None,
                ndmin=2,
            )
    except ValueError as error:
        raise _explain(error, path, dialect) from error


def _explain(error: ValueError, path: Path, dialect: Dialect) -> DataError:
    """Turn NumPy's complaint into one about a line of the file, counted from 1 with the header."""
    message = str(error)
    cell = re.search(r"could not convert string (.*) to \w+ at row (\d+), column (\d+)", message)
    if cell:
        # NumPy counts the rows of cells from 0 and those of lengths from 1, both without the header.
        line = int(cell[2]) + 1 + dialect.has_header
        found = cell[1][:40]
        return DataError(
            f"line {line}, column {cell[3]} holds {found}, expected a number",
            path=path,
            found=found,
            expected="a number",
        )
    lengths = re.search(r"columns changed from (\d+) to (\d+) at row (\d+)", message)
    if lengths:
        line = int(lengths[3]) + dialect.has_header
        return DataError(
            f"line {line} has {lengths[2]} columns, expected {lengths[1]}",
            "the file may be truncated: download or create it again",
            path=path,
            found=int(lengths[2]),
            expected=int(lengths[1]),
        )
    return DataError(f"not a sound CSV file: {message}", path=path, found=message)
