"""A network as the C library takes it: a structure a layer, and where its parameters lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.native import library
from inklings.engines.native.layout import Layout
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
DENSE, CONVOLUTION, LARGEST, AVERAGE_OF_ALL, LARGEST_OF_ALL, DROPOUT, NORMALISATION, ACTIVATION = range(8)

Settings = dict[str, Any]


def _dense(layer: Dense) -> Settings:
    return {"kind": DENSE, "activation": ACTIVATIONS.index(layer.activation)}


def _conv2d(layer: Conv2D) -> Settings:
    return {"kind": CONVOLUTION, "activation": ACTIVATIONS.index(layer.activation)}


def _maxpool2d(layer: MaxPool2D) -> Settings:
    return {"kind": LARGEST}


def _globalpool(layer: GlobalPool) -> Settings:
    return {"kind": AVERAGE_OF_ALL if layer.kind == "average" else LARGEST_OF_ALL}


def _dropout(layer: Dropout) -> Settings:
    threshold = min(round(layer.rate * 2**32), 2**32 - 1)
    return {"kind": DROPOUT, "threshold": threshold, "scale": 1 / (1 - layer.rate)}


def _batchnorm(layer: BatchNorm) -> Settings:
    return {"kind": NORMALISATION, "momentum": layer.momentum, "epsilon": layer.epsilon}


def _activation(layer: Activation) -> Settings:
    return {"kind": ACTIVATION, "activation": ACTIVATIONS.index(layer.function)}


SETTINGS: dict[type[Layer], Callable[[Any], Settings]] = {
    Dense: _dense,
    Conv2D: _conv2d,
    MaxPool2D: _maxpool2d,
    GlobalPool: _globalpool,
    Dropout: _dropout,
    BatchNorm: _batchnorm,
    Activation: _activation,
}
# The names of a layer's parameters, in the order of the structure's places.
_PLACES = {"weights": ("weights", "scale"), "biases": ("biases", "shift"), "mean": ("mean",), "variance": ("variance",)}


@dataclass(frozen=True)
class Description:
    """What the library is told of a network.

    Parameters
    ----------
    network : Network
    layers : tuple of library.Layer
        Without Flatten, which changes nothing in memory, and without the last activation.
    numbers : tuple of int
        Which of the network's layers each of those is.
    layout : Layout
        Where the parameters lie.
    """

    network: Network
    layers: tuple[library.Layer, ...]
    numbers: tuple[int, ...]
    layout: Layout

    def layers_with(self, keys: NDArray[np.uint32], penalised: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - of ctypes
        """Give the layers as an array for the library, with the keys of dropout's masks and what is penalised."""
        array = (library.Layer * len(self.layers))(*self.layers)
        for layer, number in zip(array, self.numbers, strict=True):
            layer.keys[:] = keys[number].tolist()
            layer.penalised = f"{self.network.names[number]}/weights" in penalised
        return array


@lru_cache(64)
def describe(network: Network, dtype: np.dtype[Any], *, quick: bool = True) -> Description:
    """Describe a network for the library that computes in a dtype.

    ``quick`` puts a convolution's activation behind the pooling that follows it, so that its own outputs are not what
    the layer gives.
    """
    layout = Layout.of(network, dtype)
    layers, numbers = [], []
    plain = network.without_last_activation
    for number, (name, layer, shape) in enumerate(plain.walk()):
        if not isinstance(layer, Flatten):
            layers.append(_describe_layer(name, layer, shape, layout.offsets))
            numbers.append(number)
    for one, next_one in pairwise(layers) if quick else ():
        if one.kind == CONVOLUTION and next_one.kind == LARGEST:
            # An activation never turns the order of two values round, so the largest stays the largest and it can
            # follow the pooling, on a quarter of the numbers.
            one.activation, next_one.activation = next_one.activation, one.activation
    if not layers:  # pixels are the outputs themselves
        layers, numbers = [_describe_layer("", Activation("linear"), plain.input_shape, {})], [0]
    return Description(network, tuple(layers), tuple(numbers), layout)


def _describe_layer(name: str, layer: Layer, shape: Shape, offsets: dict[str, int]) -> library.Layer:
    settings = SETTINGS[type(layer)](layer) | _sizes(shape, layer.output_shape(shape))
    settings |= {"kernel_height": 1, "kernel_width": 1, "down": 1, "across": 1}
    if isinstance(layer, Conv2D | MaxPool2D):
        window = layer.window
        (top, _), (left, _) = window.border(shape)
        settings |= {"kernel_height": window.size[0], "kernel_width": window.size[1], "top": top, "left": left}
        settings |= {"down": window.stride[0], "across": window.stride[1]}
    for place, kinds in _PLACES.items():
        found = [offsets[f"{name}/{kind}"] for kind in kinds if f"{name}/{kind}" in offsets]
        settings[place] = found[0] if found else -1
    return library.Layer(**settings)


def _sizes(inputs: Shape, outputs: Shape) -> Settings:
    """Give both shapes; a vector is an image of one pixel."""
    before, after = ((1, 1, *shape)[-3:] for shape in (inputs, outputs))
    names = ("height", "width", "channels", "rows", "columns", "filters")
    return dict(zip(names, (*before, *after), strict=True))
