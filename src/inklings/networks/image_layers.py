"""The layers that look at an image through windows: convolution and pooling.

Shapes leave out the batch: ``(height, width, channels)``. What a window is, and how it is padded, is in
:mod:`inklings.networks.window`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar, Literal

from inklings.arguments import refuses_unknown
from inklings.errors import NetworkError
from inklings.networks.initializer import Initializer, Shape
from inklings.networks.layer import (
    ACTIVATIONS,
    PADDINGS,
    Layer,
    Parameter,
    check_initializers,
    check_known,
    set_pairs,
    set_whole_number,
    weights_and_biases,
)
from inklings.networks.window import Pair, Window, as_pair, check_image


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Conv2D(Layer):
    """A two-dimensional convolution: kernels slide over an image, and every output depends on one patch.

    Parameters
    ----------
    filters : int
        Number of kernels, which is the number of output channels.
    kernel_size : int or (int, int)
        Height and width of a kernel.
    padding : {"same", "valid"}
        ``same`` pads with zeros so that stride 1 keeps the size (an odd row or column goes below or right); ``valid``
        does not pad.
    stride : int or (int, int)
        Distance between patches.
    activation, weights, biases
        As in :class:`Dense`; the weights have shape (kernel height, kernel width, channels, filters).

    Examples
    --------
    >>> from inklings import Conv2D
    >>> Conv2D(32, 5).output_shape((20, 20, 1)), Conv2D(32, 5, "valid").output_shape((20, 20, 1))
    ((20, 20, 32), (16, 16, 32))
    """

    filters: int
    kernel_size: int | Pair = 3
    padding: str = "same"
    stride: int | Pair = 1
    activation: str = "linear"
    weights: Initializer = Initializer("glorot_uniform")
    biases: Initializer | None = Initializer("zeros")
    label: ClassVar[str] = "conv2d"

    def __post_init__(self) -> None:
        set_whole_number(self, "filters")
        check_initializers(self, self.weights, self.biases)
        check_known("padding", self.padding, PADDINGS)
        check_known("activation", self.activation, ACTIVATIONS)
        set_pairs(self, "kernel_size", "stride")

    @property
    def window(self) -> Window:
        """Where its kernels lie on an image."""
        return Window(as_pair(self.kernel_size), as_pair(self.stride), self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.window.output_size("Conv2D", shape), self.filters)

    def parameters(self, shape: Shape) -> Mapping[str, Parameter]:
        # (kernel height, kernel width, channels, filters): channels last, as in images.
        return weights_and_biases((*self.window.size, shape[2], self.filters), self.weights, self.biases)

    def operations(self, shape: Shape) -> int:
        # As a direct convolution: for every output a multiply-add per input, then the bias and the activation.
        inputs_of_an_output = prod(self.window.size) * shape[2]
        return prod(self.output_shape(shape)) * (2 * inputs_of_an_output + 2)

    @property
    def output_activation(self) -> str:
        return self.activation

    def without_activation(self) -> Layer:
        return replace(self, activation="linear")


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class MaxPool2D(Layer):
    """Max pooling: keep the largest value of each window per channel; of equal values the first counts.

    Parameters
    ----------
    pool_size : int or (int, int)
        Height and width of a window.
    stride : int or (int, int), optional
        Distance between windows; ``pool_size`` if not given.
    padding : {"same", "valid"}
        ``same`` keeps the incomplete windows at the border, ``valid`` leaves them out.

    Examples
    --------
    >>> from inklings import MaxPool2D
    >>> MaxPool2D(2).output_shape((20, 20, 32)), MaxPool2D(3, stride=2, padding="same").output_shape((20, 20, 32))
    ((10, 10, 32), (10, 10, 32))
    """

    pool_size: int | Pair = 2
    stride: int | Pair | None = None
    padding: str = "valid"
    label: ClassVar[str] = "maxpool2d"

    def __post_init__(self) -> None:
        check_known("padding", self.padding, PADDINGS)
        # A default that depends on another field cannot stand in the signature.
        if self.stride is None:
            object.__setattr__(self, "stride", self.pool_size)
        set_pairs(self, "pool_size", "stride")

    @property
    def window(self) -> Window:
        """Where its windows lie on an image."""
        return Window(as_pair(self.pool_size), as_pair(self.stride or self.pool_size), self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.window.output_size("MaxPool2D", shape), shape[2])

    def operations(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * prod(self.window.size)  # comparisons


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class GlobalPool(Layer):
    """Global pooling: reduce each channel of an image to its average or its maximum.

    Examples
    --------
    >>> from inklings import GlobalPool
    >>> GlobalPool("max").output_shape((10, 10, 32))
    (32,)
    """

    kind: Literal["average", "max"] = "average"
    label: ClassVar[str] = "globalpool"

    def __post_init__(self) -> None:
        check_known("kind", self.kind, ("average", "max"))

    def output_shape(self, shape: Shape) -> Shape:
        check_image("GlobalPool", shape)
        return (shape[2],)

    def operations(self, shape: Shape) -> int:
        return prod(shape)
