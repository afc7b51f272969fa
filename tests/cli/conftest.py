import subprocess
import sys

import pytest

from inklings.cli import main


@pytest.fixture
def inklings(tmp_path):
    """The command, run in a folder of its own; gives exit code, output and errors."""

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
def answer(tmp_path, monkeypatch, capsys):
    """As ``inklings``, but without starting Python anew, which takes longer than most mistakes take to be answered."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["inklings", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run
