"""Unpacking a ZIP or TAR archive to a temporary folder: only files, only within it, and only so many bytes.

An archive is a stranger's list of names and contents. A name may lead out of the folder, an entry may be a link or a
device, and a few kilobytes may unpack to more than a disk holds. So names are checked, anything but files is left out,
and bytes are counted as the list claims them and again as they come.
"""

from __future__ import annotations

import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, cast

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import check_claimed_size, check_count, wrap_errors
from inklings.data.readers.folder_tree import is_junk
from inklings.data.readers.picture_kinds import START_BYTES, picture_kind
from inklings.data.readers.repetition import RepetitionWatch
from inklings.data.readers.source_file import open_decompressed, read_start
from inklings.data.readers.zip_names import describe_foreign, name_of
from inklings.errors import DataError

MAX_MEMBERS = 1_000_000
"""EMNIST as pictures has 814,255."""

_CHUNK = 1 << 20
_MOST_AT_ONCE = 1 << 24
# Of a ZIP entry, where its content is encrypted.
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name as stored, its size as claimed, to how many bytes it came, how to read it."""

    name: str
    size: int
    packed: int
    open: Callable[[], IO[bytes]]


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Unpack an archive to a temporary folder, which is removed afterwards.

    Yields
    ------
    folder : Path
    notes : list of str
        How many entries are links or devices and were left out, and how many names came again.

    Raises
    ------
    DataError
        The archive is damaged or encrypted; a name leads out of it; it claims or holds too much.
    """
    # On Windows, a file that is still mapped cannot be removed; the system does so later.
    with tempfile.TemporaryDirectory(prefix="inklings-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        unpack = _unpack_zip if zipfile.is_zipfile(path) else _unpack_tar
        with wrap_errors(path, "archive"):
            left_out, repeated = unpack(path, folder)
        notes = [f"{left_out} links or devices in the archive are left out"] if left_out else []
        notes += describe_foreign(path)
        if repeated:
            notes.append(f"{repeated} files of the archive have a later one of the same name, which was taken")
        yield folder, [Decision(note) for note in notes]


def read_archive(path: Path, options: ReadOptions, read: Callable[[Path, ReadOptions], RawArrays]) -> RawArrays:
    """Read a ZIP or TAR archive as the folder or the one file that it holds.

    Parameters
    ----------
    path : Path
    options : ReadOptions
    read : callable
        Reads a folder or file.

    Raises
    ------
    DataError
        It is unsafe, damaged, encrypted or too large, or what it holds cannot be read.
    """
    with unpacked(path) as (folder, notes):
        inside = folder
        # Most archives hold one folder of their own name, and all else in that.
        while not inside.is_file() and len(children := list(inside.iterdir())) == 1:
            inside = children[0]
        # Go back up to a folder of pictures: its one picture is not a data set, and its name may be a class.
        single = inside.is_file() and picture_kind(read_start(inside, START_BYTES)) is None
        target = inside if single or options.grid or options.tile else folder
        try:
            if target.is_file() and _is_archive(target):
                raise DataError("holds another archive", "unpack it once, and give the one inside", path=path)
            raw = read(target, options)
        except DataError as error:
            raise _outside(error, folder, path) from error
    return replace(raw, source=path, notes=[*notes, *raw.notes])


def _is_archive(path: Path) -> bool:
    """Whether a file is an archive that would be unpacked, whatever its name, as one of NumPy's arrays is not."""
    start = read_start(path, 512)
    if is_tar(start):
        return True
    if not start.startswith(b"PK") or not zipfile.is_zipfile(path):
        return False
    names = list_zip(path)
    arrays = [name.endswith(".npy") for name in names]
    is_npz = any(arrays) if path.suffix.lower() == ".npz" else bool(arrays) and all(arrays)
    # Files of PyTorch and Excel are refused as such, with their own way out.
    others = any(name.endswith("/data.pkl") or name == "[Content_Types].xml" for name in names)
    return not is_npz and not others


def _outside(error: DataError, folder: Path, archive: Path) -> DataError:
    """Return an error about an unpacked file as one about the archive: the folder is gone when it is read."""
    told = copy(error)
    told.message = error.message.replace(f"{folder}/", "").replace(str(folder), archive.name)
    if error.path is not None and error.path.is_relative_to(folder):
        inner = error.path.relative_to(folder).as_posix()
        told.path = archive if inner == "." else archive / inner
    return told


def list_zip(path: Path) -> list[str]:
    """Return the names in a ZIP archive, without what systems leave behind."""
    with wrap_errors(path, "ZIP archive"), zipfile.ZipFile(path) as archive:
        return [info.filename for info in archive.infolist() if not info.is_dir() and not _is_junk(info.filename)]


def is_tar(start: bytes) -> bool:
    """Whether a file's first 512 bytes, decompressed, are the header of a TAR archive."""
    return start[257:262] == b"ustar"


def _unpack_zip(path: Path, folder: Path) -> tuple[int, int]:
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not _is_junk(info.filename)]
        check_count(path, "files", len(infos), MAX_MEMBERS)
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise DataError("is encrypted (it needs a password)", "unpack it, and give the folder", path=path)
        # The upper half of these attributes is the file mode, where the archive was made on a Unix.
        files = [info for info in infos if not stat.S_ISLNK(info.external_attr >> 16)]
        check_claimed_size(path, "the archive", sum(info.file_size for info in files))

        # A function of its own: a lambda in the expression below would open whichever entry came last.
        def member(info: zipfile.ZipInfo) -> Member:
            return Member(name_of(info), info.file_size, info.compress_size, lambda: archive.open(info))

        try:
            repeated = _write((member(info) for info in files), path, folder)
        except NotImplementedError as error:
            # Windows compresses large archives by Deflate64, which zlib does not know.
            raise DataError(
                f"is compressed in a way that is not read ({error})", "unpack it, and give the folder", path=path
            ) from error
        return len(infos) - len(files), repeated


