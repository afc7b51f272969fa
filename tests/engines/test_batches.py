import numpy as np
import pytest

from inklings.data import open_dataset
from inklings.data.lazy_images import ImageStack
from inklings.engines import batches, get_engine, native
from inklings.networks import Dense, Flatten, Network, initial_parameters
from inklings.networks.image_layers import Conv2D, MaxPool2D
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser
from specimens import objective_for

COUNT = 10_000
DENSE = Network((28, 28, 1), (Flatten(), Dense(10, activation="softmax")))
CONVOLUTIONAL = Network(
    (28, 28, 1), (Conv2D(2, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(10, activation="softmax"))
)


@pytest.fixture(params=["numpy", "native", "jax"])
def engine(request):
    if request.param == "native" and (reason := native.why_not()):
        pytest.skip(reason)
    return get_engine(request.param)


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    """Images that take more than 16 MB are many, and go in chunks of 2 MB."""
    monkeypatch.setattr(batches, "WHOLE", 1 << 24)
    monkeypatch.setattr(batches, "PART", 1 << 21)


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits28")


@pytest.fixture(scope="module")
def many(digits):
    """The digits twice over, none of them copied: more than one chunk."""
    rows = np.arange(COUNT) % len(digits)
    stack = ImageStack(digits.images, rows=rows)
    assert 4 * np.prod(stack.shape) > 1 << 24
    return stack, digits.labels[rows]


def train(engine, network, images, labels, order, weights):
    recipe = Recipe(optimiser="adam", learning_rate=0.01)
    session = engine.session(
        network, objective_for(network), build_optimiser(recipe), initial_parameters(network, 0), seed=0
    )
    losses = session.train(images, labels, order, np.full(len(order), 0.01), 0, lambda: False, weights)
    return losses, session.parameters


@pytest.mark.parametrize(("network", "steps"), [(DENSE, 40), (CONVOLUTIONAL, 30)], ids=["dense", "convolutional"])
def test_training_on_images_that_come_in_chunks_is_training_on_the_whole(engine, network, steps, digits, many):
    order = np.random.default_rng(0).integers(0, COUNT, (steps, 50))
    weights = np.random.default_rng(1).random(len(digits)) * 2
    losses, parameters = train(engine, network, *many, order, weights[np.arange(COUNT) % len(digits)])
    expected, known = train(engine, network, digits.images, digits.labels, order % len(digits), weights)
    assert len(losses) == steps
    assert np.allclose(losses, expected, rtol=1e-3, atol=1e-4)
    for name, value in known.items():
        assert np.allclose(parameters[name], value, rtol=1e-2, atol=1e-3)


def test_training_that_is_asked_to_stop_stops_within_a_chunk(engine, many):
    recipe = Recipe()
    session = engine.session(DENSE, objective_for(DENSE), build_optimiser(recipe), initial_parameters(DENSE, 0), seed=0)
    order = np.arange(COUNT).reshape(-1, 50)
    losses = session.train(*many, order, np.full(len(order), 0.01), 0, lambda: True)
    assert 0 < len(losses) < 13  # a chunk holds 13 batches of 50 images


def test_classifying_images_that_come_in_chunks_is_classifying_the_whole(engine, digits, many):
    parameters = initial_parameters(DENSE, 0)
    images, labels = many
    found = engine.evaluate(DENSE, objective_for(DENSE), parameters, images, labels)
    known = engine.evaluate(DENSE, objective_for(DENSE), parameters, digits.images, digits.labels)
    assert found.loss == pytest.approx(known.loss, rel=1e-4)
    assert found.accuracy == pytest.approx(known.accuracy, abs=1e-9)
    outputs, known = (engine.predict(DENSE, parameters, pixels) for pixels in (images, digits.images))
    assert outputs.shape == (COUNT, 10)
    for start in (0, COUNT - len(digits)):
        assert np.allclose(outputs[start : start + len(digits)], known, atol=1e-5)


@pytest.mark.parametrize("count", [1, 5_007])
def test_a_stack_small_enough_is_one_chunk_and_classified_alike(engine, count, digits):
    parameters = initial_parameters(DENSE, 0)
    rows = np.arange(count) % len(digits)
    images, labels = ImageStack(digits.images, rows=rows), digits.labels[rows]
    found = engine.evaluate(DENSE, objective_for(DENSE), parameters, images, labels)
    assert found == engine.evaluate(DENSE, objective_for(DENSE), parameters, digits.images[rows], labels)
    order = np.zeros((3, 1), np.int64)
    losses, _ = train(engine, DENSE, images, labels, order, np.ones(count))
    assert np.array_equal(losses, train(engine, DENSE, digits.images[rows], labels, order, np.ones(count))[0])
