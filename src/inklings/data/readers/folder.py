"""Reading a folder with one sub-folder of pictures per class; the names of the sub-folders name the classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.image_files import SUFFIXES, EncodedImage, read_images
from inklings.errors import DataError


def read_folder(folder: Path, options: ReadOptions) -> RawArrays:
    """Read pictures in sub-folders, in the order of the names of classes and files.

    Pictures are converted to greyscale unless ``options.colour``. If the sub-folders are ``train`` and ``test``, each
    with sub-folders of its own, the test pictures are reserved for testing.

    Raises
    ------
    DataError
        There are no sub-folders, or one has no pictures; a picture is damaged; sizes differ and ``options.size`` is not
        given.
    """
    parts = {child.name.lower(): child for child in list_folders(folder)}
    if set(parts) == {"train", "test"} and all(list_folders(part) for part in parts.values()):
        # Training pictures come first, so the test rows are the last ones.
        pictures = [*_list_pictures(parts["train"])]
        first = len(pictures)
        pictures += _list_pictures(parts["test"])
        given_test = np.arange(first, len(pictures))
        notes = [f"the source reserves {len(pictures) - first} images for testing"]
    else:
        pictures, given_test, notes = _list_pictures(folder), None, []
    images, reading = read_images([EncodedImage(path) for path in pictures], options)
    labels = np.array([path.parent.name for path in pictures])
    # Image files say themselves which way is up.
    return RawArrays(images, labels, folder, notes=[*notes, *reading], given_test=given_test, upright=True)


def list_folders(folder: Path) -> list[Path]:
    """List the sub-folders in the order of their names, without hidden ones and __MACOSX, which zip files bring."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))


def _list_pictures(folder: Path) -> list[Path]:
    """List all pictures of all classes; a file with another suffix than a picture's, such as a note, is left out."""
    pictures = []
    for child in list_folders(folder):
        files = [path for path in sorted(child.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]
        files = [path for path in files if not path.name.startswith(".")]
        if not files:
            expected = f"pictures ({', '.join(sorted(SUFFIXES))})"
            raise DataError(
                f"no images, expected {expected}", "add some or remove the folder", path=child, expected=expected
            )
        pictures += files
    return pictures
