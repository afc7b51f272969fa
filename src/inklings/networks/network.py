"""A network: an input shape and layers that fit each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call, refuses_unknown
from inklings.errors import NetworkError
from inklings.networks.image_layers import Conv2D
from inklings.networks.initializer import Shape
from inklings.networks.layer import Layer
from inklings.networks.layers import BatchNorm, Dropout
from inklings.notebook import as_table
from inklings.synonyms import hints_attributes


@dataclass(frozen=True)
class LayerSummary:
    """One row of :meth:`Network.table`."""

    name: str
    layer: Layer
    output_shape: Shape
    parameters: int
    operations: int


@hints_attributes(
    summary="network.table(), or inklings networks show FILE",
    fit="inklings.fit(network, recipe, split)",
    train="inklings.fit(network, recipe, split)",
    compile="inklings.Recipe(optimiser, loss=...), which inklings.fit takes beside the network",
    predict="inklings.fit(network, recipe, split).to_model().predict(images)",
)
@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Network:
    """An immutable, hashable description of a network, checked when it is made.

    Parameters
    ----------
    input_shape : (height, width, channels)
        Shape of the images.
    layers : sequence of layers
        From input to output. The output of the last must be a vector with one value per class.

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
        # One layer alone is most likely a list of one.
        layers = (self.layers,) if isinstance(self.layers, Layer) else self.layers
        if not isinstance(layers, Iterable):
            raise NetworkError(f"layers is {layers!r}, expected a sequence of layers")
        object.__setattr__(self, "layers", tuple(layers))
        if len(self.input_shape) != 3 or min(self.input_shape) < 1:
            raise NetworkError(
                f"input shape is {self.input_shape}, expected (height, width, channels), each at least 1"
            )
        if not self.layers:
            raise NetworkError("the network has no layers", "give it at least Flatten() and Dense(classes, 'softmax')")
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
            # Engines take the gradient of softmax together with the loss, which is simpler and does not underflow.
            if layer.output_activation == "softmax" and number < len(self.layers):
                raise NetworkError(f"layer {number} ({name}) is a softmax, expected only in the last layer")
        if len(shape) != 1:
            raise NetworkError(
                f"the output has shape {shape}, expected a vector with one value per class",
                "end with GlobalPool() or with Flatten() and Dense(classes, 'softmax')",
            )
        # Softmax of one output is 1 whatever it sees.
        if shape[0] < 2:
            raise NetworkError(f"the last layer has {shape[0]} output, expected one per class, at least 2")

    # cached_property writes into __dict__, past the frozen __setattr__; equality and hash know the fields alone.
    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each layer: its kind, numbered from 1 within each kind, such as ``dense_2``."""
        counts: dict[str, int] = {}
        names = []
        for layer in self.layers:
            label = getattr(layer, "label", "layer")  # what is not a layer is refused later, by its place
            counts[label] = counts.get(label, 0) + 1
            names.append(f"{label}_{counts[label]}")
        return tuple(names)

    def walk(self) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield each layer's name, the layer and the shape of its input."""
        shape: Shape = self.input_shape
        for name, layer in zip(self.names, self.layers, strict=True):
            yield name, layer, shape
            shape = layer.output_shape(shape)

    @property
    def output_count(self) -> int:
        """The number of outputs, which is the number of classes."""
        *_, (_, layer, shape) = self.walk()
        return layer.output_shape(shape)[0]

    @property
    def output_activation(self) -> str:
        """The activation of the last layer."""
        return self.layers[-1].output_activation

    @property
    def is_convolutional(self) -> bool:
        """Whether any layer is a convolution."""
        return any(isinstance(layer, Conv2D) for layer in self.layers)

    @property
    def has_dropout(self) -> bool:
        """Whether any layer drops values at random in training."""
        return any(isinstance(layer, Dropout) and layer.rate > 0 for layer in self.layers)

    @property
    def needs_whole_batch(self) -> bool:
        """Whether a batch's gradient differs from the sum over its parts."""
        # Masks are drawn for the batch as a whole, and BatchNorm's statistics are those of the whole.
        return self.has_dropout or any(isinstance(layer, BatchNorm) for layer in self.layers)

    @cached_property
    def without_last_activation(self) -> Network:
        """The same network with logits as outputs."""
        *before, last = self.layers
        return Network(self.input_shape, (*before, last.without_activation()))

    @cached_property
    def parameter_shapes(self) -> Mapping[str, Shape]:
        """The shape of each array of parameters, by ``"layer_name/kind"``."""
        return self._parameters(trainable=None)

    @cached_property
    def trainable_shapes(self) -> Mapping[str, Shape]:
        """Like ``parameter_shapes``, but only what gradients change: no running averages of BatchNorm."""
        return self._parameters(trainable=True)

    def _parameters(self, trainable: bool | None) -> Mapping[str, Shape]:
        return {
            f"{name}/{kind}": parameter.shape
            for name, layer, shape in self.walk()
            for kind, parameter in layer.parameters(shape).items()
            if trainable is None or parameter.trainable == trainable
        }

    def weight_names(self, *, hidden_only: bool = False) -> tuple[str, ...]:
        """Return the names of all layers' weights (not biases), or of all but the last layer that has some."""
        # By their name: BatchNorm's scales multiply too, but pulling them towards 0 is no smoothing.
        names = tuple(name for name in self.parameter_shapes if name.endswith("/weights"))
        return names[:-1] if hidden_only else names

    @property
    def parameter_count(self) -> int:
        """The number of trainable parameters."""
        return sum(prod(shape) for shape in self.trainable_shapes.values())

    @cached_property
    def operations(self) -> int:
        """Floating-point operations of the forward pass per image; a multiply-add counts as two."""
        return sum(layer.operations(shape) for _, layer, shape in self.walk())

    @property
    def memory_per_image(self) -> int:
        """Bytes of float32 that training holds per image of a batch: all outputs and their gradients."""
        return 2 * 4 * sum(prod(shape) for shape in self._shapes())

    def _shapes(self) -> Iterator[Shape]:
        yield self.input_shape
        for _, layer, shape in self.walk():
            yield layer.output_shape(shape)

    def table(self) -> list[LayerSummary]:
        """Return a summary of each layer."""
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

    def _repr_html_(self) -> str:
        """Show it in a notebook: a row for each layer."""
        head = ("layer", "kind", "output", "parameters", "operations")
        rows = [
            (
                each.name,
                type(each.layer).__name__,
                " x ".join(map(str, each.output_shape)),
                f"{each.parameters:,}",
                f"{each.operations:,}",
            )
            for each in self.table()
        ]
        size = " x ".join(map(str, self.input_shape))
        total = f"{self.parameter_count:,} parameters, {self.operations:,} operations per image"
        return as_table(head, rows, f"Network for images of {size}: {total}")

    @checks_call(NetworkError)
    def check_parameters(self, parameters: Mapping[str, NDArray[Any]]) -> None:
        """Raise a NetworkError that names a parameter which is missing, unknown, of another shape or not finite."""
        for name, shape in self.parameter_shapes.items():
            if name not in parameters:
                raise NetworkError(f"the parameters have no '{name}', expected an array of shape {shape}")
            if parameters[name].shape != shape:
                raise NetworkError(f"the parameters' '{name}' has shape {parameters[name].shape}, expected {shape}")
            _check_numbers(name, parameters[name])
        # Surplus arrays are refused as well: most likely they belong to another network that happens to share the first
        # layers.
        unknown = [name for name in parameters if name not in self.parameter_shapes]
        if unknown:
            raise NetworkError(f"the parameters have '{unknown[0]}', which this network does not have")


def _check_numbers(name: str, values: NDArray[Any]) -> None:
    """Refuse what nothing can be computed with, or what would be rounded to something else without a word."""
    # Text, objects and complex numbers; a cast to float would drop an imaginary part with no more than a warning.
    if values.dtype.kind not in "fiu":
        raise NetworkError(f"the parameters' '{name}' holds {values.dtype}, expected real numbers")
    if not np.isfinite(values).all():
        raise NetworkError(f"the parameters' '{name}' holds NaN or infinity, expected numbers")
    if name.endswith("/variance") and values.size and values.min() < 0:
        raise NetworkError(f"the parameters' '{name}' holds {values.min():g}, expected variances of at least 0")


def _whole(shape: Iterable[Any]) -> tuple[int, ...]:
    """Return a shape's sizes as plain integers; fractions are refused rather than truncated."""
    try:
        return tuple(index(size) for size in shape)
    except TypeError:
        raise NetworkError(f"input shape is {shape!r}, expected (height, width, channels), whole numbers") from None
