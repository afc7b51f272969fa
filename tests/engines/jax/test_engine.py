"""What only the JAX engine promises; what every engine must do is in test_engines."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from inklings import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, OutOfMemoryError
from inklings.engines import Objective, get_engine
from inklings.engines.randomness import batch_order
from inklings.networks import initial_parameters

DENSE = Network((6, 6, 1), (Flatten(), Dropout(0.2), Dense(12, "relu"), Dropout(0.5), Dense(3, "softmax")))
CONVOLUTIONAL = Network((6, 6, 1), (Conv2D(4, 3, "same", 1, "relu"), MaxPool2D(2), Flatten(), Dense(3, "softmax")))
NORMALISED = Network((6, 6, 1), (Flatten(), Dense(8), BatchNorm(), Dense(3, "softmax")))
OPTIMISER = optax.scale_by_adam()


@pytest.fixture(scope="module")
def digits():
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 120)
    images = random.normal(size=(120, 6, 6, 1)).astype(np.float32) * 0.3
    images[np.arange(120), 2 * labels, 2 * labels] += 2
    return images, labels


def begin(network, seed=0):
    return get_engine("jax").session(network, Objective(), OPTIMISER, initial_parameters(network, seed), seed=seed)


def take(session, digits, order, first_step=0, should_stop=lambda: False):
    return session.train(*digits, order, np.full(len(order), 0.01), first_step, should_stop)


@pytest.mark.parametrize("network", [DENSE, CONVOLUTIONAL, NORMALISED], ids=["dense", "convolutional", "normalised"])
def test_many_steps_together_are_the_same_as_one_after_the_other(network, digits):
    order = np.concatenate([batch_order(0, epoch, 120, 10) for epoch in range(3)])
    together, apart = begin(network), begin(network)
    at_once = take(together, digits, order)
    one_by_one = [take(apart, digits, order[step : step + 1], step)[0] for step in range(len(order))]
    np.testing.assert_allclose(at_once, one_by_one, rtol=1e-5)
    for name, value in together.parameters.items():
        np.testing.assert_allclose(apart.parameters[name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("network", [DENSE, CONVOLUTIONAL], ids=["dense", "convolutional"])
def test_a_shorter_epoch_takes_its_own_steps_alone(network, digits):
    order = batch_order(0, 1, 120, 10)
    session = begin(network)
    take(session, digits, order)
    assert len(take(session, digits, order[:5], 12)) == 5
    alone = begin(network)
    take(alone, digits, order)
    for step in range(5):
        take(alone, digits, order[step : step + 1], 12 + step)
    for name, value in session.parameters.items():
        np.testing.assert_allclose(alone.parameters[name], value, rtol=1e-4, atol=1e-6)


def test_a_dense_network_asked_to_stop_does_so_before_the_epoch_is_over(digits):
    losses = take(begin(DENSE), digits, batch_order(0, 1, 120, 2), should_stop=lambda: True)
    assert 0 < len(losses) < 60


def test_float64_stays_within_the_engine_that_asked_for_it(digits):
    engine = get_engine("jax", dtype="float64")
    _loss, gradients = engine.gradients(DENSE, Objective(), initial_parameters(DENSE, 0), *digits)
    assert all(gradient.dtype == np.float64 for gradient in gradients.values())
    assert jnp.ones(1).dtype == np.float32


def test_a_gradient_added_up_in_parts_is_that_of_the_whole(digits, monkeypatch):
    engine = get_engine("jax", dtype="float64")
    objective = Objective(l2=0.1, penalised=CONVOLUTIONAL.weight_names(), class_weights=(1.0, 2.0, 3.0))
    parameters = initial_parameters(CONVOLUTIONAL, 0)
    loss, gradients = engine.gradients(CONVOLUTIONAL, objective, parameters, *digits)
    monkeypatch.setattr("inklings.engines.jax.engine.BYTES_AT_ONCE", 1 << 16)
    parts_loss, parts = engine.gradients(CONVOLUTIONAL, objective, parameters, *digits)
    assert parts_loss == pytest.approx(loss, rel=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(parts[name], gradient, rtol=1e-10, atol=1e-14)


def test_normalisation_learns_its_averages_and_uses_them_afterwards(digits):
    session = begin(NORMALISED)
    images, _labels = digits
    for epoch in range(20):
        take(session, digits, batch_order(0, epoch, 120, 40), 3 * epoch)
    parameters = session.parameters
    inputs = images.reshape(120, -1) @ parameters["dense_1/weights"] + parameters["dense_1/biases"]
    np.testing.assert_allclose(parameters["batchnorm_1/mean"], inputs.mean(0), atol=0.15)
    one = get_engine("jax").predict(NORMALISED, parameters, images[:1])
    np.testing.assert_allclose(one, get_engine("jax").predict(NORMALISED, parameters, images)[:1], atol=1e-5)


def test_images_that_the_caller_let_go_are_let_go(digits):
    """Augmented images are new ones every epoch: held on to, they would fill the memory of a large data set."""
    engine = get_engine("jax")
    network = Network((6, 6, 1), (Flatten(), Dense(3, "softmax")))
    parameters = initial_parameters(network, 0)
    images, labels = digits
    known = {id(array) for array in jax.live_arrays()}
    for epoch in range(6):
        engine.evaluate(network, Objective(), parameters, images + epoch, labels)
    held = [array for array in jax.live_arrays() if id(array) not in known and array.shape == images.shape]
    assert len(held) <= 2


def test_a_device_without_enough_memory_is_told():
    images = np.broadcast_to(np.float32(0), (10**12, 6, 6, 1))  # 144 TB, of which none is held here
    with pytest.raises(OutOfMemoryError, match="the device does not have enough memory; take a smaller batch"):
        get_engine("jax").activations(DENSE, initial_parameters(DENSE, 0), images)
