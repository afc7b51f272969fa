from dataclasses import replace

import numpy as np
import pytest

import inklings
from inklings import Augmentation, BatchNorm, Conv2D, Dense, Flatten, Network, RecipeError
from inklings.engines import get_engine, native
from inklings.training import Callback, Recipe, StopReason, fit, fit_many
from inklings.training.fit_many import fit_jobs, is_quicker_side_by_side
from inklings.training.training_job import TrainingJob

NORMALISED = Network((6, 6, 1), (Flatten(), Dense(8), BatchNorm(), Dense(3, "softmax")))
CONVOLUTIONAL = Network((6, 6, 1), (Conv2D(4, 3), Flatten(), Dense(3, "softmax")))


@pytest.fixture(scope="module")
def splits(dots):
    data = dots()
    return [data.split(seed=seed) for seed in range(3)]


@pytest.fixture
def recipes(recipe):
    return [replace(recipe, seed=seed, learning_rate=rate) for seed, rate in ((5, 0.05), (6, 0.02), (7, 0.1))]


def assert_alike(together, alone):
    assert together.stop_reason == alone.stop_reason
    assert [row.epoch for row in together.history] == [row.epoch for row in alone.history]
    for one, other in zip(together.history, alone.history, strict=True):
        assert one.validation_loss == pytest.approx(other.validation_loss, abs=1e-5)
        assert one.train_loss == pytest.approx(other.train_loss, abs=1e-5)
        assert (one.loss or 0) == pytest.approx(other.loss or 0, abs=1e-5)
        assert (one.step, one.learning_rate) == pytest.approx((other.step, other.learning_rate))
        assert one.validation_accuracy == pytest.approx(other.validation_accuracy)
    for name, value in alone.parameters.items():
        np.testing.assert_allclose(together.parameters[name], value, atol=1e-5)


@pytest.mark.parametrize("optimiser", ["sgd", "nesterov", "adam"])
def test_each_comes_out_as_if_trained_alone(network, recipes, splits, optimiser):
    recipes = [replace(recipe, optimiser=optimiser) for recipe in recipes]
    for recipe, split, together in zip(recipes, splits, fit_many(network, recipes, splits), strict=True):
        assert_alike(together, fit(network, recipe, split))


def test_weights_and_order_may_have_seeds_of_their_own(network, recipe, split):
    recipes = [replace(recipe, seed=seed, order_seed=order) for seed, order in ((5, None), (5, 6), (6, 5))]
    for own, together in zip(recipes, fit_many(network, recipes, split), strict=True):
        assert_alike(together, fit(network, own, split))


@pytest.mark.skipif(not native.is_available(), reason="needs the native engine")
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_however_many_threads_share_them(network, recipes, splits, threads):
    engine = get_engine("native")
    engine.threads = threads
    recipes = [replace(recipes[0], seed=seed, learning_rate=0.01 * (seed + 1)) for seed in range(5)]
    jobs = [TrainingJob.begin(network, recipe, splits[0], engine) for recipe in recipes]
    for recipe, together in zip(recipes, fit_jobs(jobs), strict=True):
        assert_alike(together, fit(network, recipe, splits[0]))


def test_batch_normalisation_keeps_averages_of_its_own_for_each(recipes, splits):
    for recipe, split, together in zip(recipes, splits, fit_many(NORMALISED, recipes, splits), strict=True):
        assert_alike(together, fit(NORMALISED, recipe, split))


def test_an_epoch_that_steps_cut_short_is_the_same_too(network, recipes, splits):
    recipes = [replace(recipe, steps=25) for recipe in recipes]
    for recipe, split, together in zip(recipes, splits, fit_many(network, recipes, splits), strict=True):
        assert_alike(together, fit(network, recipe, split))


