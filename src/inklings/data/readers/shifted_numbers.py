"""Rows that number pictures from 0 beside files that are numbered from 1, or the reverse: every label is one off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from inklings.data.readers.label_table import LabelTable
from inklings.errors import DataError

_FEWEST = 10
"""Of fewer pictures, one may be missing at the start and another at the end by chance."""


def refuse_shifted(table: LabelTable, names: Sequence[str]) -> None:
    """Refuse a table whose rows and pictures are as many, each without a gap, but begin with different numbers.

    Parameters
    ----------
    table : LabelTable
    names : sequence of str
        Those of all pictures, with ``/`` between folders.

    Raises
    ------
    DataError
        They do, and so nearly every row names a picture, most likely the next one or the one before.
    """
    if not table.unmatched or len(table.labels) < _FEWEST:
        return
    folders = {PurePosixPath(names[number]).parent for number in table.labels}
    pictures = _numbers(name for name in names if PurePosixPath(name).parent in folders)
    rows = _numbers([*(names[number] for number in table.labels), *table.unmatched])
    if pictures is None or rows is None or len(pictures) != len(rows):
        return
    if pictures.start != rows.start:
        raise DataError(
            f"its rows number pictures from {rows.start} to {rows.stop - 1}, but these are numbered from "
            f"{pictures.start} to {pictures.stop - 1}: every label would be {abs(rows.start - pictures.start)} off",
            "number both alike; or, if these pictures are missing, remove their rows",
            path=table.path,
            found=rows.start,
            expected=pictures.start,
        )


def _numbers(names: Iterable[str]) -> range | None:
    """Return the numbers in which names of files end, if they have no gap; else None."""
    found = [re.search(r"[0-9]+$", PureWindowsPath(name.strip()).stem) for name in names]
    numbers = sorted(int(match[0]) for match in found if match)
    if not numbers or len(numbers) < len(found) or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return None
    return range(numbers[0], numbers[-1] + 1)
