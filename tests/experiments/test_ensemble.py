"""Several networks of one plan, trained on one split."""

import signal
from dataclasses import replace

import numpy as np
import pytest

import inklings
from inklings import (
    DataError,
    Dense,
    Flatten,
    Network,
    NetworkError,
    Recipe,
    RecipeError,
    RunStore,
    TrainingDivergedError,
)
from inklings.evaluation.temperature import temperature_of
from inklings.experiments import ensemble_to_model
from inklings.training import Plan


@pytest.fixture(scope="module")
def split():
    digits = inklings.open_dataset("digits")
    return digits.take(np.arange(0, 5000, 5)).split(test=0.3, validation=0.6)


@pytest.fixture(scope="module")
def plan():
    network = Network((20, 20, 1), (Flatten(), Dense(16, "relu"), Dense(10, "softmax")))
    return Plan("small", "", network, Recipe("nesterov", 0.05, momentum=0.9, batch_size=20, epochs=8))


@pytest.fixture(scope="module")
def trained(split, plan):
    return inklings.train_ensemble(plan, split, members=4, seed=3)


def test_each_member_is_what_training_with_its_seed_gives(trained, split, plan):
    assert [member.plan.recipe.seed for member in trained.members] == [3, 4, 5, 6]
    alone = inklings.fit(plan.network, plan.recipe.with_settings(seed=5), split)
    for name, values in alone.parameters.items():
        assert trained.members[2].fitted.parameters[name] == pytest.approx(values, abs=1e-4)


def test_its_result_is_of_the_mean_of_all_probabilities(trained, split):
    mean = np.mean([member.probabilities.astype(np.float64) for member in trained.members], axis=0)
    right = mean.argmax(1) == split.test.labels
    assert trained.result.test == right.mean() == trained.correct.mean()
    assert trained.result.interval.low < trained.result.test < trained.result.interval.high
    assert trained.result.title == trained.title == "small (4 networks)"
    gain, (low, high) = trained.gain
    assert gain == pytest.approx(right.mean() - np.mean([member.result.test for member in trained.members]))
    assert low < gain < high


def test_a_single_test_image_tells_nothing_of_its_gain(split, plan):
    one = replace(split, test_rows=split.test_rows[:1])
    trained = inklings.train_ensemble(replace(plan, recipe=plan.recipe.with_settings(epochs=1)), one, members=2)
    gain, interval = trained.gain
    assert -1 <= gain <= 1
    assert interval == (-1, 1)


def test_its_model_says_what_it_was_made_of(plan, split, tmp_path):
    few = replace(split, validation_rows=split.validation_rows[:90])  # too few to take the seconds of a novelty measure
    trained = inklings.train_ensemble(plan, few, members=2, seed=3)
    ensemble_to_model(trained).save(tmp_path / "two.inkling")
    again = inklings.load(tmp_path / "two.inkling")
    assert (again.predict(split.test) == trained.answers).all()
    assert again.training["accuracy"] == trained.result.test
    assert [member["seed"] for member in again.training["members"]] == [3, 4]
    assert again.training["calibration"]["images"] == 90
    assert again.classifier.temperature == temperature_of(again)


@pytest.mark.slow
def test_it_tells_what_is_like_what_it_learnt(trained, split):
    model = ensemble_to_model(trained)
    assert (model.score_novelty(split.test) <= model.novelty.threshold).mean() > 0.9
    noise = np.random.default_rng(0).random((30, 20, 20, 1)).astype(np.float32)
    assert (model.score_novelty(noise, prepared=True) > model.novelty.threshold).mean() > 0.9


def test_members_that_are_stored_are_not_trained_again(split, plan, tmp_path):
    seen = []

    def watch(plan):
        seen.append(plan.recipe.seed)
        return ()

    store = RunStore(tmp_path / "runs")
    first = inklings.train_ensemble(plan, split, members=2, store=store, watch=watch)
    more = inklings.train_ensemble(plan, split, members=3, store=store, watch=watch)
    assert seen == [0, 1, 2]
    assert [member.run for member in more.members[:2]] == [member.run for member in first.members]
    assert {run.id for run in store.runs()} == {member.run for member in more.members}


class Interrupt(inklings.Callback):
    def on_epoch_end(self, row):
        if row.epoch == 2:
            signal.raise_signal(signal.SIGINT)


def test_an_interrupted_one_keeps_what_was_finished_and_goes_on_there(split, plan, tmp_path):
    one_by_one = plan.with_recipe(augmentation=inklings.Augmentation(shift=1))
    store, seen = RunStore(tmp_path / "runs"), []

    def watch(plan):
        seen.append(plan.recipe.seed)
        return [Interrupt()] if seen == [0, 1] else []

    with pytest.raises(KeyboardInterrupt, match="interrupted after 1 of 3 networks"):
        inklings.train_ensemble(one_by_one, split, members=3, store=store, watch=watch)
    assert len(inklings.train_ensemble(one_by_one, split, members=3, store=store, watch=watch).members) == 3
    assert seen == [0, 1, 1, 2]


def test_a_member_that_diverged_is_no_member(split, plan):
    wild = plan.with_recipe(optimiser="sgd", learning_rate=1e6)
    with pytest.raises(TrainingDivergedError):
        inklings.train_ensemble(wild, split, members=2)


def test_one_order_for_all_members_is_refused(split, plan):
    with pytest.raises(RecipeError, match=r"order_seed is 7, expected none: members differ in the order"):
        inklings.train_ensemble(plan.with_recipe(order_seed=7), split, members=2)


@pytest.mark.parametrize("members", [1, 0, 1001, 2.0, "five", True])
def test_an_impossible_number_of_members_is_refused(members, split, plan):
    with pytest.raises(RecipeError, match=r"members is .*, expected a whole number from 2 to 1000"):
        inklings.train_ensemble(plan, split, members=members)


@pytest.mark.parametrize(
    ("network", "data", "error", "problem"),
    [
        ("knn", None, NetworkError, "knn is not a network"),
        ("mpl", None, NetworkError, "unknown network 'mpl'.*mlp"),
        ("cnn2", "nowhere.npz", DataError, "nowhere.npz"),
    ],
)
def test_what_makes_no_ensemble_is_refused(network, data, error, problem, split):
    with pytest.raises(error, match=problem):
        inklings.train_ensemble(network, split if data is None else data)
