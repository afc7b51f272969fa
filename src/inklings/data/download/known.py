"""Well-known data sets by name: where they are kept, and reading them.

They are looked for in the folder that the environment variable ``INKLINGS_DATA`` names, else in the user's data folder:
in a sub-folder with the data set's name, or, if file names are unique to this data set, in the folder itself. What is
missing is downloaded once.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from inklings.data.build import build_dataset
from inklings.data.dataset import Dataset
from inklings.data.download.fetch import VARIABLE, fetch
from inklings.data.download.registry import KnownData
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.idx import read_pair
from inklings.data.readers.joining import join_train_and_test
from inklings.errors import DataError


def open_known(known: KnownData, *, size: tuple[int, int] | None = None, root: Path | None = None) -> Dataset:
    """Open a well-known data set; its own test images are reserved for testing.

    Parameters
    ----------
    known : KnownData
        Such as ``registry.KNOWN["mnist"]``.
    size : (int, int), optional
        Another height and width than its own.
    root : Path, optional
        Where data sets are kept; see the module for the default.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        It is missing and cannot be downloaded; a file is damaged.
    """
    root = root or data_root()
    # Files that a user put there win: nothing is downloaded.
    files = _find_files(known, root)
    # Ink is light in all of these sets; in clothes and letters that fill the image, the border would mislead.
    return build_dataset(_read(known, files or fetch(known, root)), ReadOptions(size=size, invert=False))


def data_root() -> Path:
    """Return the folder in which data sets are kept: ``INKLINGS_DATA``, else the user's data folder.

    Raises
    ------
    DataError
        ``INKLINGS_DATA`` does not name a folder.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        from platformdirs import user_data_path

        return user_data_path("inklings", appauthor=False)
    root = Path(named).expanduser()
    if not root.is_dir():
        raise DataError(f"{VARIABLE} is '{named}', which is not a folder", "create it, or name another", found=named)
    return root


def _find_files(known: KnownData, root: Path) -> list[Path]:
    """Return the four files, or at least the two to train with where a user put them; an empty list if none are."""
    if not root.is_dir():
        return []
    files = known.files_in(root / known.name)
    # All four or none, in the data set's own folder.
    if len(files) == 4:
        return files
    # Three data sets use MNIST's file names. In the root itself, these are taken for MNIST's.
    files = known.files_in(root) if known.prefix or known.name == "mnist" else []
    # Without test images a data set can still be split; without labels it is none.
    return files if len(files) >= 2 else []


def _read(known: KnownData, files: list[Path]) -> RawArrays:
    """Read the arrays, upright and with classes from 0."""
    train = read_pair(files[0], files[1])
    if len(files) == 4:
        raw = join_train_and_test(train, read_pair(files[2], files[3]), known.name)
    else:
        raw = RawArrays(*train, known.name, notes=(f"without test images: {known.file_names[len(files)]} is missing",))
    notes = [*raw.notes, known.title]
    if known.transposed:
        # From (n, columns, rows).
        raw = replace(raw, images=raw.images.swapaxes(1, 2))
        notes.append("stored column by column, and transposed")
    # EMNIST's letters count from 1.
    labels = np.asarray(raw.labels, np.int64) - known.first_label
    return replace(raw, labels=labels, class_names=known.class_names, notes=notes, upright=True)
