"""A network of the same kind that is small enough to be measured in a moment."""

from __future__ import annotations

from dataclasses import replace

from inklings.errors import NetworkError
from inklings.networks import Dense, Network

MOST_PARAMETERS = 1 << 22
"""Already more than caches hold, so that larger ones take longer in proportion."""
_LEAST_SIDE, _LEAST_UNITS = 32, 64


def lesser(network: Network) -> Network:
    """Halve a network's images, or its hidden layers if these are small, until it has few enough parameters."""
    while network.parameter_count > MOST_PARAMETERS:
        ways = (_with_smaller_images(network), _with_fewer_units(network))
        smaller = [way for way in ways if way and way.parameter_count < network.parameter_count]
        if not smaller:
            break
        network = smaller[0]
    return network


def _with_smaller_images(network: Network) -> Network | None:
    height, width, channels = network.input_shape
    if min(height, width) <= _LEAST_SIDE:
        return None
    try:
        return Network((height // 2, width // 2, channels), network.layers)
    except NetworkError:  # too small for its windows
        return None


def _with_fewer_units(network: Network) -> Network:
    *hidden, last = network.layers
    layers = [
        replace(layer, units=layer.units // 2) if isinstance(layer, Dense) and layer.units > _LEAST_UNITS else layer
        for layer in hidden
    ]
    return Network(network.input_shape, (*layers, last))
