"""Which axis of a raw array is which, told by the size of the images that a network reads."""

from __future__ import annotations

from math import prod
from typing import Any

from numpy.typing import NDArray

from inklings.data.axes import arrange_images, split_rows
from inklings.data.interpretation import Interpretation
from inklings.data.raw import RawArrays
from inklings.errors import DataError

Shape = tuple[int, int, int]


def arrange_like(raw: RawArrays, decided: Interpretation, shape: Shape, *, any_size: bool = False) -> NDArray[Any]:
    """View raw pixels as images, shape (n, height, width, channels), by the network's own size where that tells."""
    array = raw.images
    height, width, channels = shape
    size = (width, height) if decided.transposed else (height, width)
    if array.ndim == 4 and array.shape[1:] == (*size, channels) and len(array) and array.dtype.kind in "biuf":
        return array
    if array.shape in (size, (*size, channels)) and raw.labels is None:
        raise other_size(array, [], shape)
    # Rows of the network's own size need not be squares.
    if array.ndim == 2 and len(array) and array.shape[1] == prod(shape) and (channels == 1 or height != width):
        return array.reshape(len(array), *size, channels)
    count = None if raw.labels is None else len(raw.labels)
    arranged = [split_rows(array)] if raw.arranged else _arrangements(array, count)
    for images in arranged:
        if images.shape[1:3] == size:
            return images
    # What size training resized from is not kept: any will do then.
    if any_size or decided.size is not None:
        return arranged[0]
    raise other_size(array, arranged, shape)


def _arrangements(array: NDArray[Any], count: int | None) -> list[NDArray[Any]]:
    """View an array as images in every way that its axes allow: without labels, the first or the last counts them."""
    counts = [count] if count is not None else list(array.shape[:1]) or [0]
    # One image alone has its channels last, and is not taken for three.
    if count is None and array.ndim > 1 and not (array.ndim == 3 and array.shape[2] in (1, 3)):
        counts.append(array.shape[-1])
    arranged: list[NDArray[Any]] = []
    refusals: list[DataError] = []
    for each in counts:
        try:
            arranged.append(arrange_images(array, each))
        except DataError as refusal:
            refusals.append(refusal)
    if not arranged:
        raise refusals[0]
    return arranged


def other_size(array: NDArray[Any], arranged: list[NDArray[Any]], shape: Shape) -> DataError:
    """Return the error for images of another size than the network's."""
    expected = f"(n, {shape[0]}, {shape[1]}, {shape[2]})"
    turned = any(images.shape[1:3] == (shape[1], shape[0]) for images in arranged)
    hint = "they may lie on their side: images.swapaxes(1, 2) turns them" if turned else ""
    if not arranged:
        hint = "one image alone needs an axis before the others: image[None]"
    return DataError(
        f"images have shape {array.shape}, expected {expected}", hint, found=array.shape, expected=expected
    )
