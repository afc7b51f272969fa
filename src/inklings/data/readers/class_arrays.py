"""One array a class: ``train0`` to ``test9`` in a MATLAB file, ``cat`` and ``dog`` in an NPZ file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.readers.variable_matching import Reader, Variable, could_be_labels, fits
from inklings.data.readers.variable_names import IMAGES, LABELS, distinguish, understand

MIN_CLASSES = 2

PORTIONS = frozenset(
    (
        *("batch", "part", "chunk", "shard", "block", "fold", "run", "session", "day", "series"),
        *("plate", "well", "slide", "sheet", "page", "scan", "volume", "frame", "fov"),
    )
)
"""What a data set comes in: numbered, these are portions of it, not classes. Persons may be classes, as faces are."""


def find_class_arrays(variables: Sequence[Variable]) -> dict[str, Variable]:
    """Return the arrays each of which holds the images of one class, by the names of the classes.

    Empty unless there are several arrays of pictures of one size, nothing that could be their labels, and names that
    tell classes apart: "images" and "masks", or "data_1" and "data_2", do not.
    """
    arrays = [each for each in variables if each.could_be_images and each.meaning.role in (None, IMAGES, LABELS)]
    labels = [each for each in variables if could_be_labels(each) and each not in arrays]
    if len(arrays) < MIN_CLASSES or any(fits(label, array) for label in labels for array in arrays):
        return {}
    # A matrix that is called labels and is as long as an array of pictures holds their one-hot rows.
    if any(fits(one, other) and one.meaning.role == LABELS and len(one.shape) == 2 for one in arrays for other in arrays
           if one is not other and len(other.shape) > 2):  # fmt: skip
        return {}
    axis = image_axis([each.shape for each in arrays])
    # Two matrices with as many rows may be images and one-hot labels, whatever they are called.
    if axis is None or (axis == -1 and len(arrays) == MIN_CLASSES and len(arrays[0].shape) == 2):
        return {}
    names = distinguish([each.name for each in arrays])
    # images1, images2, ... are pieces of one array; train0 to test9 are classes.
    numbered = all(name.isdecimal() for name in names)
    if numbered and all(each.meaning.role == IMAGES or _is_portion(each.meaning.words) for each in arrays):
        return {}
    if len(set(names)) < len(names) or any(_says_nothing(name) for name in names):
        return {}
    return dict(zip(names, arrays, strict=True))


def find_single_pictures(variables: Sequence[Variable]) -> dict[str, list[Variable]]:
    """Return the arrays that hold one picture each, by the group that they are in, whose name is that of a class.

    Empty unless all arrays are in one of several groups, as ``cat/1`` in an HDF5 file, and are of one shape.
    """
    groups: dict[str, list[Variable]] = {}
    for each in variables:
        group, _, name = each.name.replace("/", ".").rpartition(".")
        if not group or len(each.shape) not in (2, 3) or each.kind not in "biuf" or understand(name).role == LABELS:
            return {}
        groups.setdefault(group, []).append(each)
    names = distinguish(list(groups))
    one_shape = len({each.shape for each in variables}) == 1
    # Three axes are many pictures, unless one is of colours.
    one_each = one_shape and (len(variables[0].shape) == 2 or variables[0].shape[2] in (1, 3))
    enough = len(groups) >= MIN_CLASSES and len(variables) > len(groups)
    if not one_each or not enough or any(_says_nothing(name) for name in names):
        return {}
    return dict(zip(names, groups.values(), strict=True))


def _is_portion(words: Sequence[str]) -> bool:
    """Whether one of a name's words is a portion's, or a portion's in the plural: "frames_1"."""
    return any(PORTIONS & {word, word.removesuffix("s"), word.removesuffix("es")} for word in words)


def _says_nothing(name: str) -> bool:
    """Whether a name is that of images or labels, and of no class."""
    meaning = understand(name)
    return meaning.part is not None or (meaning.role is not None and len(meaning.words) == 1)


def image_axis(shapes: Sequence[tuple[int, ...]]) -> int | None:
    """Return along which axis the images of arrays of one class each are counted: 0, -1, or None if sizes differ."""
    if len({len(shape) for shape in shapes}) > 1:
        return None
    first = len({shape[1:] for shape in shapes}) == 1
    last = len({shape[:-1] for shape in shapes}) == 1
    if first and last:
        # As many images of each class: a square number of pixels, or two equal sides, are a picture.
        return -1 if _is_picture(shapes[0][:-1]) and not _is_picture(shapes[0][1:]) else 0
    return 0 if first else -1 if last else None


def _is_picture(shape: tuple[int, ...]) -> bool:
    if len(shape) == 1:
        grey, colour = math.isqrt(shape[0]), math.isqrt(shape[0] // 3)
        return shape[0] in (grey * grey, 3 * colour * colour)
    # Without the axis of channels, wherever it stands.
    sides = [length for length in shape if length not in (1, 3)]
    return len(sides) == 2 and sides[0] == sides[1]


def stack_classes(classes: Mapping[str, Variable], read: Reader) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the images of all classes, images first, and the class of each as text."""
    arrays = {name: read(each.name) for name, each in classes.items()}
    axis = image_axis([array.shape for array in arrays.values()])
    assert axis is not None, "checked when they were found"
    images = np.concatenate([np.moveaxis(array, axis, 0) for array in arrays.values()])
    labels = np.repeat(list(arrays), [array.shape[axis] for array in arrays.values()])
    return images, labels
