"""A table beside pictures that gives each file its label: ``labels.csv`` with a file and a label in each row."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inklings.data.readers.class_list import nfc
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.label_column import LABEL_NAMES
from inklings.data.readers.parts import part_of
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.errors import DataError

MAX_BYTES = 1 << 28
"""Half a million rows of long paths take a tenth of this."""

_MORE_LABEL_NAMES = (
    *LABEL_NAMES,
    *("targets", "classes", "category", "class_name", "classname", "class name", "label_name", "label_name", "breed"),
    *("classid", "class_id", "category_id", "label_id"),
)
_PART_NAMES = ("split", "set", "subset", "part", "partition", "usage")
_LOOKED_AT = 500


@dataclass(frozen=True)
class LabelTable:
    """The rows of a table that name pictures.

    Parameters
    ----------
    path : Path
        Of the table.
    labels, parts : dict of int to str
        By the number of the picture.
    unmatched : tuple of str
        Files that rows name and that are not there.
    """

    path: Path
    labels: dict[int, str]
    parts: dict[int, str] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()


class PictureIndex:
    """Pictures, found by whatever a table may call them.

    Parameters
    ----------
    names : sequence of str
        The pictures' relative names, with ``/`` between folders.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._paths = [nfc(name).split("/") for name in names]
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(self._paths):
            self._by_name[path[-1].casefold()].append(number)
            self._by_stem[_stem(path[-1]).casefold()].append(number)

    def find(self, text: str) -> int | None:
        """Return the number of the picture that a text names; None if there is none, or several might be meant.

        The text may be a relative, an absolute or a Windows path, with or without the file's ending. Of pictures of the
        same name in several folders, the one whose folders agree most counts.
        """
        wanted = [part for part in nfc(text).replace("\\", "/").split("/") if part not in ("", ".")]
        if not wanted:
            return None
        found = self._by_name.get(wanted[-1].casefold()) or self._by_stem.get(wanted[-1].casefold()) or []
        ranked = sorted(((self._agreement(number, wanted), number) for number in found), reverse=True)
        ranked = [each for each in ranked if each[0] > 0]
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        return ranked[0][1]

    def _agreement(self, number: int, wanted: Sequence[str]) -> int:
        """Return how many last parts of two paths agree, doubled, and one more if even their case does."""
        path = self._paths[number]
        pairs = list(zip(reversed(path[:-1]), reversed(wanted[:-1]), strict=False))
        agreeing = 0
        for one, other in pairs:
            if one.casefold() != other.casefold():
                ours, theirs = part_of(one), part_of(other)
                # train/1.png is never test/1.png, though only one of the two is there.
                if ours and theirs and ours[0] != theirs[0]:
                    return 0
                break
            agreeing += 1
        return 2 * (agreeing + 1) + (path[-1] == wanted[-1])


def read_label_table(path: Path, index: PictureIndex, column: str | None = None) -> LabelTable | None:
    """Read a table if most of its rows name pictures.

    Parameters
    ----------
    path : Path
        CSV with commas, semicolons, tabs or spaces between cells, or a JSON object per line.
    index : PictureIndex
    column : str, optional
        The column of the labels, by its name or its number from 0.

    Returns
    -------
    LabelTable or None
        None if it is a table of something else.

    Raises
    ------
    DataError
        It is damaged; it has several columns that could be the labels; two rows give a picture different labels.
    """
    with wrap_errors(path, "table of labels"):
        if path.stat().st_size > MAX_BYTES:
            return None
        rows = _read_rows(path, index)
    files = _find_file_column(rows, index)
    if files is None:
        return None
    header = (
        rows[0] if index.find(rows[0][files]) is None and not _looks_like_file(rows[0][files : files + 1]) else None
    )
    names = [name.strip() for name in header] if header else [str(number) for number in range(len(rows[0]))]
    others = [number for number in range(len(names)) if number != files]
    part_column = next((number for number in others if names[number].lower() in _PART_NAMES), None)
    label_column = _find_label_column(names, [each for each in others if each != part_column], column, path)
    return _collect(path, rows[1:] if header else rows, index, (files, label_column, part_column))


def _collect(
    path: Path, rows: Sequence[list[str]], index: PictureIndex, columns: tuple[int, int, int | None]
) -> LabelTable:
    files, label_column, part_column = columns
    labels: dict[int, str] = {}
    parts: dict[int, str] = {}
    unmatched = []
    for line, row in enumerate(rows, 1):
        if len(row) <= max(files, label_column, part_column or 0):
            raise DataError(f"row {line} has {len(row)} cells, expected a file and a label", path=path, found=len(row))
        number = index.find(row[files])
        if number is None:
            unmatched.append(row[files])
            continue
        label = row[label_column].strip()
        if labels.setdefault(number, label) != label:
            raise DataError(
                f"gives {row[files]} two labels, '{labels[number]}' and '{label}'",
                "remove one of the rows",
                path=path,
                found=(labels[number], label),
            )
        if part_column is not None and (part := part_of(row[part_column])):
            parts[number] = part[0]
    return LabelTable(path, labels, parts, tuple(unmatched))


