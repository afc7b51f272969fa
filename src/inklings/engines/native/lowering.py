"""A network lowered to what the C library takes: one structure per layer, with the offsets of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.native import bindings
from inklings.engines.native.layout import Layout
from inklings.engines.randomness import dropout_threshold
from inklings.networks import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    MaxPool2D,
    Network,
)
from inklings.networks.initializer import Shape
from inklings.networks.layer import ACTIVATIONS

# As numbered in network.h, which has the activations in the order of ACTIVATIONS too.
DENSE, CONV, MAX_POOL, GLOBAL_AVG_POOL, GLOBAL_MAX_POOL, DROPOUT, BATCH_NORM, ACTIVATION = range(8)

Fields = dict[str, Any]
"""Fields of :class:`inklings.engines.native.bindings.Layer`."""


def _dense(layer: Dense) -> Fields:
    return {"kind": DENSE, "activation": ACTIVATIONS.index(layer.activation)}


def _conv2d(layer: Conv2D) -> Fields:
    return {"kind": CONV, "activation": ACTIVATIONS.index(layer.activation)}


def _maxpool2d(layer: MaxPool2D) -> Fields:
    return {"kind": MAX_POOL}


def _globalpool(layer: GlobalPool) -> Fields:
    return {"kind": GLOBAL_AVG_POOL if layer.kind == "average" else GLOBAL_MAX_POOL}


def _dropout(layer: Dropout) -> Fields:
    # What a 32-bit hash is held against, and the factor that keeps the mean while values are silenced.
    threshold = dropout_threshold(layer.rate)
    return {"kind": DROPOUT, "dropout_threshold": threshold, "dropout_scale": 1 / (1 - layer.rate)}


def _batchnorm(layer: BatchNorm) -> Fields:
    return {"kind": BATCH_NORM, "momentum": layer.momentum, "epsilon": layer.epsilon}


def _activation(layer: Activation) -> Fields:
    return {"kind": ACTIVATION, "activation": ACTIVATIONS.index(layer.function)}


FIELDS: dict[type[Layer], Callable[[Any], Fields]] = {
    Dense: _dense,
    Conv2D: _conv2d,
    MaxPool2D: _maxpool2d,
    GlobalPool: _globalpool,
    Dropout: _dropout,
    BatchNorm: _batchnorm,
    Activation: _activation,
}
# BatchNorm's scale and shift take the fields that other layers' weights and biases have, so that one rule finds them.
# The kinds of parameters whose offset goes into each of the structure's fields.
_OFFSETS = {
    "weights": ("weights", "scale"),
    "biases": ("biases", "shift"),
    "mean": ("mean",),
    "variance": ("variance",),
}


@dataclass(frozen=True)
class LoweredNetwork:
    """A network as the C library takes it.

    Parameters
    ----------
    network : Network
        What was lowered.
    layers : tuple of bindings.Layer
        Without Flatten, which changes nothing in memory, and without the last activation, which is part of the loss.
    numbers : tuple of int
        Which of the network's layers each of those is.
    layout : Layout
        Where the parameters lie.
    """

    network: Network
    layers: tuple[bindings.Layer, ...]
    numbers: tuple[int, ...]
    layout: Layout

    def layer_array(self, keys: NDArray[np.uint32], regularised: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - of ctypes
        """Return the layers as a C array of structures.

        Parameters
        ----------
        keys : array of uint32, (layers of the network, 2)
            They decide dropout's masks.
        regularised : tuple of str
            The names of the weights that L1 and L2 apply to.
        """
        # Copies: the lowered network is cached and shared, but keys and penalties belong to one training.
        array = _array_type(len(self.layers))(*self.layers)
        for layer, number in zip(array, self.numbers, strict=True):
            layer.dropout_keys[:] = keys[number].tolist()
            layer.regularised = f"{self.network.names[number]}/weights" in regularised
        return array


@lru_cache(64)
def _array_type(count: int) -> Any:  # noqa: ANN401 - of ctypes
    # ctypes makes a new type each time it is asked, and a type is a circle of objects, which waits for the collector.
    return bindings.Layer * count


@lru_cache(64)
def lower(network: Network, dtype: np.dtype[Any], level: int | None = None, *, fuse: bool = True) -> LoweredNetwork:
    """Lower a network for the library that computes in a dtype.

    Parameters
    ----------
    network : Network
        What to lower.
    dtype : numpy.dtype
        float32 or float64.
    level : int, optional
        Of the library's vector instructions; the highest that there is here if not given.
    fuse : bool
        Whether an activation becomes the layer's before it, which saves reading and writing all values once more, and
        that of a convolution moves behind the max pooling that follows. Both leave some layers' own outputs uncomputed.
    """
    # Offsets by the names of the whole network, which without its last activation are the same.
    layout = Layout.of(network, dtype, level)
    layers, numbers = list[bindings.Layer](), list[int]()
    without_activation = network.without_last_activation
    for number, (name, layer, shape) in enumerate(without_activation.walk()):
        if isinstance(layer, Flatten):
            continue
        if fuse and isinstance(layer, Activation) and layers and _can_activate(layers[-1]):
            layers[-1].activation = ACTIVATIONS.index(layer.function)
            continue
        layers.append(_lower_layer(name, layer, shape, layout.offsets))
        numbers.append(number)
    for one, next_one in pairwise(layers) if fuse else ():
        if one.kind == CONV and next_one.kind == MAX_POOL:
            # Activations are monotonic: the maximum stays the maximum. After 2 x 2 pooling they are computed for a
            # quarter of the values.
            # Swapped, not copied: the convolution gets the pooling's own, which is linear.
            one.activation, next_one.activation = next_one.activation, one.activation
    if not layers:  # the pixels are the outputs
        layers, numbers = [_lower_layer("", Activation("linear"), without_activation.input_shape, {})], [0]
    return LoweredNetwork(network, tuple(layers), tuple(numbers), layout)


def _can_activate(layer: bindings.Layer) -> bool:
    return layer.kind in (DENSE, CONV, BATCH_NORM) and layer.activation == ACTIVATIONS.index("linear")


def _lower_layer(name: str, layer: Layer, shape: Shape, offsets: dict[str, int]) -> bindings.Layer:
    fields = FIELDS[type(layer)](layer) | _sizes(shape, layer.output_shape(shape))
    # A convolution and a pooling replace these; for all others 1 x 1 is what a layer without a window does.
    fields |= {"kernel_height": 1, "kernel_width": 1, "stride_y": 1, "stride_x": 1}
    if isinstance(layer, Conv2D | MaxPool2D):
        window = layer.window
        (top, _), (left, _) = window.border(shape)
        fields |= {"kernel_height": window.size[0], "kernel_width": window.size[1], "pad_top": top, "pad_left": left}
        fields |= {"stride_y": window.stride[0], "stride_x": window.stride[1]}
    for field, kinds in _OFFSETS.items():
        found = [offsets[f"{name}/{kind}"] for kind in kinds if f"{name}/{kind}" in offsets]
        # Offsets begin at 0, so it is -1 that says "none".
        fields[field] = found[0] if found else -1
    return bindings.Layer(**fields)


def _sizes(inputs: Shape, outputs: Shape) -> Fields:
    """Return the fields for both shapes; a vector is an image of one pixel."""
    before, after = ((1, 1, *shape)[-3:] for shape in (inputs, outputs))
    names = ("height", "width", "channels", "out_height", "out_width", "out_channels")
    return dict(zip(names, (*before, *after), strict=True))
