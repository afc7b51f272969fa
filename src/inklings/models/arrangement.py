"""Which axis of a raw array is which, told by the size of the images that a network reads."""

from __future__ import annotations

from math import prod
from typing import Any

from numpy.typing import NDArray

from inklings.data.axes import images_first, split_rows
from inklings.data.flat_rows import unflatten
from inklings.data.interpretation import Interpretation
from inklings.data.picture_or_rows import is_one_picture
from inklings.data.raw import RawArrays
from inklings.errors import DataError

Shape = tuple[int, int, int]


def arrange_like(
    raw: RawArrays,
    decided: Interpretation,
    shape: Shape,
    *,
    rows: tuple[int, int] | None = None,
    any_size: bool = False,
) -> NDArray[Any]:
    """View raw pixels as images, shape (n, height, width, channels), by the network's own size where that tells.

    Parameters
    ----------
    raw : RawArrays
    decided : Interpretation
        Whether these images are transposed, and how rows hold three channels.
    shape : (int, int, int)
        Height, width and channels of the network's input.
    rows : (int, int), optional
        Height and width of flat rows, if they are not the network's.
    any_size : bool
        Whether images may be of another size than the network's.
    """
    array = raw.images
    height, width, channels = shape
    # Transposed images lie with their columns first.
    size = (width, height) if decided.transposed else (height, width)
    cut = rows[::-1] if rows is not None and decided.transposed else rows
    # Unmistakable: four axes of the right lengths need no search.
    if array.ndim == 4 and array.shape[1:] == (*size, channels) and len(array) and array.dtype.kind in "biuf":
        return array
    # One image without the axis that counts images: its rows would be taken for images.
    if array.shape in (size, (*size, channels), (prod(shape),)) and raw.labels is None:
        raise other_size(array, [], shape)
    # Its channels come first here: as three grey images it would be answered with three classes.
    if channels == 3 and array.shape == (3, *size) and raw.labels is None and not raw.arranged:
        problem = f"images have shape {array.shape}: one image in colour, or three grey ones"
        hint = "an axis more says which: image[None] is one, images[..., None] are three"
        raise DataError(problem, hint, found=array.shape, expected=f"(n, 3, {height}, {width})")
    # Rows of the network's own size need not be squares.
    if array.ndim == 2 and len(array) and array.shape[1] == prod(shape) and cut in (None, size):
        return unflatten(array, size, decided.planar)
    if rows is None and raw.labels is None and not raw.arranged and is_one_picture(array):
        raise _one_picture(array)
    count = None if raw.labels is None else len(raw.labels)
    # What a reader arranged has its images first already; anything else is tried in every way.
    arranged = [split_rows(array, cut, decided.planar)] if raw.arranged else _arrangements(array, count, cut, decided)
    for images in arranged:
        if images.shape[1:3] == size:
            return images
    # What size training resized from is not kept: any will do then.
    if any_size or decided.size is not None:
        return arranged[0]
    raise other_size(array, arranged, shape)


def _arrangements(
    array: NDArray[Any], count: int | None, cut: tuple[int, int] | None, decided: Interpretation
) -> list[NDArray[Any]]:
    """View an array as images in every way that its axes allow: without labels, the first or the last counts them."""
    # A scalar has no axis at all; 0 lets it be refused in the same words as any other array.
    counts = [count] if count is not None else list(array.shape[:1]) or [0]
    # One image alone has its channels last, and is not taken for three.
    if count is None and array.ndim > 1 and not (array.ndim == 3 and array.shape[2] in (1, 3)):
        counts.append(array.shape[-1])
    arranged: list[NDArray[Any]] = []
    refusals: list[DataError] = []
    for each in counts:
        try:
            arranged.append(split_rows(images_first(array, each)[0], cut, decided.planar))
        except DataError as refusal:
            refusals.append(refusal)
    if not arranged:
        raise refusals[0]
    return arranged


def _one_picture(array: NDArray[Any]) -> DataError:
    """Return the error for a picture whose rows would be taken for images of a few pixels each."""
    return DataError(
        f"images have shape {array.shape} and look like one picture, expected (n, height, width)",
        "one image alone needs an axis before the others: image[None]; if each row is an image, give its shape",
        found=array.shape,
        expected="(n, height, width)",
        suggested={"shape": "HxW"},
    )


def other_size(array: NDArray[Any], arranged: list[NDArray[Any]], shape: Shape) -> DataError:
    """Return the error for images of another size than the network's."""
    expected = f"(n, {shape[0]}, {shape[1]}, {shape[2]})"
    turned = any(images.shape[1:3] == (shape[1], shape[0]) for images in arranged)
    hint = "they may lie on their side: images.swapaxes(1, 2) turns them" if turned else ""
    if not arranged:
        hint = "one image alone needs an axis before the others: image[None], or [image]"
    return DataError(
        f"images have shape {array.shape}, expected {expected}", hint, found=array.shape, expected=expected
    )
