"""A run that was killed before its first checkpoint, and one that is still being trained."""

import json
import signal
import subprocess
import sys
import time

import pytest

LONG = ("train", "softmax", "--epochs", "100000", "--engine", "numpy", "--quiet")


@pytest.fixture
def start(tmp_path):
    """Start the command in a process of its own, and wait until it has written some rows; gives it and its run."""
    started = []

    def start(*arguments):
        process = subprocess.Popen([sys.executable, "-m", "inklings", *arguments], cwd=tmp_path)
        started.append(process)
        deadline = time.monotonic() + 60
        while not (found := [path for path in tmp_path.glob("*/*/history.jsonl") if path.read_text().count("\n") > 3]):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        return process, found[0].parent

    yield start
    for process in started:
        process.kill()
        process.wait()


def outcome(folder):
    facts = json.loads((folder / "run.json").read_text())
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    timeless = [{name: value for name, value in row.items() if name != "seconds"} for row in rows]
    return facts["stop_reason"], {name: facts["results"][name] for name in ("train", "validation", "test")}, timeless


def test_a_run_killed_before_its_first_checkpoint_begins_again_and_ends_as_if_it_had_not_been(
    start, inklings, tmp_path
):
    arguments = ("train", "softmax", "--epochs", "40", "--seed", "3", "--engine", "numpy", "--quiet")
    process, folder = start(*arguments)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert json.loads((folder / "run.json").read_text())["stop_reason"] == "running"
    assert not (folder / "checkpoint.safetensors").exists()
    assert "unfinished" in inklings("runs")[1]
    onward = f"to go on in that case: inklings train --runs inklings-runs --continue {folder.name}"
    assert onward in inklings("runs", "show", folder.name)[1]
    code, _, err = inklings("train", "--continue", folder.name, "--quiet")
    assert code == 0
    assert err == (
        f"note: {folder.name} was stopped before its first checkpoint; it starts again from the beginning, "
        "with the same seed\n"
    )
    assert inklings(*arguments, "--runs", "other")[0] == 0
    (whole,) = (tmp_path / "other").iterdir()
    assert outcome(folder) == outcome(whole)
    assert len(outcome(folder)[2]) == 41


def test_a_run_that_another_process_trains_is_left_to_it(start, answer):
    process, folder = start(*LONG)
    code, out, err = answer("train", "--continue", folder.name)
    assert (code, out) == (7, "")
    assert err.endswith("is being trained by another process; wait until that has ended, or stop it\n")
    assert (folder / "history.jsonl").read_text().count("\n") > 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 130
