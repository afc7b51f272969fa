"""What the native engine takes of the machine: threads, batches of a size that suits the cache, and memory."""

from __future__ import annotations

import os

import numpy as np

from inklings.engines.native import bindings
from inklings.engines.native.lowering import lower
from inklings.hardware import cores
from inklings.networks import Network

INFERENCE_BATCH = 64
"""Images per batch when predicting: enough for every core, few enough that layers' outputs stay near the cache."""
GRADIENT_BYTES = 1 << 22
"""Of layers' outputs, at least, in one part of a whole data set's gradient: about as much as the cache holds."""


def usable_threads() -> int:
    """Return how many threads share the work: one per core, or fewer if OMP_NUM_THREADS says so, as for joblib."""
    wanted, usable = os.environ.get("OMP_NUM_THREADS", ""), cores().usable
    # Lists such as "4,2", OpenMP's numbers for nested teams, count as unset.
    return min(usable, max(1, int(wanted))) if wanted.isdigit() else usable


def gradient_batch(network: Network, images: int) -> int:
    """Return how many of a data set's images are computed together for the gradient of all of them."""
    if network.needs_whole_batch:
        return images
    # Each part goes through all parameters and their gradients once, so its outputs should take no less than those do.
    # 8 bytes: a parameter and its gradient in float32.
    together = max(GRADIENT_BYTES, 8 * network.parameter_count)
    return min(images, max(1, together // network.memory_per_image))


def workspace_bytes(network: Network, batch_size: int, *, training: bool, dtype: str = "float32") -> int:
    """Return how many bytes the library allocates for batches of a size, as it says itself."""
    lowered = lower(network, np.dtype(dtype))
    # Dropout's keys change no size, so any do.
    layers = lowered.layer_array(np.zeros((len(network.layers), 2), np.uint32))
    return int(bindings.load(dtype).workspace_bytes(layers, len(layers), batch_size, usable_threads(), training))
