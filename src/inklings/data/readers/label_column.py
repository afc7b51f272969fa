"""Which column of a table holds the labels; shared by the readers of CSV and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError

LABEL_NAMES = ("label", "labels", "class", "target", "y", "digit")


def find_label_column(names: Sequence[str], textual: Sequence[bool], wanted: str | None, source: str) -> int | None:
    """Tell which column holds the labels from its name, or because it is the only one with text.

    Parameters
    ----------
    names : sequence of str
        The columns' names; their numbers from 0 if there is no header.
    textual : sequence of bool
        Whether each column holds text.
    wanted : str, optional
        The name, or number from 0, that the user gave.
    source : str
        For messages.

    Returns
    -------
    int or None
        None if only the numbers can tell: see :func:`find_label_numbers`.

    Raises
    ------
    DataError
        No such column; several with text.
    """
    if wanted is not None:
        if wanted in names:
            return list(names).index(wanted)
        if wanted.lstrip("-").isdecimal() and -len(names) <= int(wanted) < len(names):
            return int(wanted) % len(names)
        raise DataError(f"{source}: has no column '{wanted}', found {list_some(names)}")
    lowered = [name.strip().lower() for name in names]
    for usual in LABEL_NAMES:
        if usual in lowered:
            return lowered.index(usual)
    with_text = [index for index, is_text in enumerate(textual) if is_text]
    if len(with_text) > 1:
        raise DataError(
            f"{source}: {len(with_text)} columns hold text ({list_some([names[index] for index in with_text])}), "
            "expected one at most: the labels",
            "name the column of labels with labels= and remove the others",
        )
    return with_text[0] if with_text else None


def find_label_numbers(values: NDArray[Any], source: str) -> int:
    """Tell whether the first or the last column holds the labels: whole numbers, several but not all different.

    Parameters
    ----------
    values : array of numbers, shape (rows, columns)
    source : str
        For messages.

    Returns
    -------
    int
        0 or the last column's number. If both could be, the first, as in the usual files of MNIST.

    Raises
    ------
    DataError
        Neither could be.
    """
    for index in (0, values.shape[1] - 1):
        column = values[:, index]
        if np.isfinite(column).all() and (column == np.floor(column)).all():
            classes = np.unique(column)
            if 2 <= len(classes) <= max(2, len(column) // 2):
                return index
    raise DataError(
        f"{source}: no labels, expected a column called {', '.join(LABEL_NAMES[:-1])} or {LABEL_NAMES[-1]}, "
        "one of text, or whole numbers in the first or last column",
        "name the column with labels=",
    )


def list_some(names: Sequence[str]) -> str:
    """Join names in one line, with the middle left out if there are many."""
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:4])} ... {', '.join(names[-2:])}"