def test_one_that_stops_early_does_not_stop_the_others(plain, recipe, split):
    recipes = [replace(recipe, learning_rate=rate, epochs=40, early_stopping=2) for rate in (0.2, 0.01)]
    together = fit_many(plain, recipes, split)
    for recipe, fitted in zip(recipes, together, strict=True):
        assert_alike(fitted, fit(plain, recipe, split))
    assert len(together[0].history) != len(together[1].history)


def test_one_that_diverges_leaves_the_others_to_learn(plain, recipe, split):
    lost, learnt = fit_many(plain, [replace(recipe, learning_rate=1e30), recipe], split)
    assert lost.stop_reason is StopReason.DIVERGED
    assert "learning rate" in lost.message
    assert_alike(learnt, fit(plain, recipe, split))


def test_the_time_of_all_is_shared_among_them(plain, recipes, splits):
    class Clock(Callback):
        def on_epoch_end(self, row):
            self.seconds = row.seconds

    clocks = [Clock() for _ in recipes]
    together = fit_many(plain, recipes, splits, callbacks=[[clock] for clock in clocks])
    assert [clock.seconds for clock in clocks] == [fitted.seconds for fitted in together]
    alone = fit(plain, recipes[0], splits[0])
    assert together[0].seconds < alone.seconds + 5


class StopAfter(Callback):
    def __init__(self, epochs):
        self.left = epochs + 1

    def on_epoch_end(self, row):
        self.left -= 1

    def should_stop(self):
        return self.left <= 0


def test_one_that_is_asked_to_stop_stops_alone(plain, recipes, splits):
    together = fit_many(plain, recipes, splits, callbacks=[[StopAfter(1)], [], []])
    assert [fitted.stop_reason for fitted in together] == [
        StopReason.INTERRUPTED,
        StopReason.FINISHED,
        StopReason.FINISHED,
    ]
    assert [fitted.history[-1].epoch for fitted in together] == [1, 4, 4]


def test_what_cannot_go_side_by_side_is_refused_with_the_reason(network, plain, recipe, split, dots):
    other = dots(seed=1).split()
    refusals = [
        (CONVOLUTIONAL, [recipe, recipe], split, "convolutions"),
        (plain, [Recipe("bfgs")] * 2, split, "bfgs takes all images at once"),
        (network, [replace(recipe, augmentation=Augmentation(shift=1))] * 2, split, "changes images"),
        (network, [recipe, replace(recipe, batch_size=20)], split, "differ in more than seeds and learning rate"),
        (network, [recipe, recipe], [split, other], "other images"),
        (network, [recipe, recipe], [split], "2 recipes, 1 splits"),
        (network, [], split, "0 recipes"),
    ]
    for refused, recipes, splits, reason in refusals:
        with pytest.raises(RecipeError, match=reason):
            fit_many(refused, recipes, splits)
    with pytest.raises(RecipeError, match="callbacks is 3"):
        fit_many(network, [recipe, recipe], split, callbacks=3)


@pytest.mark.parametrize(
    ("hidden", "count", "epochs", "quicker"),
    [(25, 5, 500, True), (25, 1, 500, False), (25, 5, 20, False), (800, 5, 500, False)],
    ids=["small", "one", "short", "large"],
)
def test_only_small_networks_that_train_for_long_are_quicker_together(digits, hidden, count, epochs, quicker):
    network = Network((20, 20, 1), (Flatten(), Dense(hidden, "relu"), Dense(10, "softmax")))
    jobs = [
        TrainingJob.begin(network, Recipe(batch_size=50, epochs=epochs, seed=seed), digits, "jax")
        for seed in range(count)
    ]
    assert is_quicker_side_by_side(jobs) is quicker


def test_the_earlier_name_of_fit_many_warns_and_trains_the_same(plain, recipe, split):
    with pytest.warns(DeprecationWarning, match="fit_together is now called fit_many"):
        (earlier,) = inklings.fit_together(plain, [recipe], split)
    (result,) = fit_many(plain, [recipe], split)
    assert [record.loss for record in earlier.history] == [record.loss for record in result.history]
