import numpy as np
import pytest

from inklings.data import open_dataset
from inklings.data.lazy_images import ImageStack
from inklings.engines import get_engine
from inklings.engines.streaming import WHOLE
from inklings.networks import Dense, Flatten, Network, initial_parameters
from inklings.networks.layers import Conv2D, MaxPool2D
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser
from specimens import objective_for

COUNT = 400_000
DENSE = Network((28, 28, 1), (Flatten(), Dense(10, activation="softmax")))
CONVOLUTIONAL = Network(
    (28, 28, 1), (Conv2D(2, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(10, activation="softmax"))
)


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits28")


@pytest.fixture(scope="module")
def many(digits):
    """The digits eighty times over, none of them copied: more than is given whole."""
    rows = np.arange(COUNT) % len(digits)
    stack = ImageStack(digits.images, rows=rows)
    assert 4 * np.prod(stack.shape) > WHOLE
    return stack, digits.labels[rows]


def train(network, images, labels, order, weights):
    engine, recipe = get_engine("compiled"), Recipe(optimiser="adam", learning_rate=0.01)
    session = engine.session(
        network, objective_for(network), build_optimiser(recipe, engine), initial_parameters(network, 0), seed=0
    )
    losses = session.train(images, labels, order, np.full(len(order), 0.01), 0, lambda: False, weights)
    return losses, session.parameters


@pytest.mark.parametrize(("network", "steps"), [(DENSE, 1000), (CONVOLUTIONAL, 500)])
def test_training_on_images_given_part_by_part_is_training_on_the_whole(network, steps, digits, many):
    order = np.random.default_rng(0).integers(0, COUNT, (steps, 50))
    weights = np.random.default_rng(1).random(len(digits)) * 2
    losses, parameters = train(network, *many, order, weights[np.arange(COUNT) % len(digits)])
    expected, known = train(network, digits.images, digits.labels, order % len(digits), weights)
    assert len(losses) == steps
    assert np.allclose(losses, expected, rtol=1e-3, atol=1e-4)
    for name, value in known.items():
        assert np.allclose(parameters[name], value, rtol=1e-2, atol=1e-3)


def test_training_that_is_asked_to_stop_stops_within_a_part(many):
    engine, recipe = get_engine("compiled"), Recipe()
    session = engine.session(
        DENSE, objective_for(DENSE), build_optimiser(recipe, engine), initial_parameters(DENSE, 0), seed=0
    )
    order = np.arange(COUNT).reshape(-1, 50)
    losses = session.train(*many, order, np.full(len(order), 0.01), 0, lambda: True)
    assert 0 < len(losses) < 100


def test_reading_images_part_by_part_is_reading_the_whole(digits, many):
    engine, parameters = get_engine("compiled"), initial_parameters(DENSE, 0)
    images, labels = many
    found = engine.evaluate(DENSE, objective_for(DENSE), parameters, images, labels)
    known = engine.evaluate(DENSE, objective_for(DENSE), parameters, digits.images, digits.labels)
    assert found.loss == pytest.approx(known.loss, rel=1e-4)
    assert found.accuracy == pytest.approx(known.accuracy, abs=1e-9)
    outputs, known = (engine.predict(DENSE, parameters, pixels) for pixels in (images, digits.images))
    assert outputs.shape == (COUNT, 10)
    for start in (0, 200_000, COUNT - len(digits)):
        assert np.allclose(outputs[start : start + len(digits)], known, atol=1e-5)


@pytest.mark.parametrize("count", [1, 10_007])
def test_a_stack_small_enough_is_given_whole_and_read_alike(count, digits):
    engine, parameters = get_engine("compiled"), initial_parameters(DENSE, 0)
    rows = np.arange(count) % len(digits)
    images, labels = ImageStack(digits.images, rows=rows), digits.labels[rows]
    found = engine.evaluate(DENSE, objective_for(DENSE), parameters, images, labels)
    assert found == engine.evaluate(DENSE, objective_for(DENSE), parameters, digits.images[rows], labels)
    order = np.zeros((3, 1), np.int64)
    losses, _ = train(DENSE, images, labels, order, np.ones(count))
    assert np.array_equal(losses, train(DENSE, digits.images[rows], labels, order, np.ones(count))[0])
