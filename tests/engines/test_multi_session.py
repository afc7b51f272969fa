"""Several networks side by side, by every engine: each as if it were trained alone."""

import numpy as np
import pytest

from inklings import BatchNorm, Dense, Dropout, Flatten, Network
from inklings.engines import Objective, get_engine, multi_session, native
from inklings.networks import initial_parameters
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser

NETWORK = Network((6, 6, 1), (Flatten(), Dropout(0.1), Dense(8, "relu"), BatchNorm(), Dense(3, "softmax")))
SEEDS = (3, 4, 5)


@pytest.fixture(params=["numpy", "native", "jax"])
def engine(request):
    if request.param == "native" and (reason := native.why_not()):
        pytest.skip(reason)
    return get_engine(request.param)


def begin(engine, optimiser):
    starts = [initial_parameters(NETWORK, seed) for seed in SEEDS]
    optimiser = build_optimiser(Recipe(optimiser))
    together = multi_session(engine, NETWORK, Objective(), optimiser, starts, SEEDS)
    alone = [
        engine.session(NETWORK, Objective(), optimiser, start, seed=seed)
        for start, seed in zip(starts, SEEDS, strict=True)
    ]
    return together, alone


@pytest.mark.parametrize("optimiser", ["momentum", "adam"])
def test_each_network_learns_and_is_measured_as_if_it_were_alone(engine, stripes, optimiser):
    images, labels = stripes
    random = np.random.default_rng(0)
    order, rates = random.integers(0, 120, (12, 3, 10)), random.uniform(0.01, 0.1, (12, 3))
    weights = random.uniform(0, 2, 120)
    together, alone = begin(engine, optimiser)
    losses = together.train(images, labels, order, rates, 5, lambda: False, weights)
    parts = np.arange(120)[None, None] % 4 < np.array([[1, 2], [2, 3], [4, 1]])[..., None]
    measured = together.evaluate_parts(images, labels, parts)
    assert losses.shape == (12, 3)
    for number, session in enumerate(alone):
        own = order[:, number].copy(), rates[:, number].copy()
        expected = session.train(images, labels, *own, 5, lambda: False, weights)
        np.testing.assert_allclose(losses[:, number], expected, rtol=1e-4)
        for name, value in session.parameters.items():
            np.testing.assert_allclose(together.members[number][name], value, rtol=1e-3, atol=1e-5)
        for found, part in zip(measured[number], parts[number], strict=True):
            evaluation = session.evaluate(images[part], labels[part])
            assert found.loss == pytest.approx(evaluation.loss, rel=1e-4)
            assert found.accuracy == pytest.approx(evaluation.accuracy)


def test_asked_to_stop_they_stop_at_the_same_step(engine, stripes):
    order = np.random.default_rng(0).integers(0, 120, (60, 3, 2))
    together, _ = begin(engine, "sgd")
    losses = together.train(*stripes, order, np.full((60, 3), 0.1), 0, lambda: True)
    assert 0 < len(losses) < 60


def test_a_part_without_images_has_no_loss_and_no_accuracy(engine, stripes):
    together, _ = begin(engine, "sgd")
    parts = np.zeros((3, 2, 120), bool)
    parts[:, 0] = True
    with np.errstate(all="ignore"):
        measured = together.evaluate_parts(*stripes, parts)
    for some, none in measured:
        assert some.accuracy >= 0
        assert np.isnan(none.loss)
        assert np.isnan(none.accuracy)
