"""Trainings that are killed at random moments end bit-identical to those that nobody killed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
SCRIPT = Path(__file__).with_name("killed_runs.py")


def kill(folder, kills, seed, *cases):
    command = [sys.executable, SCRIPT, folder, str(kills), str(seed), *cases]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert {tuple(report["different"]) for report in reports} == {()}, reports
    return reports


def test_sixteen_kills_change_nothing(tmp_path):
    reports = kill(tmp_path, 16, 5, "early stopping", "cosine", "bfgs")
    assert sum(report["kills"] for report in reports) >= 8  # some had ended before
    assert any(len(report["resumed"]) > 2 for report in reports)
    assert any(step > 0 for report in reports for step in report["resumed"])


@pytest.mark.slow
def test_two_hundred_kills_of_every_optimiser_and_preset_change_nothing(tmp_path):
    reports = kill(tmp_path, 200, 6)
    steps = [step for report in reports for step in report["resumed"]]
    assert sum(report["kills"] for report in reports) >= 150
    assert any(len(report["resumed"]) > 3 for report in reports)
    assert any(report["copied"] for report in reports)
    assert any(step % 1 for step in steps), "none went on in the middle of an epoch"
