"""Reading NumPy's own files, NPZ and NPY, without trusting what their headers claim."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from inklings.data.arrays import RawArrays, ReadOptions, build_dataset
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import MAPPED
from inklings.data.readers.file_errors import check_claim, refusing
from inklings.data.readers.variable_matching import Variable, find_arrays
from inklings.errors import DataError

LABEL_FILES = ("y.npy", "labels.npy", "label.npy", "targets.npy")


def read_npz(path: Path, choices: ReadOptions) -> Dataset:
    """Read an NPZ file: a zip of arrays, among them images and labels.

    Raises
    ------
    DataError
        Damaged; pickled objects; claims more than it may; no images or labels, or several.
    """
    source = str(path)
    with refusing(path, "NPZ file"), zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist() if not info.is_dir()}
        variables = {name: _outline(archive, info, name, path) for name, info in members.items()}

        def read(name: str) -> NDArray[Any]:
            return _decode(archive.read(members[name]), path, name)

        found = find_arrays(variables, read, choices, source)
    return build_dataset(found, choices)


def read_npy(path: Path, choices: ReadOptions) -> Dataset:
    """Read an NPY file of images with another of labels: named by ``labels``, or ``y.npy`` or ``labels.npy`` beside.

    Raises
    ------
    DataError
        Damaged; pickled objects; claims more than it may; no labels.
    """
    labels = _find_labels(path, choices)
    return build_dataset(RawArrays(_read_array(path), _read_array(labels), str(path)), choices)


def _find_labels(path: Path, choices: ReadOptions) -> Path:
    candidates = [path.with_name(name) for name in LABEL_FILES]
    if choices.labels is not None:
        # A name is looked for beside the images first, then as a path of its own.
        candidates = [path.parent / choices.labels, Path(choices.labels)]
    for candidate in candidates:
        if candidate.is_file() and candidate != path:
            return candidate
    expected = " or ".join(candidate.name for candidate in candidates[:2])
    raise DataError(f"{path}: no labels, expected a file {expected} beside it", "name one with labels=")


def _read_array(path: Path) -> NDArray[Any]:
    with refusing(path, "NPY file"):
        size = path.stat().st_size
        with path.open("rb") as file:
            shape, by_columns, dtype = _read_header(file, size, path, "the array")
            if size > MAPPED:
                return np.memmap(path, dtype, "r", file.tell(), shape, "F" if by_columns else "C")
        return _decode(path.read_bytes(), path, "the array")


def _outline(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path) -> Variable:
    with archive.open(info) as file:
        shape, _, dtype = _read_header(file, info.file_size, path, f"array '{name}'")  # type: ignore[arg-type]
    check_claim(path, f"array '{name}'", info.file_size)  # which a zip file claims as easily as its header does
    return Variable(name, shape, dtype.kind)


def _decode(content: bytes, path: Path, name: str) -> NDArray[Any]:
    """View the bytes of an NPY file as its array; they share memory, so nothing is allocated on a header's word."""
    file = io.BytesIO(content)
    shape, by_columns, dtype = _read_header(file, len(content), path, name)
    return np.ndarray(shape, dtype, content, offset=file.tell(), order="F" if by_columns else "C")


def _read_header(file: BinaryIO, size: int, path: Path, place: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type of the array in an NPY file of ``size`` bytes, which must be just the bytes it needs."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, by_columns, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise DataError(f"{path}: {place} has NPY version {version}, expected 1.0 or 2.0")
    if dtype.hasobject:
        raise DataError(
            f"{path}: {place} holds pickled Python objects, which can run any code; expected numbers or text",
            "save it again as numbers or text",
        )
    if min(shape, default=0) < 0:
        raise DataError(f"{path}: {place} has shape {shape}, expected no negative lengths")
    claimed = dtype.itemsize * int(np.prod(shape, dtype=object))
    if claimed != size - file.tell():
        check_claim(path, place, claimed)
        raise DataError(
            f"{path}: {place} has {size - file.tell():,} bytes of content, expected {claimed:,} for shape {shape} "
            f"of {dtype}",
            "the file may be cut off: fetch or make it again",
        )
    return shape, by_columns, dtype
