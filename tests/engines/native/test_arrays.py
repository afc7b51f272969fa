"""What the native engine is given: every kind of number, none that is a number, and what does not belong."""

import numpy as np
import pytest

from inklings import Conv2D, DataError, Dense, Flatten, GlobalPool, MaxPool2D, Network, Recipe
from inklings.engines import Objective, get_engine
from inklings.engines.native.engine import NativeEngine
from inklings.networks import initial_parameters
from inklings.training.optimisers import build_optimiser

NETWORK = Network((6, 6, 1), (Flatten(), Dense(8, "relu"), Dense(3, "softmax")))
POOLING = Network((6, 6, 1), (Conv2D(5, 3, "same", 1, "relu"), MaxPool2D(2), GlobalPool("max"), Dense(3, "softmax")))


@pytest.fixture(scope="module")
def whole():
    """Images, labels and weights that are whole numbers."""
    random = np.random.default_rng(0)
    return random.integers(0, 2, (40, 6, 6, 1)), random.integers(0, 3, 40), random.integers(0, 3, 40)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int64])
def test_numbers_of_any_kind_are_taken_for_what_they_are(whole, kind):
    images, labels, weights = (each.astype(kind) for each in whole)
    usual = whole[0].astype(np.float32), whole[1].astype(np.int64)
    parameters, objective = initial_parameters(NETWORK, 0), Objective(class_weights=(1.0, 2.0, 3.0))
    engine, order, rates = get_engine("native"), np.arange(40).reshape(4, 10), np.full(4, 0.1)
    np.testing.assert_array_equal(
        engine.predict(NETWORK, parameters, images), engine.predict(NETWORK, parameters, usual[0])
    )
    assert engine.evaluate(NETWORK, objective, parameters, images, labels) == engine.evaluate(
        NETWORK, objective, parameters, *usual
    )
    losses = []
    for pixels, answers, own in ((images, labels, weights), (*usual, whole[2].astype(np.float64))):
        optimiser = build_optimiser(Recipe("sgd"))
        session = engine.session(NETWORK, objective, optimiser, parameters, seed=0)
        losses.append(session.train(pixels, answers, order, rates, 0, lambda: False, own))
    np.testing.assert_array_equal(*losses)


@pytest.mark.parametrize(
    ("labels", "shape", "message"),
    [
        ([0, 3], (6, 6, 1), "a label lies between 0 and 3, expected 0 to 2"),
        ([0, -1], (6, 6, 1), "a label lies between -1 and 0"),
        ([0, 1], (6, 5, 1), r"images have shape \(6, 5, 1\), expected \(6, 6, 1\)"),
        ([0, 1, 2], (6, 6, 1), "2 images, expected as many labels"),
    ],
)
def test_what_would_be_read_beyond_its_end_is_refused(labels, shape, message):
    engine, parameters = get_engine("native"), initial_parameters(NETWORK, 0)
    images = np.zeros((2, *shape), np.float32)
    with pytest.raises(DataError, match=message):
        engine.evaluate(NETWORK, Objective(), parameters, images, np.array(labels))


@pytest.mark.parametrize("network", [NETWORK, POOLING], ids=["dense", "pooling"])
def test_what_is_no_number_is_not_lost_on_the_way(network):
    parameters = initial_parameters(network, 0)
    images = np.random.default_rng(0).random((3, 6, 6, 1)).astype(np.float32)
    images[1, 2, 3] = np.nan
    for engine in ("numpy", "native"):
        outputs = get_engine(engine, dtype="float32").predict(network, parameters, images)
        assert np.isnan(outputs).all(1).tolist() == [False, True, False]


@pytest.mark.parametrize("size", [1e-30, 1e21, 1e30])
def test_adam_takes_the_same_step_however_small_or_large_the_gradients(size):
    images = np.random.default_rng(0).random((10, 6, 6, 1)).astype(np.float32)
    parameters, labels = initial_parameters(NETWORK, 0), np.arange(10) % 3
    steps = []
    for engine in (get_engine("numpy", dtype="float32"), get_engine("native")):
        optimiser = build_optimiser(Recipe("adam"))
        session = engine.session(NETWORK, Objective(), optimiser, parameters, seed=0)
        weights = np.full(10, size)
        with np.errstate(over="ignore", under="ignore"):
            session.train(images, labels, np.arange(10)[np.newaxis], np.array([0.01]), 0, lambda: False, weights)
        steps.append(session.parameters)
    for name, value in steps[0].items():
        np.testing.assert_allclose(steps[1][name], value, atol=1e-5)


def test_numbers_near_zero_are_read_the_same_by_every_thread():
    network = Network((8, 8, 1), (Conv2D(4, 3, "same", 1, "sigmoid"), GlobalPool(), Dense(3, "softmax")))
    parameters = initial_parameters(network, 0)
    parameters["conv2d_1/biases"] = np.full(4, -87.9, np.float32)
    images = np.random.default_rng(0).random((64, 8, 8, 1)).astype(np.float32)
    engine = NativeEngine(threads=2)
    first = engine.activations(network, parameters, images)["conv2d_1"]
    for _ in range(20):
        np.testing.assert_array_equal(engine.activations(network, parameters, images)["conv2d_1"], first)
