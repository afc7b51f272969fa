"""What people report of searches with Optuna, Ray Tune, Keras Tuner and others, rebuilt here."""

import shutil

import numpy as np
import pytest

import inklings
from inklings import RecipeError, RunError
from inklings.search import open_study, run_search, space_from_plain

SMALL = {"network": "mlp", "hidden_units": 5, "epochs": 2}
RATES = {"learning_rate": [0.01, 0.1, 0.3]}


@pytest.fixture(scope="module")
def few():
    return inklings.open_dataset("digits").take(range(0, 5000, 20))


def searched(folder, few, space, **settings):
    return run_search({**SMALL, **space}, few, out=folder, workers=1, **{"choose": 1, **settings})


@pytest.mark.parametrize(
    ("space", "found"),
    [
        ({"hidden_units": [5, [5], 10]}, r"hidden_units has 5 and \[5\], which are the same"),
        ({"learning_rate": [1, 0.5, 1.0]}, "learning_rate has 1 and 1.0, which are the same"),
        ({"l2": [0.0, 1e-3, 0]}, "l2 has 0.0 and 0, which are the same"),
    ],
)
def test_values_that_only_look_unlike_are_no_two_configurations(space, found):
    """Optuna 2021 and others: one training is counted several times, and repeats seem to agree."""
    with pytest.raises(RecipeError, match=found):
        space_from_plain({**SMALL, **space})


def test_a_step_that_does_not_fit_ends_below_the_high_end(few, tmp_path):
    """Optuna 3820: what values a step stands for is not what was written."""
    space = space_from_plain({**SMALL, "learning_rate": {"low": 0.1, "high": 1, "step": 0.4}})
    assert space.dimensions["learning_rate"].grid == (0.1, 0.5, 0.9)
    assert {settings["learning_rate"] for _, settings in space.corners()} == {0.1, 0.9}
    # Whole numbers by steps that are none: each trial would fail.
    with pytest.raises(RecipeError, match=r"batch_size is 10.0, expected a whole number"):
        searched(tmp_path / "study", few, {"batch_size": {"low": 10, "high": 30, "step": 10.0}})


def test_what_was_trained_to_its_end_is_not_called_pruned(few, tmp_path):
    """Ray 11695, Optuna 2919: with few epochs, a rung is at the end already, or early stopping came before it."""
    rates = {"learning_rate": {"low": 1e-3, "high": 1.0, "log": True}}
    study = searched(tmp_path / "one", few, {**rates, "epochs": 1}, trials=9, prune="halving", sampler="random")
    assert [str(trial.state) for trial in study.trials] == ["finished"] * 9
    two = searched(tmp_path / "two", few, rates, trials=9, prune="halving", sampler="random")
    pruned = [trial for trial in two.trials if trial.reason]
    assert len(pruned) == 8
    assert all(trial.reason.endswith("configurations after 1 epoch") for trial in pruned)


def test_numbers_of_numpy_are_numbers(few, tmp_path):
    """Optuna and Ray take np.arange, and then cannot write it into their storage."""
    space = {"hidden_units": list(np.array([4, 5])), "learning_rate": np.array([0.1, 0.3])}
    study = searched(tmp_path / "study", few, space)
    assert {trial.settings["hidden_units"] for trial in study.trials} == {4, 5}
    assert len(open_study(tmp_path / "study").trials) == 4


def test_a_study_moves_and_says_what_it_lacks(few, tmp_path):
    """Keras Tuner 461: a study in another folder, or without its trials' files, cannot be opened."""
    searched(tmp_path / "study", few, RATES, choose=0)
    (tmp_path / "study").rename(tmp_path / "moved")
    shutil.rmtree(tmp_path / "moved" / "runs")
    with pytest.raises(RunError, match=r"moved: has no run 'trial-0000\d' any more"):
        searched(tmp_path / "moved", few, RATES, continued=True)
    assert len(searched(tmp_path / "moved", few, RATES, continued=True, choose=0).trials) == 3
