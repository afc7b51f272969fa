"""From a name or a path to a Dataset: the format is detected from the content, and only then from the suffix."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from inklings.data.build import build_dataset
from inklings.data.dataset import Dataset
from inklings.data.digits import NAMES, load_digits
from inklings.data.download.known import open_known
from inklings.data.download.registry import KNOWN
from inklings.data.mending import Mending, mend
from inklings.data.mending_table import read_mending
from inklings.data.notes import warn_of_decisions
from inklings.data.raw import RawArrays, ReadOptions, Size
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
from inklings.data.readers.sheet import check_pair, read_sheet
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

DATA_SETS = (*NAMES, *KNOWN)
"""What can be opened by name: the bundled data sets and those that are downloaded."""

FORMATS = "MATLAB, IDX, NPZ, NPY, CSV, Parquet, pictures in a folder per class, or a ZIP or TAR of these"

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
    skip: Sequence[str] = (),
    shape: tuple[int, int] | None = None,
    axes: str | None = None,
    drop_missing: bool = False,
    grid: Sequence[int] | None = None,
    tile: int | Sequence[int] | None = None,
    skip_damaged: bool = False,
    without: str | Path | Mapping[str, Any] | Mending | None = None,
    zero_based: bool | None = None,
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
    skip : sequence of str
        Columns of a table that are neither pixels nor labels, by name or number, where that is not detected.
    shape : (int, int), optional
        Height and width of flat rows of pixels that are not square.
    axes : str, optional
        What each axis of an array of images is, where several fit, a letter each: n images, h rows, w columns, c
        channels, p pixels of flat rows, as in ``"hwn"``.
    drop_missing : bool
        Whether to leave out images whose label is missing (empty, NaN, None), in place of refusing them.
    grid : (int, int), optional
        Rows and columns of a sheet: one picture that holds many of the same size, side by side.
    tile : int or (int, int), optional
        Height and width of each picture on a sheet, in place of ``grid``.
    skip_damaged : bool
        Whether to leave out pictures that cannot be decoded, with a note that counts and names them.
    without : str, Path, mapping or Mending, optional
        The table of findings that ``inklings data check`` wrote and you may have edited: images to leave out, and new
        labels. Or the same as plain values, as a run stores it.
    zero_based : bool, optional
        Whether the indices of a LIBSVM file count from 0; None detects it where the file allows.

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
    options = read_options_of(
        images=images,
        labels=labels,
        size=size,
        column_major=column_major,
        invert=invert,
        colour=colour,
        skip=tuple(skip),
        shape=None if shape is None else (shape[0], shape[1]),
        drop_missing=drop_missing,
        grid=grid,
        tile=tile,
        skip_damaged=skip_damaged,
        axes=axes,
        zero_based=zero_based,
    )
    named = str(name_or_path) in DATA_SETS
    dataset = _open_named(str(name_or_path), options) if named else _open_source(name_or_path, options)
    if without is not None:
        dataset = mend(dataset, as_mending(without))
    warn_of_decisions(dataset.source, dataset.notes)
    return dataset


def read_options_of(
    *,
    grid: Sequence[int] | None = None,
    tile: int | Sequence[int] | None = None,
    **reading: Any,  # noqa: ANN401 - the rest of what open_dataset takes
) -> ReadOptions:
    """Return the options of :func:`open_dataset` as the readers take them, with those that are pairs checked."""
    return ReadOptions(**reading, grid=check_pair("grid", grid), tile=check_pair("tile", tile))


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
    if not exists and path.is_symlink():
        raise DataError("is a symbolic link to nothing, or to itself", "check where it leads", path=path)
    if not exists:
        raise _unknown(str(name_or_path))
    reader = _find_folder_reader(path) if path.is_dir() else _find_reader(path)
    return reader(path, options)


def as_mending(without: str | Path | Mapping[str, Any] | Mending) -> Mending:
    """Return what is to be left out or relabelled: read from its table, or from plain values."""
    if isinstance(without, Mending):
        return without
    return Mending.from_plain(without) if isinstance(without, Mapping) else read_mending(without)


def _open_source(name_or_path: str | Path, options: ReadOptions) -> Dataset:
    return build_dataset(read_source(name_or_path, options), options)


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
        tree = scan_folder(folder)
        if not tree.all_pictures and list_shards(folder):
            return partial(read_shards, read=read_parquet)
        if not tree.all_pictures and list_array_files(folder):
            return read_array_folder
    return lambda _, options: read_tree(tree, options)


def _find_reader(path: Path) -> Reader:
    start = _read_start(path)
    reader = _match_reader(path, start)
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
    if start.startswith(COMPRESSED_TEXT) and ".t" not in "".join(path.suffixes[-2:-1]):
        return read_csv
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
