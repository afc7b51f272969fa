"""``--budget``: the most that can be done in a time, and what was chosen in a line."""

import json
import re
from time import perf_counter

import numpy as np
import pytest

from inklings import open_dataset, preset
from inklings.cli.budget import Budget
from inklings.cli.saving import Packing
from inklings.cli.train_network import train_network
from inklings.errors import RecipeError
from inklings.experiments import RunStore
from inklings.training.interruption import Interruption
from inklings.training.training_job import TrainingJob


@pytest.fixture
def small(tmp_path):
    """A file of 8 x 8 images of two classes that are easily told apart."""
    random, labels = np.random.default_rng(0), np.arange(400) % 2
    images = random.random((400, 8, 8)) / 2 + labels[:, None, None] / 2
    np.savez(tmp_path / "small.npz", images=images, labels=labels)
    return "small.npz"


def told(err):
    """The line that says what was chosen."""
    (line,) = (line for line in err.splitlines() if line.startswith("note: budget: "))
    return line.removeprefix("note: ")


def test_where_there_is_time_for_all_of_it_all_is_done_and_the_run_keeps_why(inklings, small, tmp_path):
    code, _, err = inklings("train", "softmax", "--data", small, "--budget", "10m")
    assert code == 0
    line = told(err)
    assert re.fullmatch(
        r"budget: all 1,000 steps: forecast [0-9.]+ s of 10 min; there would be time for "
        "--ensemble [0-9]+",
        line,
    )
    (run,) = tmp_path.glob("inklings-runs/*/run.json")
    assert json.loads(run.read_text())["choices"] == [line]
    _, out, _ = inklings("runs", "show", "softmax")
    assert line in out


def test_an_ensemble_shares_the_time_and_after_an_interruption_the_length_is_typed(inklings, small, tmp_path):
    code, out, err = inklings("train", "softmax", "--ensemble", "2", "--data", small, "--budget", "10m")
    assert code == 0
    assert re.fullmatch(r"budget: all 1,000 steps for each of 2 networks: forecast [0-9.]+ s of 10 min", told(err))
    assert "ensemble     softmax (2 networks)" in out
    assert len([*tmp_path.glob("inklings-runs/*/run.json")]) == 2
    plan = preset("softmax", (20, 20, 1), 10)
    again = Budget(60.0, saves=False, members=2).describe_again(plan.with_recipe(epochs=7))
    assert again == "with --epochs 7 in place of --budget"


def test_where_there_is_not_there_are_fewer_epochs(inklings, small, tmp_path):
    code, out, err = inklings("train", "--filters", "16", "--data", small, "--budget", "6s", "--dry-run")
    if code == 5:  # a machine so busy that there is no time for anything
        assert "expected at least" in err
        return
    assert code == 0
    assert re.search(r"budget: (all|[0-9]+ of) [0-9]+ epochs.*: forecast [0-9.]+ s of 6 s", told(err))
    assert "network" in out
    assert not (tmp_path / "inklings-runs").exists()


def test_too_little_time_is_refused_with_the_least_there_is_something_to_do_in(inklings, small, tmp_path):
    code, _, err = inklings("train", "--data", small, "--budget", "0.1s")
    assert code == 5
    assert re.search(
        r"inklings: --budget is 0\.1 s, expected at least [0-9.]+ s for 220 images of 8 x 8 x 1 on this machine\n$", err
    )
    assert not (tmp_path / "inklings-runs").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "--budget", "soon"], 2, "'soon' is not a time such as 30s, 5m or 2h"),
        (["train", "--budget", "30"], 2, "'30' is not a time such as 30s, 5m or 2h"),
        (["train", "--budget", "0s"], 2, "not a time"),
        (["train", "--budget", "-5s"], 2, "not a time"),
        (["train", "--budget", "30s", "--epochs", "3"], 5, "--budget and --epochs are both given, expected one of"),
        (["train", "mlp", "--budget", "30s", "--steps", "3"], 5, "--budget and --steps are both given"),
        (["train", "hog-svm", "--budget", "30s"], 2, "--budget has no effect on hog-svm"),
        (["train", "--continue", "some", "--budget", "30s"], 7, "no run"),
        (["compare", "best", "--budget", "30s"], 2, "--budget"),
        (["learning-curve", "best", "--budget", "30s"], 2, "--budget"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(answer, arguments, code, message):
    found, _, err = answer(*arguments)
    assert found == code or "--continue" in arguments
    assert message in err or "leave --budget out" in err
    assert len(err.strip().splitlines()) <= 2


def test_one_that_is_over_before_anything_is_learnt_saves_nothing_and_is_an_error(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    split = open_dataset(small).split(seed=0)
    plan = preset("mlp", (8, 8, 1), 2)
    job = TrainingJob.begin(plan.network, plan.recipe, split, "numpy")
    writer = RunStore(tmp_path / "runs").begin(plan, split, engine="numpy", split_options={"seed": 0}, command="")
    packing = Packing("small.inkling", 0.99, None)
    with (
        Interruption() as interruption,
        pytest.raises(RecipeError, match=r"nothing was learnt, and small\.inkling is not"),
    ):
        train_network(writer, job, packing, interruption, quiet=True, budget=Budget(0.01, saves=True))
    assert "0 of 0" in capsys.readouterr().out
    assert not (tmp_path / "small.inkling").exists()
    assert writer.run.checkpoint.exists()  # so that it can go on


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [10, 20])
def test_the_clock_on_the_wall_agrees(inklings, tmp_path, seconds):
    begun = perf_counter()
    code, out, err = inklings("train", "--budget", f"{seconds}s", "--save", "digits.inkling")
    taken = perf_counter() - begun
    if code == 5 and "expected at least" in err:
        pytest.skip("this machine is too busy to do anything in that time")
    assert code == 0, err
    assert taken < 1.1 * seconds
    assert taken > 0.6 * seconds
    assert float(re.search(r"test +([0-9.]+)%", out)[1]) > 90
