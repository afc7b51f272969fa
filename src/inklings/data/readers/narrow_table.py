"""Text tables in which one column holds each image: all its pixels in a cell, or the path of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.label_column import label_array
from inklings.data.readers.listed_pictures import read_listed_pictures
from inklings.data.readers.table_columns import clean_cell
from inklings.data.readers.table_parts import with_parts
from inklings.data.readers.table_roles import Roles
from inklings.data.readers.table_rows import Collected, iterate_cells
from inklings.data.readers.text_numbers import parse_numbers
from inklings.data.readers.text_table import TextForm, too_few, too_many
from inklings.errors import DataError


def read_narrow(path: Path, form: TextForm, header: int, roles: Roles, options: ReadOptions) -> RawArrays:
    """Read a table in which one column holds each image's pixels, or the path of a picture.

    Raises
    ------
    DataError
        A row is cut off; a cell holds something other than numbers, or more of them than the first; pictures are
        missing.
    """
    collected = Collected()
    kept = ((roles.label, collected.labels), (roles.identifier, collected.names), (roles.part, collected.parts))
    image = roles.path if roles.path is not None else roles.cell
    pictures: list[str] = []
    pixels = Stacked(path)
    long: list[tuple[int, int, int]] = []
    for row in iterate_cells(path, form, header, collected.lines):
        line = collected.lines[-1]
        if len(row) < form.columns:
            raise too_few(path, line, len(row), form.columns)
        if any(row[form.columns :]):
            long.append((len(collected.lines) - 1, line, len(row)))
        if roles.path is not None:
            pictures.append(row[roles.path])
        else:
            pixels.add(row[image or 0], line)
        for index, into in kept:
            if index is not None:
                into.append(row[index])
    _refuse_moved(path, form, collected.labels, long)
    labels: NDArray[Any] | None = label_array(collected.labels, path) if roles.label is not None else None
    if roles.path is not None:
        raw, found = read_listed_pictures(pictures, labels, path, options)
        names = [collected.names[row] for row in found] if collected.names else raw.names
        raw = replace(raw, notes=[*roles.notes, *raw.notes], names=names)
        return with_parts(raw, [collected.parts[row] for row in found] if collected.parts else [])
    raw = RawArrays(pixels.stack(), labels, path, notes=roles.notes, names=collected.names or None)
    return with_parts(raw, collected.parts)


def _refuse_moved(path: Path, form: TextForm, labels: Sequence[str], long: Sequence[tuple[int, int, int]]) -> None:
    """Refuse a row with more cells than there are columns, unless its label is one that whole rows have too.

    Of such rows, ``long`` has the place among all, the line and the number of cells.
    """
    places = {place for place, _, _ in long}
    known = {label for place, label in enumerate(labels) if place not in places}
    for place, line, found in long:
        if labels and labels[place] not in known:
            raise too_many(path, line, found, form.columns)


class Stacked:
    """Rows of pixels, each from a cell, in one growing block of memory.

    Parameters
    ----------
    path : Path
        For messages.
    unit : str
        What the rows are counted in, for messages.
    """

    def __init__(self, path: Path, unit: str = "line") -> None:
        self._path, self._unit, self._bytes, self._length = path, unit, bytearray(), 0

    def add(self, cell: str, line: int) -> None:
        """Add the pixels of a cell such as ``0 0 255`` or ``[0, 0, 255]``."""
        row = self._parse(cell, line)
        self._length = self._length or len(row)
        if len(row) != self._length:
            raise DataError(
                f"{self._unit} {line} holds {len(row)} pixels, expected {self._length} as in the first row",
                path=self._path,
                found=len(row),
                expected=self._length,
            )
        # Not a list of rows: to stack them would take all their memory a second time.
        self._bytes += row.tobytes()

    def _parse(self, cell: str, line: int) -> NDArray[np.float32]:
        text = clean_cell(cell)
        row = parse_numbers(text, " ")
        if len(row):
            return row
        found = next((word for word in text.split() if not word.replace(".", "", 1).isdecimal()), cell[:40])
        hint = "the program that wrote it abbreviated long arrays: write them whole" if "..." in text else ""
        raise DataError(
            f"{self._unit} {line} holds {found!r} among the pixels, expected numbers",
            hint,
            path=self._path,
            found=found,
        )

    def stack(self) -> NDArray[np.float32]:
        """Return all rows, shape (n, pixels)."""
        return np.frombuffer(self._bytes, np.float32).reshape(-1, max(1, self._length))
