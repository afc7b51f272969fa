"""Arrays and plain values in one safetensors file, sealed: a changed byte is noticed, and reading executes nothing.

safetensors checks a file's structure, not its content. So the file's metadata hold, besides the plain values as JSON,
the SHA-256 of the whole file as it is with zeros in the digest's place. Any reader of safetensors can open it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import InklingsError, RunError

Arrays = Mapping[str, NDArray[Any]]
_BLANK = "0" * 64
_MOST_HEADER_BYTES = 100_000_000  # the format's own limit


def write_sealed(path: Path, arrays: Arrays, values: Mapping[str, Any]) -> str:
    """Write arrays and plain values; the file appears whole or not at all.

    Parameters
    ----------
    path : Path
        Where; its folder must exist.
    arrays : mapping of str to array
        Numbers or booleans.
    values : mapping
        Whatever JSON holds.

    Returns
    -------
    str
        The SHA-256 of the file as written, 64 hexadecimal digits.
    """
    from safetensors.numpy import save

    # The format takes bytes as they lie in memory. (ascontiguousarray would make a single number a list of one.)
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    metadata = {"values": json.dumps(values, sort_keys=True), "sha256": _BLANK}
    content = save(contiguous, metadata=metadata)
    seal = hashlib.sha256(content).hexdigest()
    content = content.replace(_entry(_BLANK), _entry(seal), 1)
    write_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def read_sealed(path: Path, what: str, error: type[InklingsError]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what :func:`write_sealed` wrote.

    Parameters
    ----------
    path : Path
        Which file.
    what : str
        What it should be, for messages: ``"a saved model"``.
    error : type of InklingsError
        What to raise if the file is missing, is something else, or was changed or cut off.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    refuse_special(path, error)
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise error(f"{path}: cannot be read ({problem.strerror}), expected {what}") from None
    metadata = _metadata(content)
    if metadata is None or not isinstance(metadata.get("sha256"), str) or "values" not in metadata:
        raise error(f"{path}: found something else or a damaged file, expected {what}")
    seal = metadata["sha256"]
    if hashlib.sha256(content.replace(_entry(seal), _entry(_BLANK), 1)).hexdigest() != seal:
        raise error(f"{path}: its content is not what was written, expected SHA-256 {seal[:12]}...", "copy it anew")
    try:
        return load(content), json.loads(metadata["values"])
    except (SafetensorError, ValueError) as problem:
        raise error(f"{path}: damaged ({problem}), expected {what}") from None


def _entry(digest: str) -> bytes:
    """Give the digest as the header has it; inside the plain values its quotes would be escaped."""
    return f'"sha256":"{digest}"'.encode()


def _metadata(content: bytes) -> dict[str, Any] | None:
    """Give the metadata of a safetensors file: an eight-byte length, then a JSON header of that many bytes."""
    size = int.from_bytes(content[:8], "little")
    if not 2 <= size <= min(len(content) - 8, _MOST_HEADER_BYTES):
        return None
    try:
        header = json.loads(content[8 : 8 + size])
    except ValueError:
        return None
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
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
    """Return what a path names that is neither a file nor a folder; empty otherwise."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return ""
    return next((kind for is_kind, kind in _SPECIAL if is_kind(mode)), "")


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file that is never seen half written: beside its place first, then moved there in one step."""
    content = content.encode() if isinstance(content, str) else content
    if kind := _special_kind(path):  # to move a file there would remove it, /dev/null too
        raise OSError(errno.EEXIST, f"it is {kind}", str(path))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def writing(path: Path | str, hint: str = "choose another place, or make room") -> Iterator[None]:
    """Turn whatever keeps a file or folder from being written into one RunError: a full disk, no rights, no folder."""
    try:
        yield
    except OSError as problem:
        raise RunError(f"cannot be written ({problem.strerror or problem})", hint, path=path) from None


def _umask() -> int:
    """Tell what rights new files leave out; the system only tells while setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
