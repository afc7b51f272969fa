"""Text files whatever compresses and encodes them, line by line, never more of them than a limit."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO, cast

from inklings.data.notes import Decision
from inklings.data.readers.file_errors import check_claimed_size
from inklings.data.readers.repetition import RepetitionWatch
from inklings.errors import DataError
from inklings.extras import importing

LONGEST_LINE = 1 << 24
"""Characters; a picture of 4096 x 4096 in text is not a row of a table for small networks."""

_CHUNK = 1 << 20
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WESTERN = ("cp1252", "latin-1")
_NOT_IN_CP1252 = {0x81, 0x8D, 0x8F, 0x90, 0x9D}


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
    # At most so much at once: a file of one endless line never stands in memory.
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise DataError(f"holds a line of more than {LONGEST_LINE:,} characters, expected a table", path=path)
        yield line


def find_zero_byte(path: Path) -> int:
    """Return where the first zero byte is among the first of a text file; -1 if there is none."""
    with _open_bytes(path) as content:
        return content.read(LONGEST_LINE).find(b"\0")


def check_decompressed(path: Path, cost: float) -> None:
    """Refuse a file whose text, once decompressed, would need more memory than any data set does, or says nothing.

    What a compressed file claims of its size can be wrong by design, so it is decompressed once without keeping any.

    Parameters
    ----------
    path : Path
    cost : float
        Bytes in memory per character.
    """
    total, repetition = 0, RepetitionWatch(path, path.stat().st_size)
    with _open_bytes(path) as content:
        while chunk := content.read(_CHUNK):
            total += len(chunk)
            repetition.see(chunk)
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
        need = "a file compressed by zstandard needs Python 3.14 or the package pyarrow"
        with importing("pyarrow", need, "'inklings[parquet]'", otherwise="decompress it with zstd -d", path=path):
            import pyarrow
        return cast(IO[bytes], pyarrow.input_stream(str(path), compression="zstd"))
    return cast(IO[bytes], zstd.open(path))


def detect_encoding(path: Path) -> str:
    """Return the encoding of a text file: by its mark, its zero bytes, or by what all of it can be."""
    # A block decides on marks and zero bytes; UTF-8 must hold to the end.
    with _open_bytes(path) as content:
        start = content.read(_CHUNK)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        # Every second byte of western text in UTF-16 is zero; Excel's "Unicode text" has a mark, others' none.
        for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if 2 * start[place::2].count(0) > len(start[place::2]):
                return encoding
        if b"\0" in start:
            place = start.index(b"\0")
            raise DataError(
                f"holds a zero byte (byte {place:,}), expected text",
                "it is damaged, or no text",
                path=path,
                found=place,
            )
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while start:
                decoder.decode(start)
                start = content.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # What Windows programs of the West write. Latin-1 differs in signs that no label has, and in five bytes
            # that are not characters there.
            # Judged by the block in which UTF-8 ended.
            return "cp1252" if not set(start) & _NOT_IN_CP1252 else "latin-1"
    return "utf-8"


def describe_encoding(path: Path, encoding: str) -> list[str]:
    """Return a note where an encoding was taken for want of a better one: another alphabet's names are then others."""
    if encoding not in _WESTERN:
        return []
    said = f"{path.name} is not in UTF-8, and was read as Windows' Western letters"
    return [Decision(f"{said}; where names look wrong, save it as UTF-8")]
