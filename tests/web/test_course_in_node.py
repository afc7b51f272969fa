"""A training that a page watches: its buttons, its events and its words."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed, which runs the page's modules here")
STEPS = 6  # an epoch: 120 images in batches of 20


@pytest.fixture(scope="module")
def done():
    script = Path(__file__).with_name("course_in_node.mjs")
    command = [NODE, str(script), str(files("inklings.web") / "static")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_it_runs_to_its_end_and_shows_what_it_has_learnt(done):
    assert done["first"] == 1, "epoch 0, before training"
    assert done["end"] == {"state": "finished", "epoch": 12, "step": 12 * STEPS, "rows": 13}
    assert done["accuracy"] == 1
    assert done["answers"] == [0, 1] * 5
    assert done["filters"] == [4, 3, 3, 1]
    assert len(done["values"]) == 36
    assert max(abs(value - 128) for value in done["values"]) == 127


def test_its_events_have_what_the_labs_have(done):
    expected = ("state", "epoch", "step", "steps_per_epoch", "epochs", "position", "row", "answers", "filters")
    assert done["fields"] == sorted((*expected, "diagnosis", "message"))


def test_it_goes_back_and_on_by_a_step_and_by_an_epoch(done):
    assert done["back"] == {"state": "paused", "epoch": 5, "step": 5 * STEPS, "rows": 6}
    assert done["step"] == {"state": "paused", "epoch": 5, "step": 5 * STEPS + 1, "rows": 6}
    assert done["epoch"] == {"state": "paused", "epoch": 6, "step": 6 * STEPS, "rows": 7}
    assert done["resumed"] == done["end"]


def test_sent_back_or_begun_again_it_ends_in_the_same_weights(done):
    assert done["again"] == done["end"]
    assert done["sameAgain"]
    assert done["sameAfterAgain"]


def test_it_pauses_stops_and_says_what_cannot_be_done(done):
    assert (done["paused"], done["stopped"]) == ("paused", "stopped")
    assert done["refused"] == "the training is stopped, expected a paused one"


def test_one_that_diverges_fails_with_what_to_try(done):
    assert done["failed"]["state"] == "failed"
    assert "Try a smaller learning rate" in done["failed"]["message"]


def test_what_goes_wrong_is_said_in_words(done):
    said = done["diagnosis"]
    assert said["healthy"] == []
    assert said["overFitting"][0].startswith("over-fitting: the validation loss has risen since epoch 6, from 0.524 to")
    assert "over-fitting: training accuracy is 90.0 %, validation accuracy 70.0 %; try more" in said["gap"][0]
    assert "learning rate too high: the training loss jumped up in 6 of 19 epochs; try" in said["jumps"][0]
