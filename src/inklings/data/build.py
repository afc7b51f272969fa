"""From arrays as a file holds them to a Dataset: the way that every source takes, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.data.axes import arrange_images
from inklings.data.checks import check_several_classes
from inklings.data.dataset import Dataset
from inklings.data.labels import Encoded, encode_labels
from inklings.data.lazy_images import Images, transform
from inklings.data.orientation import detect_orientation
from inklings.data.pixels import normalise_polarity, scale_pixels, to_greyscale
from inklings.data.resizing import resize
from inklings.data.split import Indices
from inklings.errors import DataError

Size = int | tuple[int, int] | None

MAX_SIDE = 4096


@dataclass(frozen=True)
class ReadOptions:
    """What the user specifies about a source; None means: detect it.

    Parameters
    ----------
    images, labels : str, optional
        What holds the images and the labels: a variable, a column or a file, depending on the format.
    size : int or (int, int), optional
        Resize images to this height and width.
    column_major : bool, optional
        Whether pixels are stored column by column, so that images read row by row are transposed.
    invert : bool, optional
        Whether to swap dark and light.
    colour : bool, optional
        Whether to keep colours. None keeps the three channels of arrays and converts image files to greyscale.
    """

    images: str | None = None
    labels: str | None = None
    size: Size = None
    column_major: bool | None = None
    invert: bool | None = None
    colour: bool | None = None

    @property
    def height_and_width(self) -> tuple[int, int] | None:
        """The requested size, checked."""
        if self.size is None:
            return None
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
            expected = f"1 to {MAX_SIDE} pixels each way"
            raise DataError(
                f"is {height} x {width}, expected {expected}", setting="size", found=(height, width), expected=expected
            )
        return height, width


@dataclass(frozen=True, eq=False)
class RawArrays:
    """Arrays as a source holds them, before anything is decided about them.

    Parameters
    ----------
    images : array of numbers
        Any shape that :func:`inklings.data.axes.arrange_images` accepts.
    labels : array
        Anything that :func:`inklings.data.labels.encode_labels` accepts.
    source : Path or str
        The file or folder, or else where the arrays came from in words.
    class_names : sequence of str, optional
    notes : sequence of str
    given_test : array of int64, optional
        Rows that the source reserves for testing.
    matlab : bool
        Whether the source comes from MATLAB, which counts from 1 and stores column by column.
    upright : bool
        Whether the images are known not to be transposed, as image files are.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    source: Path | str
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
    """Build a Dataset from arrays of any common shape, type and value range.

    Parameters
    ----------
    images : array of numbers
        Shape ``(n, features)`` (square images of 1 or 3 channels), ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``; values such as 0 to 255, 0 to 1 or -1 to 1.
    labels : array, shape (n,)
        Text, integers, or one-hot rows.
    class_names : sequence of str, optional
        Names for labels 0, 1, ...
    source : str
        Where the arrays came from, for people.
    size : int or (int, int), optional
        Resize images to this height and width by bicubic interpolation.
    column_major : bool, optional
        Whether pixels are stored column by column; None detects it where the images allow.
    invert : bool, optional
        Whether to swap dark and light; None inverts greyscale images with a light border.
    colour : bool, optional
        False converts three channels to greyscale.

    Returns
    -------
    Dataset
        Its ``notes`` say what was detected and decided.

    Raises
    ------
    DataError
        The arrays are not a usable set of labelled images.

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
    raw = RawArrays(np.asarray(images), np.asarray(labels), source, class_names)
    return build_dataset(raw, ReadOptions(size=size, column_major=column_major, invert=invert, colour=colour))


def build_dataset(raw: RawArrays, options: ReadOptions) -> Dataset:
    """Decide what raw arrays mean, and build a Dataset from them.

    Raises
    ------
    DataError
        The arrays are not a usable set of labelled images.
    """
    size = options.height_and_width
    try:
        encoded = encode_labels(raw.labels, class_names=raw.class_names, ten_is_zero=raw.matlab)
        images, notes = _interpret(raw, encoded, options)
        if size is not None and size != images.shape[1:3]:
            notes.append(f"resized from {images.shape[1]} x {images.shape[2]} by bicubic interpolation")
            images = transform(images, partial(resize, size=size))
    except DataError as error:
        raise error.at(raw.source) from error
    return Dataset(images, encoded.labels, encoded.class_names, str(raw.source), notes, raw.given_test)


def _interpret(raw: RawArrays, encoded: Encoded, options: ReadOptions) -> tuple[Images, list[str]]:
    """Return upright images of shape (n, height, width, channels) with paper 0 and ink 1, and notes of how."""
    arranged = arrange_images(raw.images, len(encoded.labels))
    check_several_classes(encoded.labels, encoded.class_names)
    images, scaling = scale_pixels(arranged)
    # Greyscale first: polarity and orientation are detected in one channel.
    if options.colour is False:
        images = transform(images, to_greyscale)
    # Polarity comes before orientation, which looks at the ink.
    images, polarity = normalise_polarity(images, options.invert)
    images, orientation = _make_upright(images, encoded, raw, options.column_major)
    return images, [*raw.notes, *encoded.notes, *orientation, *scaling, *polarity]


def _make_upright(
    images: Images, encoded: Encoded, raw: RawArrays, column_major: bool | None
) -> tuple[Images, list[str]]:
    flat = raw.images.ndim == 2
    if column_major is not None:
        images = transform(images, _transpose) if column_major else images
        if flat:
            return images, [f"pixels were read as {_order(column_major)}, as requested"]
        return images, ["images were transposed, as requested"] if column_major else []
    if raw.upright:
        return images, []
    detected, evidence = detect_orientation(images, encoded.labels, encoded.class_names)
    # Where the images give no evidence, the format's own convention holds.
    transposed = flat and raw.matlab if detected is None else detected
    notes = []
    # That rows of pixels are upright is worth a note; of whole images, only that they are not.
    if transposed or (flat and detected is not None):
        reason = evidence if detected is not None else "as MATLAB stores them; the pixels themselves do not show it"
        notes.append(f"pixels are {_order(transposed)} ({reason}; column_major={not transposed} overrides)")
    return (transform(images, _transpose) if transposed else images), notes


def _transpose(images: Images) -> Images:
    return images.swapaxes(1, 2)


def _order(column_major: bool) -> str:
    return "column-major" if column_major else "row-major"
