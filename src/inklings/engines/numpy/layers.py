"""Every layer's arithmetic by hand: a forward and a backward function each, in one table.

Forward returns the output and keeps in its context whatever backward will need. Backward takes the gradient of the loss
by the output and returns that by the input, and by each parameter. ``x`` is the input, ``y`` the output; ``dx``, ``dy``
and so on are gradients of the loss, of the same shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.randomness import DropoutKey, dropout_mask
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
)
from inklings.networks.window import Window

Array = NDArray[Any]
Arrays = dict[str, Array]
Gradients = tuple[Array, Arrays]
"""By the input, and by each parameter's kind."""


@dataclass
class LayerContext:
    """What one layer has in a pass: its parameters, and what forward keeps for backward."""

    parameters: Arrays
    dropout_key: DropoutKey | None = None
    """None at evaluation."""
    kept: tuple[Any, ...] = ()
    running: Arrays = field(default_factory=dict)
    """What a BatchNorm's averages become."""
    by_input_only: bool = False
    """Whether backward leaves out the gradients by parameters, most of a dense layer's work."""


# Activations, and their derivatives in terms of input and output.

# The same in elementwise.c and jax/forward.py.
LEAK = 0.01


def _sigmoid(x: Array) -> Array:
    decay = np.exp(-np.abs(x))  # never overflows
    # 1 / (1 + e^-x) where x >= 0, and the same as e^x / (1 + e^x) below.
    y: Array = np.where(x >= 0, 1, decay) / (1 + decay)
    return y


def _softmax(x: Array) -> Array:
    # A softmax does not change when all inputs are shifted alike; after this shift no exponential exceeds 1.
    powers = np.exp(x - x.max(-1, keepdims=True))
    y: Array = powers / powers.sum(-1, keepdims=True)
    return y


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, LEAK * x),
    # np.where computes both branches for every value: the minimum keeps the one not taken from overflowing.
    # expm1(x) keeps the digits that exp(x) - 1 loses near 0.
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softmax": _softmax,
}

# At a kink, x = 0, each takes the derivative from the left, as the other engines do.
# Softmax has none: it comes last, where the loss takes what goes into it.
DERIVATIVES: dict[str, Callable[[Array, Array], Array]] = {
    "linear": lambda x, y: np.ones_like(x),
    "relu": lambda x, y: (x > 0).astype(x.dtype),
    "leaky_relu": lambda x, y: np.where(x > 0, 1, LEAK).astype(x.dtype),
    "elu": lambda x, y: np.where(x > 0, 1, y + 1).astype(x.dtype),
    "sigmoid": lambda x, y: y * (1 - y),
    "tanh": lambda x, y: 1 - y * y,
}


def activation_forward(layer: Activation, x: Array, context: LayerContext) -> Array:
    y = ACTIVATIONS[layer.function](x)
    context.kept = (x, y)
    return y


def activation_backward(layer: Activation, dy: Array, context: LayerContext) -> Gradients:
    return dy * DERIVATIVES[layer.function](*context.kept), {}


# y = f(x W + b)


def dense_forward(layer: Dense, x: Array, context: LayerContext) -> Array:
    z = x @ context.parameters["weights"] + context.parameters.get("biases", 0)  # (n, units)
    y = ACTIVATIONS[layer.activation](z)
    context.kept = (x, z, y)
    return y


def dense_backward(layer: Dense, dy: Array, context: LayerContext) -> Gradients:
    x, z, y = context.kept
    dz = dy * DERIVATIVES[layer.activation](z, y)
    # With z = x W + b: dx = dz W', dW = x' dz, and db is dz summed over the images.
    dx = dz @ context.parameters["weights"].T
    return dx, {} if context.by_input_only else _of_parameters(context, x.T @ dz, dz.sum(0))


def _of_parameters(context: LayerContext, weights: Array, biases: Array) -> Arrays:
    return {"weights": weights, "biases": biases} if "biases" in context.parameters else {"weights": weights}


