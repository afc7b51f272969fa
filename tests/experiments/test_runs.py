import json
import shutil
import time
from pathlib import Path
from threading import Barrier, Event, Thread

import numpy as np
import pytest
from safetensors.numpy import load_file

from inklings import DataError, RunError, compare, fit, open_dataset, preset
from inklings.engines import get_engine
from inklings.experiments import RunStore, measure_fitted, to_model
from inklings.training import Callback, Checkpoint
from inklings.training.checkpoint_file import before_of


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").split(test=0.2, validation=0.6)


def train(store, split, name="softmax", **settings):
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count, **settings)
    engine = get_engine("numpy")
    run = store.begin(plan, split, engine="numpy", command="inklings train softmax")
    fitted = fit(plan.network, plan.recipe.with_settings(steps=40), split, engine=engine, callbacks=[run])
    return run.finish(fitted, measure_fitted(plan, fitted, split, engine).accuracies), fitted


@pytest.fixture(scope="module")
def stored(split, tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"))
    run, fitted = train(store, split)
    return store, run, fitted


def test_a_run_whose_id_another_drew_in_the_same_second_draws_again(split, tmp_path, monkeypatch):
    drawn = iter(["one", "one", "one", "two"])
    monkeypatch.setattr("inklings.experiments.runs._new_id", lambda plan, now: next(drawn))
    store, plan = RunStore(tmp_path), preset("softmax", (20, 20, 1), 10)
    assert [store.begin(plan, split, engine="numpy").run.id for _ in range(2)] == ["one", "two"]


def test_a_run_is_read_back_as_it_was(stored):
    store, run, fitted = stored
    again = store.load(run.id)
    assert again.network == fitted.network
    assert again.history == fitted.history
    assert again.stop_reason == "finished"
    for name, value in fitted.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], value)


def test_a_run_of_an_earlier_version_is_read(stored, tmp_path):
    shutil.copytree(stored[1].folder, tmp_path / "old")
    facts = json.loads((tmp_path / "old" / "run.json").read_text())
    facts["ending"] = facts.pop("stop_reason")
    del facts["data"]["interpretation"], facts["data"]["decisions"]
    (tmp_path / "old" / "run.json").write_text(json.dumps(facts))
    assert RunStore(tmp_path).load("old").stop_reason == "finished"


def test_it_tells_what_was_run_with_what_and_what_came_of_it(stored, split):
    facts = json.loads((stored[1].folder / "run.json").read_text())
    assert facts["data"]["fingerprint"] == split.dataset.fingerprint
    assert facts["split"]["fingerprint"] == split.fingerprint
    assert (facts["split"]["train"], facts["split"]["test"]) == (1000, 1000)
    assert {"inklings", "python", "numpy", "jax"} <= set(facts["versions"])
    assert facts["machine"]["cores"] >= 1
    assert 0 <= facts["results"]["interval"][0] <= facts["results"]["test"] <= facts["results"]["interval"][1] <= 1


def test_it_can_be_read_without_this_package(stored):
    folder = stored[1].folder
    assert set(load_file(folder / "weights.safetensors")) == {"dense_1/weights", "dense_1/biases"}
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == list(range(len(rows)))


def test_the_beginning_of_an_id_is_enough_if_no_other_run_shares_it(stored):
    store, run, _ = stored
    assert store.load(run.id[:10]).id == run.id
    (store.folder / f"{run.id}x").mkdir()
    with pytest.raises(RunError, match="2 runs begin with 'softmax'"):
        store.load("softmax")
    assert store.load(run.id).id == run.id
    (store.folder / f"{run.id}x").rmdir()


def test_a_run_that_is_not_there_is_answered_with_the_nearest(stored):
    store, run, _ = stored
    with pytest.raises(RunError, match=f"did you mean '{run.id}'"):
        store.load(run.id.replace("soft", "sotf"))
    with pytest.raises(RunError, match="there is none yet"):
        RunStore(store.folder / "nowhere").load("x")


def test_runs_are_listed_newest_first_and_damaged_ones_apart(split, tmp_path):
    store = RunStore(tmp_path)
    first, _ = train(store, split)
    second, _ = train(store, split)
    facts = json.loads((second.folder / "run.json").read_text())
    (second.folder / "run.json").write_text(json.dumps({**facts, "created": "2100-01-01T00:00:00+00:00"}))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    assert [run.id for run in store.runs()] == [second.id, first.id]
    assert [name for name, _ in store.damaged()] == ["broken"]


def test_weights_that_were_changed_are_noticed(split, tmp_path):
    run, _ = train(RunStore(tmp_path), split)
    path = run.folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="not what was written"):
        _ = RunStore(tmp_path).load(run.id).parameters


