"""From a path to raw arrays: the format is detected from the content, and only then from the suffix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from inklings.arguments import as_path
from inklings.data.digits import NAMES
from inklings.data.download.registry import KNOWN
from inklings.data.kept_drawings import NAME as MINE
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.archive import is_tar, list_zip, read_archive
from inklings.data.readers.array_folder import list_array_files, read_array_folder
from inklings.data.readers.csv_table import read_csv
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.folder import read_tree
from inklings.data.readers.folder_tree import scan_folder
from inklings.data.readers.idx import is_idx, list_idx_files, read_idx, read_idx_folder
from inklings.data.readers.mat import read_hdf5, read_mat
from inklings.data.readers.npz import read_npy, read_npz
from inklings.data.readers.parquet import read_parquet
from inklings.data.readers.picture_kinds import SUFFIXES as PICTURE_SUFFIXES
from inklings.data.readers.picture_kinds import picture_kind
from inklings.data.readers.refused import ENDINGS, describe_refused, refuse
from inklings.data.readers.shards import list_shards, read_shards
from inklings.data.readers.sheet import read_sheet
from inklings.data.readers.source_file import is_gzip, read_start
from inklings.data.readers.table_folder import ILLUSTRATIONS, list_part_tables, read_table_folder
from inklings.errors import DataError

Reader = Callable[[Path, ReadOptions], RawArrays]

# The first that matches counts. A MATLAB 7.3 file is HDF5 behind a text of 512 bytes, in which it says so.
MAGIC: tuple[tuple[bytes, Reader], ...] = (
    (b"\x93NUMPY", read_npy),
    (b"MATLAB 7.3", read_hdf5),
    (b"MATLAB", read_mat),
    (b"\x89HDF\r\n\x1a\n", read_hdf5),
    (b"PAR1", read_parquet),
)

ZIP = (b"PK\x03\x04", b"PK\x05\x06")

COMPRESSED_TEXT = (b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
"""Bzip2, xz and zstandard, which only tables are read from; gzip is looked into, whatever it holds."""

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

DATA_SETS = (*NAMES, *KNOWN, MINE)
"""What can be opened by name: the bundled data sets, those that are downloaded, and the user's own drawings."""

_PACKED_TAR = re.compile(r"\.(tar\.[a-z0-9]+|tbz2?|txz|tzst)$", re.IGNORECASE)

FORMATS = "MATLAB, IDX, NPZ, NPY, CSV, Parquet, pictures in a folder per class, or a ZIP or TAR of these"

# Enough for every magic number, and for a text file's first words past any encoding mark.
_START_BYTES = 520


def is_named(name_or_path: str | Path) -> bool:
    """Whether it is the name of a data set, and not the path of a file or folder that happens to be called so."""
    if isinstance(name_or_path, Path):
        return str(name_or_path) in DATA_SETS and not name_or_path.exists()
    # A folder that somebody called "mine" was there before drawings were kept under that name.
    named = isinstance(name_or_path, str) and name_or_path in DATA_SETS
    return named and not (name_or_path == MINE and Path(MINE).exists())


def read_source(name_or_path: str | Path, options: ReadOptions) -> RawArrays:
    """Read the arrays of a file or folder, before anything is decided about them.

    Raises
    ------
    DataError
        There is no such path, or it cannot be read.
    MissingDependencyError
        The format needs a package that is not installed.
    """
    path = as_path(name_or_path, "data", DataError, "arrays are taken by inklings.from_arrays(images, labels)")
    with wrap_errors(path, "path"):
        exists = path.exists()
    if not exists and path.is_symlink():
        raise DataError("is a symbolic link to nothing, or to itself", "check where it leads", path=path)
    if not exists:
        raise _unknown(str(name_or_path))
    reader = _find_folder_reader(path) if path.is_dir() else _find_reader(path)
    return reader(path, options)


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
        # Each in turn claims the folder: what comes first is the more specific.
        if list_idx_files(folder):
            return read_idx_folder
        # Where pictures are, they are the data set, and arrays or tables beside them are not; but a few pictures beside
        # tables of pixels are there to look at.
        tree = scan_folder(folder)
        if not tree.all_pictures and list_shards(folder):
            return partial(read_shards, read=read_parquet)
        if not tree.all_pictures and list_array_files(folder):
            return read_array_folder
        if len(tree.all_pictures) <= ILLUSTRATIONS and list_part_tables(folder):
            return partial(read_table_folder, read=read_csv)
    return lambda _, options: read_tree(tree, options)


def _find_reader(path: Path) -> Reader:
    start = _read_start(path)
    reader = _match_reader(path, start)
    # Only these readers take gzip apart themselves.
    if is_gzip(path) and reader not in (read_idx, read_csv, _read_archive):
        raise DataError(
            "is compressed by gzip, expected only IDX, CSV and TAR to be",
            "decompress it with gunzip first",
            path=path,
        )
    return reader


def _match_reader(path: Path, start: bytes) -> Reader:
    if is_idx(start):
        return read_idx
    if is_tar(start):
        return _read_archive
    if start.startswith(ZIP):
        # A compressed archive is refused by whoever asks.
        return read_npz if is_gzip(path) else _match_zip(path)
    for magic, reader in MAGIC:
        if start.startswith(magic):
            return reader
    if picture_kind(start) or path.suffix.lower() in PICTURE_SUFFIXES:
        return read_sheet
    # These are not looked into, so that only its name tells a TAR archive in one of them.
    if start.startswith(COMPRESSED_TEXT) and not _PACKED_TAR.search(path.name):
        return read_csv
    # Before endings are believed: a pickle called data.npy must be refused as a pickle.
    if refused := describe_refused(path, start):
        raise refuse(path, refused)
    if path.suffix.lower() in SUFFIXES:
        return SUFFIXES[path.suffix.lower()]
    # Text files hold no zero byte, binary formats nearly always one.
    if b"\0" not in start:
        return read_csv
    found = start[:8].hex(" ")
    raise DataError(f"begins with bytes {found}, expected {FORMATS}", path=path, found=found, expected=FORMATS)


def _match_zip(path: Path) -> Reader:
    """Tell an NPZ file from other ZIP archives, and those from files that are archives inside."""
    names = list_zip(path)
    if path.suffix.lower() == ".npz" and any(name.endswith(".npy") for name in names):
        return read_npz
    if any(name.endswith("/data.pkl") for name in names):
        # PyTorch's files are ZIP archives with a pickle, Excel's with XML.
        raise refuse(path, ENDINGS[".pt"])
    if "[Content_Types].xml" in names:
        raise refuse(path, ENDINGS[".xlsx"])
    return read_npz if names and all(name.endswith(".npy") for name in names) else _read_archive


def _read_start(path: Path) -> bytes:
    start = read_start(path, _START_BYTES)
    if not start:
        raise DataError(f"is empty (0 bytes), expected {FORMATS}", path=path, found=0, expected=FORMATS)
    return start


def _read_archive(path: Path, options: ReadOptions) -> RawArrays:
    return read_archive(path, options, read_source)
