"""The programs that the compiled engine runs, each compiled once for a network and kept.

All take the whole data set and say inside which part of it they mean: a part that is cut out outside would be copied,
and compiled again for the last, shorter one. A network of matrix products alone runs many steps in one program; with a
convolution each step is a call (see :mod:`inklings.engines.convolution`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from inklings.engines.base import Optimiser
from inklings.engines.criterion import image_weights, losses, penalty
from inklings.engines.objective import Objective
from inklings.engines.spectral import saves_work
from inklings.engines.tracing import ACTIVATIONS, Arrays, Draw, activations, logits
from inklings.networks import Conv2D, Network

Program = Callable[..., Any]

MANY_IMAGES, MANY_CHANNELS = 100, 16
"""From so many on, convolving in all threads is quicker than XLA's default; see :func:`_options`."""
Batch = tuple[Array, Array, Array | None]
"""Images, labels and, if there are any, the images' weights."""

_KEPT = 64

WITHOUT_YNNPACK = ("xla_cpu_experimental_ynn_fusion_type", "")


class Learning(NamedTuple):
    """What changes with every step."""

    trainable: Arrays
    averages: Arrays
    """BatchNorms' running averages."""
    state: Any
    """The optimiser's."""


@lru_cache(_KEPT)
def observer(network: Network) -> Program:
    """``(parameters, images) -> every layer's outputs``."""
    return jax.jit(partial(activations, network))


@lru_cache(_KEPT)
def predictor(network: Network, size: int) -> Program:
    """``(parameters, all images, start) -> the last layer's outputs`` for ``size`` images from ``start`` on."""

    def predict(parameters: Arrays, images: Array, start: Array) -> Array:
        x = lax.dynamic_slice_in_dim(images, start, size).astype(_dtype(parameters))
        return ACTIVATIONS[network.output_activation](logits(network, parameters, x, None)[0])

    return jax.jit(predict, compiler_options=_options(network, size))


@lru_cache(_KEPT)
def cutter(size: int) -> Program:
    """``(all images, all labels, start) -> (images, labels, whether each counts)`` of such a part."""

    def cut(images: Array, labels: Array, start: Array) -> tuple[Array, Array, Array]:
        (x, y), counts = _part((images, labels), start, size)
        return x, y, counts

    return jax.jit(cut)


@lru_cache(_KEPT)
def evaluator(network: Network, objective: Objective) -> Program:
    """``(parameters, images, labels, whether each counts) -> (sum of losses, images read right)``.

    Cut out first, parts of training and validation images have the same shape: one program reads both, and compiling
    it takes longer than copying a part.
    """

    def evaluate(parameters: Arrays, x: Array, y: Array, counts: Array) -> tuple[Array, Array]:
        z, _ = logits(network, parameters, x.astype(_dtype(parameters)), None)
        return (losses(objective, z, y) * counts).sum(), ((z.argmax(-1) == y) * counts).sum()

    return jax.jit(evaluate, compiler_options=_options(network, MANY_IMAGES))


@lru_cache(_KEPT)
def gradient_part(network: Network, objective: Objective, size: int) -> Program:
    """``(trainable, averages, images, labels, weights, start, draw) -> (loss, gradients)`` of such a part.

    Without the penalty. The weights may be None, as wherever below.
    """

    def loss(
        trainable: Arrays,
        averages: Arrays,
        images: Array,
        labels: Array,
        weights: Array | None,
        start: Array,
        draw: Draw,
    ) -> Array:
        (x, y, own), counts = _part((images, labels, weights), start, size)
        z, _ = logits(network, trainable | averages, x.astype(_dtype(trainable)), draw)
        return (image_weights(objective, y, own, len(labels), z.dtype) * counts * losses(objective, z, y)).sum()

    return jax.jit(jax.value_and_grad(loss))


@lru_cache(_KEPT)
def penalty_gradient(objective: Objective) -> Program:
    """``(trainable) -> (penalty, gradients)``."""
    return jax.jit(jax.value_and_grad(lambda trainable: jnp.asarray(penalty(objective, trainable), _dtype(trainable))))


@lru_cache(_KEPT)
def evaluator_together(network: Network, objective: Objective) -> Program:
    """``(stacked parameters, images, labels, whether each counts) -> (sums of losses, images read right)``.

    Every member reads all images, which makes one large matrix product of the first layer; ``whether each counts`` has
    shape (members, parts, images), the answers (members, parts).
    """

    def evaluate(parameters: Arrays, x: Array, y: Array, counts: Array) -> tuple[Array, Array]:
        pixels = x.astype(_dtype(parameters))
        z = jax.vmap(lambda own: logits(network, own, pixels, None)[0])(parameters)
        each = losses(objective, z, jnp.broadcast_to(y, z.shape[:2]))
        weights = counts.astype(z.dtype)
        return (each[:, None] * weights).sum(-1), ((z.argmax(-1) == y)[:, None] * weights).sum(-1)

    return jax.jit(evaluate)


