"""``make mnist``: what it refuses, what it keeps, and the table."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mnist import made_by, read, table

import inklings

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "mnist.py"


def record(seed, accuracy, budget="1m", **more):
    return {
        "budget": budget,
        "seed": seed,
        "accuracy": accuracy,
        "seconds": 50 + seed,
        "cpu_seconds": 90.0,
        "epochs": 3,
        "steps": None,
    } | more


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothere"], "no file is called 'nothere'"),
        (["digits28"], "digits28 holds 5,000 images, expected MNIST's 60,000 training images"),
        (["digits28", "--only", "2m"], "invalid choice: '2m'"),
        (["digits28", "--seeds", "0"], "'0' is no whole number of at least 1"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(tmp_path, arguments, message):
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("mnist: ")
    assert message in line
    assert not list(tmp_path.iterdir())


def test_what_was_done_counts_again_unless_it_was_cut_or_made_otherwise(tmp_path):
    split = inklings.open_dataset("digits28").split()
    own = record(0, 0.99, made_by=made_by(split))
    lines = [json.dumps(own), json.dumps(record(1, 0.98, made_by=["0.0.1", "", ""])), '{"budget": "1m", "se']
    (tmp_path / "trainings.jsonl").write_text("\n".join(lines))
    assert read(tmp_path / "trainings.jsonl", split) == [own]
    assert read(tmp_path / "none.jsonl", split) == []


def test_the_table_has_a_row_for_each_time_with_what_was_trained():
    records = [record(0, 0.99), record(1, 0.98), record(0, 0.97, "3m", epochs=1000, steps=70)]
    rows = [line for line in table(records).splitlines() if line.startswith("| ") and "m |" in line]
    assert rows == [
        "| 1m | 3 epochs | 98.500% | 0.707% | 98.00% | 2 | 50 | 51 | 90 |",
        "| 3m | 70 steps | 97.000% |  | 97.00% | 1 | 50 | 50 | 90 |",
    ]
