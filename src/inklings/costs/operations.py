"""How much arithmetic a network is, by the kinds of work that machines do at different rates."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from inklings.networks import Conv2D, Dense, Dropout, Network

# Below so many channels a convolution's patches are too short for the processor's vectors.
FEW_CHANNELS = 8


@dataclass(frozen=True)
class Operations:
    """Floating-point operations an image, in matrix products and in convolutions of few and of many channels."""

    dense: float = 0.0
    first_convolution: float = 0.0
    later_convolution: float = 0.0

    @property
    def total(self) -> float:
        """All of them."""
        return self.dense + self.first_convolution + self.later_convolution


def reading_operations(network: Network) -> Operations:
    """Count those of reading an image."""
    return _count(network, backward=0)


def step_operations(network: Network) -> Operations:
    """Count those of a training step: backward, a layer does twice its work forward.

    Once for the gradient by its weights and once for that by its input, which the first layer with weights never needs.
    """
    return _count(network, backward=2)


def _count(network: Network, *, backward: int) -> Operations:
    counts = {"dense": 0.0, "first_convolution": 0.0, "later_convolution": 0.0}
    is_first = True
    for _, layer, shape in network.walk():
        if isinstance(layer, Dense | Conv2D):
            kind = "dense"
            if isinstance(layer, Conv2D):
                kind = "first_convolution" if shape[2] < FEW_CHANNELS else "later_convolution"
            times = 1 + backward - (1 if is_first and backward else 0)
            counts[kind] += times * layer.operations(shape)
            is_first = False
    return Operations(**counts)


def masked_values(network: Network) -> int:
    """Count the values an image that dropout decides about in training."""
    return sum(prod(shape) for _, layer, shape in network.walk() if isinstance(layer, Dropout) and layer.rate > 0)


# Arrays of the parameters' size that pass through the processor in a step: the weights twice and their gradient in the
# products; then the parameters, the gradient and what the optimiser keeps, read and written.
_PRODUCTS = 3
_UPDATE = {"sgd": 3, "momentum": 5, "nesterov": 5, "adam": 7, "adamw": 7}


def step_bytes(parameters: int, optimiser: str, value_bytes: int = 4) -> float:
    """Count the bytes of parameters, gradients and optimiser's state that a step moves."""
    return float(value_bytes * parameters * (_PRODUCTS + _UPDATE[optimiser]))
