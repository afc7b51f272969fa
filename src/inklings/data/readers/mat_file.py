"""MATLAB's files as values by name: versions 4 to 7 by SciPy, version 7.3 (which is HDF5) by h5py."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import ReadOptions
from inklings.data.readers.file_errors import Claim, wrap_errors
from inklings.data.readers.hdf5 import read_hdf5_values
from inklings.data.readers.mat_cells import unfold
from inklings.data.readers.mat_check import check_elements

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


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all plain arrays of a MATLAB or HDF5 file, by their names.

    Raises
    ------
    DataError
        The file is damaged or claims too much.
    """
    with path.open("rb") as file:
        version5 = file.read(10) == b"MATLAB 5.0"
    values = load_mat(path)[0] if version5 else read_hdf5_values(path)[0]
    return unfold(values, ReadOptions(), path).arrays


def load_mat(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    """Return the variables of a file of version 4 to 7, and which are of a kind that is not read.

    Raises
    ------
    DataError
        The file is damaged or claims too much.
    """
    from scipy.io import loadmat, whosmat

    with wrap_errors(path, "MATLAB file"):
        claim = Claim(path)
        names = check_elements(path, claim)
        left_out = []
        # From the headers alone, before loadmat allocates what they claim.
        for name, shape, kind in whosmat(path):
            if names is not None and name not in names:
                left_out.append(f"{name} ({kind})")
                continue
            # A product as Python's integers cannot overflow.
            claim.add(f"variable '{name}'", ITEM_BYTES.get(kind, 8) * int(np.prod(shape, dtype=object)))
        return loadmat(path, variable_names=names), left_out
