"""Reading CSV and its kin: a row per image; pixels in columns, in a cell, or in pictures that a column names.

NumPy's own parser reads the pixels: on 60,000 rows of 785 columns it takes 7 s and 225 MB, where PyArrow takes 1.0 to
3.3 s and 600 to 1,300 MB and Polars 1.4 s and 900 MB, each at 170 MB of installation (docs/decisions/0017).
"""

from __future__ import annotations

import csv
import itertools
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.label_column import LABEL_NAMES, find_numeric_label_column
from inklings.data.readers.listed_pictures import read_listed_pictures
from inklings.data.readers.table_columns import PART_WORDS, Column, Roles, find_roles, is_number, pixels_in
from inklings.data.readers.text_table import (
    TextForm,
    check_decompressed_size,
    detect_form,
    open_text,
    read_lines,
    split_line,
)
from inklings.data.split import Indices
from inklings.errors import DataError

BYTES_PER_CHARACTER = 2.0
"""A cell takes at least two characters, its separator included, and four bytes as float32."""

_MANGLED = re.compile(r"^(\d+)\.(\d+)$")


@dataclass
class Collected:
    """What a table holds beside the pixels, a text per row, and each row's line in the file."""

    labels: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("Q"))


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
    if options.images is not None:
        raise DataError(
            "names a column, but a CSV file's images are all its columns but one",
            "leave it out",
            setting="images",
            path=path,
            found=options.images,
        )
    with wrap_errors(path, "CSV file"):
        form = detect_form(path)
        names, header = _split_header(form, path)
        rows = form.rows[header:]
        cells = [tuple(row[index] for row in rows if index < len(row)) for index in range(len(names))]
        columns = [Column(name, column) for name, column in zip(names, cells, strict=True)]
        roles = find_roles(columns, options, path)
        check_decompressed_size(path, BYTES_PER_CHARACTER)
        if roles.path is not None or roles.cell is not None:
            return _read_narrow(path, form, header, roles, options)
        return _read_wide(path, form, header, roles, names, options)


def _split_header(form: TextForm, path: Path) -> tuple[list[str], int]:
    """Return the columns' names, and 1 if the first row holds them."""
    first, others = form.rows[0], form.rows[1:]
    if len(first) != form.columns:
        # A first row shorter by one: names without one for the identifiers in front, as R writes them.
        first = ("", *first) if len(first) == form.columns - 1 else first
    header = _is_header(first, others)
    if header and not others:
        raise DataError("no images, found a header and no rows", path=path)
    if not header:
        return [str(index) for index in range(form.columns)], 0
    names = [*first, *map(str, range(len(first), form.columns))]
    return names, 1


def _is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    if any(cell.lower() in LABEL_NAMES for cell in first) or all(not is_number(cell) for cell in first):
        return True
    # Labels may be text in every row, so only a first row with more text than the second is a header.
    if others and sum(not is_number(cell) for cell in first) > sum(not is_number(cell) for cell in others[0]):
        return True
    return _counts_up(first) or _is_mangled(first)


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are consecutive whole numbers, as data frames name columns without names."""
    numbers = [int(cell) if cell.isdecimal() else None for cell in cells]
    steps = [one is not None and other == one + 1 for one, other in itertools.pairwise(numbers)]
    # A label column before or after them takes part in at most two steps.
    return len(steps) >= 4 and sum(steps) >= len(steps) - 2


def _is_mangled(cells: Sequence[str]) -> bool:
    """Whether cells are a first row that pandas took for names: repeated ones became 0, 0.1, 0.2 and so on."""
    marked = [match for cell in cells if (match := _MANGLED.match(cell))]
    counts = [int(match[2]) for match in marked if match[1] == "0"]
    return len(counts) >= 4 and counts == list(range(1, len(counts) + 1))


def _rows(path: Path, form: TextForm, header: int, collected: Collected) -> Iterator[str]:
    """Iterate over the rows' lines, cleaned of what is no row; each one's number in the file is collected."""
    with open_text(path, form.encoding) as file:
        skip = header
        for number, line in enumerate(read_lines(file, path), start=1):
            if number <= form.skipped or not line.strip():
                continue
            if skip:
                skip -= 1
                continue
            collected.lines.append(number)
            yield line.replace(",", ".") if form.decimal_comma else line


def _read_wide(
    path: Path, form: TextForm, header: int, roles: Roles, names: Sequence[str], options: ReadOptions
) -> RawArrays:
    """Read a table with a column per pixel."""
    collected = Collected()
    kept = {roles.label: collected.labels, roles.identifier: collected.names, roles.part: collected.parts}
    texts = {index: into for index, into in kept.items() if index is not None}
    pixels, notes = _parse(path, form, header, roles, texts, collected), list(roles.notes)
    labels: NDArray[Any] | None = np.array(collected.labels) if roles.label is not None else None
    if labels is None and _has_label_column(pixels, options):
        place = find_numeric_label_column(pixels, path)
        # Read as float32: exact up to 16,777,216, and no whole number beyond passes for a class.
        labels, pixels = pixels[:, place].astype(np.int64), np.delete(pixels, place, axis=1)
        notes.append(f"labels are column '{names[roles.pixels[place]]}' of {len(names)}")
    raw = RawArrays(pixels, labels, path, notes=notes, names=collected.names or None)
    return with_parts(raw, collected.parts)


def _has_label_column(values: NDArray[np.float32], options: ReadOptions) -> bool:
    """Whether one of the columns of numbers holds labels, which where they are not needed is told by their number."""
    if options.labelled:
        return True
    sides = np.sqrt(np.array([values.shape[1] / 1, values.shape[1] / 3]))
    return not np.any(sides == np.round(sides)) and options.shape is None


def _parse(
    path: Path, form: TextForm, header: int, roles: Roles, kept: dict[int, list[str]], collected: Collected
) -> NDArray[np.float32]:
    """Return the pixels; the cells of other columns are appended to the lists in ``kept``, as text."""

    def keep(into: list[str]) -> Any:  # noqa: ANN401 - what NumPy calls with each cell
        def collect(cell: str) -> float:
            into.append(cell.strip())
            return 0.0

        return collect

    wanted = sorted({*roles.pixels, *kept})
    try:
        values = np.loadtxt(
            _rows(path, form, header, collected),
            np.float32,
            delimiter=None if form.delimiter == " " else form.delimiter,
            comments=None,
            quotechar='"',
            converters={index: keep(into) for index, into in kept.items()} or None,
            usecols=wanted if len(wanted) < form.columns or form.trailing else None,
            encoding=None,
            ndmin=2,
        )
    except ValueError as error:
        raise _explain(error, path, form, collected) from error
    if not len(values):
        raise DataError("no images, found a header and no rows", path=path)
    if values.shape[1] < len(wanted):
        # NumPy takes the first row's length for that of all.
        raise _wrong_length(path, collected.lines[0], values.shape[1], form.columns)
    pixels: NDArray[np.float32] = values[:, [wanted.index(index) for index in roles.pixels]]
    return pixels


def _explain(error: ValueError, path: Path, form: TextForm, collected: Collected) -> DataError:
    """Turn NumPy's complaint into one about a line of the file, counted from 1 as editors do."""
    message = str(error)
    cell = re.search(r"could not convert string (.*) to \w+ at row (\d+), column (\d+)", message)
    if cell:
        # NumPy counts the rows of cells from 0, and those of lengths from 1.
        line, found = collected.lines[int(cell[2])], cell[1][:40]
        return DataError(
            f"line {line}, column {cell[3]} holds {found}, expected a number",
            "leave a column out by its name",
            path=path,
            found=found,
            expected="a number",
            suggested={"skip": "NAME"},
        )
    lengths = re.search(r"columns changed from (\d+) to (\d+) at row (\d+)", message)
    few = re.search(r"invalid column index (-?\d+) at row (\d+) with (\d+) columns", message)
    if lengths or few:
        line = collected.lines[int(lengths[3]) - 1] if lengths else collected.lines[int(few[2]) - 1]  # type: ignore[index]
        count = int(lengths[2]) if lengths else int(few[3])  # type: ignore[index]
        return _wrong_length(path, line, count, form.columns)
    return DataError(f"not a sound CSV file: {message}", path=path, found=message)


