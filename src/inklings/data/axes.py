"""Which axis of an array is which: from any of the common shapes to (n, height, width, channels)."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.errors import DataError

SHAPES = "(n, features), (n, h, w), (h, w, n), (n, h, w, c), (n, c, h, w) or (h, w, c, n) with c 1 or 3"

USUAL = ("np", "pn", "nhw", "hwn", "npc", "ncp", "nhwc", "nchw", "hwcn")
"""Arrangements that need no word: n images, h rows, w columns, c channels, p pixels of flat rows."""

LEAST_FLAT = 64
"""Fewest pixels for which (n, p, 1) is taken as flat rows, and not as pictures of one column."""

OPAQUE = (1, 255, 65535)
"""What a fourth channel that says nothing is filled with."""

CLEAR_RATIO = 1.3
"""Where two axes could be that of the images, values change along the right one by at least this much more: from one
image to another everything may change, from a pixel to the next hardly anything."""


def arrange_images(array: NDArray[Any], count: int, shape: tuple[int, int] | None = None) -> NDArray[Any]:
    """View an array as images, whichever of the common shapes it has.

    Parameters
    ----------
    array : array of numbers
        Shape ``(n, features)`` for square images of 1 or 3 channels, ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``. A matrix ``(features, n)`` is accepted too.
    count : int
        The number of labels, which identifies the axis of the images.
    shape : (int, int), optional
        Height and width of flat rows that are not square.

    Returns
    -------
    array, shape (n, height, width, channels)
        Flat rows are taken as row-major.

    Raises
    ------
    DataError
        There are no images; no axis has ``count`` entries; rows are not square images; channels are neither 1 nor 3.
    """
    return split_rows(images_first(array, count)[0], shape)


def split_rows(images: NDArray[Any], shape: tuple[int, int] | None = None) -> NDArray[Any]:
    """Return images as (n, height, width, channels), given them as :func:`images_first` returns them."""
    if images.ndim == 2:
        return _unflatten(images, shape)
    return images[..., None] if images.ndim == 3 else images


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
        return array.transpose([axes.index(letter) for letter in "nhwc" if letter in axes]), notes
    # Pixels and channels stay in the file's order: which of the two is within the other is found from the rows.
    rows = np.moveaxis(array, axes.index("n"), 0)
    rows = rows.reshape(len(rows), -1)
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
        # What is wrong with such labels is said where they are encoded.
        return raw
    if labels.ndim == 2 and 1 not in labels.shape and labels.shape[0] not in raw.images.shape:
        labels = labels.T if labels.shape[1] in raw.images.shape else labels
    count = len(labels) if labels.ndim == 2 and 1 not in labels.shape else labels.size
    try:
        images, notes = images_first(raw.images, count, options.axes)
    except DataError as error:
        raise error.at(raw.source) from error
    return replace(raw, images=images, labels=labels, notes=(*raw.notes, *notes), arranged=True)


def _candidates(shape: tuple[int, ...], count: int) -> list[str]:
    """Return the arrangements that fit, the more usual first."""
    if len(shape) == 3:
        # Pixels in a row with an axis for the channel: 784 x 1 and 1024 x 3 are no pictures.
        for axes in ("npc", "ncp"):
            p, c = shape[axes.index("p")], shape[axes.index("c")]
            if shape[0] == count and c in (1, 3) and p >= LEAST_FLAT and math.isqrt(p) ** 2 == p:
                return [axes]
    letters = {2: "np", 3: "nhw", 4: "nhwc"}[len(shape)]
    known = [axes for axes in USUAL if sorted(axes) == sorted(letters)]
    if len(shape) == 4:
        others = ("".join(each) for each in permutations(letters) if each.index("h") < each.index("w"))
        known += [axes for axes in others if axes not in known]
    fitting = [axes for axes in known if shape[axes.index("n")] == count]
    return [axes for axes in fitting if "c" not in axes or shape[axes.index("c")] in (1, 3)]


def _choose(array: NDArray[Any], count: int) -> tuple[str, list[str]]:
    """Choose among the arrangements that fit by what is smooth, or else the most usual."""
    fitting: list[str] = []
    # Axes of length 1 can stand anywhere without a difference.
    seen = set()
    for axes in _candidates(array.shape, count):
        without = "".join(letter for letter, length in zip(axes, array.shape, strict=True) if length > 1)
        if without not in seen:
            seen.add(without)
            fitting.append(axes)
    if not fitting:
        if count not in array.shape:
            raise _wrong_count(array, count, 0)
        raise _unknown_shape(array)
    if len(fitting) == 1:
        odd = fitting[0] not in USUAL
        return fitting[0], [Decision(f"images of shape {array.shape} were read as {fitting[0]}")] if odd else []
    values = array.astype(np.float64)
    changes = {axes: float(np.abs(np.diff(values, axis=axes.index("n"))).mean()) for axes in fitting}
    # Of those with the same axis for the images the most usual counts, so each such axis is compared once.
    best = max(fitting, key=lambda axes: changes[axes])
    rest = [axes for axes in fitting if axes.index("n") != best.index("n")]
    clear = bool(rest) and changes[best] > CLEAR_RATIO * max(changes[axes] for axes in rest)
    taken = best if clear else fitting[0]
    why = "values change most from image to image that way" if clear else "the pixels do not show it"
    other = next(axes for axes in fitting if axes != taken)
    note = f"images of shape {array.shape} fit as {' and as '.join(fitting)}, and were read as {taken} ({why}; "
    return taken, [Decision(f"{note}axes={other} overrides)")]


def check_axes(array: NDArray[Any], axes: str) -> None:
    """Refuse axes that do not fit an array of images.

    Raises
    ------
    DataError
        They are not one letter for each axis, h comes after w, or channels are neither 1 nor 3.
    """
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
    return bool(alpha[0, 0] in OPAQUE and alpha.min() == alpha.max() and rest.min() != rest.max())


def _wrong_count(array: NDArray[Any], count: int, axis: int) -> DataError:
    return DataError(
        f"{array.shape[axis]} images (shape {array.shape}) but {count} labels, expected as many of both",
        "give each image exactly one label",
        found=array.shape[axis],
        expected=count,
    )


def _unflatten(rows: NDArray[Any], shape: tuple[int, int] | None) -> NDArray[Any]:
    """Reshape rows into images of a shape, or square ones; of one channel, or else of three."""
    count, features = rows.shape
    if shape is not None:
        return _unflatten_to(rows, *shape)
    side = math.isqrt(features)
    if side * side == features and side > 1:
        return rows.reshape(count, side, side, 1)
    side = math.isqrt(features // 3)
    if 3 * side * side != features or side < 2:
        expected = "a square number (or three times one) for square images"
        raise DataError(
            f"rows of {features} numbers, expected {expected}",
            "save other shapes as (n, height, width), or give theirs",
            found=features,
            expected=expected,
            suggested={"shape": "HxW"},
        )
    return _take_channels_apart(rows, side, side)


def _unflatten_to(rows: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    count, features = rows.shape
    if features == height * width:
        return rows.reshape(count, height, width, 1)
    if features != 3 * height * width:
        expected = f"{height * width} (or three times as many) for {height} x {width}"
        raise DataError(f"rows of {features} numbers, expected {expected}", setting="shape", found=features)
    return _take_channels_apart(rows, height, width)


def _take_channels_apart(rows: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Reshape rows of three channels, which are either one after the other or together for each pixel."""
    # CIFAR stores all red values first, then green and blue; most other files store a pixel's three values together.
    planes = np.moveaxis(rows.reshape(len(rows), 3, height, width), 1, 3)
    interleaved = rows.reshape(len(rows), height, width, 3)
    return min((planes, interleaved), key=_roughness)


def _roughness(images: NDArray[Any]) -> float:
    """Return the mean difference of neighbouring pixels, which is small only where channels are taken apart rightly."""
    some = images[:: max(1, len(images) // 200)].astype(np.float64)
    return float(np.abs(np.diff(some, axis=1)).mean() + np.abs(np.diff(some, axis=2)).mean())


def _unknown_shape(array: NDArray[Any]) -> DataError:
    return DataError(f"images have shape {array.shape}, expected {SHAPES}", found=array.shape, expected=SHAPES)