@lru_cache(_KEPT)
def many_steps(network: Network, objective: Objective, optimiser: Optimiser, *, together: bool = False) -> Program:
    """``(learning, losses, images, labels, weights, order, rates, first step, start, stop, keys)``.

    Gives ``(learning, losses)`` after the steps of ``order`` from ``start`` up to ``stop``, which are no part of what
    is compiled. With ``together``, of several networks side by side: learning and keys have an axis for them in front,
    losses, order and rates behind the steps'.
    """
    step = partial(_step, network, objective, optimiser)
    if together:
        own_keys_same_step: Any = Draw(0, None)  # type: ignore[arg-type]
        step = jax.vmap(step, in_axes=(0, 0, 0, own_keys_same_step))

    def run(
        learning: Learning,
        kept: Array,
        images: Array,
        labels: Array,
        weights: Array | None,
        order: Array,
        rates: Array,
        first: Array,
        start: Array,
        stop: Array,
        keys: Array,
    ) -> tuple[Learning, Array]:
        def body(number: Array, carry: tuple[Learning, Array]) -> tuple[Learning, Array]:
            learning, kept = carry
            rows = order[number]
            draw = Draw(keys, (first + number).astype(jnp.uint32)[None])
            batch = _take((images, labels, weights), rows)
            learning, loss = step(learning, batch, rates[number], draw)
            return learning, kept.at[number].set(loss)

        after: tuple[Learning, Array] = lax.fori_loop(start, stop, body, (learning, kept))
        return after

    return jax.jit(run, donate_argnums=(0, 1))


@lru_cache(_KEPT)
def one_step(network: Network, objective: Objective, optimiser: Optimiser, batch_size: int) -> Program:
    """``(learning, images, labels, weights, rows, rate, step, keys) -> (learning, loss)``."""

    def run(
        learning: Learning,
        images: Array,
        labels: Array,
        weights: Array | None,
        rows: Array,
        rate: Array,
        step: Array,
        keys: Array,
    ) -> tuple[Learning, Array]:
        draw = Draw(keys, step.astype(jnp.uint32)[None])
        return _step(network, objective, optimiser, learning, _take((images, labels, weights), rows), rate, draw)

    return jax.jit(run, donate_argnums=(0,), compiler_options=_options(network, batch_size))


def _options(network: Network, images: int) -> dict[str, str] | None:
    """Choose who slides kernels over images: XLA's default, YNNPACK, does so in one thread; Eigen, left alone, in all.

    Eigen reaches its speed with many channels and images only: on two cores, 32 channels of 128 images of 14 x 14
    take 27 ms by the default and 16 by Eigen, one channel of 50 images of 20 x 20 takes 1.0 and 2.8.
    """
    slides = any(
        isinstance(layer, Conv2D)
        and shape[-1] >= MANY_CHANNELS
        and not saves_work((images, *shape), network.parameter_shapes[f"{name}/weights"], layer.window)
        for name, layer, shape in network.walk()
    )
    return dict([WITHOUT_YNNPACK]) if slides and images >= MANY_IMAGES and _knows(WITHOUT_YNNPACK) else None


@lru_cache
def _knows(option: tuple[str, str]) -> bool:
    """Say whether this version of XLA has an option; an unknown one would be refused at every compilation."""
    try:
        jax.jit(lambda x: x, compiler_options=dict([option]))(np.float32(0))
    except jax.errors.JaxRuntimeError:
        return False
    return True


def _step(
    network: Network,
    objective: Objective,
    optimiser: Optimiser,
    learning: Learning,
    batch: Batch,
    rate: Array,
    draw: Draw,
) -> tuple[Learning, Array]:
    """Take one step: forward, backward, and the optimiser's change."""
    images, labels, own = batch

    def minimised(trainable: Arrays) -> tuple[Array, Arrays]:
        x = images.astype(_dtype(trainable))
        z, averages = logits(network, trainable | learning.averages, x, draw)
        weights = image_weights(objective, labels, own, len(labels), z.dtype)
        return (weights * losses(objective, z, labels)).sum() + penalty(objective, trainable), averages

    (loss, averages), gradients = jax.value_and_grad(minimised, has_aux=True)(learning.trainable)
    direction, state = optimiser.update(gradients, learning.state, learning.trainable)
    trainable = jax.tree.map(lambda value, change: value - rate * change, learning.trainable, direction)
    return Learning(trainable, averages, state), loss


def _take(arrays: Batch, rows: Array) -> Batch:
    """Give those rows of each array that there is."""
    batch: Batch = jax.tree.map(lambda values: values[rows], arrays)
    return batch


def _part(arrays: tuple[Array | None, ...], start: Array, size: int) -> tuple[Any, Array]:
    """Cut ``size`` rows from ``start`` on; where the end comes earlier, from before, and count those not again."""
    begin = jnp.minimum(start, len(jax.tree.leaves(arrays)[0]) - size)
    part = jax.tree.map(lambda values: lax.dynamic_slice_in_dim(values, begin, size), arrays)
    return part, begin + jnp.arange(size) >= start


def _dtype(parameters: Arrays) -> Any:  # noqa: ANN401 - a NumPy dtype
    return next(iter(parameters.values())).dtype
