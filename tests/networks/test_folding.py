import numpy as np
import pytest

from inklings import Activation, BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, Network
from inklings.engines import Objective, get_engine
from inklings.networks import initial_parameters
from inklings.networks.folding import fold_batch_norms


def network_of(*layers):
    return Network((8, 8, 2), (*layers, Flatten(), Dense(3, "softmax")))


FOLDED = {
    "a convolution without biases": network_of(Conv2D(4, 3, biases=None), BatchNorm(), Activation("relu")),
    "a convolution with biases": network_of(Conv2D(4, 3), BatchNorm(), Activation("elu"), MaxPool2D(2)),
    "no activation": network_of(Conv2D(4, 3), BatchNorm()),
    "two in a row": network_of(Conv2D(4, 3), BatchNorm(), BatchNorm(), Activation("relu")),
    "a dense layer": Network((8, 8, 2), (Flatten(), Dense(6, biases=None), BatchNorm(), Activation("tanh"), Dense(3))),
    "the last layer": Network((8, 8, 2), (Flatten(), Dense(3), BatchNorm(), Activation("softmax"))),
}
LEFT_ALONE = {
    "first": network_of(BatchNorm(), Conv2D(4, 3)),
    "after an activation": network_of(Conv2D(4, 3, activation="relu"), BatchNorm()),
    "after pooling": network_of(Conv2D(4, 3), MaxPool2D(2), BatchNorm()),
}


def random_parameters(network):
    random = np.random.default_rng(1)
    parameters = initial_parameters(network, 0)
    for name, value in parameters.items():
        if not name.endswith("/weights"):  # as after some training: not 0 and 1
            parameters[name] = random.uniform(0.3, 2, value.shape)
    return parameters


@pytest.mark.parametrize("network", (FOLDED | LEFT_ALONE).values(), ids=FOLDED | LEFT_ALONE)
@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_predictions_stay(network, engine):
    computing, parameters = get_engine(engine, dtype="float64"), random_parameters(network)
    images = np.random.default_rng(2).random((5, 8, 8, 2), np.float32)
    folded = fold_batch_norms(network)
    own = folded.parameters(parameters)
    folded.network.check_parameters(own)
    expected = get_engine("numpy", dtype="float64").predict(network, parameters, images)
    np.testing.assert_allclose(computing.predict(folded.network, own, images), expected, atol=1e-12)
    np.testing.assert_allclose(computing.predict(network, parameters, images), expected, atol=1e-12)
    labels = np.arange(5) % 3
    loss = Objective("crossentropy" if network.output_activation == "softmax" else "binary_crossentropy")
    if network.output_activation == "softmax":
        found = computing.evaluate(network, loss, parameters, images, labels)
        assert found.loss == pytest.approx(-np.log(expected[np.arange(5), labels]).mean())


@pytest.mark.parametrize("network", FOLDED.values(), ids=FOLDED)
def test_what_follows_a_layer_without_activation_becomes_part_of_it(network):
    kinds = [type(layer) for layer in fold_batch_norms(network).network.layers]
    assert kinds.count(BatchNorm) == [type(layer) for layer in network.layers].count(BatchNorm) - 1


@pytest.mark.parametrize("network", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_cannot_be_folded_stays_the_same_network(network):
    assert fold_batch_norms(network).network is network
