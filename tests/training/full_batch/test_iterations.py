from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from inklings import Dense, Flatten, Initializer, Network
from inklings.engines import get_engine
from inklings.networks import initial_parameters
from inklings.training import Callback, Recipe, StopReason, fit, preset
from inklings.training.recipe import FULL_BATCH_OPTIMISERS

NETWORK = Network((6, 6, 1), (Flatten(), Dense(5, "sigmoid"), Dense(3, "sigmoid")))
RECIPE = Recipe("bfgs", loss="binary_crossentropy", epochs=12)


@pytest.mark.parametrize(("optimiser", "method"), [("bfgs", "BFGS"), ("cg", "CG")])
def test_training_takes_the_path_that_scipy_takes(optimiser, method, split):
    result = fit(NETWORK, RECIPE.with_settings(optimiser=optimiser, l2=0.01), split, engine="numpy")
    start = initial_parameters(NETWORK, 0)
    names, sizes = list(start), [value.size for value in start.values()]
    objective = RECIPE.with_settings(l2=0.01).objective(NETWORK, split.train.labels)
    reference = get_engine("numpy", dtype="float64")

    def cost(vector):
        parts = np.split(vector, np.cumsum(sizes)[:-1])
        parameters = {name: part.reshape(start[name].shape) for name, part in zip(names, parts, strict=True)}
        value, gradients = reference.gradients(NETWORK, objective, parameters, split.train.images, split.train.labels)
        return value, np.concatenate([gradients[name].ravel() for name in names])

    values = []
    vector = np.concatenate([start[name].ravel() for name in names])
    minimize(
        cost,
        vector,
        jac=True,
        method=method,
        options={"maxiter": 12},
        callback=lambda intermediate_result: values.append(intermediate_result.fun),
    )
    np.testing.assert_allclose([row.loss for row in result.history[1:]], values, rtol=1e-7)


@pytest.mark.parametrize("optimiser", FULL_BATCH_OPTIMISERS)
def test_every_iteration_has_a_row_and_the_objective_falls(optimiser, split, engine):
    result = fit(NETWORK, RECIPE.with_settings(optimiser=optimiser), split, engine=engine)
    assert result.stop_reason is StopReason.FINISHED
    assert result.engine == f"{engine}, float64"
    assert [row.epoch for row in result.history] == list(range(13))
    losses = [row.loss for row in result.history]
    assert losses == sorted(losses, reverse=True)
    assert [row.train_loss for row in result.history] == pytest.approx(losses)
    assert result.history[-1].learning_rate is None
    assert result.history[-1].train_accuracy > 0.9
    assert result.parameters["dense_1/weights"].dtype == np.float64


def test_all_engines_take_the_same_path(split, engine):
    one, other = (fit(NETWORK, RECIPE, split, engine=each) for each in ("numpy", engine))
    np.testing.assert_allclose(
        [row.validation_loss for row in one.history], [row.validation_loss for row in other.history], rtol=1e-9
    )


def test_a_summed_loss_is_told_as_a_mean(split):
    result = fit(NETWORK, RECIPE.with_settings(reduction="sum"), split, engine="numpy")
    assert result.history[-1].loss == pytest.approx(result.history[-1].train_loss)


def test_steps_are_iterations(split, engine):
    assert fit(NETWORK, RECIPE.with_settings(steps=3), split, engine=engine).history[-1].step == 3


def test_a_descent_that_reaches_the_bottom_has_converged(split):
    network = Network((6, 6, 1), (Flatten(), Dense(3, "softmax", Initializer("zeros"))))
    result = fit(network, Recipe("lbfgs", epochs=2000, l2=0.1), split, engine="numpy")
    assert result.stop_reason is StopReason.CONVERGED
    assert result.history[-1].epoch < 200


def test_early_stopping_counts_iterations(dots):
    split = dots(60, 3, noise=1.5).split()
    result = fit(NETWORK, RECIPE.with_settings(epochs=300, early_stopping=4), split, engine="numpy")
    assert result.stop_reason is StopReason.EARLY
    assert result.history[-1].epoch == result.best_epoch + 4
    outputs = get_engine("numpy").predict(NETWORK, result.parameters, split.validation.images)
    accuracy = (outputs.argmax(1) == split.validation.labels).mean()
    assert accuracy == pytest.approx(result.history[result.best_epoch].validation_accuracy)


def test_a_callback_stops_after_the_iteration(split, engine):
    class StopAtThird(Callback):
        stop = False

        def on_epoch_end(self, row):
            self.stop = row.epoch == 3

        def should_stop(self):
            return self.stop

    result = fit(NETWORK, RECIPE, split, engine=engine, callbacks=[StopAtThird()])
    assert result.stop_reason is StopReason.INTERRUPTED
    assert result.history[-1].epoch == 3
    assert result.message.startswith("stopped by StopAtThird after 3 of 12 steps; what was learnt is kept")


def test_weights_that_are_far_too_large_are_named(split):
    huge = Initializer("uniform", 1e200)
    network = Network((6, 6, 1), (Flatten(), Dense(5, weights=huge), Dense(3, "sigmoid", weights=huge)))
    result = fit(network, RECIPE, split, engine="numpy")
    assert result.stop_reason is StopReason.DIVERGED
    assert "before training: the initial weights are most likely too large" in result.message


def test_the_naive_network_learns_the_digits_in_50_iterations(digits):
    plan = preset("naive", (20, 20, 1), 10)
    result = fit(plan.network, plan.recipe, digits)
    assert 0.05 < result.history[0].validation_accuracy < 0.16
    assert result.history[50].train_accuracy > 0.92
    assert result.history[50].validation_accuracy > 0.87


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_weights_enter_what_a_full_batch_optimiser_minimises(engine, split, plain):
    """Images of a class that weighs nothing are never learnt, and the loss is the weighted one."""
    weights = np.where(split.dataset.labels == 0, 0.0, 1.0)
    weighted = replace(split, dataset=replace(split.dataset, weights=weights))
    result = fit(plain, Recipe("lbfgs", epochs=30), weighted, engine=engine)
    outputs = get_engine("numpy").predict(plain, result.parameters, split.train.images)
    counted = split.train.labels > 0
    assert (outputs.argmax(1) > 0).all()
    assert (outputs.argmax(1) == split.train.labels)[counted].all()
    own = -np.log(outputs[np.arange(len(outputs)), split.train.labels])
    assert result.history[-1].loss == pytest.approx(own[counted].sum() / len(own), rel=1e-3, abs=1e-6)