def test_the_weights_of_another_run_are_noticed(split, tmp_path):
    store = RunStore(tmp_path)
    run, _ = train(store, split)
    other, _ = train(store, split)
    shutil.copy(other.folder / "weights.safetensors", run.folder)
    with pytest.raises(RunError, match="the weights of another run"):
        _ = store.load(run.id).parameters
    assert store.load(other.id).parameters.keys() == {"dense_1/weights", "dense_1/biases"}


def test_a_run_whose_training_has_not_ended_is_listed_and_has_no_weights(split, tmp_path):
    store = RunStore(tmp_path)
    begun = store.begin(preset("softmax", (20, 20, 1), 10), split, engine="numpy").run
    (run,) = store.runs()
    assert (run.id, run.stop_reason, run.results) == (begun.id, "running", {})
    with pytest.raises(RunError, match="has no weights, expected a run whose training has ended"):
        _ = run.parameters


def test_a_run_knows_the_images_it_was_made_of(stored, split):
    run = stored[0].load(stored[1].id)
    assert run.facts["data"]["fingerprint"] == open_dataset("digits").fingerprint
    assert run.facts["data"]["fingerprint"] not in (split.test.fingerprint, open_dataset("digits28").fingerprint)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("null", "holds a NoneType, expected an object"),
        ("3", "holds a int, expected an object"),
        ('"name variant created ending network recipe"', "holds a str, expected an object"),
        ("[" * 100_000, "not the facts of a run"),
        ({"created": None}, "'created' is None, expected a text"),
        ({"network": 3}, "'network' is 3, expected an object"),
        ({"results": None}, "'results' is None, expected an object"),
        ({"data": {}}, "has no 'data.source'"),
        ({"data": {"source": "digits", "images": 5}}, "has no 'data.fingerprint'"),
        ({"machine": {"processor": "a", "cores": "two"}}, "'machine.cores' is 'two', expected a whole number"),
        ({"results": {"test": 0.5}}, "has no 'results.train'"),
        ({"command": "\ud800"}, "'command' is '\\ud800', expected a text"),
        ({"stop_reason": "lost"}, "'stop_reason' is 'lost', expected one of: running, finished"),
    ],
)
def test_whatever_is_wrong_with_a_runs_facts_the_others_are_listed(stored, tmp_path, content, found):
    _, run, _ = stored
    store = RunStore(tmp_path)
    shutil.copytree(run.folder, tmp_path / "good")
    shutil.copytree(run.folder, tmp_path / "odd")
    if isinstance(content, dict):
        content = json.dumps({**run.facts, **content})
    (tmp_path / "odd" / "run.json").write_text(content)
    assert [each.id for each in store.runs()] == ["good"]
    ((name, problem),) = store.damaged()
    assert name == "odd"
    assert found in problem
    with pytest.raises(RunError, match="odd"):
        store.load("odd")


def test_a_killed_run_that_goes_on_has_no_row_twice_while_it_does(split, tmp_path):
    store = RunStore(tmp_path)
    plan = preset("softmax", (20, 20, 1), 10)
    recipe = plan.recipe.with_settings(steps=100)

    class StopAfterTwoEpochs(Callback):
        rows = 0

        def on_epoch_end(self, row):
            self.rows += 1

        def should_stop(self):
            return self.rows > 2

    def train_on(run, watching, resume=None):
        path = run.run.checkpoint
        return fit(plan.network, recipe, split, engine="numpy", callbacks=watching, resume=resume, checkpoints=path)

    run = store.begin(plan, split, engine="numpy")
    train_on(run, [run, StopAfterTwoEpochs()])
    history = run.run.folder / "history.jsonl"
    last = history.read_text().splitlines()[-1]
    history.write_text(history.read_text() + last + "\n" + last[:20])  # what a kill after the checkpoint leaves
    again = store.reopen(store.load(run.run.id))
    fitted = train_on(again, [again], Checkpoint.load(run.run.checkpoint))
    assert store.load(run.run.id).history == fitted.history
    assert [row.epoch for row in fitted.history] == [0, 1, 2, 3, 4, 5]


