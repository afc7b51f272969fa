"""The page of a study: sentences that its trials bear out, one file, and every trial within reach."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from math import comb

import numpy as np
import pytest

from inklings import RunError
from inklings.report.study_page import write_study_report
from inklings.report.study_story import describe_interactions, describe_selection, tell_study
from inklings.search import open_study
from inklings.search.effects import find_effects, find_interactions
from inklings.search.outlook import shared_by_best
from inklings.search.record import RecordFile, write_chosen, write_study
from inklings.search.sample import sample_of
from inklings.search.trial import State, Trial

SPACE = {
    "network": "mlp",
    "hidden_units": [10, 100],
    "learning_rate": {"low": 1e-3, "high": 1e-1, "log": True},
    "optimiser": ["adam", "momentum"],
    "momentum": [0.5, 0.9],
    "epochs": 3,
    "repeats": 2,
}
FACTS = {
    **{
        "space": SPACE,
        "measure": "accuracy",
        "trials": 120,
        "repeats": 2,
        "sampler": "random",
        "prune": "none",
        "seed": 0,
    },
    **{"in_flight": 8, "batch": 1, "engine": "native", "driver": "0a", "data": {}, "split": {}, "versions": {}},
}

TESTED = [
    {
        **{"number": 0, "run": "trial-00000", "validation_accuracy": 0.93},
        **{"test_accuracy": 0.905, "interval": [0.89, 0.92]},
    }
]
"""The trials of a configuration that was chosen."""


def made(folder, *, configurations=60, effect=0.1, noise=0.01, pruned=False, failed=0):
    """A study in which a hundred units are so much better than ten, and nothing else matters."""
    random = np.random.default_rng(4)
    trials = []
    for configuration in range(configurations):
        settings = {
            "hidden_units": int(random.choice([10, 100])),
            "learning_rate": float(10 ** random.uniform(-3, -1)),
            "optimiser": str(random.choice(["adam", "momentum"])),
        }
        if settings["optimiser"] == "momentum":
            settings["momentum"] = float(random.choice([0.5, 0.9]))
        for repeat in range(2):
            end = 0.8 + effect * (settings["hidden_units"] == 100) + random.normal(0, noise)
            stopped = pruned and configuration % 2 == 0
            curve = (0.1, end - 0.05) if stopped else (0.1, end - 0.05, end - 0.02, end)
            state = State.PRUNED if stopped else State.FINISHED
            if configuration < failed:
                curve, state = (0.1,), State.FAILED
            trials.append(
                Trial(
                    2 * configuration + repeat,
                    configuration,
                    repeat,
                    settings,
                    repeat,
                    state,
                    reason="the loss became NaN" if state is State.FAILED else "",
                    validation_loss=curve,
                    validation_accuracy=curve,
                    train_loss=curve,
                    train_accuracy=curve,
                    epoch=len(curve) - 1,
                    epochs=3,
                    seconds=0.5 + random.random(),
                    parameters=4000 if settings["hidden_units"] == 10 else 40_000,
                    operations=8000 if settings["hidden_units"] == 10 else 80_000,
                    run=f"trial-{2 * configuration + repeat:05}",
                )
            )
    write_study(folder, FACTS)
    record = RecordFile(folder)
    record.append(trials)
    record.close()
    return open_study(folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write_study_report(made(tmp_path_factory.mktemp("studies") / "study"))


def story_of(study):
    sample = sample_of(study)
    return tell_study(study, sample, find_effects(sample))


def words_of(page):
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL)
    return " ".join(unescape(text).split())


def test_the_first_screen_says_what_was_planted_and_claims_nothing_else(page):
    words = words_of(page)
    assert "hidden_units is shown to matter" in words
    found = re.search(r"hidden_units: 100 is ([\d.]+) points more accurate than 10 \(p", words)
    assert float(found[1]) == pytest.approx(10, abs=0.6)
    assert re.search(r"No effect of (learning_rate|optimiser|momentum)", words)
    # Five of half of all: one draw of 32, which four settings make likely.
    assert "They share nothing that as many configurations drawn at random would not share by chance" in words


def test_where_nothing_matters_the_page_says_so(tmp_path):
    study = made(tmp_path / "study", effect=0)
    assert story_of(study).headline == "No setting is shown to matter by 60 configurations"
    told = describe_interactions(find_interactions(sample_of(study)))
    assert told.startswith("No two settings are shown to need each other")


def test_the_page_is_one_file_with_every_trial(page):
    text = page.read_text()
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", text)
    assert len(text) < 3_000_000
    trials = json.loads(re.search(r'<script id="inspection" type="application/json">(.*?)</script>', text)[1])
    assert sorted(each["number"] for each in trials) == list(range(120))
    assert trials[0]["accuracy"] == max(each["accuracy"] for each in trials)
    assert trials[0]["validation"][-1] == [3, trials[0]["accuracy"]]


def test_trials_that_were_stopped_early_are_compared_where_all_were(tmp_path):
    study = made(tmp_path / "study", pruned=True, failed=1)
    sample = sample_of(study)
    assert sample.epoch == 1
    assert len(sample.figures) == 59
    # Those that went on end 0.05 higher, which is not an effect of anything.
    assert set(np.round(sample.figures, 1)) <= {0.7, 0.8, 0.9}
    cautions = " ".join(story_of(study).caution)
    assert "effects are on the accuracy after epoch 1" in cautions
    assert "2 trials failed and have no accuracy" in cautions


def test_a_setting_that_had_no_effect_in_a_trial_is_a_level_of_its_own(tmp_path):
    study = made(tmp_path / "study")
    (momentum,) = [factor for factor in sample_of(study).factors if factor.name == "momentum"]
    assert momentum.labels == ("0.5", "0.9", "not used")
    adam = [each.settings["optimiser"] == "adam" for each in study.configurations]
    assert (momentum.places == 2).tolist() == adam


def test_what_choosing_added_is_said(tmp_path):
    study = made(tmp_path / "study")
    best = {"configuration": study.best.number, "settings": {}, "validation_accuracy": 0.93, "test_accuracy": 0.905}
    write_chosen(study.folder, {"tried": 60, "trials": 120, "chosen": [{**best, "trials": TESTED}]})
    study = open_study(study.folder)
    assert "a test accuracy of 90.5%" in story_of(study).lead
    assert "Its validation accuracy is 2.5 points above that on the test images" in describe_selection(study)


def test_test_images_that_were_looked_at_before_are_said(tmp_path):
    study = made(tmp_path / "study")
    best = {"configuration": study.best.number, "settings": {}, "validation_accuracy": 0.93, "test_accuracy": 0.905}
    chosen = {"tried": 60, "trials": 120, "looks": 2, "chosen": [{**best, "trials": TESTED}]}
    write_chosen(study.folder, chosen)
    study = open_study(study.folder)
    assert study.complete
    assert "The test images were looked at 2 times" in describe_selection(study)
    # Of a choice among fewer, which was another one.
    write_chosen(study.folder, {**chosen, "trials": 20, "chosen": [{**best, "configuration": 1, "trials": TESTED}]})
    study = open_study(study.folder)
    assert not study.complete
    assert "test images" not in story_of(study).lead


def test_values_that_are_close_are_told_apart(tmp_path):
    study = made(tmp_path / "study")
    rates = [0.0121, 0.0124, 128.0, 131.0]
    trials = tuple(replace(trial, settings={"learning_rate": rates[trial.configuration % 4]}) for trial in study.trials)
    factors = sample_of(replace(study, trials=trials)).factors
    assert next(each for each in factors if each.name == "learning_rate").labels == ("0.0121", "0.0124", "128", "131")


def test_the_best_share_what_was_planted(tmp_path):
    study = made(tmp_path / "study")
    shared = {each.name: each for each in shared_by_best(study)}["hidden_units"]
    assert (shared.value, shared.is_same) == ("100", True)
    large = sum(each.settings["hidden_units"] == 100 for each in study.configurations)
    # Or ten units: which of both was found by looking.
    assert shared.chance == pytest.approx((comb(large, 5) + comb(60 - large, 5)) / comb(60, 5))


def test_how_close_the_best_are_is_held_against_any_five_that_are_as_close(tmp_path):
    study = made(tmp_path / "study")
    shared = {each.name: each for each in shared_by_best(study)}["learning_rate"]
    rates = [each.settings["learning_rate"] for each in study.ranked]
    within = sum(min(rates[:5]) <= rate <= max(rates[:5]) for rate in rates)
    # Of 60 in a row there are 61 - size places for five that span so many; between the ends lie the other three.
    exactly = sum((61 - size) * comb(size - 2, 3) for size in range(5, within + 1))
    assert shared.chance == pytest.approx(exactly / comb(60, 5))


@pytest.mark.parametrize(("count", "they"), [(4, "4 configurations are"), (1, "1 configuration is")])
def test_few_configurations_make_a_page_that_says_they_are_too_few(tmp_path, count, they):
    page = write_study_report(made(tmp_path / "study", configurations=count))
    assert f"{they} too few to tell what mattered" in words_of(page)


def test_a_study_without_a_single_accuracy_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"all of its 6 trials failed \(the loss became NaN"):
        write_study_report(made(tmp_path / "study", configurations=3, failed=3))


@pytest.mark.slow
def test_the_command_writes_a_study_s_page_into_its_folder(tmp_path):
    made(tmp_path / "study", configurations=20)

    def report(*arguments):
        command = [sys.executable, "-m", "inklings", "report", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    done = report("study")
    assert (done.returncode, done.stdout) == (0, "report: study/report.html\n"), done.stderr
    assert (tmp_path / "study" / "report.html").exists()
    for option, words in (("--out", "is written into its folder"), ("--runs", "is about those in its folder")):
        refused = report("study", option, "elsewhere")
        assert refused.returncode == 2
        assert f"{option} is for runs; a study's report {words}" in " ".join(refused.stderr.split())
