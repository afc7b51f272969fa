"""The native engine trains as the NumPy engine does."""

import numpy as np
import pytest

from inklings.engines import get_engine
from inklings.training.recipe import STEP_OPTIMISERS
from specimens import NETWORKS

EVERY_TERM = {"l1": 0.01, "l2": 0.02, "class_weights": (0.5, 1.0, 3.0), "label_smoothing": 0.1, "reduction": "sum"}


def check_same(found, expected, tolerance=1e-9):
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=0, atol=tolerance * max(1, np.abs(value).max()))


@pytest.mark.parametrize("optimiser", STEP_OPTIMISERS)
@pytest.mark.parametrize("terms", [{}, EVERY_TERM], ids=["plain", "every term"])
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
def test_every_optimiser_does_what_the_references_does(network, terms, optimiser, begin, take, data):
    weights = np.random.default_rng(1).random(60) if terms else None
    terms = terms | {"penalised": network.weight_names()} if terms else {}
    sessions = [begin(get_engine(name, dtype="float64"), network, optimiser, **terms) for name in ("native", "numpy")]
    losses, expected = (take(session, *data(network), weights=weights) for session in sessions)
    np.testing.assert_allclose(losses, expected, rtol=1e-9)
    check_same(sessions[0].parameters, sessions[1].parameters)
    check_same(sessions[0].state, sessions[1].state)


class Halved:
    """Half of the gradient, and a count of steps: an optimiser that the engine has never heard of."""

    def init(self, params):
        return {"steps": np.array(0)}

    def update(self, updates, state, params):
        return {name: value / 2 for name, value in updates.items()}, {"steps": state["steps"] + 1}


@pytest.mark.parametrize("name", ["convolution normalised", "dropout"])
def test_an_optimiser_of_ones_own_is_asked_for_every_step(name, take, data):
    from inklings.networks import initial_parameters
    from specimens import objective_for

    network = NETWORKS[name]
    sessions = [
        get_engine(engine, dtype="float64").session(
            network, objective_for(network), Halved(), initial_parameters(network, 0), seed=0
        )
        for engine in ("native", "numpy")
    ]
    losses, expected = (take(session, *data(network)) for session in sessions)
    np.testing.assert_allclose(losses, expected, rtol=1e-9)
    check_same(sessions[0].parameters, sessions[1].parameters)
    assert sessions[0].state == {"steps": 6}


@pytest.mark.parametrize("optimiser", STEP_OPTIMISERS)
def test_a_session_goes_on_from_the_references_state(optimiser, begin, take, data):
    network = NETWORKS["convolution normalised"]
    ours, theirs = (begin(get_engine(name, dtype="float64"), network, optimiser) for name in ("native", "numpy"))
    take(theirs, *data(network))
    ours.restore(theirs.parameters, theirs.state)
    np.testing.assert_allclose(take(ours, *data(network)), take(theirs, *data(network)), rtol=1e-9)


def test_batches_may_become_larger_and_smaller(begin, take, data):
    network = NETWORKS["convolution normalised"]
    sessions = [begin(get_engine(name, dtype="float64"), network) for name in ("native", "numpy")]
    for size in (3, 40, 1, 7):
        losses, expected = (take(session, *data(network), batch_size=size) for session in sessions)
        np.testing.assert_allclose(losses, expected, rtol=1e-8)
