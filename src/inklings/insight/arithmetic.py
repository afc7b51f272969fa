"""One number at a time: the products an output is a sum of, and which pixel of its window a pooling layer chose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError, NetworkError
from inklings.insight.members import Floats, layer_number, layer_outputs, member_of
from inklings.models.model import Model
from inklings.networks import Conv2D, Dense, Layer, MaxPool2D, Network
from inklings.networks.initializer import Shape
from inklings.networks.parameters import parameters_of
from inklings.networks.window import Window
from inklings.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class OutputSum:
    """How one output of a convolution or a dense layer comes about: ``output = activation(products.sum() + bias)``.

    Attributes
    ----------
    patch, weights : arrays
        What the layer reads there, and what it is multiplied by: (kernel height, kernel width, channels), or (units,).
    bias : float
        0 for a layer without biases.
    activation : str
        Its name; ``"linear"`` where none follows in this layer. A softmax divides by the powers of all units together.
    output : float
        As the engine computed it.
    top, left : int
        Where the patch begins in the layer's input; below 0 where it reaches over the border. 0 of a dense layer.
    inside : array of bool, of the patch's shape
        What of the patch lies on the image; the rest is padding, and 0.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import output_sum
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> found = output_sum(model, images[0], "conv2d_1", unit=0, row=10, column=10)
    >>> found.products.shape, found.activation
    ((5, 5, 1), 'linear')
    """

    patch: Floats
    weights: Floats
    bias: float
    activation: str
    output: float
    top: int
    left: int
    inside: NDArray[np.bool_]

    @property
    def products(self) -> Floats:
        """What each number of the patch adds to the sum."""
        products: Floats = self.patch * self.weights
        return products

    @property
    def before_activation(self) -> float:
        """The sum of the products and the bias."""
        return float(self.products.sum()) + self.bias


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class PoolingChoice:
    """Which of the numbers in its window a pooling layer kept.

    Attributes
    ----------
    window : array, (height, width)
        NaN where it reaches over the border: padding never wins.
    output : float
        The largest of them.
    row, column : int
        Where that is in the layer's input.
    top, left : int
        Where the window begins there.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import pooling_choice
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> found = pooling_choice(model, images[0], "maxpool2d_1", row=5, column=5, channel=0)
    >>> found.window.shape, found.output == float(found.window.max())
    ((2, 2), True)
    """

    window: Floats
    output: float
    row: int
    column: int
    top: int
    left: int


@checks_call(DataError, model=Model)
def output_sum(
    model: Model, image: ArrayLike, layer: str, unit: int, row: int = 0, column: int = 0, *, member: int = 1
) -> OutputSum:
    """Return what one output of a convolution, or of a dense layer, is made of.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    image : array, (height, width, channels)
        One prepared image.
    layer : str
        The layer's name, such as ``"conv2d_1"``.
    unit : int
        Which filter, or which unit of a dense layer, from 0.
    row, column : int
        Which pixel of the convolution's output, from 0.
    member : int
        Which member of an ensemble, from 1.

    Raises
    ------
    NetworkError
        The layer is of another kind, or no layer has that name.
    DataError
        There is no such output.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import output_sum
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> one = output_sum(model, images[0], "conv2d_1", unit=3, row=10, column=10)
    >>> bool(abs(one.products.sum() + one.bias - one.output) < 1e-5)
    True
    """
    network, place, inputs, outputs = _around(model, image, layer, member)
    kind = network.layers[place]
    if not isinstance(kind, Conv2D | Dense):
        raise _wrong_kind(network, layer, "adds up no products", (Conv2D, Dense))
    own = parameters_of(layer, member_of(model, member).parameters)
    # (kernel height, kernel width, channels, filters), or (inputs, units): the last axis is the output asked about.
    weights = np.asarray(own["weights"], np.float64)
    _check_place(kind, inputs.shape, row, column, unit)
    if isinstance(kind, Conv2D):
        # Padded with 0, as a convolution's border is: products there are 0 and add nothing.
        patch, inside, top, left = _cut(inputs, kind.window, row, column, 0.0)
    else:
        patch, inside, top, left = inputs, np.ones(inputs.shape, bool), 0, 0
    bias = float(own["biases"][unit]) if "biases" in own else 0.0
    # (height, width, filters) or (units,)
    output = float(outputs[row, column, unit] if outputs.ndim == 3 else outputs[unit])
    return OutputSum(patch, weights[..., unit], bias, kind.activation, output, top, left, inside)


@checks_call(DataError, model=Model)
def pooling_choice(
    model: Model, image: ArrayLike, layer: str, row: int, column: int, channel: int, *, member: int = 1
) -> PoolingChoice:
    """Return the window of one output of a max pooling, and which of its pixels was kept; of equals, the first.

    Parameters
    ----------
    model, image, layer, member
        As in :func:`output_sum`.
    row, column, channel : int
        Which pixel of the layer's output, from 0.

    Raises
    ------
    NetworkError
        The layer is of another kind, or no layer has that name.
    DataError
        There is no such output.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import pooling_choice
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> kept = pooling_choice(model, images[0], "maxpool2d_1", row=5, column=5, channel=0)
    >>> kept.row in (10, 11), kept.column in (10, 11)
    (True, True)
    """
    network, place, inputs, _ = _around(model, image, layer, member)
    kind = network.layers[place]
    if not isinstance(kind, MaxPool2D):
        raise _wrong_kind(network, layer, "chooses no pixel", (MaxPool2D,))
    _check_place(kind, inputs.shape, row, column, channel)
    # The one channel asked about, as an image of its own: (height, width, 1). NaN never wins against a number.
    window, _, top, left = _cut(inputs[..., [channel]], kind.window, row, column, np.nan)
    values: Floats = window[..., 0]
    # Row by row, the first of equals: the pixel that gets the gradient in training too.
    down, right = np.unravel_index(np.nanargmax(values), values.shape)
    return PoolingChoice(values, float(values[down, right]), top + int(down), left + int(right), top, left)


def _around(model: Model, image: ArrayLike, layer: str, member: int) -> tuple[Network, int, Floats, Floats]:
    """Return a network, a layer's place in it, and what the layer reads and gives of one image."""
    network = member_of(model, member).network
    place = layer_number(network, layer)
    found = layer_outputs(model, image, member=member)
    before = "input" if place == 0 else network.names[place - 1]
    if len(found[before]) != 1:
        raise DataError(f"{len(found[before])} images, expected one")
    # In float64, so that the products that are shown add up to the output to all digits that it has.
    return network, place, found[before][0].astype(np.float64), found[layer][0]