def _wrong_length(path: Path, line: int, count: int, expected: int) -> DataError:
    return DataError(
        f"line {line} has {count} columns, expected {expected}",
        "the file may be truncated: download or create it again",
        path=path,
        found=count,
        expected=expected,
    )


def _read_narrow(path: Path, form: TextForm, header: int, roles: Roles, options: ReadOptions) -> RawArrays:
    """Read a table in which one column holds each image's pixels, or the path of a picture."""
    collected = Collected()
    images: list[str] = []
    image = roles.path if roles.path is not None else roles.cell
    assert image is not None, "called for such a table only"
    for row in _narrow_rows(path, form, header, collected):
        if len(row) <= image:
            raise _wrong_length(path, collected.lines[len(images)], len(row), form.columns)
        images.append(row[image])
        for index, into in (
            (roles.label, collected.labels),
            (roles.identifier, collected.names),
            (roles.part, collected.parts),
        ):
            if index is not None:
                into.append(row[index] if index < len(row) else "")
    labels = np.array(collected.labels) if roles.label is not None else None
    if roles.path is not None:
        raw = read_listed_pictures(images, labels, path, options)
        raw = replace(raw, notes=(*roles.notes, *raw.notes), names=collected.names or images)
    else:
        pixels = _stack_cells(images, collected.lines, path)
        raw = RawArrays(pixels, labels, path, notes=roles.notes, names=collected.names or None)
    return with_parts(raw, collected.parts)


def _narrow_rows(path: Path, form: TextForm, header: int, collected: Collected) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 24)
    if form.delimiter == " ":
        yield from (split_line(line, " ") for line in _rows(path, form, header, collected))
        return
    # The csv module, since a quoted cell may go on over several lines; a row's number is that of its last one.
    reader = csv.reader(_rows(path, form, header, collected), delimiter=form.delimiter, skipinitialspace=True)
    yield from ([cell.strip() for cell in row] for row in reader)


def _stack_cells(cells: Sequence[str], lines: Sequence[int], path: Path) -> NDArray[np.float32]:
    rows = [np.array(pixels_in(cell), np.float32) for cell in cells]
    for row, line in zip(rows, lines, strict=False):
        if len(row) != len(rows[0]):
            raise DataError(
                f"line {line} holds {len(row)} pixels, expected {len(rows[0])} as in the first row",
                path=path,
                found=len(row),
                expected=len(rows[0]),
            )
    return np.stack(rows)


def with_parts(raw: RawArrays, parts: Sequence[str]) -> RawArrays:
    """Reserve the rows whose part is validation or test."""
    if not parts:
        return raw
    words = np.array([PART_WORDS.get(part.strip().lower().replace("_", ""), "train") for part in parts])
    rows: dict[str, Indices] = {part: np.flatnonzero(words == part) for part in ("validation", "test")}
    counts = " and ".join(f"{len(found):,} images for {part}" for part, found in rows.items() if len(found))
    notes = (*raw.notes, f"the source reserves {counts}") if counts else tuple(raw.notes)
    return replace(
        raw,
        notes=notes,
        given_validation=rows["validation"] if len(rows["validation"]) else None,
        given_test=rows["test"] if len(rows["test"]) else None,
    )
