"""The table of findings, ``findings.csv``: what was found about each image, and what to do about it.

::

    row, name, kind, also, label, suggested, score, same_as, action, new_label, data

A person edits the last but one columns, in a spreadsheet or a text editor: ``action`` is ``keep``, ``remove`` or
``relabel``, and ``new_label`` a class. Lines may be deleted, which keeps their images, and put in any order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from inklings.data.label_spelling import as_text, whole_number
from inklings.data.mending import Mending
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.text_file import detect_encoding, open_text
from inklings.errors import DataError

# Written by `findings.table`, read here by name, so that columns may be moved.
COLUMNS = ("row", "name", "kind", "also", "label", "suggested", "score", "same_as", "action", "new_label", "data")
KEEP, REMOVE, RELABEL = ACTIONS = ("keep", "remove", "relabel")

_NEEDED = ("row", "action")
_DELIMITERS = ",;\t"  # of spreadsheets in one language or another


def read_mending(path: str | Path) -> Mending:
    """Read which images to leave out and which to relabel.

    A filled ``new_label`` relabels, whatever the action but ``keep``; ``relabel`` without one takes what is
    ``suggested``; an empty action keeps.

    Raises
    ------
    DataError
        The file is not such a table, or one of its lines contradicts itself or another line.
    """
    path = Path(path)
    removed: dict[int, None] = {}
    relabelled: dict[int, str] = {}
    decided: dict[int, tuple[str, str]] = {}
    marks: dict[str, None] = {}
    stated: dict[int, str] = {}
    with wrap_errors(path, "table of findings"):
        for line, cells in _lines(path):
            row, action, label = _read_line(path, line, cells)
            # A line that was copied and edited: of two answers neither is followed, of two the same one is.
            if decided.setdefault(row, (action, label)) != (action, label):
                raise DataError(
                    f"line {line} says '{action}' of row {row}, and an earlier line '{decided[row][0]}'",
                    "leave one of them",
                    path=path,
                )
            if mark := cells.get("data", ""):
                marks[mark] = None
            if said := cells.get("label", ""):
                stated[row] = said
            if action == REMOVE:
                removed[row] = None
            elif action == RELABEL:
                relabelled[row] = label
    if len(marks) > 1:
        raise DataError("holds findings on several data sets", "keep those on one", path=path, found=list(marks))
    if not marks and (removed or relabelled):
        raise DataError(
            "has no mark of the data that were checked",
            "keep the column 'data' that `inklings data check` writes",
            path=path,
        )
    return Mending(tuple(sorted(removed)), dict(sorted(relabelled.items())), next(iter(marks), ""), str(path), stated)


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Iterate over the lines of the table, each with its number in the file and its cells by the columns' names."""
    with open_text(path, detect_encoding(path)) as file:
        text = file.read()
    first = text.partition("\n")[0].strip(" \r")  # not of tabs, which may be what "sep=" names
    # Some spreadsheets say the separator in a line of its own.
    told = len(first) == 5 and first.lower().startswith("sep=")
    header = text.split("\n", 2)[1] if told and "\n" in text else first
    # The separator that occurs most often in the header: names of columns hold none.
    delimiter = first[4] if told else max(_DELIMITERS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells) or (told and rows.line_num == 1):
            continue
        if not names:
            # Capitals and blanks are what people and programs change about names.
            names = [as_text(cell).lower().replace(" ", "_") for cell in cells]
            _check_header(path, names)
            continue
        # Not strict: spreadsheets drop empty cells at a line's end, or add some.
        yield rows.line_num, dict(zip(names, map(as_text, cells), strict=False))
    if not names:
        raise DataError(f"is empty, expected a table with the columns {', '.join(COLUMNS)}", path=path)


def _check_header(path: Path, names: list[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise DataError(
            f"has no column '{missing[0]}', expected the findings of `inklings data check`",
            "keep its first line as it was",
            path=path,
            found=names[:12],
            expected=COLUMNS,
        )


def _read_line(path: Path, line: int, cells: Mapping[str, str]) -> tuple[int, str, str]:
    """Return the row, what to do with it, and its new label; that is empty unless it gets one."""
    row = whole_number(cells.get("row", ""))
    if row is None:
        found = cells.get("row", "")
        raise DataError(f"line {line}: the row is '{found}', expected a whole number", path=path, found=found)
    action, label = cells.get("action", "").lower(), cells.get("new_label", "")
    if action not in ("", *ACTIONS):
        hint = f"write one of {', '.join(ACTIONS)}; a class goes into the column new_label"
        raise DataError(f"line {line}: the action is '{action}'", hint, path=path, found=action, expected=ACTIONS)
    if action == KEEP and label:
        raise DataError(
            f"line {line} keeps row {row} and gives it the new label '{label}'", "write relabel, or no label", path=path
        )
    # A filled new_label says what is wanted, whatever stands in action.
    if label:
        return row, RELABEL, label
    if action != RELABEL:
        return row, action or KEEP, ""
    label = cells.get("suggested", "")
    if not label:
        raise DataError(f"line {line} relabels row {row}, but does not say as what", "fill in new_label", path=path)
    return row, RELABEL, label
