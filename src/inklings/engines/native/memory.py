"""How many bytes the library takes for batches of a network: what ``workspace.c`` takes, counted beforehand."""

from __future__ import annotations

from math import prod

from inklings.networks import BatchNorm, Conv2D, Dense, Dropout, Flatten, GlobalPool, MaxPool2D, Network

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


def desk_bytes(network: Network, images: int, threads: int, *, training: bool, value_bytes: int = 4) -> int:
    """Count the bytes of a desk for batches of so many images."""
    each = value_bytes * (prod(network.input_shape) + _output_count(network))
    if not training:
        return images * each
    each += _noted_bytes(network, value_bytes) + 2 * value_bytes * _most_handed_on(network)
    kernels = sum(
        prod(network.parameter_shapes[f"{name}/weights"])
        for name, layer, _ in network.walk()
        if isinstance(layer, Conv2D)
    )
    return images * each + value_bytes * (threads + 1) * kernels


def _output_count(network: Network) -> int:
    """Count the values that all layers give for an image; Flatten gives its own input."""
    return sum(prod(layer.output_shape(shape)) for _, layer, shape in network.walk() if not isinstance(layer, Flatten))


def _noted_bytes(network: Network, value_bytes: int) -> int:
    """Count what layers note on the way forward: which value was the largest, which ones were kept."""
    noted = {MaxPool2D: value_bytes, GlobalPool: value_bytes, Dropout: 1}
    return sum(prod(layer.output_shape(shape)) * noted.get(type(layer), 0) for _, layer, shape in network.walk())


def _most_handed_on(network: Network) -> int:
    """Count the values of the widest gradient between two layers that take a batch together."""
    layers = [each for each in network.walk() if not isinstance(each[1], Flatten)]
    together = [isinstance(layer, Dense | BatchNorm) for _, layer, _ in layers] + [True]
    return max(
        prod(layer.output_shape(shape))
        for (_, layer, shape), is_together, next_is in zip(layers, together, together[1:], strict=False)
        if is_together or next_is
    )
