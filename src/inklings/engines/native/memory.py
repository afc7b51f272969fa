"""How many images the library is given together, and how many bytes it takes for them."""

from __future__ import annotations

import numpy as np

from inklings.engines.native import library
from inklings.engines.native.description import describe
from inklings.engines.native.threads import usable_threads
from inklings.networks import Network

READ_AT_ONCE = 64
"""Images read together: enough for every core, few enough to stay near the cache."""
BYTES_AT_ONCE = 1 << 22
"""Of layers' outputs at least, for one part of a whole data set's gradient: about as much as the cache holds."""


def part_size(network: Network, images: int) -> int:
    """Say how many images' gradients are computed together."""
    if network.needs_whole_batch:
        return images
    # Each part goes through all parameters and their gradients, so outputs should be no less.
    together = max(BYTES_AT_ONCE, 8 * network.parameter_count)
    return min(images, max(1, together // network.memory_per_image))


def desk_bytes(network: Network, images: int, *, training: bool, dtype: str = "float32") -> int:
    """Ask the library how many bytes it takes for batches of so many images."""
    kind = np.dtype(dtype)
    layers = describe(network, kind).layers_with(np.zeros((len(network.layers), 2), np.uint32))
    return int(library.load(dtype).workspace_bytes(layers, len(layers), images, usable_threads(), training))
