"""Which parts of an image a class's score depends on: cover them, one after the other, and ask again.

Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 4.2. It asks a
classifier nothing but its answers, and so works for opponents too.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError
from inklings.insight.gradients import check_baseline
from inklings.insight.members import Images, check_images, check_targets
from inklings.models.model import Model

MOST_POSITIONS = 200
"""Windows that are tried on one image unless another stride is asked for: cnn2 takes some 20 ms for as many."""


@checks_call(DataError, model=Model)
def occlusion(
    model: Model,
    images: ArrayLike,
    targets: ArrayLike | None = None,
    baseline: ArrayLike = 0.0,
    *,
    size: int | None = None,
    stride: int | None = None,
) -> Images:
    """Return how much a class's score falls where an image is covered.

    A square window slides over the image and beyond its border, so that pixels there are covered as often as others. A
    pixel's value is the mean of what the score falls by over the windows that cover it: the map has the image's size
    and lies on it pixel by pixel, whatever the window's size and stride.

    Parameters
    ----------
    model : Model
    images : array, (n, height, width, channels) or one without the first axis
        Prepared, as a Dataset's images are.
    targets : int or array of int, (n,), optional
        Which class; the most probable one of each image if not given.
    baseline : float or array, (channels,) or (height, width, channels)
        What the window shows: 0, blank paper, suits writing.
    size : int, optional
        The window's side in pixels; a fifth of the image's shorter side if not given.
    stride : int, optional
        How far it moves; if not given, as far as keeps it to at most 200 positions, but no further than its size.

    Returns
    -------
    array of float32, (n, height, width)
        By how much the logit falls, or an opponent's score: above 0 where what is covered speaks for the class.

    Raises
    ------
    DataError
        The images are of another size, there is no such class, or the window or the stride does not fit.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import occlusion
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> occlusion(model, images[:2], size=5, stride=5).shape
    (2, 20, 20)
    """
    pixels = check_images(model, images)
    classes, cover = check_targets(model, pixels, targets), check_baseline(model, baseline)
    size, stride = _window(model.input_shape, size, stride)
    masks = _masks(model.input_shape[:2], size, stride)  # (positions, height, width)
    # How many windows cover each pixel; nowhere 0, as the stride is at most the size.
    covering: NDArray[np.float32] = masks.sum(0)
    maps = np.empty(pixels.shape[:3], np.float32)
    for number, (image, target) in enumerate(zip(pixels, classes, strict=True)):
        # (positions, height, width, channels): the image once for each window, with that window covered.
        covered = np.where(masks[..., np.newaxis] > 0, cover, image)
        # The image itself in front, so that all scores come of one call.
        _, scores = model.features_and_logits(np.concatenate([image[np.newaxis], covered]))
        falls = scores[0, target].astype(np.float64) - scores[1:, target]
        # Each pixel's mean over the windows that cover it, (height, width).
        maps[number] = np.tensordot(falls, masks, 1) / covering
    return maps


def _window(shape: tuple[int, int, int], size: int | None, stride: int | None) -> tuple[int, int]:
    """Return the window's side and stride: those asked for, or what suits the image."""
    height, width, _ = shape
    size = max(1, round(min(height, width) / 5)) if size is None else size
    if not 1 <= size <= min(height, width):
        raise DataError(f"a window of {size} pixels, expected 1 to {min(height, width)}")
    if stride is None:
        # A square grid of at most so many positions over the image.
        wanted = ceil((height * width / MOST_POSITIONS) ** 0.5)
        stride = min(wanted, size)
    if not 1 <= stride <= size:
        raise DataError(f"a stride of {stride} pixels, expected 1 to the window's {size}: else some are never covered")
    return size, stride


def _masks(shape: tuple[int, int], size: int, stride: int) -> NDArray[np.float32]:
    """Return the windows as images, (positions, height, width): 1 where one lies, else 0."""
    rows, columns = (_places(length, size, stride) for length in shape)
    # (rows, 1, height, 1) times (1, columns, 1, width)
    masks = rows[:, np.newaxis, :, np.newaxis] * columns[np.newaxis, :, np.newaxis, :]
    return masks.reshape(-1, *shape)


def _places(length: int, size: int, stride: int) -> NDArray[np.float32]:
    """Return where windows lie along one side, (positions, length), as far over the one end as over the other."""
    # What is left over when the last window is reached, half of it in front: the map is as fair to both ends.
    spare = (length + size - 2) % stride
    # From where a window covers just the first pixel to where one covers just the last.
    starts = np.arange(1 - size + spare // 2, length, stride)
    at = np.arange(length) - starts[:, np.newaxis]
    return ((at >= 0) & (at < size)).astype(np.float32)
