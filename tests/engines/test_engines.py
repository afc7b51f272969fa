"""What every engine must do."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from inklings import Dense, Flatten, Network
from inklings.engines import Objective, get_engine
from inklings.engines.randomness import batch_order
from inklings.networks import initial_parameters
from specimens import NETWORKS, objective_for

LEARNER = Network((6, 6, 1), (Flatten(), Dense(8, "tanh"), Dense(3, "softmax")))


@pytest.fixture(
    params=[
        "numpy float64",
        "numpy float32",
        "jax float32",
        "jax float64",
        "native float32",
        "native float64",
    ]
)
def engine(request):
    name, dtype = request.param.split()
    return get_engine(name, dtype=dtype)


class Downhill:
    """Plain gradient descent, on whichever arrays."""

    def init(self, params):
        return {}

    def update(self, updates, state, params):
        return updates, state


def begin(engine, network=LEARNER, seed=0):
    return engine.session(network, Objective(), Downhill(), initial_parameters(network, seed), seed=seed)


def take(session, data, epoch, should_stop=lambda: False):
    order = batch_order(0, epoch, len(data[0]), 10)
    return session.train(*data, order, np.full(len(order), 0.5), epoch * len(order), should_stop)


def test_outputs_are_probabilities_of_the_engines_dtype(engine, stripes):
    outputs = engine.predict(LEARNER, initial_parameters(LEARNER, 0), stripes[0])
    assert outputs.shape == (120, 3)
    assert outputs.dtype == engine.dtype
    np.testing.assert_allclose(outputs.sum(1), 1, rtol=1e-6)


@pytest.mark.parametrize("name", ["convolution normalised", "largest", "fully convolutional", "sigmoid outputs"])
def test_activations_are_those_of_every_layer_and_end_with_the_outputs(engine, name):
    network = NETWORKS[name]
    images = np.random.default_rng(0).random((3, *network.input_shape)).astype(np.float32)
    parameters = initial_parameters(network, 0)
    found = engine.activations(network, parameters, images)
    assert list(found) == list(network.names)
    for row in network.table():
        assert found[row.name].shape == (3, *row.output_shape)
    np.testing.assert_allclose(found[network.names[-1]], engine.predict(network, parameters, images), rtol=1e-5)


def test_the_loss_and_accuracy_are_those_that_scikit_learn_finds(engine, stripes):
    images, labels = stripes
    parameters = initial_parameters(LEARNER, 0)
    found = engine.evaluate(LEARNER, Objective(), parameters, images, labels)
    outputs = engine.predict(LEARNER, parameters, images).astype(np.float64)
    assert found.loss == pytest.approx(log_loss(labels, outputs / outputs.sum(1, keepdims=True)), rel=1e-5)
    assert found.accuracy == pytest.approx((outputs.argmax(1) == labels).mean())


def test_evaluation_leaves_out_penalties_smoothing_and_weights(engine, stripes):
    parameters = initial_parameters(LEARNER, 0)
    loaded = Objective("crossentropy", "sum", 0.1, 0.1, ("dense_1/weights",), 0.3, (1.0, 2.0, 3.0))
    assert engine.evaluate(LEARNER, loaded, parameters, *stripes) == engine.evaluate(
        LEARNER, Objective(), parameters, *stripes
    )


def test_images_are_read_the_same_one_by_one_and_together(engine, stripes):
    many = np.concatenate([stripes[0]] * 11)
    parameters = initial_parameters(LEARNER, 0)
    together = engine.predict(LEARNER, parameters, many)
    np.testing.assert_allclose(together[-1:], engine.predict(LEARNER, parameters, many[-1:]), rtol=1e-5)
    np.testing.assert_allclose(together[:120], together[-120:], rtol=1e-5)


def test_of_no_images_there_is_no_answer_no_loss_and_no_accuracy(engine, stripes):
    parameters = initial_parameters(LEARNER, 0)
    assert engine.predict(LEARNER, parameters, stripes[0][:0]).shape == (0, 3)
    none = engine.evaluate(LEARNER, Objective(), parameters, stripes[0][:0], stripes[1][:0])
    assert np.isnan([none.loss, none.accuracy]).all()


@pytest.mark.parametrize("name", ["convolution normalised", "sigmoid outputs"])
def test_training_gradients_are_the_references(engine, name):
    network, settings = NETWORKS[name], {"reduction": "sum", "l1": 0.01, "l2": 0.1, "class_weights": (0.5, 1.0, 3.0)}
    objective = objective_for(network, **settings, penalised=network.weight_names())
    random = np.random.default_rng(0)
    images, labels = random.random((9, *network.input_shape)).astype(np.float32), random.integers(0, 3, 9)
    parameters = initial_parameters(network, 0)
    reference = get_engine("numpy", dtype="float64")
    loss, gradients = engine.gradients(network, objective, parameters, images, labels)
    expected_loss, expected = reference.gradients(network, objective, parameters, images, labels)
    tolerance = 1e-9 if engine.dtype == np.float64 else 1e-4
    assert loss == pytest.approx(expected_loss, rel=tolerance)
    assert list(gradients) == list(network.trainable_shapes)
    for key, gradient in expected.items():
        np.testing.assert_allclose(gradients[key], gradient, rtol=0, atol=tolerance * np.abs(gradient).max())


def test_training_brings_the_loss_down(engine, stripes):
    session = begin(engine)
    before = session.evaluate(*stripes)
    losses = np.concatenate([take(session, stripes, epoch) for epoch in range(10)])
    after = session.evaluate(*stripes)
    assert losses.shape == (120,)
    assert losses[-12:].mean() < losses[:12].mean() / 2
    assert after.loss < before.loss / 2
    assert after.accuracy > 0.95


def test_the_first_loss_is_that_of_the_first_batch_before_its_step(engine, stripes):
    rows = batch_order(0, 0, 120, 10)[0]
    loss, _ = engine.gradients(LEARNER, Objective(), initial_parameters(LEARNER, 0), stripes[0][rows], stripes[1][rows])
    assert take(begin(engine), stripes, 0)[0] == pytest.approx(loss, rel=1e-5)


def test_training_stops_when_asked_and_keeps_what_was_learnt(engine, stripes):
    session = begin(engine)
    before = session.evaluate(*stripes).loss
    losses = take(session, stripes, 0, should_stop=lambda: True)
    assert 1 <= len(losses) <= 12
    assert session.evaluate(*stripes).loss != before


def test_a_session_goes_on_from_what_another_one_left(engine, stripes):
    whole, first = begin(engine), begin(engine)
    take(whole, stripes, 0)
    take(first, stripes, 0)
    second = begin(engine, seed=0)
    second.restore(first.parameters, first.state)
    np.testing.assert_allclose(take(second, stripes, 1), take(whole, stripes, 1), rtol=1e-5)


def test_parameters_given_out_are_copies(engine, stripes):
    session = begin(engine)
    given = session.parameters
    before = {name: value.copy() for name, value in given.items()}
    take(session, stripes, 0)
    for name, value in given.items():
        np.testing.assert_array_equal(value, before[name])
        value[...] = np.nan
    assert np.isfinite(session.evaluate(*stripes).loss)


def test_an_image_of_weight_2_counts_as_the_image_twice(engine, stripes):
    images, labels = stripes[0][:20], stripes[1][:20]
    objective, parameters = Objective(reduction="sum"), initial_parameters(LEARNER, 0)
    weights = np.resize([0.0, 1.0, 2.0], 20)
    rows = np.repeat(np.arange(20), weights.astype(int))
    loss, gradients = engine.gradients(LEARNER, objective, parameters, images, labels, weights=weights)
    expected_loss, expected = engine.gradients(LEARNER, objective, parameters, images[rows], labels[rows])
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    for name, gradient in expected.items():
        np.testing.assert_allclose(gradients[name], gradient, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("network", [LEARNER, NETWORKS["largest"]], ids=["dense", "convolutional"])
def test_weights_follow_their_images_into_the_batches(engine, stripes, network):
    images, labels = stripes
    weights = np.random.default_rng(3).random(120) * 3
    weights[::4] = 0
    order, rates = batch_order(0, 0, 120, 10)[:3], np.full(3, 0.5)
    one, other = begin(engine, network), begin(engine, network)
    losses = one.train(images, labels, order, rates, 0, lambda: False, weights)
    # What has no weight may hold anything; and each step's loss is that of its own batch with its own weights.
    spoilt = np.where((weights == 0)[:, None, None, None], np.float32(1), images)
    np.testing.assert_allclose(other.train(spoilt, labels, order, rates, 0, lambda: False, weights), losses, rtol=1e-5)
    first, _ = engine.gradients(
        network,
        Objective(),
        initial_parameters(network, 0),
        images[order[0]],
        labels[order[0]],
        weights=weights[order[0]],
    )
    assert losses[0] == pytest.approx(first, rel=1e-5)
    for name, value in one.parameters.items():
        np.testing.assert_allclose(other.parameters[name], value, rtol=1e-4, atol=1e-6)
