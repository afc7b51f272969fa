"""From a name or a path to a Dataset: the format is detected from the content, and only then from the suffix."""

from __future__ import annotations

import difflib
import zipfile
from collections.abc import Callable
from pathlib import Path

from inklings.data.build import build_dataset
from inklings.data.dataset import Dataset
from inklings.data.digits import NAMES, load_digits
from inklings.data.download.known import open_known
from inklings.data.download.registry import KNOWN
from inklings.data.notes import warn_of_decisions
from inklings.data.raw import RawArrays, ReadOptions, Size
from inklings.data.readers.csv_table import read_csv
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.folder import list_folders, read_folder
from inklings.data.readers.idx import is_idx, list_idx_files, read_idx, read_idx_folder
from inklings.data.readers.mat import read_hdf5, read_mat
from inklings.data.readers.npz import read_npy, read_npz
from inklings.data.readers.parquet import read_parquet
from inklings.data.readers.source_file import is_gzip, read_start
from inklings.errors import DataError

Reader = Callable[[Path, ReadOptions], RawArrays]

# The first that matches counts. A MATLAB 7.3 file is HDF5 behind a text of 512 bytes, in which it says so.
MAGIC: tuple[tuple[bytes, Reader], ...] = (
    (b"\x93NUMPY", read_npy),
    (b"MATLAB 7.3", read_hdf5),
    (b"MATLAB", read_mat),
    (b"\x89HDF\r\n\x1a\n", read_hdf5),
    (b"PAR1", read_parquet),
    (b"PK\x03\x04", read_npz),
    (b"PK\x05\x06", read_npz),
)

# For formats without magic bytes, MATLAB 4 among them, and for damaged files, so that the message names the format.
SUFFIXES: dict[str, Reader] = {
    ".mat": read_mat,
    ".npz": read_npz,
    ".npy": read_npy,
    ".parquet": read_parquet,
    ".pq": read_parquet,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
}

# Pickle protocols 2 to 5 begin with 0x80 and their number.
REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a single picture"),
    (b"\xff\xd8\xff", "a single picture"),
    (b"GIF8", "a single picture"),
    (b"BM", "a single picture"),
    (b"%PDF", "a PDF"),
    (b"\x80\x02", "a Python pickle, which can run any code and is never opened"),
    (b"\x80\x03", "a Python pickle, which can run any code and is never opened"),
    (b"\x80\x04", "a Python pickle, which can run any code and is never opened"),
    (b"\x80\x05", "a Python pickle, which can run any code and is never opened"),
)

DATA_SETS = (*NAMES, *KNOWN)
"""What can be opened by name: the bundled data sets and those that are downloaded."""

FORMATS = "MATLAB, IDX, NPZ, NPY, CSV, Parquet, or a folder with one sub-folder of pictures per class"

# Enough for every magic number, and for a text file's first words past any encoding mark.
_START_BYTES = 520


def open_dataset(
    name_or_path: str | Path,
    *,
    images: str | None = None,
    labels: str | None = None,
    size: Size = None,
    column_major: bool | None = None,
    invert: bool | None = None,
    colour: bool | None = None,
) -> Dataset:
    """Open labelled images: a well-known data set by its name, or a file or folder of a common format.

    Parameters
    ----------
    name_or_path : str or Path
        ``digits`` (20 x 20) or ``digits28`` (28 x 28), which are bundled; ``mnist``, ``fashion-mnist``, ``kmnist``,
        ``emnist-letters`` or ``emnist-balanced``, which are downloaded once (see :mod:`inklings.data.download.known`);
        or the path of a MATLAB, IDX, NPZ, NPY, CSV or Parquet file, of a folder of IDX files, or of a folder with one
        sub-folder of pictures per class.
    images, labels : str, optional
        What holds them, if it is not detected: a variable (MATLAB, NPZ), a column (CSV, Parquet) or a file (IDX, NPY).
    size : int or (int, int), optional
        Resize images to this height and width by bicubic interpolation. Pictures of different sizes need it.
    column_major : bool, optional
        Whether pixels are stored column by column; None detects it where the images allow.
    invert : bool, optional
        Whether to swap dark and light; None inverts greyscale images with a light border.
    colour : bool, optional
        Whether to keep colours; None keeps the three channels of arrays and converts image files to greyscale.

    Returns
    -------
    Dataset
        Paper is 0 and ink is 1; its ``notes`` say what was detected and decided.

    Warns
    -----
    DataWarning
        Once for each decision about what the data mean; silence it by the standard filters.

    Raises
    ------
    DataError
        There is no such name or path, or it is not a usable set of labelled images.
    MissingDependencyError
        The format needs a package that is not installed.

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits")
    >>> digits.images.shape, digits.class_count
    ((5000, 20, 20, 1), 10)
    """
    options = ReadOptions(images, labels, size, column_major, invert, colour)
    if str(name_or_path) in DATA_SETS:
        return _open_named(str(name_or_path), options)
    dataset = build_dataset(read_source(name_or_path, options), options)
    warn_of_decisions(dataset.source, dataset.notes)
    return dataset


