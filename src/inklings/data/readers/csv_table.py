"""Reading CSV and its kin: a row per image; pixels in columns, in a cell, or in pictures that a column names.

NumPy reads the pixels, since it takes the least memory by far of what was measured, and no other package: see
docs/decisions/0017.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.idx import is_emnist
from inklings.data.readers.label_column import label_array
from inklings.data.readers.label_values import choose_label_column
from inklings.data.readers.libsvm import is_libsvm, read_libsvm
from inklings.data.readers.listed_names import list_class_lists, name_classes
from inklings.data.readers.narrow_table import read_narrow
from inklings.data.readers.number_notation import decimal_of, is_number
from inklings.data.readers.number_watch import NumberWatch
from inklings.data.readers.table_header import split_header
from inklings.data.readers.table_parts import with_parts
from inklings.data.readers.table_roles import Roles, check_counts, find_roles
from inklings.data.readers.table_rows import Collected, iterate_rows
from inklings.data.readers.text_file import check_decompressed
from inklings.data.readers.text_numbers import parse_plain_rows
from inklings.data.readers.text_table import TextForm, detect_form, long_cells, too_few, too_many
from inklings.errors import DataError

BYTES_PER_CHARACTER = 2.0
"""A cell takes at least two characters, its separator included, and four bytes as float32."""


Rows = Callable[[], Iterator[str]]
"""Reads the rows of a table from the start."""


def read_csv(path: Path, options: ReadOptions) -> RawArrays:
    """Read a table from text: separated by commas, semicolons, tabs, bars or blanks; compressed or not.

    The labels are the column named by ``options.labels``, or called label, class, target, y or digit, or the only one
    with text, or the first or last if it holds integers of which several are equal. A column of parts (``Usage``,
    ``split``), of identifiers, of paths of pictures or of all pixels in a cell is found by its name and content.

    Raises
    ------
    DataError
        The file is not text or has no rows; a cell is not a number; rows differ in length; there is no label column.
    """
    with wrap_errors(path, "CSV file"), long_cells():
        # Before anything is parsed: a compressed table of a megabyte may hold gigabytes of zeros.
        check_decompressed(path, BYTES_PER_CHARACTER)
        # First, since its rows differ in length, and as a table they would be refused for that.
        if is_libsvm(path):
            return read_libsvm(path, options)
        form = detect_form(path, options.decimal)
        columns, header, notes = split_header(form, path)
        roles = find_roles(columns, options, path)
        form.notation.refuse_undecided(roles.used, path)
        roles = roles.noting(notes)
        if roles.path is not None or roles.cell is not None:
            return read_narrow(path, form, header, roles, options)
        raw = _read_wide(path, form, header, roles, [column.name for column in columns], options)
        if not is_emnist(path):
            return raw
        return name_classes(replace(raw, transposed=True), list_class_lists(path.parent, path))


def _read_wide(
    path: Path, form: TextForm, header: int, roles: Roles, names: Sequence[str], options: ReadOptions
) -> RawArrays:
    """Read a table with a column per pixel."""
    collected = Collected()
    # Cells of text go straight into these lists, by the column that they are in.
    kept = {roles.label: collected.labels, roles.identifier: collected.names, roles.part: collected.parts}
    texts = {index: into for index, into in kept.items() if index is not None}
    # Labels that no name shows are among the numbers, first or last, and are needed as they are written.
    # Kept as text too, beside the numbers: 007 and 7.0 are spelt as the label that people know.
    ends: dict[int, list[str]] = {} if roles.label is not None else {roles.pixels[end]: [] for end in (0, -1)}
    watch = NumberWatch(form.notation, form.delimiter, {*roles.pixels} - {*ends})
    rows = partial(iterate_rows, path, form, header, collected.lines, watch)
    pixels = _parse(path, form, rows, roles.pixels, {**texts, **ends}, collected.lines)
    watch.settle(pixels, path)
    notes, columns = list(roles.notes), list(roles.pixels)
    labels: NDArray[Any] | None = label_array(collected.labels, path) if roles.label is not None else None
    class_names: Sequence[str] | None = None
    if roles.counted and collected.names:
        check_counts(collected.names, names[roles.identifier or 0], path)
    if ends:
        for column, cells in ends.items():
            # Parsed apart, they were 0 among the pixels.
            pixels[:, columns.index(column)] = _to_numbers(cells)
        found = choose_label_column(pixels, ends, [names[column] for column in columns], options, path)
        pixels, labels, class_names = found.pixels, found.labels, found.class_names
        notes += found.notes
        for column, cells in ends.items():
            if column != found.column:
                # What turned out to be no label must be a number, and was not checked before.
                _check_pixels(cells, column, collected.lines, path)
    raw = RawArrays(pixels, labels, path, class_names, notes, names=collected.names or None)
    return with_parts(raw, collected.parts)


def _parse(
    path: Path, form: TextForm, rows: Rows, pixels: Sequence[int], kept: dict[int, list[str]], lines: array[int]
) -> NDArray[np.float32]:
    """Return the pixels; the cells of the columns in ``kept`` are appended to its lists as text, and are 0."""
    if form.delimiter != " ":
        block, width = sorted(pixels), form.columns + form.trailing
        # Numbers and separators alone, as nearly all such files are: then no parser has to look for quotes.
        plain = parse_plain_rows(rows(), form.delimiter, width, block, kept)
        if plain is not None and len(plain):
            # Pixels may stand in another order than their columns.
            return plain if block == list(pixels) else plain[:, [block.index(index) for index in pixels]]
        # Something in it is unusual, or wrong: a parser that takes more time says what.
        del lines[:]
        for cells in kept.values():
            cells.clear()
    wanted = sorted({*pixels, *kept})
    values = _load(path, form, rows, wanted, kept, lines)
    places = [wanted.index(index) for index in pixels]
    # Nearly always all columns, in their order: a slice shares the memory.
    first, last = places[0], places[-1]
    whole = places == list(range(first, last + 1))
    chosen: NDArray[np.float32] = values[:, first : last + 1] if whole else values[:, places]
    return chosen


def _load(
    path: Path, form: TextForm, rows: Rows, wanted: Sequence[int], kept: dict[int, list[str]], lines: array[int]
) -> NDArray[np.float32]:
    """Return the columns that are wanted by NumPy's own parser, which takes quotes and blanks."""

    def keep(into: list[str]) -> Any:  # noqa: ANN401 - what NumPy calls with each cell
        def collect(cell: str) -> float:
            into.append(cell.strip())
            return 0.0

        return collect

    some = len(wanted) < form.columns or form.trailing
    try:
        values: NDArray[np.float32] = np.loadtxt(
            _refuse_long(rows(), path, form, lines) if some else rows(),
            np.float32,
            delimiter=None if form.delimiter == " " else form.delimiter,
            comments=None,
            quotechar='"',
            converters={index: keep(into) for index, into in kept.items()} or None,
            usecols=wanted if some else None,
            encoding=None,
            ndmin=2,
        )
    except ValueError as error:
        raise _explain(error, path, form, lines) from error
    if not len(values):
        raise DataError("no images, found a header and no rows", path=path)
    if values.shape[1] < len(wanted):
        # NumPy takes the first row's length for that of all.
        raise too_few(path, lines[0], values.shape[1], form.columns)
    return values


