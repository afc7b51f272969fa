"""Short measurements of what training is made of, on this machine, in the engines' own forms.

Each is the shortest of some runs (see :func:`inklings.engines.microbenchmarks.best_seconds`), together some three seconds, most
of them spent on compiling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from inklings.engines import Engine, Objective, Session, get_engine
from inklings.engines.randomness import batch_order
from inklings.engines.microbenchmarks import best_seconds
from inklings.networks import Conv2D, Dense, Flatten, MaxPool2D, Network, initial_parameters
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import Recipe

BATCH, _IMAGES, _MANY = 50, 500, 2000
_WITHIN = 0.08  # seconds for each measurement
LEAST = Network((20, 20, 1), (Flatten(), Dense(10, "softmax")))
DENSE = Network((20, 20, 1), (Flatten(), Dense(800, "relu"), Dense(10, "softmax")))
# Shape of the images and number of filters: a first convolution, which reads one channel, and a second.
CONVOLUTIONS = {"first": ((20, 20, 1), 32), "later": ((10, 10, 32), 64)}


@dataclass(frozen=True)
class Stepping:
    """How a dense network's training went: seconds a step, to begin, and to compile training and evaluation."""

    step: float
    begin: float
    compile_training: float
    compile_reading: float


def dense_steps() -> tuple[Stepping, Stepping]:
    """Train a network that is nearly nothing, and one of 800 hidden units, by plain gradient descent."""
    return _steps(LEAST), _steps(DENSE)


def _steps(network: Network, steps: int = 8) -> Stepping:
    random = np.random.default_rng(0)
    images = random.normal(size=(_IMAGES, *network.input_shape)).astype(np.float32)
    labels = np.arange(_IMAGES) % network.output_count
    order, rates = batch_order(0, 0, _IMAGES, BATCH)[:steps], np.full(steps, 1e-3)
    engine = get_engine("compiled")  # loaded before training's clock starts, and so before this one
    begun = perf_counter()
    session = _session(network, engine)
    begin = perf_counter() - begun

    def train() -> None:
        session.train(images, labels, order, rates, 0, lambda: False)

    first, reading = _seconds(train), _seconds(lambda: session.evaluate(images, labels))
    seconds = best_seconds(train, within=_WITHIN)
    reading -= best_seconds(lambda: session.evaluate(images, labels), within=_WITHIN)
    return Stepping(seconds / steps, begin, first - seconds, reading)


def _session(network: Network, engine: Engine) -> Session:
    optimiser = build_optimiser(Recipe("sgd"), engine)
    return engine.session(network, Objective(), optimiser, initial_parameters(network, 0), seed=0)


def _seconds(run: Callable[[], object]) -> float:
    begun = perf_counter()
    run()
    return perf_counter() - begun


@dataclass(frozen=True)
class Measured:
    """Seconds that a compiled function takes, and that compiling it took."""

    seconds: float
    compiling: float


def _compiled(
    function: Callable[..., Any], *shapes: tuple[int, ...], dtype: str = "float32", within: float = _WITHIN
) -> Measured:
    import jax
    import jax.numpy as jnp

    with _precision(dtype):
        arguments = [jnp.full(shape, 0.5, dtype) for shape in shapes]
        program = jax.jit(function)

        def run() -> None:
            jax.block_until_ready(program(*arguments))  # type: ignore[no-untyped-call]

        first = _seconds(run)
        seconds = best_seconds(run, within=within)
    return Measured(seconds, first - seconds)


@contextmanager
def _precision(dtype: str) -> Iterator[None]:
    import jax

    with jax.enable_x64(dtype == "float64"):
        yield


def call() -> Measured:
    """Call a program that does nothing."""
    return _compiled(lambda x: x + 1, (8,))


def reading_rate(dtype: str) -> float:
    """Give the rate of the product of many images with a layer's weights, operations a second."""
    images, pixels, units = 1000, 400, 64 if dtype == "float64" else 400
    product = _compiled(lambda x, w: x @ w, (images, pixels), (pixels, units), dtype=dtype)
    return 2.0 * images * pixels * units / product.seconds


