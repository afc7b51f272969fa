"""From arrays as they were found to a Dataset: the way that every source takes, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.data.axes import arrange_images
from inklings.data.dataset import Dataset, Images, Indices, check_classes
from inklings.data.labels import Encoded, encode_labels
from inklings.data.lazy_images import change
from inklings.data.orientation import judge_orientation
from inklings.data.pixels import scale_pixels, turn_to_grey, turn_to_ink
from inklings.data.resizing import resize
from inklings.errors import DataError

Size = int | tuple[int, int] | None


@dataclass(frozen=True)
class ReadOptions:
    """What the user decides about reading; None everywhere means: find out.

    Parameters
    ----------
    images, labels : str, optional
        What holds the images and the labels: a variable, a column or a file, as the format has it.
    size : int or (int, int), optional
        Resize images to this height and width.
    column_major : bool, optional
        Whether images are stored column by column, and so lie on their side.
    invert : bool, optional
        Whether to swap dark and light.
    colour : bool, optional
        Whether to keep colours. None keeps the three channels of arrays and reads pictures as grey.
    """

    images: str | None = None
    labels: str | None = None
    size: Size = None
    column_major: bool | None = None
    invert: bool | None = None
    colour: bool | None = None

    @property
    def height_and_width(self) -> tuple[int, int] | None:
        """The size asked for, checked."""
        if self.size is None:
            return None
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        if not (1 <= height <= 4096 and 1 <= width <= 4096):
            raise DataError(f"size {height} x {width} was asked for, expected 1 to 4096 pixels each way")
        return height, width


@dataclass(frozen=True, eq=False)
class RawArrays:
    """Arrays as a source holds them, before anything is decided about them.

    Parameters
    ----------
    images : array of numbers
        Any shape that :func:`inklings.data.axes.arrange_images` knows.
    labels : array
        Anything that :func:`inklings.data.labels.encode_labels` knows.
    source : str
    class_names : sequence of str, optional
    notes : sequence of str
    given_test : array of int64, optional
        Rows that the source sets aside for testing.
    matlab : bool
        Whether the source comes from MATLAB, which counts from 1 and stores column by column.
    upright : bool
        Whether the images are certainly not transposed, as pictures are.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    source: str
    class_names: Sequence[str] | None = None
    notes: Sequence[str] = ()
    given_test: Indices | None = None
    matlab: bool = False
    upright: bool = False


def from_arrays(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
    source: str = "arrays",
    size: Size = None,
    column_major: bool | None = None,
    invert: bool | None = None,
    colour: bool | None = None,
) -> Dataset:
    """Make a Dataset of arrays in any of the usual shapes, types and value ranges.

    Parameters
    ----------
    images : array of numbers
        Shape ``(n, features)`` (square images of 1 or 3 channels), ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``; values such as 0 to 255, 0 to 1 or -1 to 1.
    labels : array, shape (n,)
        Text, whole numbers, or one-hot rows.
    class_names : sequence of str, optional
        Names for labels 0, 1, ...
    source : str
        Where the arrays came from, for people.
    size : int or (int, int), optional
        Resize images to this height and width, by a bicubic filter.
    column_major : bool, optional
        Whether images are stored column by column; None finds out where the pixels tell.
    invert : bool, optional
        Whether to swap dark and light; None inverts grey images with a light border.
    colour : bool, optional
        False mixes three channels into one.

    Returns
    -------
    Dataset
        Its ``notes`` say what was found out and decided.

    Raises
    ------
    DataError
        Anything that is not a usable set of labelled images.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.data import from_arrays
    >>> pixels = np.zeros((4, 8, 8), np.uint8)
    >>> pixels[:, 2:6, 3] = 255
    >>> dataset = from_arrays(pixels, ["bar", "dot", "bar", "dot"])
    >>> dataset.image_shape, dataset.class_names
    ((8, 8, 1), ('bar', 'dot'))
    """
    found = RawArrays(np.asarray(images), np.asarray(labels), source, class_names)
    return build_dataset(found, ReadOptions(size=size, column_major=column_major, invert=invert, colour=colour))


def build_dataset(found: RawArrays, choices: ReadOptions) -> Dataset:
    """Decide what the arrays mean, and make a Dataset of them.

    Raises
    ------
    DataError
        Anything that is not a usable set of labelled images.
    """
    size = choices.height_and_width
    encoded = encode_labels(found.labels, found.source, class_names=found.class_names, ten_is_zero=found.matlab)
    arranged = arrange_images(found.images, len(encoded.labels), found.source)
    check_classes(encoded.labels, encoded.class_names, found.source)
    images, scaling = scale_pixels(arranged, found.source)
    if choices.colour is False:
        images = change(images, turn_to_grey)
    images, inverting = turn_to_ink(images, choices.invert)
    images, turning = _turn_upright(images, encoded, found, choices.column_major)
    notes = [*found.notes, *encoded.notes, *turning, *scaling, *inverting]
    if size is not None and size != images.shape[1:3]:
        notes.append(f"resized from {images.shape[1]} x {images.shape[2]} by a bicubic filter")
        images = change(images, partial(resize, size=size))
    return Dataset(images, encoded.labels, encoded.class_names, found.source, notes, found.given_test)


def _turn_upright(
    images: Images, encoded: Encoded, found: RawArrays, column_major: bool | None
) -> tuple[Images, list[str]]:
    if column_major is not None:
        notes = [f"pixels were read as {_order(column_major)}, as asked"] if found.images.ndim == 2 else []
        return (
            (change(images, _transpose), notes or ["images were transposed, as asked"])
            if column_major
            else (images, notes)
        )
    if found.upright:
        return images, []
    flat = found.images.ndim == 2
    verdict, evidence = judge_orientation(images, encoded.labels, encoded.class_names)
    usual = flat and found.matlab
    transposed = usual if verdict is None else verdict
    notes = []
    if transposed or (flat and verdict is not None):
        reason = evidence if verdict is not None else "as MATLAB stores them; the pixels themselves do not tell"
        notes.append(f"pixels are {_order(transposed)} ({reason}; column_major={not transposed} overrules)")
    return (change(images, _transpose) if transposed else images), notes


def _transpose(images: Images) -> Images:
    return images.swapaxes(1, 2)


def _order(column_major: bool) -> str:
    return "column-major" if column_major else "row-major"
