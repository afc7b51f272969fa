"""Engines tried on small networks: whether they give right numbers, and how fast they train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inklings.engines import Objective, get_engine
from inklings.engines.microbenchmarks import best_seconds, product_rate
from inklings.networks import Dense, Flatten, Network, initial_parameters
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser

HEALTHY = 0.2
"""The least share of the machine's matrix-product rate that training a small dense network should reach."""
LARGEST_DIFFERENCE = 1e-3
"""Between an engine's gradients and the reference's, against the largest; float32 alone makes about 1e-6."""
_SMALL = Network((4, 4, 1), (Flatten(), Dense(5, "relu"), Dense(3, "softmax")))
_TYPICAL = Network((20, 20, 1), (Flatten(), Dense(800, "relu"), Dense(10, "softmax")))
_BATCH, _STEPS = 50, 8


@dataclass(frozen=True)
class Speed:
    """Floating-point operations a second while training, and the most that matrix products reach here."""

    rate: float
    limit: float

    @property
    def share(self) -> float:
        """How near training comes to the limit."""
        return self.rate / self.limit

    def __str__(self) -> str:
        return (
            f"trains a 400-800-10 network at {self.rate / 1e9:.3g} GFLOP/s, {self.share:.1%} of what a matrix product "
            f"reaches here ({self.limit / 1e9:.3g})"
        )


def fault_of(name: str) -> str:
    """Train a little with an engine, and compare its gradients with the reference engine's; say what is wrong."""
    try:
        difference = _difference(name)
        _train(_SMALL, name)()
    except Exception as error:  # any failure, of libraries' own too, is what is looked for
        return describe(error)
    if difference < LARGEST_DIFFERENCE:
        return ""
    return f"gives gradients that differ from the reference engine's by {difference:.1e}"


def describe(error: Exception) -> str:
    """Word a failure in a line."""
    return f"fails with {type(error).__name__}: {next(iter(str(error).splitlines()), 'no message')}"


def product_limit() -> float:
    """Give the rate of the fastest matrix product at hand; where JAX does not work, that is NumPy's."""
    try:
        return max(product_rate("jax"), product_rate("numpy"))
    except Exception:  # whatever is wrong with JAX is told by the compiled engine's own check
        return product_rate("numpy")


def speed_of(name: str, limit: float) -> Speed:
    """Measure how fast an engine trains: forward, and two products a layer backward."""
    seconds = best_seconds(_train(_TYPICAL, name), within=0.5)
    first, *others = [layer.operations(shape) for _, layer, shape in _TYPICAL.walk() if isinstance(layer, Dense)]
    # The first layer's input gradient is needed by nobody.
    return Speed(_STEPS * _BATCH * (2 * first + 3 * sum(others)) / seconds, limit)


def _difference(name: str) -> float:
    """Give the largest difference between an engine's gradients and the reference's, against the largest gradient."""
    random = np.random.default_rng(0)
    images, labels = random.normal(size=(6, 4, 4, 1)).astype(np.float32), np.arange(6) % 3
    parameters = initial_parameters(_SMALL, 0)
    reference, other = (
        get_engine(engine, dtype=dtype).gradients(_SMALL, Objective(), parameters, images, labels)[1]
        for engine, dtype in (("numpy", "float64"), (name, "float32"))
    )
    largest = max(float(np.abs(gradient).max()) for gradient in reference.values())
    return max(float(np.abs(other[key] - gradient).max()) for key, gradient in reference.items()) / largest


def _train(network: Network, name: str) -> Callable[[], object]:
    """Give a function that takes some steps with random images."""
    random, engine = np.random.default_rng(0), get_engine(name)
    images = random.normal(size=(500, *network.input_shape)).astype(np.float32)
    labels = np.arange(500) % network.output_count
    order, rates = random.integers(0, 500, (_STEPS, _BATCH)), np.full(_STEPS, 1e-3)
    optimiser = build_optimiser(Recipe("nesterov"))
    session = engine.session(network, Objective(), optimiser, initial_parameters(network, 0), seed=0)
    return lambda: session.train(images, labels, order, rates, 0, lambda: False)
