"""Which axis of an array is which: from any of the common shapes to (n, height, width, channels)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.flat_rows import unflatten
from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.errors import DataError

SHAPES = "(n, features), (n, h, w), (h, w, n), (n, h, w, c), (n, c, h, w) or (h, w, c, n) with c 1 or 3"

USUAL = ("np", "pn", "nhw", "hwn", "npc", "ncp", "nhwc", "nchw", "hwcn")
"""Arrangements that need no word: n images, h rows, w columns, c channels, p pixels of flat rows."""

ODD = ("cnhw", "chwn")
"""Arrangements that are taken with a word; what is odder still, the user must say."""

LEAST_FLAT = 64
"""Fewest pixels for which (n, p, 1) is taken as flat rows, and not as pictures of one column."""

OPAQUE = (1, 255, 65535)
"""What a fourth channel that says nothing is filled with."""

CORNER = 128
"""Values along each axis that are looked at to tell axes apart."""

FEWEST = 5
"""Images and pixels along an axis from which on its order can be told."""

UNORDERED, ORDERED = 0.85, 0.7
"""Neighbouring pixels are alike, neighbouring images are not. Where two axes could be that of the images, neighbours
along the right one differ by at least the first of these shares of what any two images do, along the wrong one by at
most the second. Measured by tools/measure_axes.py."""


def split_rows(images: NDArray[Any], shape: tuple[int, int] | None = None, planar: bool | None = None) -> NDArray[Any]:
    """Return images as (n, height, width, channels), given them as :func:`images_first` returns them.

    ``shape`` and ``planar`` are for flat rows, as :func:`inklings.data.flat_rows.unflatten` takes them.
    """
    if images.ndim == 2:
        return unflatten(images, shape, planar)
    return images[..., None] if images.ndim == 3 else images


def holds_flat_rows(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape, its images first, holds rows of pixels and not whole images.

    >>> holds_flat_rows((60, 784)), holds_flat_rows((60, 784, 1)), holds_flat_rows((60, 28, 28))
    (True, True, False)
    """
    # Only what is taken without a look at the pixels: (n, p, 1) and (n, p, 3) of square images.
    return len(shape) == 2 or (len(shape) == 3 and any("p" in axes for axes in _candidates(shape, shape[0])))


def images_first(array: NDArray[Any], count: int, axes: str | None = None) -> tuple[NDArray[Any], list[str]]:
    """Bring the axes of an array of images into their order.

    Parameters
    ----------
    array : array of numbers
    count : int
        The number of labels.
    axes : str, optional
        What each axis is, a letter each: n images, h rows, w columns, c channels, p pixels of flat rows.

    Returns
    -------
    images : array, shape (n, pixels), (n, height, width) or (n, height, width, channels)
    notes : list of str
        A Decision where several arrangements fit, or an unusual one.

    Raises
    ------
    DataError
        There are no images; no axis has ``count`` entries; channels are neither 1 nor 3; ``axes`` does not fit.
    """
    if array.dtype.kind not in "biuf":
        raise DataError(f"images are of type {array.dtype}, expected numbers", found=array.dtype, expected="numbers")
    # A scalar has size 1 and goes on to the message about shapes.
    if array.size == 0 and array.ndim > 0:
        raise DataError(f"no images (shape {array.shape}), expected at least one", found=array.shape)
    if not 2 <= array.ndim <= 4:
        raise _unknown_shape(array)
    notes: list[str] = []
    if axes is not None:
        check_axes(array, axes)
        if array.shape[axes.index("n")] != count:
            raise _wrong_count(array, count, axes.index("n"))
    else:
        array, notes = _drop_alpha(array, count)
        axes, chosen = _choose(array, count)
        notes += chosen
    if "p" not in axes:
        # An array of (n, h, w) has no axis of channels, and gets none here.
        return array.transpose([axes.index(letter) for letter in "nhwc" if letter in axes]), notes
    # Pixels and channels stay in the file's order: which of the two is within the other is found from the rows.
    rows = np.moveaxis(array, axes.index("n"), 0)
    rows = rows.reshape(len(rows), -1)
    # Alpha, if each pixel has four values: left out here, where rows are not yet images.
    if _has_opaque_fourths(rows):
        rows = rows.reshape(len(rows), -1, 4)[..., :3].reshape(len(rows), -1)
        notes = [
            *notes,
            Decision("every fourth value is the same (opaque), and is left out: rows are red, green, blue"),
        ]
    return rows, notes


