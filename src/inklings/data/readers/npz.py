"""Reading images and labels from NPZ and NPY files."""

from __future__ import annotations

from pathlib import Path

from inklings.data.axes import arrange_axes
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.label_file import find_label_file, take_label_file
from inklings.data.readers.named_arrays import find_arrays
from inklings.data.readers.numpy_file import outline_npz, read_npy_array
from inklings.errors import DataError


def read_npz(path: Path, options: ReadOptions) -> RawArrays:
    """Read an NPZ file: a zip of arrays, among them images and labels.

    Raises
    ------
    DataError
        The file is damaged, holds pickled objects or claims too much; there are no images or labels, or several.
    """
    variables, read = outline_npz(path)
    options, labels = take_label_file(path, options, [each.name for each in variables])
    return find_arrays(variables, read, options, path, labels=labels)


def read_npy(path: Path, options: ReadOptions) -> RawArrays:
    """Read an NPY file of images and one of labels: named by ``labels``, or found beside it by its name.

    ``y.npy`` or ``labels.npy`` belong to ``X.npy``, ``train_labels.npy`` to ``train_images.npy``, in any case.

    Raises
    ------
    DataError
        A file is damaged, holds pickled objects or claims too much; there are no labels.
    """
    _, labels = take_label_file(path, options, [])
    # What is to be predicted needs no labels, and those beside it may be of other images.
    if labels is None and options.labelled and (partner := find_label_file(path)) is not None:
        labels = read_npy_array(partner)
    if labels is None and options.labelled:
        raise DataError(
            "no labels, expected a file y.npy or labels.npy beside it",
            "name one",
            path=path,
            expected="y.npy or labels.npy",
            suggested={"labels": "FILE"},
        )
    try:
        return arrange_axes(RawArrays(read_npy_array(path), labels, path), options)
    except DataError as error:
        raise error.at(path) from error