def read_source(name_or_path: str | Path, options: ReadOptions) -> RawArrays:
    """Read the arrays of a file or folder, before anything is decided about them.

    Raises
    ------
    DataError
        There is no such path, or it cannot be read.
    MissingDependencyError
        The format needs a package that is not installed.
    """
    path = Path(name_or_path).expanduser()
    with wrap_errors(path, "path"):
        exists = path.exists()
    if not exists:
        raise _unknown(str(name_or_path))
    reader = _find_folder_reader(path) if path.is_dir() else _find_reader(path)
    return reader(path, options)


def _open_named(name: str, options: ReadOptions) -> Dataset:
    if options != ReadOptions(size=options.size):
        raise DataError(f"the data set '{name}' takes no option but size", "leave the others out", found=options)
    size = options.height_and_width
    return load_digits(name, size=size) if name in NAMES else open_known(KNOWN[name], size=size)


def _unknown(name: str) -> DataError:
    near = difflib.get_close_matches(name.lower(), DATA_SETS, n=1)
    return DataError(
        f"no data set and no file is called '{name}', known data sets are {', '.join(DATA_SETS)}",
        f"did you mean '{near[0]}'?" if near else f"give the path of data in a known format: {FORMATS}",
        found=name,
        expected=DATA_SETS,
    )


def _find_folder_reader(folder: Path) -> Reader:
    with wrap_errors(folder, "folder"):
        if list_idx_files(folder):
            return read_idx_folder
        if list_folders(folder):
            return read_folder
        count = sum(1 for _ in folder.iterdir())
    expected = "one sub-folder of pictures per class, or IDX files"
    raise DataError(
        f"no images, found {count} files and no sub-folders, expected {expected}",
        "if one of the files is the data set, give its path",
        path=folder,
        found=count,
        expected=expected,
    )


def _find_reader(path: Path) -> Reader:
    reader = _match_reader(path, _read_start(path))
    if is_gzip(path) and reader not in (read_idx, read_csv):
        raise DataError(
            "is compressed by gzip, expected only IDX and CSV to be", "decompress it with gunzip first", path=path
        )
    if reader is read_npz:
        _check_zip(path)
    return reader


def _match_reader(path: Path, start: bytes) -> Reader:
    if is_idx(start):
        return read_idx
    for magic, reader in MAGIC:
        if start.startswith(magic):
            return reader
    for magic, what in REFUSED:
        if start.startswith(magic):
            raise DataError(f"is {what}, expected {FORMATS}", path=path, found=what, expected=FORMATS)
    if path.suffix.lower() in SUFFIXES:
        return SUFFIXES[path.suffix.lower()]
    # Text files hold no zero byte, binary formats nearly always one.
    if b"\0" not in start:
        return read_csv
    found = start[:8].hex(" ")
    raise DataError(f"begins with bytes {found}, expected {FORMATS}", path=path, found=found, expected=FORMATS)


def _read_start(path: Path) -> bytes:
    start = read_start(path, _START_BYTES)
    if not start:
        raise DataError(f"is empty (0 bytes), expected {FORMATS}", path=path, found=0, expected=FORMATS)
    return start


def _check_zip(path: Path) -> None:
    with wrap_errors(path, "zip (NPZ) file"), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if not any(name.endswith(".npy") for name in names):
        found = ", ".join(names[:3]) or "nothing"
        raise DataError(
            f"a zip file of {found}, expected an NPZ file",
            "unpack it and give the path of the folder",
            path=path,
            found=found,
            expected="an NPZ file",
        )
