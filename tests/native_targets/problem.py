"""A training for trial.c, with the numbers that the NumPy engine reaches in float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inklings import Conv2D, Dense, Flatten, MaxPool2D, Network
from inklings.engines import get_engine
from inklings.engines.native import bindings
from inklings.engines.native.lowering import lower
from inklings.engines.objective import Objective
from inklings.networks import initial_parameters
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser

# A convolution computed directly and one by Winograd's algorithm, pooling, a dense layer wide enough to be shared among
# threads, and one with few outputs.
NETWORK = Network(
    (14, 14, 1),
    (
        Conv2D(20, 5, "same", 1, "relu"),
        MaxPool2D(2),
        Conv2D(24, 3, "same", 1, "relu"),
        Flatten(),
        Dense(200, "tanh"),
        Dense(10, "softmax"),
    ),
)
IMAGES, STEPS, BATCH = 120, 6, 40


def write_problem(path: Path) -> None:
    """Write a problem in the order in which trial.c takes it: the library's structures, then plain arrays."""
    random = np.random.default_rng(0)
    images = random.normal(size=(IMAGES, *NETWORK.input_shape)).astype(np.float32)
    labels = random.integers(0, NETWORK.output_count, IMAGES)
    order = random.integers(0, IMAGES, (STEPS, BATCH))
    rates = np.full(STEPS, 0.01)
    before = initial_parameters(NETWORK, 3)
    losses, after = expected(images, labels, order, rates)
    layers = lower(NETWORK, np.dtype(np.float64)).layer_array(np.zeros((len(NETWORK.layers), 2), np.uint32))
    optimiser = bindings.Optimiser(spec=2, momentum=0.9)  # momentum, as numbered in optimiser.h
    header = np.array([len(layers), IMAGES, np.prod(NETWORK.input_shape), NETWORK.output_count, STEPS, BATCH])
    objective = bindings.Objective(0, 1, 0.0, None)
    with path.open("wb") as file:
        for part in (
            header.astype(np.int64),
            layers,
            optimiser,
            objective,
            images,
            labels.astype(np.int64),
            order.astype(np.int64),
            rates,
        ):
            file.write(bytes(part))
        file.write(flat(before) + losses.tobytes() + flat(after))


def expected(images, labels, order, rates):
    engine = get_engine("numpy", dtype="float64")
    optimiser = build_optimiser(Recipe("momentum", momentum=0.9))
    session = engine.session(NETWORK, Objective(), optimiser, initial_parameters(NETWORK, 3), seed=0)
    losses = session.train(images, labels, order, rates, 0, lambda: False)
    return losses, session.parameters


def flat(parameters) -> bytes:
    return b"".join(np.asarray(parameters[name], np.float64).tobytes() for name in NETWORK.parameter_shapes)
