"""Whether all rows of a table bear out how its first rows write numbers: 1.234 may first stand far below."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.data.readers.number_notation import (
    Notation,
    has_grouping_points,
    is_number,
    shows_grouping,
    surely_decimal,
)
from inklings.data.readers.text_table import split_line
from inklings.errors import DataError

_NEXT_TO_THOUSANDS = 100
"""Where points group thousands, other pixels are at least this bright."""


class NumberWatch:
    """Looks at each row of a table for numbers with points, as long as these may be decimals or thousands.

    A row without a point, as all are in most tables, is not taken apart, and of the others only one cell of each kind
    is kept.

    Parameters
    ----------
    notation : Notation
        As the first rows show it.
    delimiter : str
    columns : collection of int
        Those that hold pixels and nothing else.
    """

    def __init__(self, notation: Notation, delimiter: str, columns: Collection[int]) -> None:
        self._decimal, self._delimiter, self._columns = notation.decimal, delimiter, frozenset(columns)
        # The first number that may have thousands, and the first that has decimals after a point.
        self._grouped = self._pointed = ""
        self._largest = 0.0
        # Else the user said it, or commas group, or points were seen to begin decimals beside decimal commas.
        self._is_open = not notation.said and notation.grouped == (notation.decimal == ",")

    def see(self, line: str) -> None:
        """Look at a row as it stands in the file."""
        if self._is_open and "." in line:
            cells = split_line(line, self._delimiter)
            for cell in (cell.strip() for column, cell in enumerate(cells) if "." in cell and column in self._columns):
                self._see_number(cell)

    def _see_number(self, cell: str) -> None:
        if has_grouping_points(cell):
            self._grouped = self._grouped or cell
            self._largest = max(self._largest, abs(float(cell)) if is_number(cell) else 0.0)
            # 1.234,5 is enough where commas begin decimals; elsewhere it is no number at all.
            self._is_open = not (self._decimal == "," and shows_grouping(cell))
        elif is_number(cell):
            self._pointed = self._pointed or cell
            # 0.25 is no thousands, so that 1.234 beside it is none either; beside decimal commas it says nothing yet.
            self._is_open = self._decimal == ","

    def settle(self, pixels: NDArray[np.float32], path: Path) -> None:
        """Refuse the table if its rows together do not show what points in numbers mean.

        Parameters
        ----------
        pixels : array of float32
            All that was read, as the first rows have it.
        path : Path

        Raises
        ------
        DataError
            1.234 may be decimals or thousands.
        """
        if not self._is_open or not self._grouped:
            return
        if self._decimal == ",":
            self._settle_beside_commas(pixels, path)
        elif not surely_decimal(self._largest, float(pixels.max())):
            Notation(undecided={0: self._grouped}).refuse_undecided([0], path)

    def _settle_beside_commas(self, pixels: NDArray[np.float32], path: Path) -> None:
        if self._pointed:
            raise DataError(
                f"holds {self._grouped} and {self._pointed} beside decimal commas, expected points that all begin "
                "decimals or all group thousands",
                "write all numbers in one way",
                path=path,
                found=self._grouped,
            )
        lower = np.where(pixels < 1000, pixels, 0)
        if lower.max() < _NEXT_TO_THOUSANDS:
            Notation(undecided={0: self._grouped}).refuse_undecided([0], path)
