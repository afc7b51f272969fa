import re

import numpy as np
import pytest

from inklings import Dataset, Dense, Flatten, Initializer, Network, open_dataset
from inklings.engines import get_engine
from inklings.training import Callback, Recipe, StopReason, fit, preset

NETWORK = Network((6, 6, 1), (Flatten(), Dense(12), Dense(12), Dense(3, "softmax")))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimiser": "sgd"}, r"the learning rate 1e\+06 is most likely too high; try learning_rate=0.1"),
        (
            {"optimiser": "sgd", "reduction": "sum"},
            r"\(the loss is summed over 10 images, so it acts like 1e\+07\); try learning_rate=0.01",
        ),
        (
            {"optimiser": "nesterov", "momentum": 0.9},
            r"\(momentum 0.9 adds up steps, so it acts like 1e\+07\); try learning_rate=0.01",
        ),
        ({"optimiser": "sgd", "learning_rate": 0.01, "l2": 1e5}, "an L2 penalty of 100000 is too strong; try l2=0.001"),
        (
            {"optimiser": "adamw", "learning_rate": 0.01, "weight_decay": 1e5},
            "a weight decay of 100000 is too strong; try weight_decay=0.001",
        ),
    ],
    ids=["rate", "summed", "momentum", "l2", "weight decay"],
)
def test_a_loss_that_is_no_number_any_more_ends_training_with_the_cause_and_what_to_try(settings, message, split):
    recipe = Recipe(**{"learning_rate": 1e6, "batch_size": 10, "epochs": 60, **settings})
    result = fit(NETWORK, recipe, split, engine="numpy")
    assert result.stop_reason is StopReason.DIVERGED
    assert len(result.history) < 60
    epoch = result.history[-1].epoch + 1
    assert re.match(rf"the loss is (NaN|infinite|\d\.\de\+\d+) in epoch {epoch}: ", result.message)
    assert re.search(message, result.message)
    assert all(np.isfinite(row.train_loss) and np.isfinite(row.validation_loss) for row in result.history)
    NETWORK.check_parameters(result.parameters)


@pytest.mark.parametrize(("reduction", "advised"), [("mean", "0.1"), ("sum", "0.01")])
def test_where_nothing_changes_the_rate_that_is_advised_suits_a_sum_over_the_batch_too(reduction, advised, split):
    recipe = Recipe("sgd", 1e-30, reduction=reduction, batch_size=10, epochs=1)
    assert fit(NETWORK, recipe, split, engine="numpy").message.endswith(f"try learning_rate={advised}")


def test_a_network_of_silent_units_is_lost_though_its_loss_is_finite():
    digits = open_dataset("digits").split(test=4400, validation=100)
    plan = preset("mlp", (20, 20, 1), 10, hidden_units=100)
    result = fit(plan.network, plan.recipe.with_settings(learning_rate=1e4, epochs=3), digits, engine="numpy")
    assert result.stop_reason is StopReason.DIVERGED
    assert re.match(r"the loss is \d\.\de\+\d+ in epoch 1: the learning rate", result.message)
    assert [row.epoch for row in result.history] == [0]


def test_a_high_loss_of_a_network_that_reads_well_is_no_divergence(split):
    """With steps so long softmax regression is a perceptron: its loss is enormous, and it learns."""
    network = Network((6, 6, 1), (Flatten(), Dense(3, "softmax", Initializer("zeros"))))
    result = fit(network, Recipe("sgd", 1e6, batch_size=10, epochs=20), split, engine="numpy")
    assert result.stop_reason is StopReason.FINISHED
    assert max(row.train_loss for row in result.history) > 1e4
    assert result.history[-1].validation_accuracy > 0.75


def test_the_advice_works(split, engine):
    recipe = Recipe("sgd", 1e6, batch_size=10, epochs=20)
    advised = fit(NETWORK, recipe, split, engine=engine).error.suggested
    assert list(advised) == ["learning_rate"]
    result = fit(NETWORK, recipe.with_settings(**advised), split, engine=engine)
    assert result.stop_reason is StopReason.FINISHED
    assert result.history[-1].validation_accuracy > 0.7


def test_what_was_learnt_before_is_kept(split, engine):
    """A learning rate that warms up is harmless for some epochs and too high later."""

    class Watch(Callback):
        rows = ()

        def on_epoch_end(self, row):
            self.rows = (*self.rows, row)

    watch = Watch()
    recipe = Recipe.from_dict(
        {"optimiser": "sgd", "learning_rate": 1e9, "schedule": {"warm_up": 10**11}, "batch_size": 10, "epochs": 400}
    )
    result = fit(NETWORK, recipe, split, engine=engine, callbacks=[watch])
    assert result.stop_reason is StopReason.DIVERGED
    assert result.history == watch.rows
    assert len(result.history) > 2
    again = get_engine("numpy").predict(NETWORK, result.parameters, split.validation.images)
    accuracy = (again.argmax(1) == split.validation.labels).mean()
    assert accuracy == pytest.approx(result.history[-1].validation_accuracy, abs=0.03)


def test_pixels_that_are_far_too_large_are_named(dots):
    small = dots()
    split = Dataset(small.images * 1e18, small.labels, small.class_names).split()
    result = fit(NETWORK, Recipe("sgd", 0.1, batch_size=10), split, engine="numpy")
    assert result.stop_reason is StopReason.DIVERGED
    assert "where about 1 is expected; try dividing the images by" in result.message


def test_initial_weights_that_are_far_too_large_are_named(split, engine):
    huge = Initializer("uniform", 1e30)
    network = Network((6, 6, 1), (Flatten(), Dense(12, weights=huge), Dense(3, "softmax", weights=huge)))
    result = fit(network, Recipe("sgd", 0.1, batch_size=10), split, engine=engine)
    assert result.stop_reason is StopReason.DIVERGED
    assert result.message.startswith("the loss is NaN before training: the initial weights")
    assert [row.epoch for row in result.history] == [0]
