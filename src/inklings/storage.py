"""Arrays and plain values in one safetensors file with a checksum: a changed byte is noticed, and nothing is executed.

safetensors checks a file's structure, not its content: flipped bits load silently as other weights. So the file's
metadata hold, besides the plain values as JSON, the SHA-256 of the whole file as it is with zeros in the checksum's
place. Any reader of safetensors can open it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import InklingsError, RunError

Arrays = Mapping[str, NDArray[Any]]
_BLANK = "0" * 64
_MAX_HEADER_BYTES, _MOST_ARRAYS = 32 << 20, 100_000
"""The format allows 100 MB, which Python reads in half a minute; an ensemble of a hundred networks takes 200 KB."""
LARGEST_FILE = 4 * 1024**3
"""Bytes; a network of a billion parameters is none for a laptop."""


def write_checksummed(path: Path, arrays: Arrays, values: Mapping[str, Any], *, before: Path | None = None) -> str:
    """Write arrays and plain values to a file, atomically.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    arrays : mapping of str to array
        Numbers or booleans.
    values : mapping
        Anything that JSON can hold.
    before : Path, optional
        As in :func:`write_atomically`.

    Returns
    -------
    str
        The SHA-256 of the file as written, 64 hexadecimal digits.
    """
    from safetensors.numpy import save

    # safetensors writes bytes as they lie in memory. (ascontiguousarray would turn a scalar into a vector.)
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    metadata = {"values": json.dumps(values, sort_keys=True), "sha256": _BLANK}
    content = save(contiguous, metadata=metadata)
    checksum = hashlib.sha256(content).hexdigest()
    # Zeros and digits are as many characters, so that nothing else in the file moves.
    content = content.replace(_entry(_BLANK), _entry(checksum), 1)
    write_atomically(path, content, before=before)
    return hashlib.sha256(content).hexdigest()


def read_checksummed(
    path: Path, what: str, error: type[InklingsError]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what :func:`write_checksummed` wrote.

    Parameters
    ----------
    path : Path
    what : str
        What the file should be, for messages: ``"a saved model"``.
    error : type of InklingsError
        What to raise if the file is missing, is something else, or was altered or truncated.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = read_whole(path, what, error)
    metadata = _metadata(content)
    if metadata is None or not isinstance(metadata.get("sha256"), str) or "values" not in metadata:
        raise error(f"found something else or a damaged file, expected {what}", path=path, expected=what)
    checksum = metadata["sha256"]
    # Put back to zeros, the file is what its checksum was taken of.
    found = hashlib.sha256(content.replace(_entry(checksum), _entry(_BLANK), 1)).hexdigest()
    if found != checksum:
        raise error(
            f"its content is not what was written, expected SHA-256 {checksum[:12]}...",
            "copy it again",
            path=path,
            found=found,
            expected=checksum,
        )
    try:
        arrays, values = load(content), json.loads(metadata["values"])
        if not isinstance(values, dict):
            raise ValueError(f"its values are a {type(values).__name__}")
        return arrays, values
    except (SafetensorError, ValueError, TypeError, RecursionError) as problem:
        raise error(f"damaged ({problem}), expected {what}", path=path, found=str(problem), expected=what) from None


def read_whole(path: Path, what: str, error: type[InklingsError], most: int = LARGEST_FILE) -> bytes:
    """Return a file's bytes, if it is a file and none that nobody would have written here.

    Parameters
    ----------
    path, what, error
        As for :func:`read_checksummed`.
    most : int
        Bytes that such a file may have.
    """
    refuse_special(path, error)
    try:
        if (size := path.stat().st_size) > most:
            raise error(
                f"has {size:,} bytes, expected {what} of at most {most:,}", path=path, found=size, expected=most
            )
        return path.read_bytes()
    except OSError as problem:
        raise error(f"cannot be read ({problem.strerror}), expected {what}", path=path, expected=what) from None


def _entry(checksum: str) -> bytes:
    """Return the checksum as the header has it; within the plain values, its quotes would be escaped."""
    return f'"sha256":"{checksum}"'.encode()


def _metadata(content: bytes) -> dict[str, Any] | None:
    """Return the metadata of a safetensors file: an eight-byte length, then a JSON header of that many bytes."""
    size = int.from_bytes(content[:8], "little")
    # The size is checked first: a damaged length must not ask for memory.
    if not 2 <= size <= min(len(content) - 8, _MAX_HEADER_BYTES):
        return None
    try:
        header = json.loads(content[8 : 8 + size])
    except (ValueError, RecursionError):
        return None
    # safetensors makes an object for each: a header of 32 MB could name a million empty ones.
    if not isinstance(header, dict) or len(header) > _MOST_ARRAYS:
        return None
    metadata = header.get("__metadata__")
    return metadata if isinstance(metadata, dict) else None


_SPECIAL = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def refuse_special(path: Path | str, error: type[InklingsError], hint: str = "copy what it holds into a file") -> None:
    """Refuse a pipe, a device or a socket before it is opened: opening a pipe waits for ever, /dev/zero never ends.

    Parameters
    ----------
    path : Path or str
        What is about to be opened; a symbolic link is followed. A missing file is left to whoever opens it.
    error : type of InklingsError
        What to raise.
    hint : str
        What to do instead.
    """
    if kind := _special_kind(path):
        raise error(f"is {kind}, expected a file", hint, path=path)


def _special_kind(path: Path | str) -> str:
    """Return what kind of special file a path names; empty for a file, a folder or nothing."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return ""
    return next((kind for is_kind, kind in _SPECIAL if is_kind(mode)), "")


