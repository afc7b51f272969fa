"""The programs that the JAX engine runs, each compiled once for a network and kept.

All take the images of a whole chunk and a place in it, so that one program serves every batch or part. Many steps go
in one program. Only on a processor, with convolutions, each step is a call of its own: XLA's convolutions run some
twenty times slower there inside a loop (https://github.com/jax-ml/jax/issues/12868).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from inklings.engines.base import Optimiser
from inklings.engines.jax.forward import ACTIVATIONS, Arrays, activations, logits
from inklings.engines.jax.losses import image_weights, losses, penalty
from inklings.engines.objective import Objective
from inklings.engines.randomness import DropoutKey
from inklings.networks import Network

Program = Callable[..., Any]
Batch = tuple[Array, Array, Array | None]
"""Images, labels and, if there are any, the images' weights."""

_KEPT = 64  # programs of each kind: a comparison of many networks comes back to each


# A NamedTuple, which JAX takes for a tree of arrays: as an argument, a result, and a loop's carry.
class TrainingState(NamedTuple):
    """What changes with every step."""

    trainable: Arrays
    averages: Arrays
    """BatchNorms' running averages."""
    optimiser: Any


def loops_are_fast(network: Network) -> bool:
    """Whether many steps of a network should go in one program."""
    # On accelerators it is the call that costs, not the loop.
    return not network.is_convolutional or jax.default_backend() != "cpu"


@lru_cache(_KEPT)
def all_outputs(network: Network) -> Program:
    """``(parameters, images) -> every layer's outputs``."""
    return jax.jit(partial(activations, network))


@lru_cache(_KEPT)
def predictor(network: Network, size: int) -> Program:
    """``(parameters, images, start) -> the last layer's outputs`` for ``size`` images from ``start`` on."""

    def predict(parameters: Arrays, images: Array, start: Array) -> Array:
        # The start is an argument: one program serves every part, where a Python slice would compile one for each.
        x = lax.dynamic_slice_in_dim(images, start, size).astype(_dtype(parameters))
        # `logits` leaves the last activation out, as losses want it; a prediction needs it.
        return ACTIVATIONS[network.output_activation](logits(network, parameters, x, None)[0])

    return jax.jit(predict)


@lru_cache(_KEPT)
def evaluator(network: Network, objective: Objective, size: int) -> Program:
    """``(parameters, images, labels, start) -> (sum of losses, correct predictions)`` of ``size`` images."""

    def evaluate(parameters: Arrays, images: Array, labels: Array, start: Array) -> tuple[Array, Array]:
        (x, y), counts = _part((images, labels), start, size)
        z, _ = logits(network, parameters, x.astype(_dtype(parameters)), None)
        # Sums, not means: the caller adds up parts and knows how many images there were.
        return (losses(objective, z, y) * counts).sum(), ((z.argmax(-1) == y) * counts).sum()

    return jax.jit(evaluate)


@lru_cache(_KEPT)
def part_evaluator(network: Network, objective: Objective) -> Program:
    """``(parameters, images, labels, counts, part) -> (sum of losses, correct predictions)`` of one part.

    Images and labels have an axis for the parts in front; ``counts``, bool of shape (images,), says which count.
    """

    def evaluate(parameters: Arrays, images: Array, labels: Array, counts: Array, part: Array) -> tuple[Array, Array]:
        x, y = _rows((images, labels, None), part)[:2]
        z, _ = logits(network, parameters, x.astype(_dtype(parameters)), None)
        return (losses(objective, z, y) * counts).sum(), ((z.argmax(-1) == y) * counts).sum()

    return jax.jit(evaluate)


@lru_cache(_KEPT)
def multi_evaluator(network: Network, objective: Objective, size: int) -> Program:
    """``(stacked parameters, images, labels, parts, start) -> (sums of losses, correct predictions)``.

    Every network classifies ``size`` images. ``parts``, bool of shape (networks, parts, images), says which images
    count; the answers have shape (networks, parts).
    """

    def evaluate(stacked: Arrays, images: Array, labels: Array, parts: Array, start: Array) -> tuple[Array, Array]:
        (x, y), counts = _part((images, labels), start, size)
        # As _part cuts the images: the masks beside them have to begin at the same row.
        begin = jnp.minimum(start, len(labels) - size)
        counts = lax.dynamic_slice_in_dim(parts, begin, size, axis=2) & counts

        def evaluate_one(parameters: Arrays, own: Array) -> tuple[Array, Array]:
            z, _ = logits(network, parameters, x.astype(_dtype(parameters)), None)
            # (images,) times (parts, images), summed to (parts,).
            return (losses(objective, z, y) * own).sum(-1), ((z.argmax(-1) == y) * own).sum(-1)

        sums: tuple[Array, Array] = jax.vmap(evaluate_one)(stacked, counts)
        return sums

    return jax.jit(evaluate)


@lru_cache(_KEPT)
def gradient_part(network: Network, objective: Objective, size: int) -> Program:
    """``(trainable, averages, images, labels, weights, start, dropout) -> (loss, gradients)`` of ``size`` images.

    The first part holds the penalty. The weights may be None, as wherever below.
    """

    def loss(
        trainable: Arrays,
        averages: Arrays,
        images: Array,
        labels: Array,
        weights: Array | None,
        start: Array,
        dropout: DropoutKey,
    ) -> Array:
        (x, y, own), counts = _part((images, labels, weights), start, size)
        z, _ = logits(network, trainable | averages, x.astype(_dtype(trainable)), dropout)
        # A mean's share is 1 / len(labels): of all images, not of the part's.
        each = image_weights(objective, y, own, len(labels), z.dtype) * counts * losses(objective, z, y)
        # A factor of 0 or 1, since `start` is a number of the call: an `if` would need a program for each answer.
        return each.sum() + penalty(objective, trainable) * (start == 0)

    return jax.jit(jax.value_and_grad(loss))


