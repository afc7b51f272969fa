"""Reading MATLAB files: versions 4 to 7 by SciPy, version 7.3 (which is HDF5) by h5py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import Claim, wrap_errors
from inklings.data.readers.mat_check import check_elements
from inklings.data.readers.variable_matching import Variable, find_arrays
from inklings.errors import DataError, MissingDependencyError


def read_mat(path: Path, options: ReadOptions) -> RawArrays:
    """Read a MATLAB file of version 4 to 7.

    Arrays inside structs have names with dots, such as ``dataset.train.images``.

    Raises
    ------
    DataError
        The file is damaged or claims too much; there are no images or labels, or several.
    """
    from scipy.io import loadmat, whosmat

    with wrap_errors(path, "MATLAB file"):
        names, claim = check_elements(path), Claim(path)
        for name, shape, _ in whosmat(path):
            # SciPy makes float64 of most types. A product as Python's integers cannot overflow.
            claim.add(f"variable '{name}'", 8 * int(np.prod(shape, dtype=object)))
        arrays = dict(_flatten(loadmat(path, simplify_cells=True, variable_names=names)))
    return _build(arrays, options, path, matlab=True)


def read_hdf5(path: Path, options: ReadOptions) -> RawArrays:
    """Read a MATLAB file of version 7.3, or any other HDF5 file.

    Raises
    ------
    MissingDependencyError
        h5py is not installed.
    DataError
        The file is damaged or claims too much; there are no images or labels, or several.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingDependencyError(
            "a MATLAB 7.3 (HDF5) file, which needs the package h5py",
            "pip install 'inklings[matlab73]', or save it in MATLAB with -v7",
            path=path,
            expected="h5py",
        ) from error
    with wrap_errors(path, "MATLAB 7.3 (HDF5) file"):
        with path.open("rb") as raw:
            matlab = raw.read(10) == b"MATLAB 7.3"
        with h5py.File(path, "r") as file:
            arrays = dict(_read_group(file, Claim(path), matlab))
    return _build(arrays, options, path, matlab=matlab or path.suffix.lower() == ".mat")


def _build(arrays: Mapping[str, NDArray[Any]], options: ReadOptions, path: Path, *, matlab: bool) -> RawArrays:
    variables = {name: Variable(name, array.shape, array.dtype.kind) for name, array in arrays.items()}
    raw = find_arrays(variables, arrays.__getitem__, options, path)
    return replace(raw, matlab=matlab)


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays in nested structs, under names joined by dots."""
    for name, value in values.items():
        # loadmat adds __header__, __version__ and __globals__.
        if name.startswith("__"):
            continue
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
            continue
        array = _to_array(value)
        if array is not None:
            yield prefix + name, array


def _to_array(value: object) -> NDArray[Any] | None:
    """Return an array of numbers or text, or None for anything else, such as a cell of mixed content."""
    array = np.asarray(value) if not isinstance(value, list) else np.array(value, dtype=object)
    if array.dtype.kind != "O":
        return array
    return array.astype(str) if all(isinstance(item, str) for item in array.flat) else None


def _read_group(group: Any, claim: Claim, matlab: bool) -> Iterator[tuple[str, NDArray[Any]]]:  # noqa: ANN401
    """Yield the arrays of an HDF5 group and those within it, under names joined by dots."""
    for name, item in group.items():
        # #refs# is MATLAB's own store of what cells refer to.
        if name.startswith("#"):
            continue
        if item is None:
            raise DataError(f"'{name}' leads to nothing, expected an array or a group", path=claim.path, found=name)
        if hasattr(item, "items"):
            yield from ((f"{name}.{inner}", array) for inner, array in _read_group(item, claim, matlab))
            continue
        if not hasattr(item, "shape"):
            continue  # a named type, which holds no values
        claim.add(f"variable '{name}'", item.dtype.itemsize * int(np.prod(item.shape, dtype=object)))
        kind = item.attrs.get("MATLAB_class", b"")
        if kind == b"cell":
            # A cell array holds references to arrays of UTF-16 code units, one for each text.
            texts = ["".join(map(chr, group.file[ref][()].ravel())) for ref in item[()].ravel()]
            yield name, np.array(texts)
        elif item.dtype.kind in "biufSO" and item.shape:
            array = np.asarray(item.asstr()[()] if item.dtype.kind == "O" else item[()])
            # MATLAB writes its column-major arrays as they lie in memory, so HDF5 sees the axes in reverse.
            yield name, array.T if matlab or kind else array
