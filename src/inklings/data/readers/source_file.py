"""Opening a file to read its bytes: what it may be, gzip undone, and never more bytes than a limit."""

from __future__ import annotations

import gzip
import io
import stat
from pathlib import Path
from typing import BinaryIO, cast

from inklings.data.readers.file_errors import MAX_BYTES, check_claimed_size, wrap_errors


def is_regular(path: Path) -> bool:
    """Whether a path leads to a file that can be read to an end: no folder, pipe, device or socket, no broken link."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def is_gzip(path: Path) -> bool:
    """Whether a file is compressed by gzip."""
    with wrap_errors(path, "file"), path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_decompressed(path: Path) -> BinaryIO:
    """Open a file for reading bytes, decompressed if it is gzip: then a DataError ends what unpacks to too much."""
    if not is_gzip(path):
        return path.open("rb")
    return cast(BinaryIO, io.BufferedReader(LimitedGzip(path), 1 << 16))


def read_start(path: Path, length: int = 4) -> bytes:
    """Read the first bytes of a file; of its content, if it is compressed by gzip."""
    with wrap_errors(path, "gzip file" if is_gzip(path) else "file"), open_decompressed(path) as file:
        return file.read(length)


class LimitedGzip(io.RawIOBase):
    """The content of a gzip file, of which no more is unpacked than :data:`MAX_BYTES`.

    A gzip file does not say how large its content is (its last four bytes do, modulo 4 GiB, of its last part alone),
    and four megabytes can hold four gigabytes. So it is counted while it is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = gzip.open(path)  # noqa: SIM115 - closed by close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True: forwards by unpacking, backwards by beginning again."""
        return True

    def tell(self) -> int:
        """Return the position in the content."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position in the content."""
        if whence == io.SEEK_SET:
            check_claimed_size(self._path, "the content", offset)
        return self._file.seek(offset, whence)

    def readinto(self, buffer: object) -> int:
        """Unpack the next bytes."""
        view = memoryview(cast(bytearray, buffer))
        # Four megabytes at a time, so that the limit ends it before much more is unpacked.
        count = self._file.readinto(view[: 1 << 22])
        if self._file.tell() > MAX_BYTES:
            check_claimed_size(self._path, "the content", self._file.tell())
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
