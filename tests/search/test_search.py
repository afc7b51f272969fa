import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from inklings import RunStore, fit, open_study, run_search
from inklings.errors import InterruptedWarning, NetworkError, RecipeError, RunError
from inklings.search import State
from inklings.search.plans import PlanMaker
from inklings.search.space import space_from_plain
from inklings.training import DataFacts
from search.studies import SPACE, results, search, some_digits


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return search(tmp_path_factory.mktemp("whole") / "study")


def test_a_trial_is_what_fit_makes_of_its_settings(whole):
    trial = whole.trials[3]
    split = some_digits().split(seed=0)
    plans = PlanMaker(space_from_plain(SPACE), split.dataset.image_shape, 10, DataFacts.of(split))
    plan = plans.plan(trial.settings, trial.seed)
    history = fit(plan.network, plan.recipe, split).history
    assert trial.validation_loss == pytest.approx([row.validation_loss for row in history], rel=1e-5)
    assert trial.validation_accuracy == pytest.approx([row.validation_accuracy for row in history])
    assert (trial.parameters, trial.operations) == (plan.network.parameter_count, plan.network.operations)


def test_every_trial_is_a_run_of_the_store(whole):
    runs = RunStore(whole.folder / "runs")
    assert len(runs.runs()) == len(whole.trials) == 12
    assert not runs.damaged()
    trial = whole.trials[5]
    run = runs.load(trial.run)
    assert run.recipe.learning_rate == trial.settings["learning_rate"]
    assert run.history[-1].validation_loss == pytest.approx(trial.figure("loss"))
    assert run.parameters


def test_the_test_images_are_looked_at_for_the_chosen_alone(whole):
    best = whole.best
    assert best.cost == min(each.cost for each in whole.configurations)
    tested = {run.id for run in whole.runs.runs() if "test" in run.results}
    assert tested == {trial.run for trial in best.trials}
    (chosen,) = whole.chosen["chosen"]
    assert whole.chosen["tried"] == 12
    assert chosen["test_accuracy"] == whole.runs.load(best.trials[0].run).results["test"]


def test_repeats_are_seeds_on_one_split(tmp_path):
    study = search(tmp_path / "study", space={**SPACE, "repeats": 3}, trials=6)
    assert [(trial.configuration, trial.repeat, trial.seed) for trial in study.trials] == [
        (number, repeat, repeat) for number in range(2) for repeat in range(3)
    ]
    assert len({trial.validation_loss for trial in study.trials}) == 6
    assert len({run.facts["split"]["fingerprint"] for run in study.runs.runs()}) == 1
    frame = study.to_frame()
    assert list(frame["learning_rate"][:3]) == [study.trials[0].settings["learning_rate"]] * 3


@pytest.mark.parametrize("prune", ["halving", "hyperband"])
def test_pruning_stops_the_worse_and_leaves_the_others_what_they_are(prune, whole, tmp_path):
    study = search(tmp_path / "study", prune=prune, trials=12)
    states = [trial.state for trial in study.trials]
    assert states.count(State.PRUNED) >= 8
    for trial, unpruned in zip(study.trials, whole.trials, strict=True):
        # As far as it was trained, stopped and resumed at the rungs, the same to the last digit.
        assert trial.settings == unpruned.settings
        assert trial.validation_loss == unpruned.validation_loss[: len(trial.validation_loss)]
        assert bool(trial.reason) == (trial.state is State.PRUNED)
    first = study.trials[:9]  # of both, the first bracket
    gone_on = {trial.number for trial in first if len(trial.validation_loss) > 2 or trial.state is State.FINISHED}
    by_first_rung = sorted(first, key=lambda trial: trial.validation_loss[1])
    assert gone_on <= {trial.number for trial in by_first_rung[:3]}


def test_trials_that_fail_are_recorded_with_their_reason_and_the_others_go_on(tmp_path):
    space = {"network": "mlp", "hidden_units": [5], "learning_rate": [0.01, 1e6], "l2": [0.0, 1e30], "epochs": 2}
    study = search(tmp_path / "study", space=space, sampler="grid", trials=4)
    failed = [trial for trial in study.trials if trial.state is State.FAILED]
    assert 1 <= len(failed) < len(study.trials) == 4
    assert all("loss" in trial.reason for trial in failed)
    assert study.best.settings == {"hidden_units": 5, "learning_rate": 0.01, "l2": 0.0}


def test_layers_that_do_not_fit_fail_by_themselves(tmp_path):
    block = {"layer": "MaxPool2D", "pool_size": 2}
    layers = [{"repeat": [1, 8], "block": [block]}, {"layer": "Flatten"}, {"layer": "Dense", "units": "classes"}]
    layers[-1]["activation"] = "softmax"
    space = {"layers": layers, "epochs": [1, 2]}
    with pytest.raises(NetworkError, match=r"block_1\.repeat = 8: layer"):
        search(tmp_path / "study", space=space, sampler="grid")


