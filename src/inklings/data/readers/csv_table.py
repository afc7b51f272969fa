"""Reading CSV: a row an image, a column a pixel, and one column of labels; plain or gzip, with a header or without."""

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

from inklings.data.arrays import RawArrays, ReadOptions, build_dataset
from inklings.data.dataset import Dataset
from inklings.data.readers.file_errors import check_claim, refusing
from inklings.data.readers.idx import open_plain
from inklings.data.readers.label_column import LABEL_NAMES, find_label_column, find_label_numbers
from inklings.errors import DataError


@dataclass(frozen=True)
class Form:
    """What the first rows of a CSV file tell."""

    delimiter: str
    has_header: bool
    names: tuple[str, ...]
    textual: tuple[bool, ...]


def read_csv(path: Path, choices: ReadOptions) -> Dataset:
    """Read a CSV file, separated by commas, semicolons or tabs.

    The labels are the column named by ``choices.labels``, or called label, class, target, y or digit, or the only one
    with text, or the first or last if it has whole numbers of which several are the same.

    Raises
    ------
    DataError
        Not text; no rows; a cell that is no number; rows of different lengths; no column of labels.
    """
    source = str(path)
    if choices.images is not None:
        raise DataError(f"{source}: a CSV file's images are all its columns but one", "give labels= only")
    with refusing(path, "CSV file"):
        form = _find_form(path)
        column = find_label_column(form.names, form.textual, choices.labels, source)
        texts: dict[str, int] = {}
        values = _read_numbers(path, form, column, texts)
    if column is None:
        column = find_label_numbers(values, source)
    labels = values[:, column]
    if texts:
        labels = np.array(list(texts))[labels.astype(np.int64)]
    pixels = np.delete(values, column, axis=1)
    notes = [f"labels are column '{form.names[column]}' of {len(form.names)}"]
    return build_dataset(RawArrays(pixels, labels, source, notes=notes), choices)


def _open_text(path: Path) -> TextIO:
    return io.TextIOWrapper(open_plain(path), encoding="utf-8-sig", newline="")


def _find_form(path: Path) -> Form:
    with _open_text(path) as file:
        first_line = file.readline(1 << 20)
        delimiter = max(",;\t", key=first_line.count)
        lines = itertools.chain([first_line], file)
        rows = list(itertools.islice((row for row in csv.reader(lines, delimiter=delimiter) if row), 2))
    if not rows or len(rows[0]) < 2:
        raise DataError(f"{path}: no table, expected rows of numbers separated by commas, semicolons or tabs")
    textual = [[not _is_number(cell) for cell in row] for row in rows]
    named = any(cell.strip().lower() in LABEL_NAMES for cell in rows[0])
    has_header = named or (len(rows) == 2 and sum(textual[0]) > sum(textual[1])) or all(textual[0])
    if has_header and len(rows) == 1:
        raise DataError(f"{path}: no images, found a header and no rows")
    names = [cell.strip() for cell in rows[0]] if has_header else [str(index) for index in range(len(rows[0]))]
    return Form(delimiter, has_header, tuple(names), tuple(textual[-1]))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_numbers(path: Path, form: Form, column: int | None, texts: dict[str, int]) -> NDArray[np.float32]:
    """All cells as numbers; those of the column of labels as places in ``texts``, which is filled."""
    check_claim(path, "the table", 4 * path.stat().st_size)

    def place(cell: str) -> int:
        return texts.setdefault(cell.strip(), len(texts))

    try:
        with _open_text(path) as file:
            return np.loadtxt(
                file,
                np.float32,
                delimiter=form.delimiter,
                comments=None,
                quotechar='"',
                skiprows=int(form.has_header),
                converters=None if column is None else {column: place},
                encoding=None,
                ndmin=2,
            )
    except ValueError as error:
        raise _explain(error, path, form) from error


def _explain(error: ValueError, path: Path, form: Form) -> DataError:
    """Give NumPy's complaint the line of the file, counted from 1 and with the header."""
    message = str(error)
    cell = re.search(r"could not convert string (.*) to \w+ at row (\d+), column (\d+)", message)
    if cell:
        line = int(cell[2]) + 1 + form.has_header
        return DataError(f"{path}: line {line}, column {cell[3]} holds {cell[1][:40]}, expected a number")
    lengths = re.search(r"columns changed from (\d+) to (\d+) at row (\d+)", message)
    if lengths:
        line = int(lengths[3]) + form.has_header
        return DataError(
            f"{path}: line {line} has {lengths[2]} columns, expected {lengths[1]}",
            "the file may be cut off: fetch or make it again",
        )
    return DataError(f"{path}: not a sound CSV file: {message}")
