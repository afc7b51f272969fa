"""``benchmarks/forecast.py``: forecasts beside the clock."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "forecast.py"


def run(*arguments):
    return subprocess.run([sys.executable, PROGRAM, *arguments], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_a_row_holds_each_preset_s_seconds_and_memory(engine):
    done = run("softmax", "--epochs", "2", "--engine", engine)
    assert done.returncode == 0, done.stderr
    _, _, heading, _, row = done.stdout.splitlines()
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert heading.count("|") == row.count("|")
    assert cells[0] == "softmax"
    seconds, memory = [float(cell.split()[0]) for cell in cells[1:3]], [float(cell.split()[0]) for cell in cells[4:6]]
    assert 0 < min(seconds) <= max(seconds) < 60  # a forecast may be right to the hundredth
    assert min(memory) > 20
    assert float(cells[3]) > 0


def test_an_unknown_preset_is_refused():
    done = run("cnn3")
    assert done.returncode == 2
    assert "unknown preset cnn3; known are softmax, naive, mlp, cnn1, cnn2" in done.stderr