def test_memory_that_is_not_there_fails_the_trial(tmp_path):
    # 160 thousand million weights: more than a terabyte.
    space = {"network": "mlp", "hidden_units": [5, [400_000, 400_000]], "epochs": 1}
    study = search(tmp_path / "study", space=space, sampler="grid", trials=2)
    states = {trial.settings["hidden_units"]: trial for trial in study.trials}
    assert states[5].state is State.FINISHED
    assert states[400_000, 400_000].state is State.FAILED
    assert "of memory" in states[400_000, 400_000].reason


class StopAfterTrials:
    """Sends this process a Ctrl-C once some trials have ended."""

    def __init__(self, count):
        self._count = count

    def __call__(self, progress):
        if progress.ended >= self._count and self._count:
            self._count = 0
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(("sampler", "prune"), [("random", "none"), ("tpe", "none"), ("tpe", "halving")])
def test_a_study_that_was_interrupted_goes_on_to_the_same_results(sampler, prune, tmp_path):
    assert threading.current_thread() is threading.main_thread()
    # Those of different batch sizes are not trained side by side, and so do not end together.
    space = {**SPACE, "batch_size": [20, 25, 30, 40, 50]}
    settings = {"space": space, "sampler": sampler, "prune": prune, "in_flight": 2}
    whole = search(tmp_path / "whole", **settings)
    with pytest.warns(InterruptedWarning):
        stopped = search(tmp_path / "study", watch=StopAfterTrials(3), **settings)
    assert not stopped.complete
    assert stopped.chosen is None
    assert 3 <= len(stopped.trials) < 12
    continued = search(tmp_path / "study", continued=True, **settings)
    assert continued.complete
    assert results(continued) == results(whole)
    before = {trial.number: trial.ended for trial in stopped.trials}
    assert {trial.number: trial.ended for trial in continued.trials if trial.number in before} == before


def test_trials_can_be_added(whole, tmp_path):
    assert search(tmp_path / "study", trials=5).chosen["looks"] == 1
    added = search(tmp_path / "study", trials=12, continued=True)
    assert results(added) == results(whole)
    assert added.chosen["looks"] == 2
    # To go on with what is complete looks at nothing.
    assert search(tmp_path / "study", trials=12, continued=True).chosen["looks"] == 2


def test_trials_that_were_pruned_go_on_where_more_are_added_and_are_among_the_best(tmp_path):
    # Of the second bracket five configurations at first, of which one goes on, then nine, of which three do.
    settings = {"space": {**SPACE, "epochs": 9}, "prune": "halving", "seed": 1}
    fewer = search(tmp_path / "study", trials=14, **settings)
    progress = []
    added = search(tmp_path / "study", trials=18, continued=True, watch=progress.append, **settings)
    whole = search(tmp_path / "whole", trials=18, **settings)
    gone_on = [
        number
        for number, trial in enumerate(fewer.trials)
        if len(trial.validation_loss) < len(added.trials[number].validation_loss)
    ]
    assert gone_on
    assert all(fewer.trials[number].state is State.PRUNED for number in gone_on)
    for trial, other in zip(added.trials, whole.trials, strict=True):
        if other.state is State.FINISHED:
            assert (trial.state, trial.validation_loss) == (State.FINISHED, other.validation_loss)
        # Each has been trained as far as in a study of 18 from the start; what had ended before is not taken back.
        assert trial.validation_loss[: len(other.validation_loss)] == other.validation_loss
    assert progress[-1].ended == 18


def test_trials_cannot_be_taken_away(tmp_path):
    search(tmp_path / "study", trials=3)
    with pytest.raises(RunError, match="has a study of 3 trials, found 2"):
        search(tmp_path / "study", trials=2, continued=True)


def test_what_was_chosen_by_itself_is_kept_when_a_study_goes_on(tmp_path):
    few = {"out": tmp_path / "study", "workers": 1, "choose": 1}
    space = {"network": "mlp", "hidden_units": [5, 6, 7, 8], "epochs": 1}
    begun = run_search(space, some_digits(), trials=3, budget=60, sampler="random", **few)
    assert begun.facts["prune"] == "halving"
    # Without a budget it would be "none", and a grid for so few combinations; with 100 trials.
    again = run_search(space, some_digits(), continued=True, **few)
    assert (again.facts["prune"], again.facts["sampler"], len(again.trials)) == ("halving", "random", 3)


def test_a_run_of_another_study_that_left_no_record_is_not_taken_for_ones_own(tmp_path):
    fresh = search(tmp_path / "fresh", space={**SPACE, "hidden_units": [7]}, trials=2)
    search(tmp_path / "study", trials=2)
    # As a driver leaves it that is killed before its first line.
    (tmp_path / "study" / "trials.jsonl").unlink()
    again = search(tmp_path / "study", space={**SPACE, "hidden_units": [7]}, trials=2)
    assert results(again) == results(fresh)
    assert {run.network.layers[1].units for run in again.runs.runs()} == {7}


