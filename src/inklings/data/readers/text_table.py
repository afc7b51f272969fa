"""Tables in text files: what separates their cells, where they begin, and how their numbers are written."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from inklings.data.readers.number_notation import Notation, find_notation, is_number
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.data.readers.text_file import LONGEST_LINE, detect_encoding, find_zero_byte, open_text, read_lines
from inklings.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 60
"""Lines that show a table's form."""

MOST_COLUMNS = 1 << 20
"""512 x 512 pixels of three channels are fewer."""

COMMENTS = ("#", "%", "//")
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)


@dataclass(frozen=True)
class TextForm:
    """How a text file holds a table.

    Parameters
    ----------
    encoding : str
    delimiter : str
        A space stands for any blanks.
    skipped : int
        Lines before the first row: titles, comments, a line ``sep=;``.
    notation : Notation
        How numbers are written.
    columns : int
        Cells of each row; a last one that is always empty is not counted.
    trailing : bool
        Whether there is such an empty one, after a separator at the end of each line.
    rows : tuple of tuple of str
        The first rows, a header among them if there is one.
    """

    encoding: str
    delimiter: str
    skipped: int
    notation: Notation
    columns: int
    trailing: bool
    rows: tuple[tuple[str, ...], ...]


@contextmanager
def long_cells() -> Iterator[None]:
    """Let cells be as long as lines for a while: the csv module's own limit is less than 256 x 256 pixels take.

    The limit is one for the whole process, so it is put back for whoever else uses that module.
    """
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def detect_form(path: Path, decimal: str | None = None) -> TextForm:
    """Find out how a file holds a table, from its first lines.

    Parameters
    ----------
    path : Path
    decimal : {".", ","}, optional
        What begins the decimals of a number, where the user says it.

    Raises
    ------
    DataError
        It is not a table: there is no delimiter that gives several lines the same number of cells, several.
    """
    encoding = detect_encoding(path)
    lines = _first_lines(path, encoding)
    _refuse_zero_bytes(lines, path)
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    named = _SEPARATOR_LINE.match(lines[first].strip()) if lines else None
    delimiter, columns = _find_delimiter(lines, named[1] if named else None, path)
    parsed = [(number, split_line(line, delimiter)) for number, line in enumerate(lines) if line.strip()]
    parsed = [(number, cells) for number, cells in parsed if not (named and number == first)]
    # The first line with as many cells as most: what is above are titles.
    start = next((number for number, cells in parsed if len(cells) == columns and not _is_comment(cells)), None)
    if start is None:
        raise DataError(
            "no rows, found comments alone",
            f"lines that begin with {', '.join(COMMENTS)} or sep= are not read as rows",
            path=path,
        )
    above = [(number, cells) for number, cells in parsed if number < start and not _is_comment(cells)]
    rows = [tuple(cell.strip() for cell in cells) for number, cells in parsed if number >= start]
    # Some programs end every line with a separator, the names' own or not.
    trailing = columns > 2 and all(len(row) == columns and not row[-1] for row in rows)
    if trailing:
        columns -= 1
        rows = [row[:-1] for row in rows]
    names = _find_names_above(above, columns, trailing, path)
    if names is not None:
        start, heading = names
        rows = [heading, *rows]
    notation = find_notation(rows, delimiter, decimal)
    if not notation.is_plain:
        rows = [tuple(map(notation.as_python, row)) for row in rows]
    return TextForm(encoding, delimiter, start, notation, columns, trailing, tuple(rows))


def _refuse_zero_bytes(lines: list[str], path: Path) -> None:
    if any("\0" in line for line in lines):
        place = find_zero_byte(path)
        raise DataError(
            f"holds a zero byte (byte {place}), expected text",
            "it may be damaged, or a binary file under another name",
            path=path,
            found=place,
        )


