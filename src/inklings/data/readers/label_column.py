"""Which column of a table holds the labels; shared by the readers of CSV and Parquet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError

LABEL_NAMES = ("label", "labels", "class", "target", "y", "digit")


def find_label_column(names: Sequence[str], textual: Sequence[bool], requested: str | None, path: Path) -> int | None:
    """Find the label column by its name, or because it is the only one with text.

    Parameters
    ----------
    names : sequence of str
        The columns' names; their numbers from 0 if there is no header.
    textual : sequence of bool
        Whether each column holds text.
    requested : str, optional
        The name, or number from 0, that the user gave.
    path : Path
        For messages.

    Returns
    -------
    int or None
        None if only the numbers can show it: see :func:`find_numeric_label_column`.

    Raises
    ------
    DataError
        There is no such column, or several hold text.
    """
    if requested is not None:
        if requested in names:
            return list(names).index(requested)
        # As in Python, -1 is the last column.
        if requested.lstrip("-").isdecimal() and -len(names) <= int(requested) < len(names):
            return int(requested) % len(names)
        raise DataError(
            f"has no column '{requested}', found {list_some(names)}", path=path, found=names, expected=requested
        )
    lowered = [name.strip().lower() for name in names]
    for usual in LABEL_NAMES:
        if usual in lowered:
            return lowered.index(usual)
    with_text = [index for index, is_text in enumerate(textual) if is_text]
    if len(with_text) > 1:
        found = [names[index] for index in with_text]
        raise DataError(
            f"{len(found)} columns hold text ({list_some(found)}), expected at most one: the labels",
            "name the label column and remove the others",
            path=path,
            found=found,
            suggested={"labels": found[0]},
        )
    return with_text[0] if with_text else None


def find_numeric_label_column(values: NDArray[Any], path: Path) -> int:
    """Find out whether the first or the last column holds the labels: integers, several but not all different.

    Parameters
    ----------
    values : array of numbers, shape (rows, columns)
    path : Path
        For messages.

    Returns
    -------
    int
        0 or the last column's number. If both could be, the first, as in the common files of MNIST.

    Raises
    ------
    DataError
        Neither could be.
    """
    for index in (0, values.shape[1] - 1):
        column = values[:, index]
        if np.isfinite(column).all() and (column == np.floor(column)).all():
            classes = np.unique(column)
            # A pixel at the corner is constant, a row number all different; labels are neither.
            if 2 <= len(classes) <= max(2, len(column) // 2):
                return index
    expected = (
        f"a column called {', '.join(LABEL_NAMES[:-1])} or {LABEL_NAMES[-1]}, one of text, "
        "or whole numbers in the first or last column"
    )
    raise DataError(
        f"no labels, expected {expected}",
        "name the column",
        path=path,
        expected=expected,
        suggested={"labels": "NAME"},
    )


def find_label_column_if_any(values: NDArray[Any], path: Path) -> int | None:
    """Find a column of labels among numbers that may hold none, as a table to be classified does.

    Where all columns make a square image, or one of three channels, none of them is taken for labels.
    """
    columns = values.shape[1]
    if _is_square(columns) or not _is_square(columns - 1):
        return None
    return find_numeric_label_column(values, path)


def _is_square(columns: int) -> bool:
    return any(math.isqrt(columns // channels) ** 2 * channels == columns for channels in (1, 3))


def list_some(names: Sequence[str]) -> str:
    """Join names in one line; of many, the first four and the last two.

    >>> list_some([f"pixel{number}" for number in range(784)])
    'pixel0, pixel1, pixel2, pixel3 ... pixel782, pixel783'
    """
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:4])} ... {', '.join(names[-2:])}"
