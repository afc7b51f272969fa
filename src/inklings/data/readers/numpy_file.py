"""NumPy's own files, NPZ and NPY, read without trusting what their headers claim."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import MAPPED
from inklings.data.readers.file_errors import Claim, check_claimed_size, check_count, wrap_errors
from inklings.data.readers.variable_matching import PICKLED, Reader, Variable
from inklings.errors import DataError


class PickledError(DataError):
    """An array holds pickled Python objects, which can run any code."""


def outline_npz(path: Path) -> tuple[list[Variable], Reader]:
    """Return what an NPZ file holds, and a function that reads an array of it by its name.

    Raises
    ------
    DataError
        The file is damaged, holds pickled objects or claims too much.
    """
    with wrap_errors(path, "NPZ file"), zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist() if not info.is_dir()}
        # Each is opened to see its shape, so their number is a claim too.
        check_count(path, "arrays", len(members))
        claim = Claim(path)
        variables = [_read_outline(archive, info, name, claim) for name, info in members.items()]

    def read(name: str) -> NDArray[Any]:
        with wrap_errors(path, "NPZ file"), zipfile.ZipFile(path) as archive:
            return _decode(archive.read(members[name]), path, name)

    return variables, read


def outline_npy(path: Path) -> Variable:
    """Return what an NPY file holds, under no name.

    Raises
    ------
    DataError
        The file is damaged or holds pickled objects.
    """
    with wrap_errors(path, "NPY file"), path.open("rb") as file:
        shape, _, dtype = _read_header(file, path.stat().st_size, path, "the array")
    return Variable("", shape, dtype.kind)


def read_npy_array(path: Path) -> NDArray[Any]:
    """Read the array of an NPY file, mapped if it is large.

    Raises
    ------
    DataError
        The file is damaged, holds pickled objects or claims too much.
    """
    with wrap_errors(path, "NPY file"):
        size = path.stat().st_size
        with path.open("rb") as file:
            shape, column_major, dtype = _read_header(file, size, path, "the array")
            if size > MAPPED:
                # Mapped: pages are read when they are looked at, and a large file never stands in memory twice.
                return np.memmap(path, dtype, "r", file.tell(), shape, "F" if column_major else "C")
        return _decode(path.read_bytes(), path, "the array")


def _read_outline(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, claim: Claim) -> Variable:
    what = f"array '{name}'"
    with archive.open(info) as file:
        try:
            shape, _, dtype = _read_header(file, info.file_size, claim.path, what)  # type: ignore[arg-type]
        except PickledError:
            # Beside images and labels it does no harm; whoever needs it is refused.
            return Variable(name, (), PICKLED)
    # The zip's own directory can lie about the size as easily as the header can.
    claim.add(what, info.file_size)
    return Variable(name, shape, dtype.kind)


def _decode(content: bytes, path: Path, name: str) -> NDArray[Any]:
    """View the bytes of an NPY file as its array; they share memory, so no header makes anything be allocated."""
    file = io.BytesIO(content)
    shape, column_major, dtype = _read_header(file, len(content), path, name)
    return np.ndarray(shape, dtype, content, offset=file.tell(), order="F" if column_major else "C")


def _read_header(
    file: BinaryIO, size: int, path: Path | None, what: str
) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type of the array in an NPY file of ``size`` bytes, which must be exactly what it needs.

    ``numpy.load(allow_pickle=False)`` would allocate what the header claims first, be it terabytes.
    """
    # Versions 1.0 and 2.0 differ in how many bytes hold the header's length.
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, column_major, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, column_major, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        # Version 3.0 differs only in the names of structured types, which are not images.
        raise DataError(
            f"{what} has NPY version {version}, expected 1.0 or 2.0", path=path, found=version, expected="1.0 or 2.0"
        )
    if dtype.hasobject:
        raise PickledError(
            f"{what} holds pickled Python objects, which can run any code; expected numbers or text",
            "save it again as numbers or text",
            path=path,
            found=dtype,
            expected="numbers or text",
        )
    if min(shape, default=0) < 0:
        raise DataError(f"{what} has shape {shape}, expected no negative lengths", path=path, found=shape)
    # Python's integers: a shape that a header claims may overflow int64.
    claimed, present = dtype.itemsize * int(np.prod(shape, dtype=object)), size - file.tell()
    if claimed != present:
        check_claimed_size(path, what, claimed)
        raise DataError(
            f"{what} has {present:,} bytes of content, expected {claimed:,} for shape {shape} of {dtype}",
            "the file may be truncated: download or create it again",
            path=path,
            found=present,
            expected=claimed,
        )
    return shape, column_major, dtype
