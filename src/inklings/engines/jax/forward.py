"""A network as one function of JAX's, to be compiled and differentiated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

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
    Network,
    parameters_of,
)

Arrays = dict[str, Array]


@dataclass
class LayerContext:
    """What one layer has in a forward pass besides its input."""

    parameters: Arrays
    dropout_key: DropoutKey | None = None
    """None at evaluation."""
    running: Arrays = field(default_factory=dict)
    """What a BatchNorm's averages become, filled while training."""


def _leaky_relu(x: Array) -> Array:
    return jnp.where(x > 0, x, 0.01 * x)


def _elu(x: Array) -> Array:
    # The minimum keeps the branch that is not taken finite: its gradient, zero times infinity, would be NaN.
    return jnp.where(x > 0, x, jnp.expm1(jnp.minimum(x, 0)))


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": jax.nn.relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "softmax": jax.nn.softmax,
}


def _dense(layer: Dense, x: Array, context: LayerContext) -> Array:
    return _activate(layer.activation, x @ context.parameters["weights"], context)  # (n, inputs) @ (inputs, units)


def _conv2d(layer: Conv2D, x: Array, context: LayerContext) -> Array:
    z = lax.conv_general_dilated(
        x,
        context.parameters["weights"],
        window_strides=layer.window.stride,
        padding=layer.window.border(x.shape[1:]),
        # Images, rows, columns, channels; kernels as rows, columns, channels,
        # filters: the arrays as all engines have them.
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return _activate(layer.activation, z, context)


def _activate(activation: str, z: Array, context: LayerContext) -> Array:
    biases = context.parameters.get("biases")
    return ACTIVATIONS[activation](z if biases is None else z + biases)


def _maxpool2d(layer: MaxPool2D, x: Array, context: LayerContext) -> Array:
    window = layer.window
    # The four axes again: neither images nor channels are padded or pooled.
    border = ((0, 0), *window.border(x.shape[1:]), (0, 0))
    # XLA sends the gradient to the first of equal values, row by row, as every engine must.
    largest: Array = lax.reduce_window(x, -jnp.inf, lax.max, (1, *window.size, 1), (1, *window.stride, 1), border)
    return largest


def _globalpool(layer: GlobalPool, x: Array, context: LayerContext) -> Array:
    if layer.kind == "average":
        return x.mean((1, 2))  # (n, channels)
    # By its place, so that the gradient goes to the first of equal values; that of ``max`` is shared among them.
    pixels = x.reshape(x.shape[0], -1, x.shape[-1])
    return jnp.take_along_axis(pixels, pixels.argmax(1, keepdims=True), 1)[:, 0]


def _dropout(layer: Dropout, x: Array, context: LayerContext) -> Array:
    if context.dropout_key is None or layer.rate == 0:
        return x
    kept = dropout_mask(jnp, context.dropout_key, x.shape, layer.rate)
    # Scaled up while training (inverted dropout), so that nothing has to be scaled when the network is used.
    return jnp.where(kept, x * (1 / (1 - layer.rate)), 0)


def _batchnorm(layer: BatchNorm, x: Array, context: LayerContext) -> Array:
    parameters = context.parameters
    if context.dropout_key is None:
        mean, variance = parameters["mean"], parameters["variance"]
    else:
        # Over images, and over pixels where there are any: one mean for each channel.
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        for kind, value in (("mean", mean), ("variance", variance)):
            context.running[kind] = layer.momentum * parameters[kind] + (1 - layer.momentum) * value
    return (x - mean) / jnp.sqrt(variance + layer.epsilon) * parameters["scale"] + parameters["shift"]


FORWARD: dict[type[Layer], Callable[[Any, Array, LayerContext], Array]] = {
    Dense: _dense,
    Conv2D: _conv2d,
    MaxPool2D: _maxpool2d,
    GlobalPool: _globalpool,
    Flatten: lambda layer, x, context: x.reshape(x.shape[0], -1),
    Dropout: _dropout,
    BatchNorm: _batchnorm,
    Activation: lambda layer, x, context: ACTIVATIONS[layer.function](x),
}


def activations(network: Network, parameters: Arrays, images: Array) -> Arrays:
    """Return every layer's output by its name, as at evaluation."""
    return _forward(network, parameters, images, None)[0]


def logits(network: Network, parameters: Arrays, images: Array, dropout: DropoutKey | None) -> tuple[Array, Arrays]:
    """Return what goes into the last activation, shape (n, classes), and what BatchNorms' running averages become.

    ``dropout`` makes it a step of training; its keys are those of all layers, shape (layers, 2).
    """
    plain = network.without_last_activation
    outputs, running = _forward(plain, parameters, images, dropout)
    return outputs[plain.names[-1]], running


def _forward(network: Network, parameters: Arrays, images: Array, dropout: DropoutKey | None) -> tuple[Arrays, Arrays]:
    outputs: Arrays = {}
    running: Arrays = {}
    x = images
    for number, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        own_key = None if dropout is None else DropoutKey(dropout.keys[number], dropout.step)
        context = LayerContext(parameters_of(name, parameters), own_key)
        x = FORWARD[type(layer)](layer, x, context)
        outputs[name] = x
        running.update({f"{name}/{kind}": value for kind, value in context.running.items()})
    return outputs, running
