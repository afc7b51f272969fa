"""Trainings that a page asks for: ordinary runs, that can be paused, stepped through and sent back."""

import time

import numpy as np
import pytest

from inklings.experiments.reload import comparison_of
from inklings.experiments.runs import RunStore
from lab_process import start_lab

LONG = {"optimiser": "adam", "epochs": 2000, "batch_size": 2, "learning_rate": 1e-4}


@pytest.fixture(scope="module")
def shared(tmp_path_factory, small_data):
    """A lab for all tests here that leave it without a training under way."""
    lab = start_lab(tmp_path_factory.mktemp("trainings"), "--data", str(small_data))
    for each in lab.get("/api/trainings").json():
        lab.wait_for(each["id"], "finished")
    yield lab
    lab.stop()


@pytest.fixture
def running(shared, slow):
    """A lab, and a training in it that goes on for longer than any test."""
    lab = shared
    answer = lab.post("/api/trainings", {"network": slow, "recipe": LONG, "title": "long"})
    assert answer.status == 201, answer.body
    yield lab, answer.json()["id"]
    if lab.process.poll() is None:
        lab.post(f"/api/trainings/{answer.json()['id']}/stop")


def weights(run):
    return np.concatenate([run.parameters[name].ravel() for name in sorted(run.parameters)])


def test_a_training_becomes_an_ordinary_run(shared, dense):
    lab = shared
    wanted = {"network": dense, "recipe": {"epochs": 3}, "title": "mine", "data": {"images": 30, "label_noise": 0.2}}
    id = lab.post("/api/trainings", wanted).json()["id"]
    found = lab.wait_for(id, "finished")
    assert [row["epoch"] for row in found["rows"]] == [0, 1, 2, 3]
    assert found["data"] == {"images": 30, "label_noise": 0.2}
    store = RunStore(lab.folder / "inklings-runs")
    run = store.load(found["run"])
    assert run.title == "lab (mine)"
    assert run.facts["split"]["train"] == 30
    # What was changed about the images is known to whoever opens them again.
    comparison = comparison_of([run])
    assert comparison.results[0].test == run.results["test"]


def test_a_title_keeps_its_letters_and_loses_what_a_terminal_would_obey(shared):
    wanted = {
        "network": {"preset": "softmax"},
        "recipe": {"epochs": 1},
        "title": "Zeichnungen fu\u0308r  Ägypten \x1b[2J, und was sonst noch alles dazu zu sagen ist",
    }
    id = shared.post("/api/trainings", wanted).json()["id"]
    found = shared.wait_for(id, "finished")
    assert found["title"] == "Zeichnungen für Ägypten [2J, und was sonst noch alles dazu…"
    assert RunStore(shared.folder / "inklings-runs").load(found["run"]).title == f"softmax ({found['title']})"


def test_a_pause_a_step_and_an_epoch_come_to_the_same_weights_as_a_training_without_them(shared, dense):
    lab = shared
    recipe = {"epochs": 60, "batch_size": 5}
    plain = lab.post("/api/trainings", {"network": dense, "recipe": recipe}).json()["id"]
    expected = lab.wait_for(plain, "finished")
    id = lab.post("/api/trainings", {"network": dense, "recipe": recipe}).json()["id"]
    lab.post(f"/api/trainings/{id}/pause")
    before = lab.wait_for(id, "paused", "finished")
    for _ in range(3):
        lab.post(f"/api/trainings/{id}/step")
        after = lab.wait_for(id, "paused", "finished")
        assert after["step"] == before["step"] + 1
        before = after
    lab.post(f"/api/trainings/{id}/epoch")
    after = lab.wait_for(id, "paused", "finished")
    assert after["epoch"] == before["epoch"] + 1
    assert after["step"] == after["epoch"] * after["steps_per_epoch"]
    lab.post(f"/api/trainings/{id}/resume")
    found = lab.wait_for(id, "finished")
    store = RunStore(lab.folder / "inklings-runs")
    one, other = store.load(expected["run"]), store.load(found["run"])
    assert np.array_equal(weights(one), weights(other))
    assert [row.train_loss for row in one.history] == [row.train_loss for row in other.history]


def test_going_back_to_an_epoch_gives_that_epoch_s_network_again(shared, dense):
    lab = shared
    id = lab.post("/api/trainings", {"network": dense, "recipe": {"epochs": 40}}).json()["id"]
    finished = lab.wait_for(id, "finished")
    assert lab.post(f"/api/trainings/{id}/back?epoch=7").status == 200
    back = lab.wait_for(id, "paused")
    assert back["epoch"] == 7
    without = [{key: row[key] for key in row if key != "seconds"} for row in back["rows"]]
    assert without == [{key: row[key] for key in row if key != "seconds"} for row in finished["rows"][:8]]
    assert back["run"] != finished["run"]  # what had finished stays in the store
    lab.post(f"/api/trainings/{id}/resume")
    again = lab.wait_for(id, "finished")
    store = RunStore(lab.folder / "inklings-runs")
    assert np.array_equal(weights(store.load(finished["run"])), weights(store.load(again["run"])))
    assert len(store.load(again["run"]).history) == 41