def arrange_axes(raw: RawArrays, options: ReadOptions) -> RawArrays:
    """Bring images into the order that :func:`images_first` gives them, and one-hot columns into rows.

    Without labels, nothing tells which axis is that of the images, and all stays as it is.

    Raises
    ------
    DataError
        As :func:`images_first`.
    """
    labels = raw.labels
    if labels is None and options.axes is not None and not raw.arranged:
        check_axes(raw.images, options.axes)
        images, notes = images_first(raw.images, raw.images.shape[options.axes.index("n")], options.axes)
        return replace(raw, images=images, notes=(*raw.notes, *notes), arranged=True)
    if labels is None or raw.arranged or labels.size == 0 or labels.ndim > 2:
        # What is wrong with such labels is reported where they are encoded.
        return raw
    # Only where its length is none of the images' does a matrix of labels need turning.
    if labels.ndim == 2 and 1 not in labels.shape and labels.shape[0] not in raw.images.shape:
        # (classes, n), as MATLAB's networks take them: turned only where that fits the images.
        labels = labels.T if labels.shape[1] in raw.images.shape else labels
    # One-hot rows count by rows; (n, 1) and (1, n) by their entries.
    count = len(labels) if labels.ndim == 2 and 1 not in labels.shape else labels.size
    images, notes = images_first(raw.images, count, options.axes)
    return replace(raw, images=images, labels=labels, notes=(*raw.notes, *notes), arranged=True)


def _candidates(shape: tuple[int, ...], count: int) -> list[str]:
    """Return the arrangements that fit, the more usual first."""
    if len(shape) == 3:
        # Pixels in a row with an axis for the channel: 784 x 1 and 1024 x 3 are not pictures.
        for axes in ("npc", "ncp"):
            p, c = shape[axes.index("p")], shape[axes.index("c")]
            # Only a square number of pixels, and a picture's worth of them.
            if shape[0] == count and c in (1, 3) and p >= LEAST_FLAT and math.isqrt(p) ** 2 == p:
                return [axes]
    letters = {2: "np", 3: "nhw", 4: "nhwc"}[len(shape)]
    known = [axes for axes in USUAL if sorted(axes) == sorted(letters)]
    known += ODD if len(shape) == 4 else ()
    # Only the number of labels tells the axis of images from others before any pixel is looked at.
    fitting = [axes for axes in known if shape[axes.index("n")] == count]
    # Colours have three channels, grey one; any other length is some other axis.
    return [axes for axes in fitting if "c" not in axes or shape[axes.index("c")] in (1, 3)]


def _choose(array: NDArray[Any], count: int) -> tuple[str, list[str]]:
    """Choose among the arrangements that fit by what is smooth, or else the most usual."""
    fitting: list[str] = []
    # Axes of length 1 can stand anywhere without a difference.
    seen = set()
    for axes in _candidates(array.shape, count):
        # The letters of all axes longer than 1: arrangements with the same ones read the same numbers alike.
        without = "".join(letter for letter, length in zip(axes, array.shape, strict=True) if length > 1)
        if without not in seen:
            seen.add(without)
            fitting.append(axes)
    if not fitting:
        if count not in array.shape:
            raise _wrong_count(array, count, 0)
        raise _unknown_shape(array)
    if len(fitting) == 1 and not _is_doubtful(array.shape, fitting[0]):
        odd = fitting[0] in ODD
        return fitting[0], [Decision(f"images of shape {array.shape} were read as {fitting[0]}")] if odd else []
    # The labels fit the last axis alone, but images so many as they are wide are rare: pixels have to confirm it.
    if len(fitting) == 1:
        first = "nhw" if array.ndim == 3 else "np"
        if _axis_of_images(array, [first, fitting[0]]) != fitting[0]:
            # More likely labels are missing than that pictures happen to be as wide as they are many.
            raise _wrong_count(array, count, 0, "if the last axis is that of the images, say so", axes=fitting[0])
        return fitting[0], [Decision(f"images of shape {array.shape} were read as {fitting[0]}")]
    found = _axis_of_images(array, fitting)
    taken = found or fitting[0]
    why = "pixels show an order along the other axis only" if found else "the pixels do not show it"
    other = next(axes for axes in fitting if axes != taken)
    note = f"images of shape {array.shape} fit as {' and as '.join(fitting)}, and were read as {taken} ({why}; "
    # The note names both, and the way out: where two fit, the note is worth its line even if the pixels are clear.
    return taken, [Decision(f"{note}axes={other} overrides)")]


def _is_doubtful(shape: tuple[int, ...], axes: str) -> bool:
    """Whether images that are counted by the last axis may as well be counted by the first, but for the labels."""
    if len(shape) == 3:
        # (28, 28, 28) and the like, where an axis of images is as long as one of pixels.
        return axes == "hwn" and shape[1] == shape[2]
    return axes == "pn" and all(_is_picture(length) for length in shape)


