"""Reading a folder of arrays: NPY, NPZ, MATLAB and HDF5 files that together are one data set.

Every array in every file has a name, that of its file and folder among it, and is looked at as if all were in one file:
so ``X_train.npy`` and ``y_train.npy``, ``train/X.npy`` and ``train/y.npy``, ``apple.npy`` and ``ball.npy``, CIFAR's
``data_batch_1.mat`` to ``batches.meta.mat`` are found by the same rules. Only one array for each image is something
else (:mod:`inklings.data.readers.single_arrays`).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import Claim, check_count
from inklings.data.readers.folder_tree import describe_others, files_below, is_junk, natural_order
from inklings.data.readers.listed_names import list_class_lists, name_classes
from inklings.data.readers.mat import is_svhn, know_cifar, name_svhn_zero
from inklings.data.readers.mat_file import load_arrays
from inklings.data.readers.named_arrays import find_arrays
from inklings.data.readers.numpy_file import outline_npy, outline_npz, read_npy_array
from inklings.data.readers.single_arrays import read_single_arrays
from inklings.data.readers.source_file import is_regular, read_start
from inklings.data.readers.variable_matching import Reader, Variable

MATLAB = (".mat",)
ENDINGS = (".npy", ".npz", ".h5", ".hdf5", *MATLAB)


@dataclass
class _Arrays:
    """All arrays of a folder that have not been read yet, and how to read each."""

    variables: list[Variable] = field(default_factory=list)
    readers: dict[str, Reader] = field(default_factory=dict)
    stored_as: dict[str, str] = field(default_factory=dict)

    def add(self, prefix: str, variable: Variable, read: Reader) -> None:
        # A dot between, as in a struct's fields: words of the file's name count as those of the array's.
        name = f"{prefix}.{variable.name}" if variable.name else prefix
        self.variables.append(replace(variable, name=name))
        self.readers[name], self.stored_as[name] = read, variable.name

    def read(self, name: str) -> NDArray[Any]:
        return self.readers[name](self.stored_as[name])


def list_array_files(folder: Path) -> list[Path]:
    """List the files of arrays in a folder and those within, in natural order."""
    files = [path for path in files_below(folder) if path.suffix.lower() in ENDINGS and is_regular(path)]
    files = [path for path in files if not any(is_junk(part) for part in path.relative_to(folder).parts)]
    return sorted(files, key=lambda path: [natural_order(Path(part)) for part in path.relative_to(folder).parts])


def read_array_folder(folder: Path, options: ReadOptions) -> RawArrays:
    """Read the arrays of a folder as one data set.

    Raises
    ------
    DataError
        A file is damaged or claims too much; there are no images or no labels, or several.
    """
    files = list_array_files(folder)
    # Arrays of one picture each may be as many as files of pictures; those of a whole data set are few.
    check_count(folder, "files of arrays", len(files), 1_000_000)
    # Looked for first: as one data set, thousands of arrays of one picture each would be as many variables.
    if (pictures := read_single_arrays(folder, files, options)) is not None:
        return pictures
    check_count(folder, "files of arrays", len(files))
    found = _outline(folder, files)
    # Whoever names a file by its ending means the array in it.
    options = replace(options, images=_stem(options.images), labels=_stem(options.labels))
    matlab = any(path.suffix.lower() in MATLAB for path in files)
    raw = find_arrays(found.variables, found.read, options, folder, matlab=matlab)
    # A list of class names is read below, and so is not among what is left.
    if others := describe_others(folder, [*files, *list_class_lists(folder)]):
        raw = replace(raw, notes=[Decision(others), *raw.notes])
    raw = know_cifar(raw, [each.name for each in found.variables])
    if any(is_svhn(path) for path in files):
        raw = name_svhn_zero(raw)
    return name_classes(raw, list_class_lists(folder))


def _stem(name: str | None) -> str | None:
    """Return the name of an array, given that or the name of its file."""
    return name[: -len(".npy")] if name and name.lower().endswith(".npy") else name


def _outline(folder: Path, files: list[Path]) -> _Arrays:
    found, claim = _Arrays(), Claim(folder)
    for path in files:
        # Of a single file, its name says nothing.
        prefix = ".".join(path.relative_to(folder).with_suffix("").parts)
        claim.add(f"file {path.name}", path.stat().st_size)
        start = read_start(path, 8)
        if start.startswith(b"\x93NUMPY"):
            found.add(prefix, outline_npy(path), lambda _, path=path: read_npy_array(path))  # type: ignore[misc]
        elif start.startswith(b"PK") and zipfile.is_zipfile(path):
            variables, read = outline_npz(path)
            for each in variables:
                found.add(prefix, each, read)
        else:
            # MATLAB's and HDF5 files are read whole: their arrays may be cells, which only reading takes apart.
            arrays = load_arrays(path)
            # What was compressed is larger now that it is read.
            claim.add_to_total(f"file {path.name}", sum(array.nbytes for array in arrays.values()))
            for name, array in arrays.items():
                found.add(prefix, Variable(name, array.shape, array.dtype.kind), arrays.__getitem__)
    return found