# y = f(b + the sum over the kernel's places of (the pixels that all windows have there) times (the weights there))


def conv2d_forward(layer: Conv2D, x: Array, context: LayerContext) -> Array:
    weights, window = context.parameters["weights"], layer.window
    padded = _pad(x, window, 0)
    # (n, out_height, out_width, channels) @ (channels, filters), for each place in the kernel
    z = sum(padded[place] @ weights[row, column] for row, column, place in _places(window, x))
    z = z + context.parameters.get("biases", 0)  # (n, out_height, out_width, filters)
    y = ACTIVATIONS[layer.activation](z)
    context.kept = (x, padded, z, y)
    return y


def conv2d_backward(layer: Conv2D, dy: Array, context: LayerContext) -> Gradients:
    x, padded, z, y = context.kept
    weights, window = context.parameters["weights"], layer.window
    dz = dy * DERIVATIVES[layer.activation](z, y)
    dweights, dpadded = np.empty_like(weights), np.zeros_like(padded)
    for row, column, place in _places(window, x):
        # Windows overlap, but at one place in the window no pixel comes twice, so += on the slice loses nothing.
        dpadded[place] += dz @ weights[row, column].T
        if not context.by_input_only:
            # Summed over images and pixels: (channels, filters).
            dweights[row, column] = np.tensordot(padded[place], dz, ((0, 1, 2), (0, 1, 2)))
    dx = _unpad(dpadded, window, x)
    return dx, {} if context.by_input_only else _of_parameters(context, dweights, dz.sum((0, 1, 2)))


def _places(window: Window, x: Array) -> Iterator[tuple[int, int, tuple[slice, ...]]]:
    """Yield each row and column of the window, and which pixels of the padded images all windows have there."""
    rows, columns = window.output_size("window", x.shape[1:])
    down, right = window.stride
    for row in range(window.size[0]):
        for column in range(window.size[1]):
            # As many pixels as there are windows, from this row on, a stride apart; none beyond the last window.
            vertical = slice(row, row + (rows - 1) * down + 1, down)
            horizontal = slice(column, column + (columns - 1) * right + 1, right)
            yield row, column, (slice(None), vertical, horizontal)


def _pad(x: Array, window: Window, value: float) -> Array:
    return np.pad(x, ((0, 0), *window.border(x.shape[1:]), (0, 0)), constant_values=value)


def _unpad(padded: Array, window: Window, x: Array) -> Array:
    (top, _), (left, _) = window.border(x.shape[1:])
    return padded[:, top : top + x.shape[1], left : left + x.shape[2]]


# y = the largest value of each window, which alone gets the gradient; of equals the first, row by row


def maxpool2d_forward(layer: MaxPool2D, x: Array, context: LayerContext) -> Array:
    # Padding never wins, not even over negative values.
    padded = _pad(x, layer.window, -np.inf)
    # (places, n, out_height, out_width, channels); argmax takes the first of equals, and places go row by row.
    views = np.stack([padded[place] for _, _, place in _places(layer.window, x)])
    context.kept = (x, padded.shape, views.argmax(0))
    y: Array = views.max(0)
    return y


def maxpool2d_backward(layer: MaxPool2D, dy: Array, context: LayerContext) -> Gradients:
    x, padded_shape, winner = context.kept
    dpadded = np.zeros(padded_shape, dy.dtype)
    for number, (_, _, place) in enumerate(_places(layer.window, x)):
        # Where windows overlap, a pixel can be the largest in several, and gets the gradients of all.
        dpadded[place] += np.where(winner == number, dy, 0)
    return _unpad(dpadded, layer.window, x), {}


# y = the average, or the largest, of each channel


def globalpool_forward(layer: GlobalPool, x: Array, context: LayerContext) -> Array:
    pixels = x.reshape(len(x), -1, x.shape[-1])  # (n, pixels, channels)
    context.kept = (x.shape, pixels.argmax(1))
    y: Array = pixels.mean(1) if layer.kind == "average" else pixels.max(1)
    return y


