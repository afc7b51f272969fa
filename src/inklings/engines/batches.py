"""Images that are too many to stand in memory together reach an engine in chunks.

Such images are no array but act as one (:class:`inklings.data.lazy_images.ImageStack`): rows are made when asked for.
Whatever stands in memory already, or would take little of it, is one chunk, which is quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inklings.data.warps import Warps
from inklings.engines.base import Images, Labels, Weights

WHOLE = 1 << 30
"""Images that take at most so many bytes as float32 are one chunk."""

PART = 1 << 26
"""About so many bytes of images make a chunk of a larger data set."""

Placed = Any
"""An array as an engine has it."""
Place = Callable[[NDArray[Any]], Placed]


class Chunk(NamedTuple):
    """The images of some successive steps, where the engine has them, and which of them make each batch.

    Parameters
    ----------
    steps : slice
        Which of the epoch's steps.
    images, labels, weights
        Arrays as the engine has them; there may be no weights.
    order : array of int32, (steps, ..., batch_size)
        Rows of ``images``.
    warps : Warps, optional
        How each of ``images`` is augmented.
    """

    steps: slice
    images: Placed
    labels: Placed
    weights: Placed | None
    order: NDArray[np.int32]
    warps: Warps | None = None


def eval_chunks(place: Place, images: Images, *others: NDArray[Any]) -> Iterator[tuple[int, tuple[Placed, ...]]]:
    """Go through all images, and arrays beside them, in order.

    Yields
    ------
    start : int
        Which image is the chunk's first.
    arrays : tuple of arrays
        The chunk's images, and the others' rows, where the engine has them.
    """
    if fits_in_one_chunk(images):
        yield 0, tuple(place(array) for array in (images, *others))
        return
    # Evaluation goes in order, so slices do; at least one image each, however large it is.
    size = max(1, PART // _bytes_per_image(images))
    for start in range(0, len(images), size):
        yield start, tuple(place(array[start : start + size]) for array in (images, *others))


def train_chunks(
    place: Place,
    images: Images,
    labels: Labels,
    order: NDArray[np.int64],
    weights: Weights | None = None,
    warps: Warps | None = None,
) -> Iterator[Chunk]:
    """Go through an epoch's batches in order; ``order`` has shape (steps, ..., batch_size)."""
    steps = len(order)
    if fits_in_one_chunk(images):
        own_weights = None if weights is None else place(weights)
        # Rows in 32 bits, which is what JAX indexes by unless it computes in float64.
        yield Chunk(slice(0, steps), place(images), place(labels), own_weights, order.astype(np.int32), warps)
        return
    # order[0] is one step's rows, of all networks where there are several: (batch_size,) or (networks, batch_size).
    # As many whole steps as fit: no batch is torn apart between two chunks.
    together = max(1, PART // (order[0].size * _bytes_per_image(images)))
    for start in range(0, steps, together):
        part = order[start : start + together]
        # Only the rows that these steps want are made, once for each time that they are wanted.
        rows = part.ravel()
        own_weights = None if weights is None else place(weights[rows])
        # They lie in the order of their use now, so the steps simply count through them.
        own_order = np.arange(rows.size, dtype=np.int32).reshape(part.shape)
        own = slice(start, start + len(part)), place(images[rows]), place(labels[rows])
        yield Chunk(*own, own_weights, own_order, None if warps is None else warps.take(rows))


def fits_in_one_chunk(images: Images) -> bool:
    """Whether all images together go to the engine."""
    return isinstance(images, np.ndarray) or len(images) * _bytes_per_image(images) <= WHOLE


def _bytes_per_image(images: Images) -> int:
    return 4 * prod(images.shape[1:])
