"""What the native engine's tests share; none of them runs where it was not compiled."""

import numpy as np
import pytest

from inklings.engines import native
from inklings.engines.native.engine import NativeEngine
from inklings.networks import initial_parameters
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser
from specimens import objective_for


@pytest.fixture(autouse=True, scope="session")
def compiled_here():
    if reason := native.why_not():
        pytest.skip(reason)


def labelled(network, count=60, seed=0):
    """Random images for a network, and labels."""
    random = np.random.default_rng(seed)
    images = random.normal(size=(count, *network.input_shape)).astype(np.float32)
    return images, random.integers(0, network.output_count, count)


def begin_training(engine, network, optimiser="adam", **settings):
    recipe = Recipe(optimiser, momentum=0.8, weight_decay=0.3)
    objective = objective_for(network, **settings)
    return engine.session(network, objective, build_optimiser(recipe), initial_parameters(network, 3), seed=7)


def take_steps(session, images, labels, batch_size=12, steps=6, weights=None):
    order = np.random.default_rng(5).integers(0, len(images), (steps, batch_size))
    return session.train(images, labels, order, np.full(steps, 0.05), 2, lambda: False, weights)


@pytest.fixture
def data():
    return labelled


@pytest.fixture
def begin():
    return begin_training


@pytest.fixture
def take():
    return take_steps


@pytest.fixture
def trained():
    """Train a network by an engine of so many threads, and give all that training leaves."""

    def train(network, threads=2, dtype="float32", **settings):
        session = begin_training(NativeEngine(dtype, threads=threads), network, **settings)
        losses = take_steps(session, *labelled(network))
        return {"losses": losses} | session.parameters | session.state

    return train
