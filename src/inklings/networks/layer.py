"""What all layers have in common, and how their settings are checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from numbers import Integral
from typing import ClassVar

from inklings.errors import NetworkError
from inklings.networks.initializer import BY_FANS, Initializer, Shape
from inklings.serialise import did_you_mean

ACTIVATIONS = ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh", "softmax")
"""Their names, as layers take them."""
PADDINGS = ("same", "valid")


@dataclass(frozen=True)
class Parameter:
    """One array of parameters: its shape, its initial distribution, and whether gradients change it."""

    shape: Shape
    initializer: Initializer
    trainable: bool = True


class Layer(ABC):
    """A layer: its shape rule, its parameters and its cost.

    Examples
    --------
    >>> from inklings import Dense
    >>> from inklings.networks import Layer
    >>> layer: Layer = Dense(25)
    >>> {kind: parameter.shape for kind, parameter in layer.parameters((400,)).items()}
    {'weights': (400, 25), 'biases': (25,)}
    """

    label: ClassVar[str]

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Return the output's shape for an input's shape, or refuse it with a NetworkError."""

    def parameters(self, shape: Shape) -> Mapping[str, Parameter]:
        """Return the parameters for an input's shape, by kind."""
        return {}

    def operations(self, shape: Shape) -> int:
        """Return the floating-point operations of the forward pass per image; a multiply-add counts as two."""
        # One operation per output: what a layer without products, such as an activation, does at least.
        return prod(self.output_shape(shape))

    @property
    def output_activation(self) -> str:
        """The name of the activation that is applied last."""
        return "linear"

    def without_activation(self) -> Layer:
        """Return the layer without that activation."""
        return self


def set_pairs(layer: Layer, *names: str) -> None:
    """Turn settings that may be one number into (height, width), and refuse what is neither."""
    for name in names:
        value = getattr(layer, name)
        if isinstance(value, list | tuple) and len(value) != 2:
            raise NetworkError(f"{type(layer).__name__} {name} is {value!r}, expected a number or (height, width)")
        each = [
            whole_number(type(layer).__name__, name, one)
            for one in (value if isinstance(value, list | tuple) else (value, value))
        ]
        object.__setattr__(layer, name, (each[0], each[1]))  # the only way to set a field of a frozen dataclass


def set_whole_number(layer: Layer, name: str) -> None:
    """Refuse a setting that is not a whole number of at least 1, and turn one of NumPy's into Python's own."""
    object.__setattr__(layer, name, whole_number(type(layer).__name__, name, getattr(layer, name)))


def weights_and_biases(shape: Shape, weights: Initializer, biases: Initializer | None) -> Mapping[str, Parameter]:
    """Return weights of a shape whose last axis is the outputs, and their biases."""
    described = {"weights": Parameter(shape, weights)}
    if biases is not None:
        described["biases"] = Parameter(shape[-1:], biases)
    return described


def check_initializers(layer: Layer, weights: object, biases: object) -> None:
    """Raise a NetworkError unless weights and biases are drawn from distributions that suit them."""
    kind = type(layer).__name__
    for name, value in (("weights", weights), ("biases", biases)):
        if not isinstance(value, Initializer) and (value is not None or name == "weights"):
            raise NetworkError(f"{kind} {name} is {value!r}, expected an Initializer such as Initializer('zeros')")
    if isinstance(biases, Initializer) and biases.distribution in BY_FANS:
        found = f"{kind} biases are {biases.distribution}, which goes by a layer's inputs"
        raise NetworkError(f"{found}, expected zeros, constant, uniform or truncated_normal")


def whole_number(layer: str, name: str, value: int) -> int:
    """Return a value as Python's int, which JSON can hold; a NetworkError unless it is whole and at least 1."""
    # True is a whole number to Python, but no size of anything.
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise NetworkError(f"{layer} {name} is {value!r}, expected a whole number of at least 1")
    return int(value)


def check_known(what: str, value: str, known: tuple[str, ...]) -> None:
    """Raise a NetworkError unless a word is among those known."""
    if value not in known:
        raise NetworkError(f"unknown {what} '{value}'", did_you_mean(value, known))