def _is_picture(pixels: int) -> bool:
    return pixels in (math.isqrt(pixels) ** 2, 3 * math.isqrt(pixels // 3) ** 2)


def _axis_of_images(array: NDArray[Any], fitting: list[str]) -> str | None:
    """Return the arrangement whose axis of images clearly has no order, while those of the others have one."""
    # Of three images, neighbours are two pairs: chance alone orders them.
    if any(array.shape[axes.index("n")] < FEWEST for axes in fitting):
        return None
    # Neighbours are wanted, so the corner of a large array and not every so many values.
    some = array[tuple(slice(CORNER) for _ in array.shape)].astype(np.float64)
    orders = {axes: _order_along(some, axes.index("n")) for axes in fitting}
    # Of those with the same axis for the images the most usual counts, so each such axis is compared once.
    best = max(fitting, key=lambda axes: orders[axes])
    rest = [orders[axes] for axes in fitting if axes.index("n") != best.index("n")]
    return best if rest and orders[best] > UNORDERED and max(rest) < ORDERED else None


def _order_along(array: NDArray[np.float64], axis: int) -> float:
    """Return how much neighbours along an axis differ, as a share of how much any two places along it do."""
    moved = np.moveaxis(array, axis, 0)
    random = np.random.default_rng(0)
    # Four shuffles, averaged: by how much any two places differ.
    others = [moved[random.permutation(len(moved))] for _ in range(4)]
    # Some of these pairs are a place and itself, which differs in nothing.
    pairs = float(np.mean([np.abs(moved - other).mean() for other in others])) * len(moved) / (len(moved) - 1)
    return float(np.abs(np.diff(moved, axis=0)).mean()) / pairs if pairs else 0.0


def check_axes(array: NDArray[Any], axes: str) -> None:
    """Refuse axes that do not fit an array of images.

    Raises
    ------
    DataError
        They are not one letter for each axis, h comes after w, or channels are neither 1 nor 3; or the array has fewer
        or more axes than arrays of images have.
    """
    if not 2 <= array.ndim <= 4:
        raise _unknown_shape(array)
    allowed = {2: ("np",), 3: ("nhw", "cnp"), 4: ("chnw",)}[array.ndim]
    if "".join(sorted(axes)) not in ["".join(sorted(each)) for each in allowed]:
        expected = f"one letter for each axis of {array.shape}, such as {allowed[0] if array.ndim < 4 else 'nhwc'}"
        raise DataError(f"is '{axes}', expected {expected}", setting="axes", found=axes, expected=expected)
    if "h" in axes and axes.index("h") > axes.index("w"):
        raise DataError(
            f"is '{axes}', expected h before w", "column_major=True transposes images", setting="axes", found=axes
        )
    if "c" in axes and array.shape[axes.index("c")] not in (1, 3):
        found = array.shape[axes.index("c")]
        raise DataError(f"is '{axes}', but {found} channels, expected 1 or 3", setting="axes", found=found)


def _drop_alpha(array: NDArray[Any], count: int) -> tuple[NDArray[Any], list[str]]:
    """Leave out a fourth channel that is the same everywhere: opaque images of red, green, blue and alpha."""
    # (n, 3, h, 4) are as likely colour images of width 4 whose channels come first.
    if array.ndim != 4 or array.shape[0] != count or array.shape[3] != 4 or array.shape[1] in (1, 3):
        return array, []
    alpha = array[..., 3]
    if alpha.min() != alpha.max() or alpha.max() not in OPAQUE:
        raise DataError(
            f"images have shape {array.shape}, expected {SHAPES}",
            "if the fourth channel is transparency, mix it with a background of your choice first",
            found=array.shape,
            expected=SHAPES,
        )
    return array[..., :3], [Decision("the fourth channel is the same everywhere (opaque), and is left out")]


def _has_opaque_fourths(rows: NDArray[Any]) -> bool:
    """Whether rows are square images of red, green, blue and an alpha that is the same everywhere."""
    pixels = rows.shape[1] // 4
    if rows.shape[1] % 4 or pixels < LEAST_FLAT // 4 or math.isqrt(pixels) ** 2 != pixels:
        return False
    alpha, rest = rows[:, 3::4], rows[:, 2::4]
    # Where each third value is constant too, so is every column of such a picture, and none is the alpha.
    return bool(alpha[0, 0] in OPAQUE and alpha.min() == alpha.max() and rest.min() != rest.max())


def _wrong_count(
    array: NDArray[Any], count: int, axis: int, hint: str = "give each image exactly one label", **suggested: str
) -> DataError:
    return DataError(
        f"{array.shape[axis]} images (shape {array.shape}) but {count} labels, expected as many of both",
        hint,
        found=array.shape[axis],
        expected=count,
        suggested=suggested,
    )


def _unknown_shape(array: NDArray[Any]) -> DataError:
    return DataError(f"images have shape {array.shape}, expected {SHAPES}", found=array.shape, expected=SHAPES)
