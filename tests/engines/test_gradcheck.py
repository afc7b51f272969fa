"""Gradients against numbers, for every layer and option, and engine against engine."""

import numpy as np
import pytest

from inklings import Dense, Dropout, Flatten, Network, RecipeError
from inklings.engines import get_engine, native
from inklings.engines.gradcheck import check_gradients, compare_engines
from inklings.engines.numpy.engine import NumpyEngine
from specimens import NETWORKS, objective_for


@pytest.fixture(params=["jax", "native"])
def other(request):
    """Each engine that has to agree with NumPy's."""
    if request.param == "native" and (reason := native.why_not()):
        pytest.skip(reason)
    return get_engine(request.param, dtype="float64")


def test_every_layers_gradient_by_hand_equals_central_differences(network):
    assert check_gradients(network).worst < 1e-6


@pytest.mark.parametrize("name", ["tanh", "sigmoid outputs"])
def test_every_term_of_the_objective_has_its_gradient(name, settings):
    network = NETWORKS[name]
    assert check_gradients(network, objective_for(network, **settings)).worst < 1e-6


def test_all_engines_have_the_same_gradients(network, other):
    assert compare_engines(network, second=other).worst < 1e-9


@pytest.mark.parametrize("name", ["dropout", "sigmoid outputs"])
def test_all_engines_have_the_same_objective(name, settings, other):
    network = NETWORKS[name]
    assert compare_engines(network, objective_for(network, **settings), second=other).worst < 1e-9


def test_equal_values_of_a_pooling_send_the_gradient_to_the_same_place_in_all_engines(other):
    network = NETWORKS["pooling same 3 by 2"]
    blank = np.zeros((2, *network.input_shape), np.float32)
    assert compare_engines(network, second=other, images=blank, labels=np.array([0, 1])).worst < 1e-9


def test_a_dropout_rate_just_below_one_is_the_same_in_all_engines(other):
    network = Network((3, 3, 1), (Flatten(), Dropout(1 - 1e-12), Dense(2, "softmax")))
    assert compare_engines(network, second=other).worst < 1e-9


class Careless(NumpyEngine):
    """Forgets a factor in one gradient."""

    def gradients(self, *arguments, **keywords):
        loss, gradients = super().gradients(*arguments, **keywords)
        gradients["dense_2/biases"] = gradients["dense_2/biases"] * 1.001
        return loss, gradients


def test_a_wrong_gradient_is_found_and_named():
    found = check_gradients(NETWORKS["tanh"], engine=Careless())
    assert [name for name, error in found.gradients.items() if error > 1e-6] == ["dense_2/biases"]
    assert "dense_2/biases" in str(found)


def test_float32_agrees_as_far_as_it_goes(other):
    single = compare_engines(NETWORKS["dropout"], second=get_engine(other.name, dtype="float32"))
    assert 0 < single.worst < 1e-5


def test_a_network_without_a_known_loss_is_refused():
    with pytest.raises(RecipeError, match="expects softmax as the last activation, found tanh"):
        check_gradients(Network((2, 2, 1), (Flatten(), Dense(2, "tanh"))))


WEIGHTS = np.array([0.0, 0.3, 1.0, 2.5, 1e-3, 7.0])


@pytest.mark.parametrize("name", ["dropout", "sigmoid outputs"])
def test_images_weights_enter_every_objective_and_its_gradients_in_all_engines(name, settings, other):
    network = NETWORKS[name]
    objective = objective_for(network, **settings)
    assert check_gradients(network, objective, weights=WEIGHTS).worst < 1e-6
    assert compare_engines(network, objective, second=other, weights=WEIGHTS).worst < 1e-9


def test_images_weights_enter_convolutions_gradients_too(other):
    network = NETWORKS["convolution normalised"]
    assert check_gradients(network, weights=WEIGHTS).worst < 1e-6
    assert compare_engines(network, second=other, weights=WEIGHTS).worst < 1e-9
