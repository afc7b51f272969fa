"""What images, labels and weights must be to form a Dataset. Each check raises a DataError that says what it found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import blocks
from inklings.data.masked import mask_of
from inklings.errors import DataError

Labels = NDArray[np.int64]
Weights = NDArray[np.float64]


def check_rows(rows: Any, count: int, source: str) -> NDArray[np.int64]:  # noqa: ANN401 - whatever was given
    """Return the numbers of rows, which may be given as NumPy takes them: a mask, a slice, or from the end."""
    expected = f"whole numbers from 0 to {count - 1}, or a mask of {count}"
    try:
        # Out of order or repeated, as they were asked for. A tuple would be taken for one row on several axes.
        chosen: NDArray[np.int64] = np.arange(count)[list(rows) if isinstance(rows, tuple) else rows]
    except (IndexError, ValueError, TypeError) as problem:
        raise DataError(f"{source}: rows do not fit ({problem}), expected {expected}", found=rows) from None
    if chosen.ndim != 1:
        hint = "one row alone is a list of one: take([3])" if chosen.ndim == 0 else ""
        raise DataError(f"{source}: rows have shape {chosen.shape}, expected one axis of {expected}", hint)
    return chosen


def check_shape(images: NDArray[Any]) -> None:
    """Refuse an array that is not at least one image of 1 or 3 channels, shape (n, height, width, channels)."""
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        expected = "(n, height, width, 1 or 3)"
        raise DataError(
            f"images have shape {images.shape}, expected {expected}",
            "add a last axis for the channel: images[..., None]",
            found=images.shape,
            expected=expected,
        )
    if 0 in images.shape:
        raise DataError(f"no images (shape {images.shape}), expected at least one", found=images.shape)


def check_unmasked(images: object) -> None:
    """Refuse pixels that are masked: as a plain array, they would be what lies under the mask."""
    mask = mask_of(images)
    if mask is not None and (masked := int(mask.sum())):
        raise DataError(
            f"{masked:,} of {mask.size:,} pixels are masked, expected none",
            "say what they are: images.filled(0)",
            found=masked,
        )


def check_finite(images: NDArray[Any]) -> None:
    """Refuse images that contain NaN or infinity, naming the first and counting them.

    Parameters
    ----------
    images : array of numbers, shape (n, ...)
    """
    # NaN and infinity survive min and max, which need no temporary array as large as the images, as isfinite does.
    if images.dtype.kind in "bui" or (np.isfinite(images.min()) and np.isfinite(images.max())):
        return
    # Image by image only now that something is wrong, to say which.
    bad = np.array([not np.isfinite(image).all() for block in blocks(images) for image in block])
    raise DataError(
        f"image {int(np.argmax(bad))} (of {int(bad.sum())} such) holds NaN or infinity, expected finite numbers",
        "repair or remove it",
        found=int(np.argmax(bad)),
    )


def check_labels(labels: Labels, images: int, class_names: Sequence[str]) -> None:
    """Refuse labels that are not one number per image, each the index of a class name.

    Parameters
    ----------
    labels : array of int64
    images : int
        Number of images.
    class_names : sequence of str
    """
    if labels.shape != (images,):
        raise DataError(
            f"{images} images but labels of shape {labels.shape}",
            "give each image exactly one label",
            found=labels.shape,
            expected=(images,),
        )
    check_range(labels, len(class_names))
    # With several names, one class alone may be a part of a larger data set.
    if len(class_names) < 2:
        check_several_classes(labels, class_names)


def check_range(labels: Labels, classes: int) -> None:
    """Refuse labels below 0, or with no class name."""
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise DataError(
            f"labels run from {low} to {high}, expected 0 to {classes - 1} for {classes} class names",
            found=(low, high),
            expected=(0, classes - 1),
        )


def check_several_classes(labels: Labels, class_names: Sequence[str]) -> None:
    """Refuse labels that are all the same: there is nothing to learn.

    Only a whole data set must pass. A part of one may lack classes: the one test image of five, say.
    """
    if labels.min() == labels.max():
        name = class_names[labels[0]]
        raise DataError(
            f"all {len(labels)} images have the one class '{name}', expected at least two classes", found=name
        )


def check_reserved(parts: Sequence[NDArray[Any] | None], images: int) -> None:
    """Refuse rows set apart for testing and validation that are not there, or are there twice."""
    given = [np.asarray(part) for part in parts if part is not None]
    rows = np.concatenate([np.zeros(0, np.int64), *given])
    expected = f"each a whole number from 0 to {images - 1}, once"
    if any(part.dtype.kind not in "iu" for part in given) or ((rows < 0) | (rows >= images)).any():
        raise DataError(f"rows set apart for testing or validation do not fit, expected {expected}", expected=expected)
    numbers, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        twice = int(numbers[counts > 1][0])
        raise DataError(f"row {twice} is set apart twice, expected {expected}", found=twice, expected=expected)


def check_weights(weights: Weights, images: int) -> None:
    """Refuse weights that are not one finite number of at least 0 per image."""
    if weights.shape != (images,):
        raise DataError(
            f"{images} images but weights of shape {weights.shape}, expected one weight per image",
            found=weights.shape,
            expected=(images,),
        )
    bad = ~((weights >= 0) & np.isfinite(weights))
    if bad.any():
        first = int(np.argmax(bad))
        expected = "a finite number of at least 0"
        raise DataError(
            f"the weight of image {first} is {weights[first]}, expected {expected}",
            found=float(weights[first]),
            expected=expected,
        )
