"""Reading MATLAB files: versions 4 to 7 by SciPy, version 7.3 (which is HDF5) by h5py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import Claim, wrap_errors
from inklings.data.readers.hdf5 import read_hdf5_values
from inklings.data.readers.label_file import take_label_file
from inklings.data.readers.mat_cells import unfold
from inklings.data.readers.mat_check import check_elements
from inklings.data.readers.named_arrays import find_arrays
from inklings.data.readers.variable_matching import Variable

ITEM_BYTES = {
    "uint8": 1,
    "int8": 1,
    "logical": 1,
    "uint16": 2,
    "int16": 2,
    "char": 4,
    "uint32": 4,
    "int32": 4,
    "single": 4,
}
"""What an entry of each of MATLAB's classes takes as NumPy's array; others take 8 bytes."""

SVHN = re.compile(r"(train|test|extra)_32x32\.mat", re.IGNORECASE)
"""Files of Street View House Numbers (Y. Netzer et al., 2011), in which label 10 is the digit 0."""


def read_mat(path: Path, options: ReadOptions) -> RawArrays:
    """Read a MATLAB file of version 4 to 7.

    Arrays inside structs have names with dots, such as ``dataset.train.images``.

    Raises
    ------
    DataError
        The file is damaged or claims too much; there are no images or labels, or several.
    """
    values, left_out = _load_mat(path)
    return _build(values, left_out, options, path, matlab=True)


def read_hdf5(path: Path, options: ReadOptions) -> RawArrays:
    """Read a MATLAB file of version 7.3, or any other HDF5 file.

    Raises
    ------
    MissingDependencyError
        h5py is not installed.
    DataError
        The file is damaged or claims too much; there are no images or labels, or several.
    """
    values, matlab = read_hdf5_values(path)
    return _build(values, [], options, path, matlab=matlab)


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all plain arrays of a MATLAB or HDF5 file, by their names.

    Raises
    ------
    DataError
        The file is damaged or claims too much.
    """
    with path.open("rb") as file:
        version5 = file.read(10) == b"MATLAB 5.0"
    values = _load_mat(path)[0] if version5 else read_hdf5_values(path)[0]
    return unfold(values, ReadOptions(), path).arrays


def _load_mat(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    """Return the variables of a file, and which are of a kind that is not read."""
    from scipy.io import loadmat, whosmat

    with wrap_errors(path, "MATLAB file"):
        claim = Claim(path)
        names = check_elements(path, claim)
        left_out = []
        for name, shape, kind in whosmat(path):
            if names is not None and name not in names:
                left_out.append(f"{name} ({kind})")
                continue
            # A product as Python's integers cannot overflow.
            claim.add(f"variable '{name}'", ITEM_BYTES.get(kind, 8) * int(np.prod(shape, dtype=object)))
        return loadmat(path, variable_names=names), left_out


def _build(
    values: Mapping[str, Any], left_out: list[str], options: ReadOptions, path: Path, *, matlab: bool
) -> RawArrays:
    found = unfold(values, options, path)
    variables = [Variable(name, array.shape, array.dtype.kind) for name, array in found.arrays.items()]
    options, labels = take_label_file(path, options, list(found.arrays))
    raw = find_arrays(
        variables,
        found.arrays.__getitem__,
        options,
        path,
        matlab=matlab,
        labels=labels,
        left_out=[*found.left_out, *left_out],
    )
    return _know_svhn(replace(raw, notes=[*found.notes, *raw.notes]), path)


def _know_svhn(raw: RawArrays, path: Path) -> RawArrays:
    """Read label 10 as the digit 0 in the files of Street View House Numbers, known by name, shape and labels."""
    if not SVHN.fullmatch(path.name) or raw.labels is None or raw.images.shape[1:] != (32, 32, 3):
        return raw
    if raw.labels.dtype.kind not in "iuf" or not set(np.unique(raw.labels).tolist()) <= set(range(1, 11)):
        return raw
    note = Decision("label 10 is the digit 0, as in the files of Street View House Numbers that have this name")
    return replace(raw, labels=np.mod(raw.labels, 10), notes=[*raw.notes, note])
