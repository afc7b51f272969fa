"""What `make` says when it cannot install."""

import os
import shutil
import subprocess
from pathlib import Path

INSTALL = Path(__file__).parents[1] / "tools" / "install.sh"
SHELL = shutil.which("sh")


def install(tmp_path, python="", path=os.environ["PATH"]):
    done = subprocess.run(
        [SHELL, INSTALL, tmp_path / "venv", "", python],
        env={**os.environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert not (tmp_path / "venv").exists()
    (line,) = done.stderr.splitlines()
    return line


def test_a_machine_without_python_is_told_in_one_line(tmp_path):
    assert "found no Python 3.11 or newer" in install(tmp_path, path=tmp_path)


def test_a_python_that_was_named_and_is_not_there_is_not_replaced_by_another(tmp_path):
    assert "as /nowhere/python3;" in install(tmp_path, "/nowhere/python3")


def test_a_python_without_the_venv_module_is_told_what_is_missing(tmp_path):
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\ncase "$1" in -m) exit 1;; --version) echo Python 3.11.0;; esac\n')
    python.chmod(0o755)
    assert "install its venv module" in install(tmp_path, python)
