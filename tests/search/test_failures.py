import inklings
from inklings.report.study_story import tell_study
from inklings.search import run_search
from inklings.search.failures import find_failing
from inklings.search.sample import describe_value, sample_of

SMALL = {"network": "mlp", "hidden_units": 5, "epochs": 1}


def searched(folder, space, trials):
    few = inklings.open_dataset("digits").take(range(0, 5000, 20))
    return run_search({**SMALL, **space}, few, out=folder, trials=trials, sampler="random", workers=1, choose=0)


def test_the_end_of_a_range_at_which_all_trials_fail_is_named(tmp_path):
    space = {"learning_rate": {"low": 1e-3, "high": 1e15, "log": True}, "l2": {"low": 1e-6, "high": 1e-3, "log": True}}
    study = searched(tmp_path / "study", space, 24)
    worst = min(trial.settings["learning_rate"] for trial in study.trials if trial.reason)
    best = max(trial.settings["learning_rate"] for trial in study.trials if not trial.reason)
    assert best < worst, "the planted failures overlap with what finished"
    found = find_failing(study)
    assert (found.name, found.values) == ("learning_rate", f"{describe_value(worst, 3)} or more")
    assert found.count == sum(bool(trial.reason) for trial in study.trials)
    sample = sample_of(study)
    (said, *_) = tell_study(study, sample, ()).caution
    assert said == (
        f"{found.count} trials failed and have no accuracy: {24 - found.count} of 24 configurations can be compared. "
        f"All {found.count} with learning_rate {found.values} failed; the list of trials below says why."
    )


def test_a_value_with_which_all_trials_fail_is_named_and_few_failures_are_not(tmp_path):
    rates = {"learning_rate": [1e20, 0.01, 0.1], "batch_size": [10, 20, 30, 40, 50]}
    assert find_failing(searched(tmp_path / "many", rates, 15)).values == "1e+20"
    # Of three configurations one fails: any of its values might be the reason.
    assert find_failing(searched(tmp_path / "few", {"learning_rate": [1e20, 0.01, 0.1]}, 3)) is None
