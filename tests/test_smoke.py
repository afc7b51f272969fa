"""The first thing to run: one command trains a real network on real digits."""

import json
import re
import subprocess
import sys


def test_one_command_trains_a_network_that_reads_digits(tmp_path):
    command = [sys.executable, "-m", "inklings", "train", "softmax", "--data", "digits", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    accuracy = float(re.search(r"^test +([0-9.]+)%", done.stdout, re.M)[1])
    assert accuracy > 85
    (facts,) = (tmp_path / "inklings-runs").glob("*/run.json")
    assert json.loads(facts.read_text())["results"]["test"] == round(accuracy * 12.5) / 1250
