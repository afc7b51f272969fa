"""Ensembles whose training is killed at random moments and repeated end byte by byte as if nobody had killed them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"), pytest.mark.slow]
SCRIPT = Path(__file__).with_name("killed_ensembles.py")


def test_twenty_kills_of_ensembles_change_nothing_and_no_finished_member_is_trained_again(tmp_path):
    command = [sys.executable, SCRIPT, tmp_path, "20", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert {tuple(report["different"]) for report in reports} == {()}, reports
    assert sum(report["kills"] for report in reports) >= 15
    assert any(0 < found < 4 for report in reports for found in report["found"]), "none was cut off between members"
