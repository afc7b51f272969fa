"""Reading a folder with one sub-folder of pictures a class; the names of the sub-folders name the classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inklings.data.arrays import RawArrays, ReadOptions, build_dataset
from inklings.data.dataset import Dataset
from inklings.data.readers.pictures import SUFFIXES, read_pictures, stack_pictures
from inklings.errors import DataError


def read_folder(folder: Path, choices: ReadOptions) -> Dataset:
    """Read pictures in sub-folders, in the order of the names of classes and files.

    Pictures are read as grey unless ``choices.colour``. If the sub-folders are ``train`` and ``test``, each with
    sub-folders of its own, the test pictures are set aside.

    Raises
    ------
    DataError
        No sub-folders; one without pictures; a damaged picture; different sizes and no ``choices.size``.
    """
    parts = {child.name.lower(): child for child in list_folders(folder)}
    if set(parts) == {"train", "test"} and all(list_folders(part) for part in parts.values()):
        pictures = [*_list_pictures(parts["train"])]
        first = len(pictures)
        pictures += _list_pictures(parts["test"])
        given_test = np.arange(first, len(pictures))
        notes = [f"the source sets {len(pictures) - first} images aside for testing"]
    else:
        pictures, given_test, notes = _list_pictures(folder), None, []
    places = [str(path) for path in pictures]
    images, reading = stack_pictures(read_pictures(pictures, places), places, choices)
    labels = np.array([path.parent.name for path in pictures])
    return build_dataset(
        RawArrays(images, labels, str(folder), notes=[*notes, *reading], given_test=given_test, upright=True), choices
    )


def list_folders(folder: Path) -> list[Path]:
    """List the sub-folders in the order of their names, without those that computers make for themselves."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))


def _list_pictures(folder: Path) -> list[Path]:
    """All pictures of all classes; a file with another suffix than a picture's, such as a note, is left out."""
    pictures = []
    for child in list_folders(folder):
        files = [path for path in sorted(child.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]
        files = [path for path in files if not path.name.startswith(".")]
        if not files:
            raise DataError(
                f"{child}: no images, expected pictures ({', '.join(sorted(SUFFIXES))})",
                "add some or remove the folder",
            )
        pictures += files
    return pictures
