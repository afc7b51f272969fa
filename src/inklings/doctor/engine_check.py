"""Engines tried on small networks: whether their gradients are right, and how fast they train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inklings.engines import Objective, get_engine
from inklings.engines.microbenchmarks import best_seconds, product_rate
from inklings.networks import Dense, Flatten, Network, initial_parameters
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import Recipe

HEALTHY = 0.2
"""The least share of the machine's matrix-product rate that training a small dense network should reach."""
LARGEST_DIFFERENCE = 1e-3
"""Between an engine's gradients and the NumPy engine's, relative to the largest; float32 alone makes about 1e-6."""
_SMALL = Network((4, 4, 1), (Flatten(), Dense(5, "relu"), Dense(3, "softmax")))
_TYPICAL = Network((20, 20, 1), (Flatten(), Dense(800, "relu"), Dense(10, "softmax")))
_BATCH, _STEPS = 50, 8


@dataclass(frozen=True)
class Speed:
    """Floating-point operations a second in training, and the most that NumPy's matrix product reaches here."""

    rate: float
    limit: float

    @property
    def share(self) -> float:
        """How near training comes to the limit."""
        return self.rate / self.limit

    def __str__(self) -> str:
        beside = f"{self.share:.0%} of" if self.share <= 1 else "faster than"
        return (
            f"trains a 400-800-10 network at {self.rate / 1e9:.3g} GFLOP/s, {beside} NumPy's matrix product here "
            f"({self.limit / 1e9:.3g} GFLOP/s)"
        )


def find_fault(engine: str) -> str:
    """Train a little, compare gradients with the NumPy engine's, and say what is wrong; empty if nothing is."""
    try:
        difference = _gradient_difference(engine)
        _training(_SMALL, engine)()
    except Exception as error:  # any failure, of libraries' own too, is what is looked for
        return describe_failure(error)
    if difference < LARGEST_DIFFERENCE:
        return ""
    return f"its gradients differ from the NumPy engine's by {difference:.1e}"


def describe_failure(error: Exception) -> str:
    """Return a failure in one line."""
    return f"fails with {type(error).__name__}: {next(iter(str(error).splitlines()), 'no message')}"


def measure_limit() -> float:
    """Return the rate of NumPy's matrix product, in floating-point operations a second."""
    return product_rate("numpy")


def measure_speed(engine: str, limit: float) -> Speed:
    """Measure how fast an engine trains: forward, and two products per layer backward."""
    # The quickest of many tries: other programs can only add time.
    seconds = best_seconds(_training(_TYPICAL, engine), within=0.5)
    first, *others = [layer.operations(shape) for _, layer, shape in _TYPICAL.walk() if isinstance(layer, Dense)]
    # Nobody needs the gradient with respect to the first layer's input.
    return Speed(_STEPS * _BATCH * (2 * first + 3 * sum(others)) / seconds, limit)


def _gradient_difference(name: str) -> float:
    """Return the largest difference between an engine's gradients and the NumPy engine's, relative to the largest."""
    random = np.random.default_rng(0)
    images, labels = random.normal(size=(6, 4, 4, 1)).astype(np.float32), np.arange(6) % 3
    parameters = initial_parameters(_SMALL, 0)
    by_numpy, other = (
        # NumPy's in float64, as the truth to compare with.
        get_engine(engine, dtype=dtype).gradients(_SMALL, Objective(), parameters, images, labels)[1]
        for engine, dtype in (("numpy", "float64"), (name, "float32"))
    )
    largest = max(float(np.abs(gradient).max()) for gradient in by_numpy.values())
    return max(float(np.abs(other[key] - gradient).max()) for key, gradient in by_numpy.items()) / largest


def _training(network: Network, name: str) -> Callable[[], object]:
    """Return a function that takes some steps on random images."""
    random, engine = np.random.default_rng(0), get_engine(name)
    images = random.normal(size=(500, *network.input_shape)).astype(np.float32)
    labels = np.arange(500) % network.output_count
    order, rates = random.integers(0, 500, (_STEPS, _BATCH)), np.full(_STEPS, 1e-3)
    optimiser = build_optimiser(Recipe("nesterov"))
    session = engine.session(network, Objective(), optimiser, initial_parameters(network, 0), seed=0)
    return lambda: session.train(images, labels, order, rates, 0, lambda: False)
