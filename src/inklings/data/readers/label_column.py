"""Which column of a table holds the labels; shared by the readers of CSV and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.data.readers.label_names import find_named_labels
from inklings.errors import DataError

LONGEST_LABEL = 1 << 16
"""Letters; no class has a longer name."""


def check_label_length(longest: int, path: Path) -> None:
    """Refuse labels longer than any name of a class: NumPy gives every label of a set the room of the longest.

    Raises
    ------
    DataError
        It is more than :data:`LONGEST_LABEL`.
    """
    if longest > LONGEST_LABEL:
        raise DataError(
            f"holds a label of {longest:,} letters, expected at most {LONGEST_LABEL:,}",
            "name the column of labels, if it is another",
            path=path,
            found=longest,
            expected=LONGEST_LABEL,
        )


def label_array(cells: Sequence[str], path: Path) -> NDArray[np.str_]:
    """Return the cells of a column of labels as an array, shape (n,).

    Raises
    ------
    DataError
        One is longer than :data:`LONGEST_LABEL`.
    """
    check_label_length(max(map(len, cells), default=0), path)
    return np.array(cells, str)


def find_label_column(names: Sequence[str], textual: Sequence[bool], path: Path) -> int | None:
    """Find the label column by its name, or because it is the only one with text.

    Parameters
    ----------
    names : sequence of str
        The columns' names; their numbers from 0 if there is no header.
    textual : sequence of bool
        Whether each column holds text.
    path : Path
        For messages.

    Returns
    -------
    int or None
        None if only the numbers can show it: see :mod:`inklings.data.readers.label_values`.

    Raises
    ------
    DataError
        Several columns hold text.
    """
    # The name before the content: beside labels that are numbers, a writer's name may be the only text.
    named = find_named_labels(names)
    if named is not None:
        return named
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


def several_could_be(
    what: str, found: Sequence[str], path: Path, *, kind: str = "columns", listing: str = ""
) -> DataError:
    """Return the error of several columns, variables or files of which nothing tells which is meant.

    Parameters
    ----------
    what : str
        ``"labels"`` or ``"images"``: the setting that names one.
    found : sequence of str
        Their names; the first is the example.
    path : Path
        For the message.
    kind : str
        What they are.
    listing : str, optional
        The names with what else tells them apart, such as shapes.
    """
    return DataError(
        f"several {kind} could be the {what}: {listing or list_some(found)}",
        "name one",
        path=path,
        found=found,
        suggested={what: found[0]},
    )


def list_some(names: Sequence[str]) -> str:
    """Join names in one line; of many, the first four and the last two.

    >>> list_some([f"pixel{number}" for number in range(784)])
    'pixel0, pixel1, pixel2, pixel3 ... pixel782, pixel783'
    """
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:4])} ... {', '.join(names[-2:])}"
