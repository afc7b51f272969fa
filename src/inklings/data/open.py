"""Opening labelled images by the name of a well-known data set, or by the path of a file or folder."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.data.build import build_dataset
from inklings.data.dataset import Dataset
from inklings.data.digits import NAMES, load_digits
from inklings.data.download.known import open_known
from inklings.data.download.registry import KNOWN
from inklings.data.joined import join, names_joined
from inklings.data.kept_drawings import NAME as MINE
from inklings.data.kept_drawings import load_drawings
from inklings.data.mending import Mending, mend
from inklings.data.mending_table import read_mending
from inklings.data.notes import Decision, warn_of_decisions
from inklings.data.raw import ReadOptions, Size
from inklings.data.size_options import check_pair, parse_size
from inklings.data.sources import is_named, read_source
from inklings.errors import DataError


@checks_call(DataError)
def open_dataset(
    name_or_path: str | Path,
    *,
    images: str | None = None,
    labels: str | None = None,
    size: str | Size = None,
    column_major: bool | None = None,
    invert: bool | None = None,
    colour: bool | None = None,
    skip: Sequence[str] = (),
    shape: str | int | tuple[int, int] | None = None,
    axes: str | None = None,
    drop_missing: bool = False,
    grid: str | Sequence[int] | None = None,
    tile: str | int | Sequence[int] | None = None,
    skip_damaged: bool = False,
    without: str | Path | Mapping[str, Any] | Mending | None = None,
    zero_based: bool | None = None,
    decimal: str | None = None,
) -> Dataset:
    """Open labelled images: a well-known data set by its name, or a file or folder of a common format.

    Parameters
    ----------
    name_or_path : str or Path
        ``digits`` (20 x 20) or ``digits28`` (28 x 28), which are bundled; ``mnist``, ``fashion-mnist``, ``kmnist``,
        ``emnist-letters`` or ``emnist-balanced``, which are downloaded once (see :mod:`inklings.data.download.known`);
        ``mine``, the drawings that ``inklings lab`` keeps; several with a plus between them, as ``digits+mine``, which
        have the classes of the first and are resized to its size;
        or the path of a MATLAB, IDX, NPZ, NPY, CSV or Parquet file, of a folder of IDX files, or of a folder with one
        sub-folder of pictures per class.
    images, labels : str, optional
        What holds them, if it is not detected: a variable (MATLAB, NPZ), a column (CSV, Parquet) or a file (IDX, NPY).
    size : int, (int, int) or str, optional
        Resize images to this height and width by bicubic interpolation. Pictures of different sizes need it. Here and
        below, text such as ``"20x30"`` is height and width, too.
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
    decimal : {".", ","}, optional
        What begins the decimals of numbers in a text table; the other one then groups thousands. None detects it where
        the numbers show it, as 0,5 does; where all commas stand before three digits, as in 63,359, they do not.

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
        skip=skip,
        shape=shape,
        axes=axes,
        drop_missing=drop_missing,
        grid=grid,
        tile=tile,
        skip_damaged=skip_damaged,
        zero_based=zero_based,
        decimal=decimal,
    )
    dataset = _open_mended(name_or_path, options, without)
    object.__setattr__(dataset, "opened", _as_plain(name_or_path, options, without))
    warn_of_decisions(dataset.source, dataset.notes)
    return dataset


READING = tuple(inspect.signature(open_dataset).parameters)[1:]
"""What :func:`open_dataset` takes besides the name, for functions that take the same."""


def open_again(
    name_or_path: str | Path,
    *,
    without: str | Path | Mapping[str, Any] | Mending | None = None,
    **reading: Any,  # noqa: ANN401 - as open_dataset takes it
) -> Dataset:
    """Open images as :func:`open_dataset` does, but without a warning, for those who know what was decided.

    Python's own way to silence warnings is one for all threads, and the lab opens data in several.
    """
    return _open_mended(name_or_path, read_options_of(**reading), without)


def _open_mended(
    name_or_path: str | Path, options: ReadOptions, without: str | Path | Mapping[str, Any] | Mending | None
) -> Dataset:
    dataset = _open(name_or_path, options)
    return dataset if without is None else mend(dataset, as_mending(without))


def read_options_of(
    *,
    size: str | Size = None,
    skip: Sequence[str] = (),
    shape: str | int | Sequence[int] | None = None,
    grid: str | Sequence[int] | None = None,
    tile: str | int | Sequence[int] | None = None,
    **reading: Any,  # noqa: ANN401 - the rest of what open_dataset takes
) -> ReadOptions:
    """Return the options of :func:`open_dataset` as the readers take them, with those that are pairs checked."""
    # Tuples, since options are compared, to tell whether a named data set was given any; the command has lists.
    return ReadOptions(
        **reading,
        size=parse_size(size),
        skip=tuple(skip),
        shape=check_pair("shape", shape),
        grid=check_pair("grid", grid),
        tile=check_pair("tile", tile),
    )


def _as_plain(
    name_or_path: str | Path, options: ReadOptions, without: str | Path | Mapping[str, Any] | Mending | None
) -> dict[str, Any]:
    """Return what images were opened by as plain values, for a run; what was left to be found is left out."""
    usual = ReadOptions()
    given = {name: getattr(options, name) for name in READING if name != "without"}
    kept = {name: value for name, value in given.items() if value != getattr(usual, name)}
    if without is not None:
        # What it says today: the file may be edited again, and the run's images must stay what they were.
        kept["without"] = as_mending(without).to_plain()
    return {"name": os.fspath(name_or_path), **kept}


def as_mending(without: str | Path | Mapping[str, Any] | Mending) -> Mending:
    """Return what is to be left out or relabelled: read from its table, or from plain values."""
    if isinstance(without, Mending):
        return without
    return Mending.from_plain(without) if isinstance(without, Mapping) else read_mending(without)


def _open(name_or_path: str | Path, options: ReadOptions) -> Dataset:
    if names := names_joined(name_or_path):
        return _open_joined(names, str(name_or_path), options)
    if is_named(name_or_path):
        return _open_named(str(name_or_path), options)
    return build_dataset(read_source(name_or_path, options), options)


def _open_joined(names: list[str], name: str, options: ReadOptions) -> Dataset:
    """Open the first as it is, and the others at its size."""
    first = _open(names[0], options)
    height, width, _ = first.image_shape
    # The others take no options: these are about the first, whose size they get.
    others = [
        load_drawings((height, width), first.class_names)
        if each == MINE
        else _open(each, ReadOptions(size=(height, width)))
        for each in names[1:]
    ]
    return join(first, others, name)


# Its meaning is known: an option that says otherwise would make other data of the same name.
def _open_named(name: str, options: ReadOptions) -> Dataset:
    if options != ReadOptions(size=options.size):
        raise DataError(f"the data set '{name}' takes no option but size", "leave the others out", found=options)
    size = options.height_and_width
    if name == MINE:
        dataset = load_drawings(size)
    else:
        dataset = load_digits(name, size=size) if name in NAMES else open_known(KNOWN[name], size=size)
    if not Path(name).exists():
        return dataset
    note = Decision(f"this is the well-known data set '{name}'; what has that name here is read as ./{name}")
    return replace(dataset, notes=(*dataset.notes, note))
