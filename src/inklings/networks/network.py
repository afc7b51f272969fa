"""A network: an input shape and layers that fit each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from operator import index
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from inklings.errors import NetworkError
from inklings.networks.initializer import Shape
from inklings.networks.layer import Layer
from inklings.networks.layers import BatchNorm, Conv2D, Dropout

Parameters = dict[str, NDArray[Any]]
Array = TypeVar("Array")


@dataclass(frozen=True)
class LayerSummary:
    """What :meth:`Network.table` tells of one layer."""

    name: str
    layer: Layer
    output_shape: Shape
    parameters: int
    operations: int


@dataclass(frozen=True)
class Network:
    """An immutable, hashable description of a network, checked when it is made.

    Parameters
    ----------
    input_shape : (height, width, channels)
        Of the images it reads.
    layers : sequence of layers
        From input to output. The last must give a vector with a value a class.

    Raises
    ------
    NetworkError
        A layer does not fit what comes before it; the message names the layer and quotes both shapes.

    Examples
    --------
    >>> from inklings import Dense, Flatten, Network
    >>> network = Network((20, 20, 1), (Flatten(), Dense(25, "sigmoid"), Dense(10, "sigmoid")))
    >>> network.parameter_count
    10285
    """

    input_shape: tuple[int, int, int]
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "input_shape", _whole(self.input_shape))
        object.__setattr__(self, "layers", tuple(self.layers))
        if len(self.input_shape) != 3 or min(self.input_shape) < 1:
            raise NetworkError(
                f"input shape is {self.input_shape}, expected (height, width, channels), each at least 1"
            )
        if not self.layers:
            raise NetworkError("a network of no layers", "give it at least Flatten() and Dense(classes, 'softmax')")
        self._check_layers()

    def _check_layers(self) -> None:
        shape: Shape = self.input_shape
        for number, (name, layer) in enumerate(zip(self.names, self.layers, strict=True), start=1):
            if not isinstance(layer, Layer):
                raise NetworkError(f"layer {number} is {layer!r}, expected a layer such as Dense(10)")
            try:
                shape = layer.output_shape(shape)
            except NetworkError as error:
                raise error.within(f"layer {number} ({name})") from None
            if layer.output_activation == "softmax" and number < len(self.layers):
                raise NetworkError(f"layer {number} ({name}) is a softmax, expected only in the last layer")
        if len(shape) != 1:
            raise NetworkError(
                f"the last layer gives {shape}, expected a vector with a value a class",
                "end with GlobalPool() or with Flatten() and Dense(classes, 'softmax')",
            )
        if shape[0] < 2:
            raise NetworkError(f"the last layer gives {shape[0]} value, expected one a class, at least 2")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each layer: its kind and its number among those, ``dense_2``."""
        counts: dict[str, int] = {}
        names = []
        for layer in self.layers:
            label = getattr(layer, "label", "layer")
            counts[label] = counts.get(label, 0) + 1
            names.append(f"{label}_{counts[label]}")
        return tuple(names)

    def walk(self) -> Iterator[tuple[str, Layer, Shape]]:
        """Give each layer's name, the layer and the shape that comes in."""
        shape: Shape = self.input_shape
        for name, layer in zip(self.names, self.layers, strict=True):
            yield name, layer, shape
            shape = layer.output_shape(shape)

    @property
    def output_count(self) -> int:
        """How many values come out: the number of classes."""
        *_, (_, layer, shape) = self.walk()
        return layer.output_shape(shape)[0]

    @property
    def output_activation(self) -> str:
        """The function that the last layer applies."""
        return self.layers[-1].output_activation

    @property
    def is_convolutional(self) -> bool:
        """Whether any layer is a convolution."""
        return any(isinstance(layer, Conv2D) for layer in self.layers)

    @property
    def has_dropout(self) -> bool:
        """Whether training draws random numbers."""
        return any(isinstance(layer, Dropout) and layer.rate > 0 for layer in self.layers)

    @property
    def needs_whole_batch(self) -> bool:
        """Whether a batch's gradient is not the sum of its parts': masks and statistics are those of the whole."""
        return self.has_dropout or any(isinstance(layer, BatchNorm) for layer in self.layers)

    @cached_property
    def without_last_activation(self) -> Network:
        """The network that ends with its logits."""
        *before, last = self.layers
        return Network(self.input_shape, (*before, last.without_activation()))

    @cached_property
    def parameter_shapes(self) -> Mapping[str, Shape]:
        """The shape of each array of parameters, by ``"layer_name/kind"``."""
        return self._parameters(trainable=None)

    @cached_property
    def trainable_shapes(self) -> Mapping[str, Shape]:
        """Like ``parameter_shapes``, but only what gradients change (not a BatchNorm's running averages)."""
        return self._parameters(trainable=True)

    def _parameters(self, trainable: bool | None) -> Mapping[str, Shape]:
        return {
            f"{name}/{kind}": parameter.shape
            for name, layer, shape in self.walk()
            for kind, parameter in layer.parameters(shape).items()
            if trainable is None or parameter.trainable == trainable
        }

    def weight_names(self, *, hidden_only: bool = False) -> tuple[str, ...]:
        """Name the weights (not the biases) of all layers, or of all but the last that has some."""
        names = tuple(name for name in self.parameter_shapes if name.endswith("/weights"))
        return names[:-1] if hidden_only else names

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change."""
        return sum(prod(shape) for shape in self.trainable_shapes.values())

    @cached_property
    def operations(self) -> int:
        """Floating-point operations to read one image; a multiplication with its addition counts as two."""
        return sum(layer.operations(shape) for _, layer, shape in self.walk())

    @property
    def memory_per_image(self) -> int:
        """Estimate the bytes of float32 that training holds for each image of a batch: outputs and their gradients."""
        return 2 * 4 * sum(prod(shape) for shape in self._shapes())

    def _shapes(self) -> Iterator[Shape]:
        yield self.input_shape
        for _, layer, shape in self.walk():
            yield layer.output_shape(shape)

    def table(self) -> list[LayerSummary]:
        """Describe the layers, one row each."""
        return [
            LayerSummary(
                name,
                layer,
                layer.output_shape(shape),
                sum(prod(parameter.shape) for parameter in layer.parameters(shape).values() if parameter.trainable),
                layer.operations(shape),
            )
            for name, layer, shape in self.walk()
        ]

    def check_parameters(self, parameters: Mapping[str, NDArray[Any]]) -> None:
        """Refuse parameters that are missing, unknown, of another shape or not finite; a NetworkError names one."""
        for name, shape in self.parameter_shapes.items():
            if name not in parameters:
                raise NetworkError(f"the parameters have no '{name}', expected an array of shape {shape}")
            if parameters[name].shape != shape:
                raise NetworkError(f"the parameters' '{name}' has shape {parameters[name].shape}, expected {shape}")
            if not np.isfinite(parameters[name]).all():
                raise NetworkError(f"the parameters' '{name}' holds NaN or infinity, expected numbers")
        unknown = [name for name in parameters if name not in self.parameter_shapes]
        if unknown:
            raise NetworkError(f"the parameters have '{unknown[0]}', which this network does not know")


def _whole(shape: Iterable[Any]) -> tuple[int, ...]:
    """Give a shape's sizes as plain integers; a fraction is refused rather than cut off."""
    try:
        return tuple(index(size) for size in shape)
    except TypeError:
        raise NetworkError(f"input shape is {shape!r}, expected (height, width, channels), whole numbers") from None


def parameters_of(name: str, parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Give a layer's own parameters, by kind."""
    start = f"{name}/"
    return {key[len(start) :]: value for key, value in parameters.items() if key.startswith(start)}