def test_again_begins_from_the_same_weights_even_if_it_is_paused_at_once(running):
    lab, id = running
    with lab.follow(id) as events:
        next(event for event in events if event["epoch"] > 2)
    first = lab.get(f"/api/trainings/{id}").json()["rows"]
    lab.post(f"/api/trainings/{id}/again")
    lab.post(f"/api/trainings/{id}/pause")
    found = lab.wait_for(id, "paused")
    assert (found["epoch"], found["step"]) == (0, 0)
    lab.post(f"/api/trainings/{id}/epoch")
    found = lab.wait_for(id, "paused")
    assert [row["train_loss"] for row in found["rows"]] == [row["train_loss"] for row in first[:2]]


def test_one_trains_and_the_others_wait_in_a_row_that_is_seen(running, slow):
    lab, id = running
    lab.wait_for(id, "running")
    second = lab.post("/api/trainings", {"network": slow, "recipe": LONG}).json()
    third = lab.post("/api/trainings", {"network": {"preset": "softmax"}, "recipe": {"epochs": 1}}).json()
    assert (second["position"], third["position"]) == (1, 2)
    assert [each["state"] for each in lab.get("/api/trainings").json()][:3] == ["queued", "queued", "running"]
    lab.post(f"/api/trainings/{second['id']}/stop")
    lab.post(f"/api/trainings/{id}/stop")
    assert lab.wait_for(third["id"], "finished")["rows"][-1]["epoch"] == 1
    stopped = lab.wait_for(id, "stopped")
    assert RunStore(lab.folder / "inklings-runs").load(stopped["run"]).stop_reason == "interrupted"


def test_a_training_goes_on_when_the_page_is_closed_and_its_state_is_there_when_it_is_opened_again(running):
    lab, id = running
    with lab.follow(id) as events:
        first = next(event for event in events if event["epoch"])
    later = lab.get(f"/api/trainings/{id}").json()
    with lab.follow(id) as events:
        again = next(events)
    assert first["step"] <= later["step"] <= again["step"]
    assert again["answers"] is not None
    assert again["filters"]["shape"] == [6, 8, 8, 1]


def test_at_most_ten_events_a_second_are_sent(running):
    lab, id = running
    with lab.follow(id) as events:
        begun = time.monotonic()
        for _ in range(11):
            next(events)
        assert time.monotonic() - begun >= 0.95


def test_the_end_of_the_lab_keeps_what_was_learnt_and_does_not_wait_for_pages(own_lab, slow):
    lab = own_lab()
    id = lab.post("/api/trainings", {"network": slow, "recipe": LONG}).json()["id"]
    run = lab.wait_for(id, "running")["run"]
    with lab.follow(id) as events:
        next(events)
        code, _, err = lab.stop(seconds=15)
    assert code == 0, err
    stored = RunStore(lab.folder / "inklings-runs").load(run)
    assert stored.stop_reason == "interrupted"
    assert stored.checkpoint.exists()
    assert stored.results["test"] >= 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "there is no network"),
        ([], "expected an object"),
        ({"network": {"preset": "sofmax"}}, "did you mean 'softmax'?"),
        ({"network": {"preset": "mlp", "data": {}}}, "the network mlp has no setting 'data'"),
        ({"network": {"layers": [{"layer": "Dense", "units": 3}]}}, "Flatten"),
        ({"network": {"layers": [{"layer": "Flatten"}, {"layer": "Dense", "units": 10**9}]}}, "parameters"),
        ({"network": {"preset": "softmax"}, "recipe": {"learning_rat": 1}}, "learning_rate"),
        ({"network": {"preset": "softmax"}, "recipe": {"epochs": 10**12}}, "expected at most"),
        ({"network": {"preset": "softmax"}, "data": {"images": "all"}}, "images"),
        ({"network": {"preset": "softmax"}, "data": {"label_noise": 2}}, "label_noise"),
        ({"network": {"preset": "softmax"}, "data": {"path": "/etc"}}, "unknown setting 'path'"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(lab, wanted, expected):
    answer = lab.post("/api/trainings", wanted)
    assert answer.status == 422
    (line,) = answer.json()["error"].splitlines()
    assert expected in line
