"""Reading MATLAB files: versions 4 to 7 by SciPy, version 7.3 (which is HDF5) by h5py."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.hdf5 import read_hdf5_values
from inklings.data.readers.label_file import take_label_file
from inklings.data.readers.mat_cells import unfold
from inklings.data.readers.mat_file import load_mat
from inklings.data.readers.named_arrays import find_arrays
from inklings.data.readers.variable_matching import Variable

CIFAR_PIXELS = 3 * 32 * 32

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
    values, left_out = load_mat(path)
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
    # What cells were taken as comes first: the rest follows from it.
    raw = replace(raw, notes=[*found.notes, *raw.notes])
    raw = know_cifar(raw, found.arrays)
    return name_svhn_zero(raw) if is_svhn(path) else raw


def know_cifar(raw: RawArrays, names: Iterable[str]) -> RawArrays:
    """Read rows as row-major in CIFAR's files for MATLAB, which hold the same rows as those for Python.

    A. Krizhevsky, Learning multiple layers of features from tiny images, 2009: rows of 3 x 32 x 32, and a
    ``batch_label``.
    """
    # By shape and name: rows of 3,072 numbers alone are not enough.
    if raw.images.ndim != 2 or raw.images.shape[1] != CIFAR_PIXELS:
        return raw
    if not any(name.rpartition(".")[2] == "batch_label" for name in names):
        return raw
    # Without it, flat rows from MATLAB would be taken as stored column by column.
    note = Decision("pixels are row-major, as in CIFAR's files (they have a batch_label)")
    return replace(raw, upright=True, notes=[*raw.notes, note])


def is_svhn(path: Path) -> bool:
    """Whether a file has the name of one of Street View House Numbers."""
    return bool(SVHN.fullmatch(path.name))


def name_svhn_zero(raw: RawArrays) -> RawArrays:
    """Read label 10 as the digit 0, if shape and labels are those of Street View House Numbers."""
    if raw.labels is None or raw.images.shape[1:] != (32, 32, 3) or raw.labels.dtype.kind not in "iuf":
        return raw
    if not set(np.unique(raw.labels).tolist()) <= set(range(1, 11)):
        return raw
    note = Decision("label 10 is the digit 0, as in the files of Street View House Numbers that have this name")
    # 10 modulo 10 is 0, and 1 to 9 stay.
    return replace(raw, labels=np.mod(raw.labels, 10), notes=[*raw.notes, note])