@lru_cache(_KEPT)
def optimiser_state(optimiser: Optimiser, *, stacked: bool = False) -> Program:
    """``trainable -> the optimiser's state before the first step``; with ``stacked``, of several networks.

    Compiled: what the state and the parameters share would else be one array, which cannot be donated twice.
    """
    return jax.jit(jax.vmap(optimiser.init) if stacked else optimiser.init)


@lru_cache(_KEPT)
def many_steps(network: Network, objective: Objective, optimiser: Optimiser, *, stacked: bool = False) -> Program:
    """``(state, losses, images, labels, weights, order, rates, first step, start, stop, keys) -> (state, losses)``.

    Takes the steps of ``order`` from ``start`` up to ``stop``, which are no part of what is compiled, and fills in
    their losses. With ``stacked``, of several networks side by side: the state and the keys have an axis for them in
    front; losses, order and rates behind that of the steps.
    """
    step = partial(_step, network, objective, optimiser)
    if stacked:
        # Each network has a state, a batch, a rate and keys; the step's number is that of all.
        own_keys_same_step: Any = DropoutKey(0, None)
        step = jax.vmap(step, in_axes=(0, 0, 0, own_keys_same_step))

    def run(
        state: TrainingState,
        seen: Array,
        images: Array,
        labels: Array,
        weights: Array | None,
        order: Array,
        rates: Array,
        first: Array,
        start: Array,
        stop: Array,
        keys: Array,
    ) -> tuple[TrainingState, Array]:
        def body(number: Array, carry: tuple[TrainingState, Array]) -> tuple[TrainingState, Array]:
            state, seen = carry
            # An array of one, as the NumPy engine has it, in the 32 bits that the hash is of.
            dropout = DropoutKey(keys, (first + number).astype(jnp.uint32)[None])
            # The batch is cut out in the program: what the call hands over are row numbers, not pixels.
            state, loss = step(state, _rows((images, labels, weights), order[number]), rates[number], dropout)
            return state, seen.at[number].set(loss)

        # A fori_loop, whose bounds may come with the call: a scan's length is compiled in, and the chunker's changes.
        after: tuple[TrainingState, Array] = lax.fori_loop(start, stop, body, (state, seen))
        return after

    # Donated, the state's memory is written over: parameters and moments are not there twice.
    return jax.jit(run, donate_argnums=(0, 1))


@lru_cache(_KEPT)
def one_step(network: Network, objective: Objective, optimiser: Optimiser) -> Program:
    """``(state, images, labels, weights, rows, rate, step, keys) -> (state, loss)``."""

    def run(
        state: TrainingState,
        images: Array,
        labels: Array,
        weights: Array | None,
        rows: Array,
        rate: Array,
        step: Array,
        keys: Array,
    ) -> tuple[TrainingState, Array]:
        dropout = DropoutKey(keys, step.astype(jnp.uint32)[None])
        return _step(network, objective, optimiser, state, _rows((images, labels, weights), rows), rate, dropout)

    return jax.jit(run, donate_argnums=(0,))


def _step(
    network: Network,
    objective: Objective,
    optimiser: Optimiser,
    state: TrainingState,
    batch: Batch,
    rate: Array,
    dropout: DropoutKey,
) -> tuple[TrainingState, Array]:
    """Take one step: forward, backward, and the optimiser's change."""
    images, labels, own = batch

    def minimised(trainable: Arrays) -> tuple[Array, Arrays]:
        # float32 on the device even in float64 training: the batch is converted, never the data set.
        x = images.astype(_dtype(trainable))
        z, averages = logits(network, trainable | state.averages, x, dropout)
        weights = image_weights(objective, labels, own, len(labels), z.dtype)
        return (weights * losses(objective, z, labels)).sum() + penalty(objective, trainable), averages

    (loss, averages), gradients = jax.value_and_grad(minimised, has_aux=True)(state.trainable)
    direction, after = optimiser.update(gradients, state.optimiser, state.trainable)
    trainable = jax.tree.map(lambda value, change: value - rate * change, state.trainable, direction)
    return TrainingState(trainable, averages, after), loss


def _rows(arrays: Batch, rows: Array) -> Batch:
    """Take these rows of each array that there is."""
    batch: Batch = jax.tree.map(lambda values: values[rows], arrays)
    return batch


def _part(arrays: tuple[Array | None, ...], start: Array, size: int) -> tuple[Any, Array]:
    """Cut ``size`` rows from ``start`` on, and return with them which of them count.

    All parts have one shape, and so one program: the last begins earlier if too few rows are left, and what was in the
    part before does not count again.
    """
    begin = jnp.minimum(start, len(jax.tree.leaves(arrays)[0]) - size)
    part = jax.tree.map(lambda values: lax.dynamic_slice_in_dim(values, begin, size), arrays)
    return part, begin + jnp.arange(size) >= start


def _dtype(parameters: Arrays) -> Any:  # noqa: ANN401 - a NumPy dtype
    return next(iter(parameters.values())).dtype