def _unpack_tar(path: Path, folder: Path) -> tuple[int, int]:
    # Of a file in it nobody knows to how many bytes it came: all of them at most.
    left_out, packed = 0, path.stat().st_size
    # TarFile reads a header's extension at once, however long it claims to be: the stream refuses such a request.
    with open_decompressed(path) as file, tarfile.open(fileobj=_modest(file, path), mode="r:") as archive:

        def members() -> Iterator[Member]:
            nonlocal left_out
            for count, info in enumerate(archive, 1):
                # TarFile keeps all entries, each with its own copy of what a global header says.
                archive.members = []  # type: ignore[attr-defined]
                check_count(path, "entries", count, MAX_MEMBERS)
                if info.isdir() or _is_junk(info.name):
                    continue
                if not info.isreg() or info.issparse():
                    left_out += 1
                    continue
                yield Member(info.name, info.size, packed, lambda info=info: _content(archive, info))  # type: ignore[misc]

        repeated = _write(members(), path, folder)
    return left_out, repeated


def _modest(file: IO[bytes], path: Path) -> IO[bytes]:
    return cast(IO[bytes], _ModestStream(file, path))


class _ModestStream:
    """A stream that gives no more bytes at once than any sound header or chunk takes, and only as TarFile needs it."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream, self._path = stream, path
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int) -> bytes:
        """Read bytes; a DataError if they are too many."""
        if size > _MOST_AT_ONCE:
            raise DataError(
                f"has a header of {size:,} bytes, expected at most {_MOST_AT_ONCE:,}", path=self._path, found=size
            )
        return self._stream.read(size)


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(info)
    assert content is not None, "only of directories and links"
    return content


def _write(members: Iterator[Member], path: Path, folder: Path) -> int:
    """Write files below a folder, counting what they claim and what they hold; return how many names came again."""
    claimed = total = repeated = 0
    written: set[PurePosixPath] = set()
    # Once, at the beginning: the bytes that are written count against it as they are claimed.
    free = shutil.disk_usage(folder).free
    for member in members:
        name = _safe_name(member.name, path)
        target = folder / name
        claimed += member.size
        check_claimed_size(path, "the archive", claimed)
        if claimed > free:
            raise DataError(
                f"unpacks to {claimed / 1024**3:.1f} GiB or more, found {free / 1024**3:.1f} in {folder.parent}",
                "make room, or set TMPDIR to another disk",
                path=path,
                found=free,
                expected=claimed,
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        # What was added to an archive later takes the place of what it had, as with tar itself. Where one name has
        # capitals that another lacks, both may be one file to the system: that is refused.
        again = name in written
        repeated += again
        written.add(name)
        with member.open() as content, target.open("wb" if again else "xb") as file:
            repetition = RepetitionWatch(path, member.packed)
            while chunk := content.read(_CHUNK):
                total += len(chunk)
                # What is unpacked may be more than the list said.
                check_claimed_size(path, "the archive", total)
                file.write(chunk)
                # Zeros in bytes are pictures and arrays, which take no time to read, however often they repeat.
                if b"\0" not in chunk:
                    repetition.see(chunk)
    return repeated


def _safe_name(name: str, path: Path) -> PurePosixPath:
    """Return a member's name below the folder, or refuse one that leads elsewhere."""
    # A backslash parts folders on Windows only; a name must be as harmless there as here.
    relative = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in relative.parts if part != "."]
    if relative.is_absolute() or ".." in parts or "\0" in name or not parts or PureWindowsPath(name).drive:
        raise DataError(
            f"holds the name '{name[:80]}', which leads out of it",
            "such an archive is not to be trusted: unpack it where nothing can happen",
            path=path,
            found=name,
        )
    return PurePosixPath(*parts)


def _is_junk(name: str) -> bool:
    return any(is_junk(part) for part in name.replace("\\", "/").split("/") if part not in (".", ".."))
