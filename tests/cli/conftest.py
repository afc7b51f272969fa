import subprocess
import sys

import pytest


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