def write_atomically(path: Path, content: bytes | str, *, before: Path | None = None) -> None:
    """Write a file that is never seen half written: first under another name, then renamed in one step.

    It keeps the permissions of the file that it replaces. What a process that was killed while it wrote this file has
    left is removed, an hour later.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    content : bytes or str
    before : Path, optional
        What the file that stood there is renamed to; else it is gone.
    """
    if isinstance(content, str):
        # A file's name may hold bytes that are no text; for one of them, an hour's answers are not to be lost.
        content = content.encode(errors="backslashreplace")
    if kind := _special_kind(path):  # renaming would replace it, /dev/null too
        raise OSError(errno.EEXIST, f"it is {kind}", str(path))
    permissions = _permissions_of(path)
    # In the same folder: a rename is one step only within one file system.
    temporary = path.parent / f".{path.name}.{os.urandom(4).hex()}"
    # Not by mkstemp, whose files only their owner may read: the system gives a new file the usual permissions, and
    # asking for these, by os.umask, changes them for all threads. What replaces a private file is private at once.
    mode = 0o666 if permissions is None else permissions
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            if _synchronise.get():
                # Else a crash of the system could leave the new name with no content.
                os.fsync(file.fileno())
        if permissions is not None:
            temporary.chmod(permissions)
        # Two renames, not one: in between there is only the older file, which readers look for as well.
        if before is not None and path.exists():
            path.replace(before)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if _synchronise.get():
        _sync_folder(path.parent)
    remove_temporaries(path.parent, path.name, older_than=_SECONDS_TO_WRITE)


_SECONDS_TO_WRITE = 3600.0  # longer than any process can be at it


def remove_temporaries(folder: Path, name: str = "", *, older_than: float = 0.0) -> None:
    """Remove what processes that were killed while they wrote have left in a folder.

    Parameters
    ----------
    folder : Path
    name : str
        Of the file that was to be written; any if empty.
    older_than : float
        Seconds since a temporary file was last written to: another process may be at work on a younger one.
    """
    # Eight letters as write_atomically makes them; earlier versions', by mkstemp, were any of these.
    ours = re.compile(rf"\.{re.escape(name) if name else '.+'}\.[a-z0-9_]{{8}}")
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if ours.fullmatch(entry.name) and time.time() - entry.stat(follow_symlinks=False).st_mtime >= older_than:
                Path(entry.path).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a renaming outlast a crash of the system: the name stands in the folder, which is written on its own."""
    with suppress(OSError):  # Windows opens no folder, and some network file systems sync none
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


_synchronise: ContextVar[bool] = ContextVar("synchronise", default=True)


@contextmanager
def leaving_disk_to_system() -> Iterator[None]:
    """Let files be written without waiting for the disk, where losing them to a power cut is no loss.

    To wait takes some ten milliseconds a file, longer than a small network trains. Files are whole or not there all the
    same, for whoever reads them while the system runs.
    """
    before = _synchronise.set(False)
    try:
        yield
    finally:
        _synchronise.reset(before)


@contextmanager
def writing(path: Path | str, hint: str = "choose another place, or make room") -> Iterator[None]:
    """Turn whatever keeps a file or folder from being written into one RunError: a full disk, no rights, no folder."""
    try:
        yield
    except OSError as problem:
        raise RunError(f"cannot be written ({problem.strerror or problem})", hint, path=path) from None


def _permissions_of(path: Path) -> int | None:
    """Return the permissions of a file; None if there is none yet."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
