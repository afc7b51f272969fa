"""The layers: the settings of each, its shape rule, its parameters and its cost.

A layer is a frozen dataclass without arithmetic: engines compute it. Shapes leave out the batch: an image is
``(height, width, channels)``, a vector is ``(features,)``. Convolution and pooling are in
:mod:`inklings.networks.image_layers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from numbers import Real
from typing import ClassVar

from inklings.arguments import refuses_unknown
from inklings.errors import NetworkError
from inklings.networks.image_layers import Conv2D, GlobalPool, MaxPool2D
from inklings.networks.initializer import Initializer, Shape
from inklings.networks.layer import (
    ACTIVATIONS,
    Layer,
    Parameter,
    check_initializers,
    check_known,
    set_whole_number,
    weights_and_biases,
)


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer: ``y = activation(x @ weights + biases)``.

    Parameters
    ----------
    units : int
        Number of outputs.
    activation : str
        One of ``ACTIVATIONS``; softmax only in the last layer.
    weights, biases : Initializer
        Their initial distributions; ``biases=None`` leaves the biases out.

    Examples
    --------
    >>> from inklings import Dense
    >>> Dense(10, "softmax").output_shape((400,))
    (10,)
    >>> Dense(10).output_shape((20, 20, 1))
    Traceback (most recent call last):
        ...
    inklings.errors.NetworkError: Dense expects a vector (features,), found (20, 20, 1); put Flatten() before it
    """

    units: int
    activation: str = "linear"
    weights: Initializer = Initializer("glorot_uniform")
    biases: Initializer | None = Initializer("zeros")
    label: ClassVar[str] = "dense"

    def __post_init__(self) -> None:
        set_whole_number(self, "units")
        check_initializers(self, self.weights, self.biases)
        check_known("activation", self.activation, ACTIVATIONS)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise NetworkError(f"Dense expects a vector (features,), found {shape}", "put Flatten() before it")
        return (self.units,)

    def parameters(self, shape: Shape) -> Mapping[str, Parameter]:
        # (inputs, units), since an image is a row: x @ weights.
        return weights_and_biases((*shape, self.units), self.weights, self.biases)

    def operations(self, shape: Shape) -> int:
        return 2 * shape[0] * self.units + 2 * self.units  # a product, then the bias and the activation

    @property
    def output_activation(self) -> str:
        return self.activation

    def without_activation(self) -> Layer:
        return replace(self, activation="linear")


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Flatten(Layer):
    """Turn an image into a vector, row after row.

    Examples
    --------
    >>> from inklings import Flatten
    >>> Flatten().output_shape((10, 10, 32))
    (3200,)
    """

    label: ClassVar[str] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def operations(self, shape: Shape) -> int:
        return 0


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Dropout(Layer):
    """In training, set each value to zero with probability ``rate`` and scale the others by ``1 / (1 - rate)``.

    With this inverted scaling, prediction needs no change (Srivastava and others, 2014, section 10).

    Examples
    --------
    >>> from inklings import Dense, Dropout, Flatten, Network
    >>> Network((20, 20, 1), (Flatten(), Dropout(0.2), Dense(10, "softmax"))).parameter_count  # it has none itself
    4010
    """

    rate: float
    label: ClassVar[str] = "dropout"

    def __post_init__(self) -> None:
        if not (isinstance(self.rate, Real) and 0 <= self.rate < 1):
            raise NetworkError(f"Dropout rate is {self.rate!r}, expected at least 0 and below 1")

    def output_shape(self, shape: Shape) -> Shape:
        return shape


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalisation: normalise each channel or feature by its mean and variance, then scale and shift it.

    Training uses the statistics of the batch and keeps running averages of them, which prediction uses (Ioffe and
    Szegedy, 2015, algorithms 1 and 2).

    Parameters
    ----------
    momentum : float
        Weight of the old running average at each batch.
    epsilon : float
        Added to the variance.

    Examples
    --------
    >>> from inklings import BatchNorm, Conv2D, Dense, GlobalPool, Network
    >>> network = Network((20, 20, 1), (Conv2D(8, 3, biases=None), BatchNorm(), GlobalPool(), Dense(10, "softmax")))
    >>> network.parameter_count  # 72 of the convolution, 8 scales and 8 shifts, 90 of the dense layer
    178
    """

    # Averages of 0.9 forget their initial values to a tenth within 22 batches, less than half an epoch of the bundled
    # digits in batches of 50; 0.99, as in Keras, would take four epochs, of trainings that are often not much longer.
    momentum: float = 0.9
    epsilon: float = 1e-3
    label: ClassVar[str] = "batchnorm"

    def __post_init__(self) -> None:
        if not (isinstance(self.momentum, Real) and 0 <= self.momentum < 1):
            raise NetworkError(f"BatchNorm momentum is {self.momentum!r}, expected at least 0 and below 1")
        if not (isinstance(self.epsilon, Real) and self.epsilon > 0):
            raise NetworkError(f"BatchNorm epsilon is {self.epsilon!r}, expected a number above 0")

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameters(self, shape: Shape) -> Mapping[str, Parameter]:
        # Until the first batch, prediction leaves values as they are: mean 0, variance 1.
        ones, zeros, channels = Initializer("constant", 1.0), Initializer("zeros"), (shape[-1],)
        return {
            "scale": Parameter(channels, ones),
            "shift": Parameter(channels, zeros),
            "mean": Parameter(channels, zeros, trainable=False),
            "variance": Parameter(channels, ones, trainable=False),
        }

    def operations(self, shape: Shape) -> int:
        return 4 * prod(shape)  # subtract the mean, divide by the deviation, scale, shift


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Activation(Layer):
    """Apply an activation to every value, where a layer such as BatchNorm must come before it.

    Examples
    --------
    >>> from inklings import Activation, BatchNorm, Conv2D, Dense, Flatten, Network
    >>> layers = Conv2D(8, 3, biases=None), BatchNorm(), Activation("relu"), Flatten(), Dense(10, "softmax")
    >>> [row.name for row in Network((20, 20, 1), layers).table()]
    ['conv2d_1', 'batchnorm_1', 'activation_1', 'flatten_1', 'dense_1']
    """

    function: str
    label: ClassVar[str] = "activation"

    def __post_init__(self) -> None:
        check_known("activation", self.function, ACTIVATIONS)

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    @property
    def output_activation(self) -> str:
        return self.function

    def without_activation(self) -> Layer:
        return replace(self, function="linear")


# By class name, which is what files call a layer: renaming a class makes older files unreadable.
LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind for kind in (Dense, Conv2D, MaxPool2D, GlobalPool, Flatten, Dropout, BatchNorm, Activation)
}
"""Every kind of layer by its name, as files of networks have it."""