def test_of_two_threads_one_may_go_on_with_a_run(split, tmp_path):
    store = RunStore(tmp_path)
    plan = preset("softmax", split.dataset.image_shape, split.dataset.class_count)
    id = store.begin(plan, split, engine="numpy").run.id
    run, both, ending, found = store.load(id), Barrier(2), Event(), []

    def go_on():
        both.wait()
        try:
            writer = store.reopen(run)
        except RunError as refused:
            found.append(str(refused))
        else:
            ending.wait()
            writer.lock.release()

    threads = [Thread(target=go_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    # Not for ever: were neither refused, both would wait.
    latest = time.monotonic() + 60
    while not found and time.monotonic() < latest:
        time.sleep(0.01)
    ending.set()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert "is being trained by another thread of this process" in found[0]
    # This thread may, now that theirs have ended, and again, as where what was begun here is resumed here.
    first = store.reopen(run)
    assert store.reopen(run).lock is first.lock


def test_a_damaged_checkpoint_never_takes_the_place_of_the_sound_one_before(split, tmp_path):
    class StopAtOnce(Callback):
        def should_stop(self):
            return True

    store, plan = RunStore(tmp_path), preset("softmax", (20, 20, 1), 10)
    run = store.begin(plan, split, engine="numpy")
    path = run.run.checkpoint
    for _ in range(2):
        fit(plan.network, plan.recipe, split, engine="numpy", callbacks=[StopAtOnce()], checkpoints=path)
    path.write_bytes(path.read_bytes()[:100])
    again = store.reopen(run.run)
    assert again.resume.problems
    resume = again.resume.checkpoint
    fit(plan.network, plan.recipe, split, engine="numpy", callbacks=[StopAtOnce()], checkpoints=path, resume=resume)
    for file in (path, before_of(path)):
        assert Checkpoint.load(file).step >= resume.step


def test_results_that_could_not_be_read_again_are_refused_before_anything_is_stored(split, tmp_path):
    store, plan = RunStore(tmp_path), preset("softmax", (20, 20, 1), 10).with_recipe(epochs=1)
    run = store.begin(plan, split, engine="numpy")
    fitted = fit(plan.network, plan.recipe, split, engine="numpy", callbacks=[run])
    for train_accuracy, told in ((np.float32(1), "has no 'results.validation'"), ("all", "'results.train' is")):
        with pytest.raises(RunError, match=told):
            run.finish(fitted, {"train": train_accuracy})
    assert store.load(run.run.id).stop_reason == "running"
    measured = measure_fitted(plan, fitted, split, get_engine("numpy"))
    run.finish(fitted, measured.accuracies)
    assert store.load(run.run.id).results["test"] == measured.test


def test_a_run_becomes_no_model_by_another_split(split, tmp_path):
    run, _ = train(RunStore(tmp_path), split)
    other = split.dataset.split(seed=1)
    with pytest.raises(RunError, match=r"was trained on another split .*; take inklings\.experiments\.reopen_split"):
        to_model(run, other)


def test_a_history_whose_last_line_was_cut_off_is_read_up_to_there(split, tmp_path):
    run, fitted = train(RunStore(tmp_path), split)
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 99, "st')
    assert RunStore(tmp_path).load(run.id).history == fitted.history


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(split, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be made"):
        train(RunStore(tmp_path / "file"), split)


@pytest.fixture
def run_of_file(tmp_path, monkeypatch):
    """A run of a file of few bytes, dark on light, in the folder at hand; and these."""
    digits = open_dataset("digits").take(range(0, 5000, 20))
    pixels = np.round(255 * (1 - digits.images[..., 0].clip(0, 1))).astype(np.uint8)
    monkeypatch.chdir(tmp_path)
    np.savez("few.npz", images=pixels, labels=digits.labels)
    compare(["softmax"], "few.npz", engine="numpy", store=RunStore("runs"), data_options={"name": "few.npz"})
    return RunStore("runs").runs()[0], pixels, digits.labels


def test_a_run_whose_images_are_gone_becomes_a_model_that_treats_pixels_as_training_did(run_of_file):
    run, pixels, labels = run_of_file
    tested = open_dataset("few.npz").split().test_rows
    Path("few.npz").unlink()
    model = to_model(run, complete=False, pictures="whole")
    assert (model.predict(pixels[tested]) == labels[tested]).mean() == pytest.approx(run.results["test"])
    assert (model.training["accuracy"], model.training["sure"]) == (run.results["test"], None)


def test_a_run_whose_images_are_gone_says_what_there_is_to_do(run_of_file):
    run = run_of_file[0]
    Path("few.npz").unlink()
    with pytest.raises(DataError, match=f"the images of {run.id}: .*few.npz.*complete=False"):
        to_model(run)
    with pytest.raises(RunError, match=r"pictures is not known of .*; say character or whole"):
        to_model(run, complete=False)


def test_a_run_becomes_the_same_model_with_its_split_and_without(run_of_file):
    run = run_of_file[0]
    one, other = to_model(run), to_model(run, open_dataset("few.npz").split())
    assert one.training == other.training
    assert all(np.array_equal(one.parameters[name], values) for name, values in other.parameters.items())
