"""Tables in text files: how they are compressed and encoded, what separates their cells, and where they begin."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import itertools
import lzma
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO, cast

from inklings.data.readers.file_errors import check_claimed_size
from inklings.errors import DataError, MissingDependencyError

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 60
"""Lines that show a table's form."""

LONGEST_LINE = 1 << 24
"""Characters; a picture of 4096 x 4096 in text is no row of a table for small networks."""

COMMENTS = ("#", "%", "//")
_CHUNK = 1 << 20
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NOT_IN_CP1252 = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"^-?\d*,\d+$")


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
    decimal_comma : bool
        Whether numbers are written 0,5.
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
    decimal_comma: bool
    columns: int
    trailing: bool
    rows: tuple[tuple[str, ...], ...]


def detect_form(path: Path) -> TextForm:
    """Find out how a file holds a table, from its first lines.

    Raises
    ------
    DataError
        It is no table: there is no delimiter that gives several lines the same number of cells, several.
    """
    encoding = detect_encoding(path)
    with open_text(path, encoding) as file:
        lines = [line.rstrip("\r\n") for line in itertools.islice(read_lines(file, path), LOOKED_AT)]
    first = next((line.strip() for line in lines if line.strip()), "")
    named = _SEPARATOR_LINE.match(first)
    candidates = (named[1],) if named else DELIMITERS
    delimiter, columns = _best_delimiter(lines, candidates)
    if columns < 2 and not named:
        # One line of words is prose; a table has several, alike.
        count, alike = _usual_count(lines, " ")
        delimiter, columns = " ", count if alike > 1 else 1
    if columns < 2:
        expected = "rows of cells separated by commas, semicolons, tabs or blanks"
        raise DataError(f"no table, expected {expected}", path=path, expected=expected)
    parsed = [(number, split_line(line, delimiter)) for number, line in enumerate(lines) if line.strip()]
    start = next(number for number, cells in parsed if len(cells) == columns and not _is_comment(cells))
    for number, cells in parsed:
        if number < start and not _is_comment(cells):
            _check_title(path, number + 1, cells, columns)
            if len(cells) == columns - 1 and not any(map(is_number, cells)):
                # Names without one for the identifiers in front, as R writes them.
                parsed[parsed.index((number, cells))] = (number, ["", *cells])
                start = number
                break
    rows = [tuple(cell.strip() for cell in cells) for number, cells in parsed if number >= start]
    # Some programs end every line with a separator.
    trailing = columns > 2 and all(len(row) == columns and not row[-1] for row in rows)
    if trailing:
        columns -= 1
        rows = [row[:-1] for row in rows]
    comma = delimiter != "," and any(_DECIMAL_COMMA.match(cell) for row in rows[1:] for cell in row)
    if comma:
        rows = [tuple(_with_point(cell) for cell in row) for row in rows]
    return TextForm(encoding, delimiter, start, comma, columns, trailing, tuple(rows))


def _check_title(path: Path, line: int, cells: list[str], columns: int) -> None:
    """Refuse a line above the table that is a row itself, of another length."""
    numbers = sum(map(is_number, cells))
    if len(cells) > 2 and 2 * numbers > len(cells):
        raise too_few(path, line, len(cells), columns)


def too_few(path: Path, line: int, found: int, expected: int) -> DataError:
    """Return the error of a row with another number of cells than the others."""
    return DataError(
        f"line {line} has {found} columns, expected {expected}",
        "the file may be truncated: download or create it again",
        path=path,
        found=found,
        expected=expected,
    )


def is_number(cell: str) -> bool:
    """Whether text is a number; NaN and infinity are, as Python has it."""
    try:
        float(cell)
    except ValueError:
        return False
    # Python takes 1_000 for a thousand; in a table it is a name.
    return "_" not in cell


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _DECIMAL_COMMA.match(cell) else cell


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
    return max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))


def _is_comment(cells: list[str]) -> bool:
    return cells[0].lstrip().startswith(COMMENTS)


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line; quotes hold delimiters together."""
    if delimiter == " ":
        return line.split()
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a text file, decompressed whether it is gzip, bzip2, xz, zstandard or a zip of one file."""
    with _open_bytes(path) as content:
        # Line ends are left to the csv module, since a quoted cell may hold some.
        yield io.TextIOWrapper(content, encoding=encoding, newline="")


def read_lines(file: TextIO, path: Path) -> Iterator[str]:
    """Iterate over lines, whichever of the three ends they have.

    Raises
    ------
    DataError
        A line is longer than any row of a table.
    """
    # The old Macintosh's ends, a carriage return alone, are none to Python unless newlines are translated.
    file.reconfigure(newline=None)  # type: ignore[attr-defined]
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise DataError(f"holds a line of more than {LONGEST_LINE:,} characters, expected a table", path=path)
        yield line


def check_decompressed_size(path: Path, cost: float) -> None:
    """Refuse a file whose text, once decompressed, would need more memory than any data set does.

    What a compressed file claims of its size can be wrong by design, so it is decompressed once without keeping any.

    Parameters
    ----------
    path : Path
    cost : float
        Bytes in memory per character.
    """
    total = 0
    with _open_bytes(path) as content:
        while chunk := content.read(_CHUNK):
            total += len(chunk)
            check_claimed_size(path, "the table", int(cost * total))


@contextmanager
def _open_bytes(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        start = file.read(6)
    if start[:2] == b"\x1f\x8b":
        with gzip.open(path) as opened:
            yield cast(IO[bytes], opened)
    elif start[:3] == b"BZh":
        with bz2.open(path) as squeezed:
            yield cast(IO[bytes], squeezed)
    elif start == b"\xfd7zXZ\x00":
        with lzma.open(path) as packed:
            yield cast(IO[bytes], packed)
    elif start[:4] == b"\x28\xb5\x2f\xfd":
        with _open_zstandard(path) as stream:
            yield stream
    elif start[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as member:
            yield member
    else:
        with path.open("rb") as plain:
            yield plain


def _only_member(archive: zipfile.ZipFile, path: Path) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
    if len(names) != 1:
        raise DataError(f"a zip file of {len(names)} files, expected one table", "unpack it first", path=path)
    return names[0]


def _open_zstandard(path: Path) -> IO[bytes]:
    try:
        from compression import zstd  # type: ignore[import-not-found]  # Python 3.14
    except ImportError:
        try:
            import pyarrow
        except ImportError as error:
            raise MissingDependencyError(
                "compressed by zstandard, which needs Python 3.14 or the package pyarrow",
                "pip install 'inklings[parquet]', or decompress it with zstd -d",
                path=path,
                expected="pyarrow",
            ) from error
        return cast(IO[bytes], pyarrow.input_stream(str(path), compression="zstd"))
    return cast(IO[bytes], zstd.open(path))


def detect_encoding(path: Path) -> str:
    """Return the encoding of a text file: by its mark, its zero bytes, or by what all of it can be."""
    with _open_bytes(path) as content:
        start = content.read(_CHUNK)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        if b"\0" in start:
            if 4 * start.count(b"\0") < len(start):
                found = start.index(b"\0")
                raise DataError(
                    f"holds a zero byte (byte {found:,}), expected text",
                    "it is damaged, or no text",
                    path=path,
                    found=found,
                )
            # Every second byte of western text in UTF-16 is zero; Excel's "Unicode text" has a mark, others' none.
            return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while start:
                decoder.decode(start)
                start = content.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # What Windows programs of the West write. Latin-1 differs in signs that no label has, and in five bytes
            # that are no characters there.
            return "cp1252" if not set(start) & _NOT_IN_CP1252 else "latin-1"
    return "utf-8"