def _find_delimiter(lines: list[str], named: str | None, path: Path) -> tuple[str, int]:
    """Return what separates cells, and how many there are in a row."""
    delimiter, columns = _best_delimiter(lines, (named,) if named else DELIMITERS)
    if columns < 2 and not named:
        # One line of words is prose; a table has several, alike.
        count, alike = _usual_count(lines, " ")
        delimiter, columns = " ", count if alike > 1 else 1
    if columns < 2 and not _lists_pictures(lines):
        expected = "rows of cells separated by commas, semicolons, tabs or blanks"
        raise DataError(f"not a table, expected {expected}", path=path, expected=expected)
    if columns > MOST_COLUMNS:
        raise DataError(f"has {columns:,} columns, expected at most {MOST_COLUMNS:,}", path=path, found=columns)
    return delimiter, columns


def _find_names_above(
    above: list[tuple[int, list[str]]], columns: int, trailing: bool, path: Path
) -> tuple[int, tuple[str, ...]] | None:
    """Return the line and the cells of a header that has a cell less than the rows, among the lines above them.

    Names lack one for the identifiers in front, as R writes them, or the separator at the end.
    """
    for number, cells in above:
        _check_title(path, number + 1, cells, columns)
        short = columns - (0 if trailing else 1)
        if len(cells) == short and not any(map(is_number, cells)):
            return number, (*cells,) if trailing else ("", *cells)
    return None


def _check_title(path: Path, line: int, cells: list[str], columns: int) -> None:
    """Refuse a line above the table that is a row itself, of another length."""
    numbers = sum(map(is_number, cells))
    if len(cells) > 2 and 2 * numbers > len(cells):
        raise too_few(path, line, len(cells), columns)


def too_few(path: Path, line: int, found: int, expected: int) -> DataError:
    """Return the error of a row that ends too soon."""
    return _wrong_length(path, line, found, expected, "the file may be truncated: download or create it again")


def too_many(path: Path, line: int, found: int, expected: int) -> DataError:
    """Return the error of a row whose cells are moved, as by a comma in a title that is not in quotes."""
    hint = "put what holds the character that separates cells into quotes"
    return _wrong_length(path, line, found, expected, hint)


def _wrong_length(path: Path, line: int, found: int, expected: int, hint: str) -> DataError:
    problem = f"line {line} has {found} columns, expected {expected}"
    return DataError(problem, hint, path=path, found=found, expected=expected)


def _first_lines(path: Path, encoding: str) -> list[str]:
    """Return the lines that show a table's form: fewer where they are long."""
    lines: list[str] = []
    size = 0
    with open_text(path, encoding) as file:
        for line in read_lines(file, path):
            lines.append(line.rstrip("\r\n"))
            size += len(line)
            if len(lines) == LOOKED_AT or size > LONGEST_LINE:
                break
    return lines


def _lists_pictures(lines: list[str]) -> bool:
    """Whether each line, but for a heading perhaps, is the path of a picture and nothing else."""
    paths = [line.strip().strip('"') for line in lines if line.strip()]
    paths = paths if len(paths) < 2 or _names_picture(paths[0]) else paths[1:]
    return bool(paths) and all(map(_names_picture, paths))


def _names_picture(text: str) -> bool:
    return PureWindowsPath(text).suffix.lower() in SUFFIXES


def _best_delimiter(lines: list[str], candidates: tuple[str, ...]) -> tuple[str, int]:
    """Return the delimiter by which most lines have the same number of cells, several, and that number."""
    found = [(delimiter, *_usual_count(lines, delimiter)) for delimiter in candidates]
    several = [each for each in found if each[1] > 1]
    if not several:
        return candidates[0], 1
    # Semicolons before commas where both fit: with decimal commas, commas are in every cell.
    by_agreement = max(several, key=lambda each: (each[2], each[0] != ",", each[1]))
    return by_agreement[0], by_agreement[1]


def _usual_count(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return the most common number of cells, and of how many lines it is."""
    counts = Counter(len(split_line(line, delimiter)) for line in lines if line.strip())
    # Lines of one cell are titles or prose, however many there are.
    return max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))


def _is_comment(cells: list[str]) -> bool:
    return cells[0].lstrip().startswith(COMMENTS)


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line; quotes hold delimiters together."""
    if delimiter == " ":
        return line.split()
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
