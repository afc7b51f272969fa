"""How many images are read at once, and by how many threads.

XLA runs one program after the other, and in a convolutional network half of a program's time passes in one thread
(sliding a kernel over one channel, pooling, the many small products of spectra). Parts of a data set do not depend on
each other, so several programs run side by side, each called from a thread of its own. Measured on two cores, 10,000
images of 20 x 20 by experiment 5's network: 0.82 s one after the other, 0.72 s by two threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import jax

from inklings.networks import Network

# Images read together: enough to fill the cores, few enough that a convolution's outputs stay near the cache.
_READ_AT_ONCE, _CONVOLVED_AT_ONCE = 1000, 125
_READERS = 2


def reading_size(network: Network, images: int) -> int:
    """Say how many images a program reads."""
    return min(images, _CONVOLVED_AT_ONCE if network.is_convolutional else _READ_AT_ONCE)


def read_parts(
    read: Callable[[int], Any], starts: Sequence[int], precision: Callable[[], AbstractContextManager[Any]]
) -> list[Any]:
    """Read the parts that begin at ``starts``, several at a time, and fetch what comes out.

    Parameters
    ----------
    read : callable
        ``start -> arrays``.
    starts : sequence of int
        At least one.
    precision : callable
        Gives the context to compute in, which JAX keeps for each thread apart.
    """

    def alone(start: int) -> Any:  # noqa: ANN401 - whatever arrays there are
        with precision():
            return jax.device_get(read(start))

    first = alone(starts[0])  # so that what must be compiled is, once
    if len(starts) == 1:
        return [first]
    with ThreadPoolExecutor(_READERS) as threads:
        return [first, *threads.map(alone, starts[1:])]