def _cut(
    inputs: Floats, window: Window, row: int, column: int, padding: float
) -> tuple[Floats, NDArray[np.bool_], int, int]:
    """Cut out what the window of one output lies on; return it, which of it is not padding, and where it begins."""
    vertical, horizontal = window.border(inputs.shape)
    around = (vertical, horizontal, (0, 0))
    padded = np.pad(inputs, around, constant_values=padding)
    # Padded with False along with the numbers: where the patch lies beyond the border.
    known = np.pad(np.ones(inputs.shape, bool), around)
    down, right = row * window.stride[0], column * window.stride[1]
    part = slice(down, down + window.size[0]), slice(right, right + window.size[1])
    # Back from the padded image's rows and columns to the image's own, which may be below 0.
    return padded[part], known[part], down - vertical[0], right - horizontal[0]


def _check_place(layer: Layer, shape: Shape, row: int, column: int, unit: int) -> None:
    outputs = layer.output_shape(shape)
    # A vector counts as an image of one pixel, so that one check does for both kinds of layers.
    sizes = outputs if len(outputs) == 3 else (1, 1, *outputs)
    for name, value, size in zip(("row", "column", "unit"), (row, column, unit), sizes, strict=True):
        if not 0 <= value < size:
            raise DataError(f"{name} {value}, expected 0 to {size - 1}: the layer's output has shape {outputs}")


def _wrong_kind(network: Network, layer: str, why: str, kinds: tuple[type, ...]) -> NetworkError:
    others = [name for name, each in zip(network.names, network.layers, strict=True) if isinstance(each, kinds)]
    return NetworkError(f"the layer '{layer}' {why}", f"these do: {', '.join(others)}" if others else "no layer does")
