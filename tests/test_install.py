"""What `make` says when it cannot install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALL = ROOT / "tools" / "install.sh"
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


TOOLS = ("sh", "make", "env", "sed", "grep", "head", "cut", "rm", "mkdir", "touch")
"""All that `make digits` may find; above all no gcc, clang or cc."""


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project as it is handed out, with nothing compiled."""
    unneeded = shutil.ignore_patterns(".*", "native_*.*", "__pycache__", "dist", "digits-report", "runs")
    shutil.copytree(ROOT, tmp_path / "checkout", ignore=unneeded)
    return tmp_path / "checkout"


def make(checkout, *arguments, **environment):
    programs = checkout.parent / "programs"
    programs.mkdir()
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name))
    (programs / "python3").symlink_to(sys._base_executable)
    kept = {name: value for name, value in os.environ.items() if name not in ("CC", "PYTHONPATH", "VIRTUAL_ENV")}
    command = [programs / "make", *arguments]
    environment = {**kept, "PATH": str(programs), **environment}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_digits_are_learnt_by_the_native_engine_on_a_machine_without_a_compiler(checkout):
    done = make(checkout, "digits", "QUICK=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "slower" not in done.stdout + done.stderr
    code = "from inklings.engines import get_engine; print(get_engine().name)"
    assert subprocess.check_output([checkout / ".venv/bin/python", "-c", code], text=True).strip() == "native"


@pytest.mark.slow
def test_make_tells_why_the_native_engine_that_is_required_could_not_be_compiled(checkout):
    done = make(checkout, "digits", INKLINGS_REQUIRE_NATIVE="1", CC="/nowhere/cc")
    assert done.returncode != 0
    line = "make: the native engine could not be compiled: CC names /nowhere/cc, and no C compiler was found there"
    assert line in done.stderr.splitlines()
