"""``make bench``: what it refuses, and what it writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rows import WORKS

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(folder, *arguments, options=()):
    command = [sys.executable, *options, BENCHMARKS / "bench.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "cnn3"], "unknown work 'cnn3'; known are naive, naive-mnist, mlp, mlp-plain"),
        (["--only", "many", "--rounds", "0"], "'0' is no whole number of at least 1"),
        (["--only", "many", "--rounds", "-1"], "'-1' is no whole number of at least 1"),
        (["--only", "many", "--out", "file"], "cannot write into file: it is a file"),
        (["--only", "many", "--out", "file/within"], "cannot write into file/within: Not a directory"),
        (["--only", "many", "--out", BENCHMARKS], "holds a whole run, which some works alone would replace"),
        (["--only", "naive-mnist", "--mnist", "nothere"], "no file is called 'nothere'"),
        (["--only", "naive-mnist", "--mnist", "digits"], "images of 20 x 20 x 1 in 10 classes, expected images of 28"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(tmp_path, arguments, message):
    (tmp_path / "file").touch()
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("bench: ")
    assert message in line
    assert not done.stdout


def test_a_python_without_the_peers_is_told_what_is_missing(tmp_path):
    done = run(tmp_path, "--only", "mlp", options=["-S"])  # no installed packages
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "keras, numpy, sklearn, tensorflow, torch; `make bench` makes .venv-bench" in line


def test_the_help_fits_and_names_every_work(tmp_path):
    said = run(tmp_path, "--help").stdout
    assert all(name in said for name in WORKS)
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.slow
def test_some_works_alone_are_printed_and_written_only_where_told(tmp_path):
    committed = BENCHMARKS / "results.json"
    before = committed.read_bytes()
    printed = run(tmp_path, "--only", "many", "--rounds", "1")
    assert printed.returncode == 0, printed.stderr
    assert "## 32 networks" in printed.stdout
    assert max(map(len, printed.stdout.splitlines())) <= 100
    assert not list(tmp_path.iterdir())
    written = run(tmp_path, "--only", "many", "--rounds", "1", "--out", "mine")
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"results.json", "results.md", "results.png"}
    (row,) = json.loads((tmp_path / "mine" / "results.json").read_text())
    assert row["work"].startswith("32 networks")
    assert (tmp_path / "mine" / "results.md").read_text() in written.stdout
    assert committed.read_bytes() == before
