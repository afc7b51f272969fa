"""What a reader is asked for, and what it returns: arrays as a source holds them, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inklings.data.readers.framed_pictures import Framer
from inklings.data.split import Indices
from inklings.errors import DataError

Size = int | tuple[int, int] | None

MAX_SIDE = 4096
"""Pixels of a side that images may be resized to: a grey one of so many each way takes 64 MiB as float32."""


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
    skip : tuple of str
        Columns of a table that are neither pixels nor labels, by name or number.
    drop_missing : bool
        Whether to leave out images without a label, in place of refusing them.
    shape : (int, int), optional
        Height and width of flat rows of pixels that are not square.
    axes : str, optional
        What each axis of an array of images is, a letter each: n images, h rows, w columns, c channels, p pixels.
    labelled : bool
        Whether labels are needed, as for training. Without, they are read where there are any: a model predicts
        images that nobody has labelled.
    grid : (int, int), optional
        Rows and columns of a sheet: one picture that holds many.
    tile : (int, int), optional
        Height and width of the pictures on a sheet, in place of ``grid``.
    skip_damaged : bool
        Whether pictures that cannot be decoded are left out, and counted, in place of being refused.
    zero_based : bool, optional
        Whether the indices of a LIBSVM file count from 0.
    decimal : {".", ","}, optional
        What begins the decimals of numbers in a text table; the other one groups thousands.
    framer : Framer, optional
        Makes pictures into a model's images, where resizing them whole does not.
    deep : float, optional
        What pictures of more than 8 bits per pixel were divided by in training.
    backdrop : {"white", "black"}, optional
        What transparent parts of pictures lay on in training.
    """

    images: str | None = None
    labels: str | None = None
    size: Size = None
    column_major: bool | None = None
    invert: bool | None = None
    colour: bool | None = None
    skip: tuple[str, ...] = ()
    drop_missing: bool = False
    shape: tuple[int, int] | None = None
    labelled: bool = True
    grid: tuple[int, int] | None = None
    tile: tuple[int, int] | None = None
    skip_damaged: bool = False
    axes: str | None = None
    zero_based: bool | None = None
    decimal: str | None = None
    framer: Framer | None = None
    deep: float | None = None
    backdrop: str | None = None

    @property
    def height_and_width(self) -> tuple[int, int] | None:
        """The requested size, checked."""
        if self.size is None:
            return None
        sides = self.size if isinstance(self.size, tuple | list) else (self.size, self.size)
        if len(sides) != 2 or not all(isinstance(side, Integral) for side in sides):
            expected = "a whole number, or height and width"
            raise DataError(
                f"is {self.size!r}, expected {expected}", setting="size", found=self.size, expected=expected
            )
        height, width = map(int, sides)
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
        Any shape that :func:`inklings.data.axes.images_first` accepts.
    labels : array or None
        Anything that :func:`inklings.data.labels.encode_labels` accepts; None where nobody has labelled the images.
    source : Path or str
        The file or folder, or else where the arrays came from in words.
    class_names : sequence of str, or mapping from label to str, optional
    notes : sequence of str
        A :class:`inklings.data.notes.Decision` where it concerns what the data mean.
    given_test, given_validation : array of int64, optional
        Rows that the source reserves for testing and for validation.
    names : sequence of str, optional
        What the source calls each image: an identifier in a table, a file's name in a folder.
    matlab : bool
        Whether the source comes from MATLAB, which counts from 1 and stores column by column.
    upright : bool
        Whether the images are known not to be transposed, as image files are.
    transposed : bool
        Whether the images are known to be transposed, as those in EMNIST's files are.
    arranged : bool
        Whether the axes are already in the order that :func:`inklings.data.axes.images_first` gives them.
    prepared : bool
        Whether the images are a model's own already, made by ``ReadOptions.framer``.
    deep : float, optional
        What pictures of more than 8 bits per pixel were divided by: 1 where all are such; None where there are none.
    backdrop : {"white", "black"}, optional
        What transparent parts of pictures were laid on; None where there are none.
    """

    images: NDArray[Any]
    labels: NDArray[Any] | None
    source: Path | str
    class_names: Sequence[str] | Mapping[Any, str] | None = None
    notes: Sequence[str] = ()
    given_test: Indices | None = None
    given_validation: Indices | None = None
    names: Sequence[str] | None = None
    matlab: bool = False
    upright: bool = False
    transposed: bool = False
    arranged: bool = False
    prepared: bool = False
    deep: float | None = None
    backdrop: str | None = None