def test_repeats_of_a_configuration_keep_their_settings_whichever_of_them_is_recorded(tmp_path):
    space = {**SPACE, "repeats": 2}
    search(tmp_path / "study", space=space, trials=2)
    # As of a sampler that would propose something else by now.
    record = tmp_path / "study" / "trials.jsonl"
    (second,) = [line for line in map(json.loads, record.read_text().splitlines()) if line["repeat"] == 1]
    second["settings"]["learning_rate"] = 0.05
    record.write_text(json.dumps(second) + "\n")
    again = search(tmp_path / "study", space=space, trials=2, continued=True)
    assert [trial.settings["learning_rate"] for trial in again.trials] == [0.05, 0.05]


@pytest.mark.skipif(os.name != "posix", reason="locks as Unix does")
def test_a_study_that_another_driver_is_at_is_left_as_it_is(tmp_path):
    import fcntl

    search(tmp_path / "study", trials=1)
    (tmp_path / "study" / "trials.jsonl").write_text("")  # nothing has ended yet
    before = (tmp_path / "study" / "study.json").read_text()
    descriptor = os.open(tmp_path / "study", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(RunError, match="another process"):
        search(tmp_path / "study", trials=2, seed=3)
    os.close(descriptor)
    assert (tmp_path / "study" / "study.json").read_text() == before


def test_a_study_goes_on_with_the_networks_and_the_version_that_it_began_with(tmp_path):
    file = tmp_path / "net.toml"
    layers = '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = {}\n' + (
        '[[layers]]\nlayer = "Dense"\nunits = "classes"\nactivation = "softmax"\n'
    )
    file.write_text(layers.format(4))
    settings = {"space": {"network": str(file), "learning_rate": [0.01, 0.02], "epochs": 1}, "trials": 2}
    search(tmp_path / "study", **settings)
    file.write_text(layers.format(5))
    with pytest.raises(RunError, match="made other networks"):
        search(tmp_path / "study", continued=True, **settings)
    file.write_text(layers.format(4))
    facts = json.loads((tmp_path / "study" / "study.json").read_text())
    facts["versions"]["inklings"] = "0.0.1"
    (tmp_path / "study" / "study.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match=r"has a study of Inklings 0\.0\.1"):
        search(tmp_path / "study", continued=True, **settings)


def test_a_study_is_not_mixed_with_another(tmp_path):
    search(tmp_path / "study", trials=2)
    with pytest.raises(RunError, match="has a study already"):
        search(tmp_path / "study", trials=2)
    with pytest.raises(RunError, match="has a study with seed 0, found 1"):
        search(tmp_path / "study", trials=2, seed=1, continued=True)
    with pytest.raises(RunError, match="has a study of a space with epochs 3; found 4"):
        search(tmp_path / "study", space={**SPACE, "epochs": 4}, trials=2, continued=True)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"sampler": "tpo"}, "did you mean 'tpe'"),
        ({"prune": "halve"}, "did you mean 'halving'"),
        ({"measure": "accurcy"}, "did you mean 'accuracy'"),
        ({"trials": 0}, "trials is 0"),
        ({"workers": 0}, "workers is 0"),
        ({"budget": "10m"}, "budget is '10m', expected a number of seconds"),
        ({"budget": -1}, "budget is -1"),
        ({"threads": True}, "threads is True"),
        ({"workers": 2, "cluster": "tcp://127.0.0.1:1"}, "workers has no effect on a cluster"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings, found, tmp_path):
    with pytest.raises(RecipeError, match=found):
        run_search(SPACE, some_digits(), out=tmp_path / "study", **settings)
    assert not (tmp_path / "study").exists()


def test_a_time_that_is_over_before_anything_is_learnt_is_said(tmp_path):
    space = {**SPACE, "hidden_units": [800], "epochs": 500}
    with pytest.raises(RecipeError, match="budget was over before one of"):
        run_search(space, some_digits(), out=tmp_path / "study", workers=1, sampler="random", budget=0.5)


def test_a_study_can_be_opened_again(whole):
    again = open_study(whole.folder)
    assert results(again) == results(whole)
    assert again.best.settings == whole.best.settings
    facts = json.loads((whole.folder / "study.json").read_text())
    assert facts["space"] == SPACE
    assert facts["data"]["fingerprint"] == some_digits().fingerprint
    assert "mlp" not in repr(again)
    assert "12 finished" in repr(again)
    assert "learning_rate" in again._repr_html_()


def test_the_command_prints_one_json_value_and_writes_the_page(tmp_path):
    (tmp_path / "space.toml").write_text('network = "softmax"\nlearning_rate = [0.01, 0.1]\nepochs = 1\n')
    command = [sys.executable, "-m", "inklings", "search", "space.toml", "--workers", "1", "--quiet", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert len(printed["trials"]) == len(printed["ranked"]) == 2
    assert printed["report"] == "study/report.html"
    assert (tmp_path / "study" / "report.html").exists()
