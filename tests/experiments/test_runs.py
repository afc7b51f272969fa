import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from inklings import RunError, open_dataset, preset
from inklings.engines import get_engine
from inklings.experiments import RunStore, measure_fitted
from inklings.training import fit


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").split(test=0.2, validation=0.6)


def train(store, split, name="softmax", **settings):
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count, **settings)
    engine = get_engine("reference")
    run = store.begin(plan, split, engine="reference", command="inklings train softmax")
    fitted = fit(plan.network, plan.recipe.with_settings(steps=40), split, engine=engine, callbacks=[run])
    return run.finish(fitted, measure_fitted(plan, fitted, split, engine).accuracies), fitted


@pytest.fixture(scope="module")
def stored(split, tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"))
    run, fitted = train(store, split)
    return store, run, fitted


def test_a_run_is_read_back_as_it_was(stored):
    store, run, fitted = stored
    again = store.load(run.id)
    assert again.network == fitted.network
    assert again.history == fitted.history
    assert again.ending == "finished"
    for name, value in fitted.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], value)


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


def test_a_history_whose_last_line_was_cut_off_is_read_up_to_there(split, tmp_path):
    run, fitted = train(RunStore(tmp_path), split)
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 99, "st')
    assert RunStore(tmp_path).load(run.id).history == fitted.history


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(split, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be made"):
        train(RunStore(tmp_path / "file"), split)
