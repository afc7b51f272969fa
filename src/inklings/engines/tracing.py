"""A network as one JAX function: what the compiled engine compiles and differentiates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from inklings.engines.convolution import convolve, max_pool
from inklings.engines.randomness import dropout_mask
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


class Draw(NamedTuple):
    """What decides dropout's masks in a training step: two keys a layer, and the steps done, shape (1,)."""

    keys: Array
    step: Array


@dataclass
class Pass:
    """One layer's turn in a forward pass."""

    parameters: Arrays
    number: int
    draw: Draw | None
    """None at evaluation."""
    running: Arrays = field(default_factory=dict)
    """What a BatchNorm's averages become, filled while training."""


def _elu(x: Array) -> Array:
    return jnp.where(x > 0, x, jnp.expm1(jnp.minimum(x, 0)))


def _leaky_relu(x: Array) -> Array:
    return jnp.where(x > 0, x, 0.01 * x)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": jax.nn.relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "softmax": jax.nn.softmax,
}


def _dense(layer: Dense, x: Array, turn: Pass) -> Array:
    return _activate(layer.activation, x @ turn.parameters["weights"], turn)


def _conv2d(layer: Conv2D, x: Array, turn: Pass) -> Array:
    return _activate(layer.activation, _convolve_only(layer, x, turn), turn)


def _convolve_only(layer: Conv2D, x: Array, turn: Pass) -> Array:
    return convolve(x, turn.parameters["weights"], layer.window)


def _activate(activation: str, x: Array, turn: Pass) -> Array:
    biases = turn.parameters.get("biases")
    return ACTIVATIONS[activation](x if biases is None else x + biases)


def _globalpool(layer: GlobalPool, x: Array, turn: Pass) -> Array:
    if layer.kind == "average":
        return x.mean((1, 2))
    # The largest by its place: the gradient goes to the first of equals, as in the reference engine.
    pixels = x.reshape(x.shape[0], -1, x.shape[-1])
    return jnp.take_along_axis(pixels, pixels.argmax(1, keepdims=True), 1)[:, 0]


def _dropout(layer: Dropout, x: Array, turn: Pass) -> Array:
    if turn.draw is None or layer.rate == 0:
        return x
    kept = dropout_mask(jnp, turn.draw.keys[turn.number], turn.draw.step, x.shape, layer.rate)
    return jnp.where(kept, x * (1 / (1 - layer.rate)), 0)


def _batchnorm(layer: BatchNorm, x: Array, turn: Pass) -> Array:
    parameters = turn.parameters
    if turn.draw is None:
        mean, variance = parameters["mean"], parameters["variance"]
    else:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        for kind, value in (("mean", mean), ("variance", variance)):
            turn.running[kind] = layer.momentum * parameters[kind] + (1 - layer.momentum) * value
    return (x - mean) / jnp.sqrt(variance + layer.epsilon) * parameters["scale"] + parameters["shift"]


FORWARD: dict[type[Layer], Callable[[Any, Array, Pass], Array]] = {
    Dense: _dense,
    Conv2D: _conv2d,
    MaxPool2D: lambda layer, x, turn: max_pool(x, layer.window),
    GlobalPool: _globalpool,
    Flatten: lambda layer, x, turn: x.reshape(x.shape[0], -1),
    Dropout: _dropout,
    BatchNorm: _batchnorm,
    Activation: lambda layer, x, turn: ACTIVATIONS[layer.function](x),
}


def activations(network: Network, parameters: Arrays, images: Array) -> Arrays:
    """Give every layer's output by its name, as at evaluation."""
    outputs = {}
    x = images
    for number, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        x = FORWARD[type(layer)](layer, x, Pass(parameters_of(name, parameters), number, None))
        outputs[name] = x
    return outputs


def logits(network: Network, parameters: Arrays, images: Array, draw: Draw | None) -> tuple[Array, Arrays]:
    """Give what goes into the last activation, and what BatchNorms' running averages become."""
    x, running = images, {}
    for step in _steps(network):
        turn = Pass(parameters_of(step.name, parameters), step.number, draw)
        x = step.apply(x, turn)
        running.update({f"{step.name}/{kind}": value for kind, value in turn.running.items()})
    return x, running


class _Step(NamedTuple):
    """A layer's work, or one half of it."""

    number: int
    name: str
    apply: Callable[[Array, Pass], Array]


def _steps(network: Network) -> list[_Step]:
    """Put the work in the order in which it is cheapest, and leave out the last activation."""
    layers = network.without_last_activation.layers
    steps: list[_Step] = []
    pending: _Step | None = None
    for number, (name, layer) in enumerate(zip(network.names, layers, strict=True)):
        pooled_next = number + 1 < len(layers) and isinstance(layers[number + 1], MaxPool2D)
        if isinstance(layer, Conv2D) and pooled_next:
            # Bias and activation never turn the order of two values round, so the largest stays the largest and
            # both can follow the pooling, on a quarter of the numbers.
            steps.append(_Step(number, name, partial(_convolve_only, layer)))
            pending = _Step(number, name, partial(_activate, layer.activation))
            continue
        steps.append(_Step(number, name, partial(FORWARD[type(layer)], layer)))
        if pending is not None:
            steps.append(pending)
            pending = None
    return steps
