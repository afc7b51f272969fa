"""Ctrl-C and SIGTERM at every stage of a command: what was trained is kept."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Real signals at exact places: the profiler's hook sends one as the named function is entered. Figures are left blank.
COMMAND = """
import signal, sys
from blank_figures import blank_figures
from inklings.cli import main

function, number, *arguments = sys.argv[1:]

def send(frame, event, argument):
    if event == "call" and frame.f_code.co_qualname == function:
        sys.setprofile(None)
        signal.raise_signal(int(number))

sys.argv = ["inklings", *arguments]
with blank_figures():
    sys.setprofile(send)
    main()
"""
WITH_TESTS = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])}
SETTINGS = ("--data", "parts.npz", "--engine", "numpy", "--quiet")
TRAIN = ("train", "softmax", "--steps", "60", *SETTINGS)
COMPARE = ("compare", "softmax", "naive", "--quick", "--out", "report", *SETTINGS)


@pytest.fixture
def signalled(tmp_path, parts):
    """The command in a process that gets a signal as a function is entered; gives exit code, output and errors."""

    def run(function, number, *arguments):
        command = [sys.executable, "-c", COMMAND, function, str(int(number)), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, env=WITH_TESTS)
        return done.returncode, done.stdout, done.stderr

    return run


def read_facts(folder):
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*/run.json"))]


@pytest.mark.parametrize(
    ("function", "number"),
    [
        ("measure_fitted", signal.SIGTERM),
        ("RunWriter.finish", signal.SIGINT),
        ("write_manifest", signal.SIGTERM),
        ("to_model", signal.SIGINT),
    ],
)
def test_a_signal_between_the_last_epoch_and_the_end_loses_nothing(signalled, tmp_path, function, number):
    code, out, err = signalled(function, number, *TRAIN, "--save", "model.inkling")
    assert code == 130
    assert "95 % interval" in out
    (facts,) = read_facts(tmp_path / "inklings-runs")
    interrupted = function == "write_manifest"  # which is entered first as the run begins
    assert facts["stop_reason"] == ("interrupted" if interrupted else "finished")
    (folder,) = (tmp_path / "inklings-runs").iterdir()
    onward = f"to continue: inklings train --runs inklings-runs --continue {folder.name} --save model.inkling"
    assert (onward if interrupted else "the run is complete") in err
    assert 0.5 < facts["results"]["test"] <= 1 or interrupted
    assert (tmp_path / "model.inkling").exists()


def test_a_second_signal_ends_at_once_and_says_how_to_go_on(tmp_path, parts):
    twice = COMMAND.replace("signal.raise_signal(int(number))", "[signal.raise_signal(int(number)) for _ in 'ab']")
    command = [sys.executable, "-c", twice, "measure_fitted", str(int(signal.SIGINT)), *TRAIN]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, env=WITH_TESTS)
    (folder,) = (tmp_path / "inklings-runs").iterdir()
    assert (done.returncode, done.stdout) == (130, "")
    first, *_, last = done.stderr.splitlines()
    assert first == f"interrupted at once; to continue: inklings train --runs inklings-runs --continue {folder.name}"
    assert last == "inklings: interrupted"


def test_a_signal_while_a_comparison_measures_keeps_that_network_and_trains_no_other(signalled, answer, tmp_path):
    code, _, err = signalled("measure_fitted", signal.SIGTERM, *COMPARE)
    assert code == 130
    assert err.endswith("--continue\n")
    assert [facts["stop_reason"] for facts in read_facts(tmp_path / "report" / "runs")] == ["finished"]
    code, _, _ = answer(*COMPARE, "--continue")
    assert code == 0
    assert [facts["stop_reason"] for facts in read_facts(tmp_path / "report" / "runs")] == ["finished", "finished"]


def test_a_signal_as_a_comparison_measures_its_last_network_leaves_nothing_to_do(signalled, tmp_path):
    code, out, _ = signalled("measure_fitted", signal.SIGINT, "compare", "softmax", *COMPARE[3:])
    assert code == 130
    assert "softmax" in out
    assert (tmp_path / "report" / "report.html").exists()
    assert [facts["stop_reason"] for facts in read_facts(tmp_path / "report" / "runs")] == ["finished"]