def update_rate(count: int) -> float:
    """Give the bytes a second that pass through Adam's update of so many parameters."""

    def update(p: Any, m: Any, v: Any, g: Any) -> Any:  # noqa: ANN401 - JAX arrays
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return p - 0.001 * m / (v**0.5 + 1e-8), m, v

    return 7 * 4 * count / _compiled(update, *[(count,)] * 4, within=2 * _WITHIN).seconds


def double_seconds() -> tuple[float, float]:
    """Give the seconds that an input value takes in float64: in a gradient over all images, and in evaluation.

    With few hidden units that is what it costs to bring the images in from memory, not the arithmetic.
    """
    network = Network((20, 20, 1), (Flatten(), Dense(25, "sigmoid"), Dense(10, "sigmoid")))
    objective = Objective("binary_crossentropy")
    random = np.random.default_rng(0)
    images, labels = random.normal(size=(_MANY, 20, 20, 1)).astype(np.float32), np.arange(_MANY) % 10
    engine, parameters = get_engine("compiled", dtype="float64"), initial_parameters(network, 0)
    gradient = best_seconds(lambda: engine.gradients(network, objective, parameters, images, labels), within=_WITHIN)
    reading = best_seconds(lambda: engine.evaluate(network, objective, parameters, images, labels), within=_WITHIN)
    return gradient / images.size, reading / images.size


def mask_rate() -> float:
    """Give the values a second that dropout's masks are drawn for."""
    import jax.numpy as jnp

    from inklings.engines.randomness import dropout_mask, mask_keys

    keys = mask_keys(0, 1)[0]

    def mask(x: Any, step: Any) -> Any:  # noqa: ANN401 - JAX arrays
        return jnp.where(dropout_mask(jnp, keys, step.astype(jnp.uint32), x.shape, 0.5), x, 0)

    return BATCH * 800 / _compiled(mask, (BATCH, 800), (1,)).seconds


@dataclass(frozen=True)
class Convolving:
    """A convolution with ReLU and pooling: operations a second in training and in reading, and compiling's seconds."""

    training: float
    reading: float
    compiling: float


def convolving(place: str) -> Convolving:
    """Measure a convolution that is the network's first (no gradient by its input), or a later one."""
    import jax

    from inklings.engines.tracing import FORWARD, Pass

    shape, filters = CONVOLUTIONS[place]
    convolution, pooling = Conv2D(filters, 5, "same", 1, "relu"), MaxPool2D(2)

    def output(weights: Any, x: Any) -> Any:  # noqa: ANN401 - JAX arrays
        y = FORWARD[Conv2D](convolution, x, Pass({"weights": weights}, 0, None))
        return FORWARD[MaxPool2D](pooling, y, Pass({}, 0, None)).sum()

    kernel, batch, many = (5, 5, shape[2], filters), (BATCH, *shape), (250, *shape)
    by = (0,) if place == "first" else (0, 1)
    back = _compiled(jax.grad(output, by), kernel, batch)
    forward = _compiled(output, kernel, many)
    operations = convolution.operations(shape)
    return Convolving(
        (1 + len(by)) * operations * BATCH / back.seconds, operations * 250 / forward.seconds, back.compiling
    )


def reference_rate(kind: str) -> float:
    """Give the reference engine's rate in training, operations a second, for ``dense`` or ``convolutional`` layers."""
    layers = (Conv2D(8, 5, "same", 1, "relu"), MaxPool2D(2), Flatten(), Dense(10, "softmax"))
    network = DENSE if kind == "dense" else Network((12, 12, 4), layers)
    random = np.random.default_rng(0)
    images, labels = random.normal(size=(BATCH, *network.input_shape)).astype(np.float32), np.arange(BATCH) % 10
    engine: Engine = get_engine("reference")
    run = partial(engine.gradients, network, Objective(), initial_parameters(network, 0), images, labels)
    return 3 * BATCH * network.operations / best_seconds(run, within=_WITHIN, least=10)
