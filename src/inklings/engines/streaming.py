"""Images that are too many to stand in memory together: engines are given them part by part.

Such images are no array but act as one (:class:`inklings.data.lazy_images.ImageStack`): rows are made when asked for.
Whatever stands in memory already, or would take little of it, an engine is given whole, once, which is quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inklings.engines.base import Images, Labels, Weights

WHOLE = 1 << 30
"""Images that take at most so many bytes as float32 are given whole."""

PART = 1 << 26
"""About so many bytes of images are given together."""

Placed = Any
"""An array as an engine has it."""
Place = Callable[[NDArray[Any]], Placed]


class Lesson(NamedTuple):
    """The images of some successive steps, where the engine has them, and which of them make each batch."""

    steps: slice
    images: Placed
    labels: Placed
    weights: Placed | None
    order: NDArray[np.int32]


def windows(place: Place, images: Images, *others: NDArray[Any]) -> Iterator[tuple[int, tuple[Placed, ...]]]:
    """Go through all images, and arrays beside them, in order: in one window if images are given whole.

    Yields
    ------
    start : int
        Which image is the window's first.
    arrays : tuple of arrays
        The window's images, and the others' rows, where the engine has them.
    """
    if is_given_whole(images):
        yield 0, tuple(place(array) for array in (images, *others))
        return
    size = max(1, PART // _bytes_per_image(images))
    for start in range(0, len(images), size):
        yield start, tuple(place(array[start : start + size]) for array in (images, *others))


def lessons(
    place: Place, images: Images, labels: Labels, order: NDArray[np.int64], weights: Weights | None = None
) -> Iterator[Lesson]:
    """Go through the batches of an epoch in order: in one lesson if images are given whole."""
    steps, batch_size = order.shape
    if is_given_whole(images):
        own_weights = None if weights is None else place(weights)
        yield Lesson(slice(0, steps), place(images), place(labels), own_weights, order.astype(np.int32))
        return
    together = max(1, min(steps, PART // (batch_size * _bytes_per_image(images))))
    own = np.arange(together * batch_size, dtype=np.int32).reshape(together, batch_size)
    for start in range(0, steps, together):
        part = order[start : start + together]
        # Filled up to the usual length, since programs are compiled for it; the last steps use their own images alone.
        rows = np.resize(part, together * batch_size)
        own_weights = None if weights is None else place(weights[rows])
        steps_taken = slice(start, start + len(part))
        yield Lesson(steps_taken, place(images[rows]), place(labels[rows]), own_weights, own[: len(part)])


def is_given_whole(images: Images) -> bool:
    """Whether all images together are given to the engine."""
    return isinstance(images, np.ndarray) or len(images) * _bytes_per_image(images) <= WHOLE


def _bytes_per_image(images: Images) -> int:
    return 4 * prod(images.shape[1:])
