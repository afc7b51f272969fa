import shlex
import subprocess
import sys

import numpy as np
import pytest

from blank_figures import blank_figures
from inklings import open_dataset
from inklings.cli import main


@pytest.fixture
def inklings(tmp_path):
    """The command in a process and a folder of its own; returns exit code, output and errors."""

    def run(*arguments, **settings):
        done = subprocess.run(
            [sys.executable, "-m", "inklings", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            **settings,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def parts(tmp_path):
    """Bundled digits in the file ``parts.npz``, so few of them for validation that saving a model takes no time."""
    digits, arrays = open_dataset("digits"), {}
    for name, rows in zip(("train", "val", "test"), np.split(np.arange(3080), [2750, 2830]), strict=True):
        arrays |= {f"{name}_images": digits.images[rows, ..., 0], f"{name}_labels": digits.labels[rows]}
    np.savez(tmp_path / "parts.npz", **arrays)


@pytest.fixture
def answer(tmp_path, monkeypatch, capsys):
    """As ``inklings``, but within the tests' own process: starting Python takes longer than most commands do.

    Takes arguments, or one text with all of them. Figures are left blank.
    """

    def run(*arguments):
        words = shlex.split(arguments[0]) if len(arguments) == 1 and " " in str(arguments[0]) else arguments
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["inklings", *map(str, words)])
        with blank_figures(), pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run
