import json
from dataclasses import replace

import numpy as np
import pytest

from inklings import Plan, Recipe, RunError, compare, from_arrays, open_dataset, preset, run_search, train_ensemble
from inklings.experiments import RunStore, check_comparable, comparison_of, reopen_split


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"))
    for seed in (0, 1):
        compare(["softmax", "naive"], "digits", seed=seed, quick=True, engine="numpy", store=store)
    return store


@pytest.fixture
def runs(store):
    return sorted(store.runs(), key=lambda run: (run.facts["split"]["seed"], run.facts["name"]))


def test_a_runs_images_are_opened_and_split_as_they_were(runs):
    split = reopen_split(runs[0])
    assert split.fingerprint == open_dataset("digits").split(seed=0).fingerprint


def test_stored_runs_make_the_comparison_that_they_were_part_of(runs):
    comparison = comparison_of(runs[:2])
    assert [trained.plan.title for trained in comparison.trained_networks] == ["naive", "softmax"]
    for trained in comparison.trained_networks:
        assert trained.correct.mean() == pytest.approx(trained.result.test, abs=1e-3)
        answers = trained.fitted.predict(comparison.split.test)  # needs its split, as of a training just now
        assert (answers == comparison.split.test.named_labels).mean() == trained.correct.mean()


def test_runs_of_different_splits_are_refused_with_the_reason(runs):
    with pytest.raises(RunError, match=r"have different split: seed 0 \(.*\) and seed 1 \("):
        check_comparable([runs[0], runs[2]])
    check_comparable(runs[:2])
    for function in (check_comparable, comparison_of):
        with pytest.raises(RunError, match="there are no runs, expected at least one"):
            function([])


def test_images_that_were_changed_since_are_refused(runs, tmp_path):
    digits = open_dataset("digits")
    np.savez(tmp_path / "mine.npz", images=digits.images[:, :, :, 0], labels=digits.labels)
    store = RunStore(tmp_path / "runs")
    compare(["softmax"], tmp_path / "mine.npz", quick=True, engine="numpy", store=store)
    (run,) = store.runs()
    assert len(reopen_split(run).train) == 2750
    np.savez(tmp_path / "mine.npz", images=digits.images[::-1, :, :, 0], labels=digits.labels[::-1])
    with pytest.raises(RunError, match="the file was changed since"):
        reopen_split(run)


def test_a_run_of_arrays_cannot_be_opened_again(tmp_path):
    store = RunStore(tmp_path)
    digits = open_dataset("digits")
    split = from_arrays(digits.images, digits.labels).split()
    result = compare(["softmax"], split, quick=True, engine="numpy", store=store).results[0]
    (run,) = store.runs()
    with pytest.raises(RunError, match="were made in Python"):
        reopen_split(run)
    assert comparison_of([run], split).results[0].test == pytest.approx(result.test, abs=1e-3)
    with pytest.raises(RunError, match="was trained on another split"):
        comparison_of([run], split.dataset.split(seed=1))


def test_whatever_trains_by_a_name_can_open_it_again(tmp_path):
    small = Plan("small", "", preset("softmax", (20, 20, 1), 10).network, Recipe("adam", steps=5))
    store = RunStore(tmp_path / "runs")
    compare([small], "digits", repeats=2, engine="numpy", store=store)
    train_ensemble(small, "digits", members=2, engine="numpy", store=store)
    space = {"network": "softmax", "steps": 5, "learning_rate": [0.1, 0.2]}
    study = run_search(space, "digits", out=tmp_path / "study", trials=1, engine="numpy")
    runs = [*store.runs(), *study.runs.runs()]
    # Two repeats, the first of which is also the ensemble's first member; its second; and a trial.
    assert len(runs) == 4
    for run in runs:
        assert reopen_split(run).fingerprint == run.facts["split"]["fingerprint"]


def test_images_that_were_open_already_are_opened_again_as_they_were(tmp_path):
    small = Plan("small", "", preset("softmax", (9, 12, 1), 10).network, Recipe("adam", steps=5))
    digits = open_dataset("digits", size=(9, 12))
    for number, data in enumerate((digits, digits.split(seed=3, test=0.2, train=500))):
        store = RunStore(tmp_path / str(number))
        split = compare([small], data, engine="numpy", store=store).split
        (run,) = store.runs()
        again = reopen_split(run)
        assert (again.fingerprint, again.dataset.image_shape) == (split.fingerprint, (9, 12, 1))
    # Of what was made of them, nobody knows how.
    for data in (digits.take(slice(0, 900)), digits.split(label_noise=0.1), replace(digits.split(), seed=8)):
        store = RunStore(tmp_path / "changed" / str(id(data)))
        compare([small], data, engine="numpy", store=store)
        with pytest.raises(RunError, match="were made in Python"):
            reopen_split(*store.runs())


def test_a_run_that_is_not_finished_is_refused(runs, tmp_path):
    folder = tmp_path / runs[0].id
    folder.mkdir()
    facts = {**runs[0].facts, "stop_reason": "running", "results": {}}
    (folder / "run.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match="is not finished"):
        comparison_of([RunStore(tmp_path).load(runs[0].id)])