def _find_file_column(rows: Sequence[list[str]], index: PictureIndex) -> int | None:
    """Return the column in which at least half of the cells name pictures, most of all."""
    looked_at = rows[:_LOOKED_AT]
    if not looked_at or len(looked_at[0]) < 2:
        return None
    found = _pictures_by_column(rows, index)
    best = max(range(len(found)), key=lambda column: (len(found[column]), _looks_like_file(rows[-1][column:][:1])))
    # Of a contest's table of training and test files, or of a few of the pictures, a tenth is enough where the cells
    # look like names of files.
    enough = 0.1 if _looks_like_file(rows[-1][best:][:1]) else 0.5
    return best if len(found[best]) >= max(1, enough * (len(looked_at) - 1)) else None


def _pictures_by_column(rows: Sequence[list[str]], index: PictureIndex) -> list[set[int]]:
    """Return which pictures the cells of each column name, of the first rows.

    Different pictures are to be counted: a label such as 3 may be called like a picture, 3.png, but not each like its
    own.
    """
    looked_at = [row for row in rows[:_LOOKED_AT] if len(row) > 1]
    columns = range(min(len(looked_at[0]), 50) if looked_at else 0)
    found = [[index.find(row[column]) for row in looked_at if len(row) > column] for column in columns]
    return [{number for number in numbers if number is not None} for numbers in found]


def _find_label_column(names: list[str], others: list[int], column: str | None, path: Path) -> int:
    lowered = [name.lower() for name in names]
    if column is not None:
        if column in names:
            return names.index(column)
        if column.isdecimal() and int(column) < len(names):
            return int(column)
        raise DataError(
            f"has no column '{column}', found {', '.join(names[:8])}", path=path, found=names, expected=column
        )
    for usual in _MORE_LABEL_NAMES:
        if usual in lowered and lowered.index(usual) in others:
            return lowered.index(usual)
    # An unnamed first column counts the rows; pandas writes one.
    others = [number for number in others if lowered[number] not in ("", "unnamed: 0", "index")] or others
    if len(others) == 1:
        return others[0]
    found = [names[number] for number in others]
    raise DataError(
        f"several columns could be the labels: {', '.join(found[:8])}",
        "name one",
        path=path,
        found=found,
        suggested={"labels": found[0]},
    )


def _read_rows(path: Path, index: PictureIndex) -> list[list[str]]:
    """Return the cells of a table, split in the way in which most of them name pictures."""
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # What Windows programs of the West write; every byte means something in it.
        text = content.decode("cp1252", "replace")
    if path.suffix.lower() in (".json", ".jsonl"):
        return _read_json(text) if path.suffix.lower() == ".json" else _read_json_lines(text)
    lines = [line for line in text.splitlines() if line.strip()]
    head = lines[:20]
    splits = [_split(text, delimiter) for delimiter in ",;\t|" if all(delimiter in line for line in head)]
    # A file and its label with spaces between, as Caffe has them; the name may hold spaces itself.
    splits.append([line.rsplit(None, 1) for line in lines])
    return max(splits, key=lambda rows: max(map(len, _pictures_by_column(rows, index)), default=0))


def _split(text: str, delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]


def _read_json_lines(text: str) -> list[list[str]]:
    """Return the rows of a file with a JSON object in each line, the keys of the first as the header."""
    return _rows_of([json.loads(line) for line in text.splitlines() if line.strip()])


def _read_json(text: str) -> list[list[str]]:
    """Return the rows of a list of objects, or of one object from files to labels; none of any other JSON."""
    value = json.loads(text)
    if isinstance(value, dict) and all(isinstance(label, str | int) for label in value.values()):
        return [[str(name), str(label)] for name, label in value.items()]
    return _rows_of(value) if isinstance(value, list) else []


def _rows_of(objects: Sequence[object]) -> list[list[str]]:
    rows = [each for each in objects if isinstance(each, dict)]
    names = list(rows[0]) if rows else []
    return [names, *([str(row.get(name, "")) for name in names] for row in rows)] if names else []


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name


def _looks_like_file(cells: Sequence[str]) -> bool:
    """Whether a cell, if there is one, ends as pictures' names do."""
    return any(Path(cell.strip().lower()).suffix in SUFFIXES for cell in cells)