def _refuse_long(rows: Iterator[str], path: Path, form: TextForm, lines: Sequence[int]) -> Iterator[str]:
    """Pass rows on, but refuse one with too many cells: where some columns are left out, NumPy doesn't count them."""
    for row in rows:
        # The csv module is slow, and commas in quotes are rare; a quote that is not closed goes on in the next line.
        if row.count(form.delimiter) >= form.columns and row.count('"') % 2 == 0 and form.delimiter != " ":
            (cells,) = csv.reader([row], delimiter=form.delimiter, skipinitialspace=True)
            if any(cell.strip() for cell in cells[form.columns :]):
                raise too_many(path, lines[-1], len(cells), form.columns)
        yield row


def _to_numbers(cells: Sequence[str]) -> NDArray[np.float32]:
    """Return a column that was kept as text as numbers; NaN where it is none, which labels may be."""
    numbers = np.full(len(cells), np.nan, np.float32)
    for row, cell in enumerate(cells):
        try:
            numbers[row] = float(cell)
        except ValueError:
            continue
    return numbers


def _check_pixels(cells: Sequence[str], column: int, lines: Sequence[int], path: Path) -> None:
    """Refuse a column that turned out to be pixels and holds something else."""
    row = next((row for row, cell in enumerate(cells) if not is_number(cell)), None)
    if row is not None:
        raise not_a_number(path, lines[row], column + 1, repr(cells[row][:38]))


def _explain(error: ValueError, path: Path, form: TextForm, lines: Sequence[int]) -> DataError:
    """Turn NumPy's complaint into one about a line of the file, counted from 1 as editors do."""
    message = str(error)
    # NumPy has no other way to say which row it is; a message that is unknown here is passed on as it is.
    cell = re.search(r"could not convert string (.*) to \w+ at row (\d+), column (\d+)", message)
    if cell:
        # NumPy counts the rows of cells from 0, and those of lengths from 1.
        return not_a_number(path, lines[int(cell[2])], int(cell[3]), cell[1][:40])
    lengths = re.search(r"columns changed from \d+ to (\d+) at row (\d+)", message)
    if lengths:
        return too_few(path, lines[int(lengths[2]) - 1], int(lengths[1]), form.columns)
    few = re.search(r"invalid column index -?\d+ at row (\d+) with (\d+) columns", message)
    if few:
        return too_few(path, lines[int(few[1]) - 1], int(few[2]), form.columns)
    return DataError(f"not a valid CSV file: {message}", path=path, found=message)


def not_a_number(path: Path, line: int, column: int, found: str) -> DataError:
    """Return the error of a cell that should hold a pixel; lines and columns count from 1."""
    # The first rows show how numbers are written; here is the first that is written otherwise, perhaps.
    decimal = decimal_of(found.strip("'"))
    return DataError(
        f"line {line}, column {column} holds {found}, expected a number",
        f"say that {'commas' if decimal == ',' else 'points'} begin decimals, if they do"
        if decimal
        else "leave a column out by its name",
        path=path,
        found=found,
        expected="a number",
        suggested={"decimal": decimal} if decimal else {"skip": "NAME"},
    )