def globalpool_backward(layer: GlobalPool, dy: Array, context: LayerContext) -> Gradients:
    shape, winner = context.kept
    count = shape[1] * shape[2]
    if layer.kind == "average":
        # Each pixel had the same share in the average.
        dpixels = np.repeat(dy[:, None] / count, count, 1)
    else:
        # (n, pixels, channels): pixel numbers (pixels, 1) against winners (n, 1, channels)
        dpixels = np.where(np.arange(count)[:, None] == winner[:, None], dy[:, None], 0)
    return dpixels.reshape(shape), {}


def flatten_forward(layer: Flatten, x: Array, context: LayerContext) -> Array:
    context.kept = (x.shape,)
    return x.reshape(len(x), -1)


def flatten_backward(layer: Flatten, dy: Array, context: LayerContext) -> Gradients:
    return dy.reshape(context.kept[0]), {}


# y = x / (1 - rate) where the mask keeps it, else 0


def dropout_forward(layer: Dropout, x: Array, context: LayerContext) -> Array:
    if context.dropout_key is None or layer.rate == 0:
        factor = np.ones((), x.dtype)
    else:
        kept = dropout_mask(np, context.dropout_key, x.shape, layer.rate)
        # Scaled already while training, so that evaluation leaves everything as it is.
        factor = kept.astype(x.dtype) * x.dtype.type(1 / (1 - layer.rate))
    context.kept = (factor,)
    return x * factor


def dropout_backward(layer: Dropout, dy: Array, context: LayerContext) -> Gradients:
    return dy * context.kept[0], {}


# y = scale (x - mean) / sqrt(variance + epsilon) + shift, mean and variance taken from the batch while training


def batchnorm_forward(layer: BatchNorm, x: Array, context: LayerContext) -> Array:
    parameters, axes = context.parameters, tuple(range(x.ndim - 1))
    mean, variance = parameters["mean"], parameters["variance"]
    if context.dropout_key is not None:
        # Over images and pixels, per channel. The variance is divided by m, also where it enters the running average,
        # for which Ioffe and Szegedy take m - 1.
        mean, variance = x.mean(axes), x.var(axes)  # (channels,) each
        for kind, value in (("mean", mean), ("variance", variance)):
            context.running[kind] = layer.momentum * parameters[kind] + (1 - layer.momentum) * value
    deviation = np.sqrt(variance + layer.epsilon)
    normal = (x - mean) / deviation
    context.kept = (normal, deviation, context.dropout_key is not None)
    return normal * parameters["scale"] + parameters["shift"]


def batchnorm_backward(layer: BatchNorm, dy: Array, context: LayerContext) -> Gradients:
    normal, deviation, is_of_batch = context.kept
    axes = tuple(range(dy.ndim - 1))
    gradients = {"scale": (dy * normal).sum(axes), "shift": dy.sum(axes)}
    dnormal = dy * context.parameters["scale"]
    if not is_of_batch:  # running averages are constants
        return dnormal / deviation, gradients
    # The mean and the variance depend on every x of the batch (Ioffe and Szegedy, 2015, section 3): what they pass
    # on takes out of dnormal its mean, and the part that points along normal.
    dx = dnormal - dnormal.mean(axes) - normal * (dnormal * normal).mean(axes)
    return dx / deviation, gradients


Forward = Callable[[Any, Array, LayerContext], Array]
Backward = Callable[[Any, Array, LayerContext], Gradients]

LAYERS: dict[type[Layer], tuple[Forward, Backward]] = {
    Dense: (dense_forward, dense_backward),
    Conv2D: (conv2d_forward, conv2d_backward),
    MaxPool2D: (maxpool2d_forward, maxpool2d_backward),
    GlobalPool: (globalpool_forward, globalpool_backward),
    Flatten: (flatten_forward, flatten_backward),
    Dropout: (dropout_forward, dropout_backward),
    BatchNorm: (batchnorm_forward, batchnorm_backward),
    Activation: (activation_forward, activation_backward),
}
