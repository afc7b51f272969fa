"""Networks that nobody thought of: layers at random, each trained a step by C and by NumPy."""

import numpy as np
import pytest

from inklings import Activation, BatchNorm, Conv2D, Dense, Dropout, Flatten, GlobalPool, MaxPool2D, Network
from inklings.engines import get_engine
from inklings.engines.gradcheck import random_parameters
from inklings.engines.native.engine import NativeEngine
from inklings.errors import NetworkError
from specimens import objective_for

ACTIVATIONS = ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh")
WORST = 1e-8
"""Of the largest gradient: both compute in float64, in other orders."""


def random_layer(random):
    def pair(low, high):
        sides = random.integers(low, high, 2, endpoint=True)
        return int(sides[0]) if random.random() < 0.5 else tuple(map(int, sides))

    padding, activation = random.choice(["same", "valid"]), str(random.choice(ACTIVATIONS))
    match random.integers(6):
        case 0 | 1:
            filters = int(random.integers(1, 20))
            return Conv2D(filters, pair(1, 5), str(padding), pair(1, 3), activation)
        case 2:
            return MaxPool2D(pair(1, 3), pair(1, 3), str(padding))
        case 3:
            return BatchNorm()
        case 4:
            return Activation(activation)
        case _:
            return Dropout(0.3)


def random_network(random):
    """A network of up to five layers before its dense ones; one whose layers do not fit is drawn again."""
    while True:
        height, width, channels = (int(side) for side in random.integers(1, (14, 14, 6)))
        layers = [random_layer(random) for _ in range(random.integers(0, 6))]
        ends = [GlobalPool(str(random.choice(["average", "max"])))] if random.random() < 0.3 else [Flatten()]
        ends += [
            Dense(int(random.integers(1, 40)), str(random.choice(ACTIVATIONS))) for _ in range(random.integers(0, 3))
        ]
        last = str(random.choice(["softmax", "sigmoid"]))
        try:
            return Network((height, width, channels), (*layers, *ends, Dense(int(random.integers(2, 12)), last)))
        except NetworkError:
            continue


def check(seed):
    random = np.random.default_rng([seed, 0xC])
    network, count = random_network(random), int(random.integers(1, 40))
    images = random.normal(size=(count, *network.input_shape)).astype(np.float32)
    labels = random.integers(0, network.output_count, count)
    parameters, objective = random_parameters(network, seed), objective_for(network)
    engines = get_engine("numpy", dtype="float64"), NativeEngine("float64", threads=int(random.integers(1, 4)))
    (loss, expected), (other_loss, found) = (
        engine.gradients(network, objective, parameters, images, labels, seed=seed) for engine in engines
    )
    # Against the network's largest gradient: before a BatchNorm, that of a bias is 0 but for rounding.
    largest = max(np.abs(gradient).max() for gradient in expected.values())
    worst = max(np.abs(found[name] - gradient).max() for name, gradient in expected.items())
    assert worst <= WORST * largest, f"seed {seed}: {worst:.1e} of {largest:.1e} in {network}"
    assert abs(other_loss - loss) <= WORST * abs(loss), f"seed {seed}: {other_loss} and {loss} of {network}"


@pytest.mark.parametrize("tenth", range(4))
def test_networks_at_random_have_the_references_gradients(tenth):
    for seed in range(tenth * 15, tenth * 15 + 15):
        check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("hundredth", range(100))
def test_ten_thousand_networks_at_random_have_the_references_gradients(hundredth):
    for seed in range(100 * hundredth, 100 * hundredth + 100):
        check(seed)
