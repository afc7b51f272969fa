"""A library that was compiled from other sources is refused, not called with structures it does not know."""

import os
import shutil
import subprocess
import sys

import pytest

from inklings.engines.native import library

WHY_NOT = "from inklings.engines import native; print(native.why_not())"


@pytest.fixture
def package(tmp_path):
    """A copy of the package, with its libraries."""
    shutil.copytree(library.FOLDER.parents[1], tmp_path / "inklings", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def reason_in(package):
    environment = os.environ | {"PYTHONPATH": str(package)}
    return subprocess.check_output([sys.executable, "-c", WHY_NOT], env=environment, cwd=package, text=True).strip()


def native_file(package, name):
    return package / "inklings/engines/native" / name


def test_libraries_of_these_sources_are_used(package):
    assert reason_in(package) == ""


@pytest.mark.parametrize("name", ["network.h", "training.c"])
def test_libraries_of_other_sources_are_refused_in_one_line_that_says_what_to_do(package, name):
    with native_file(package, name).open("a") as file:
        file.write("/* changed since */\n")
    reason = reason_in(package)
    assert "was compiled from other C sources than those beside it; install Inklings again" in reason
    assert "\n" not in reason


def test_without_sources_beside_it_a_library_is_taken_as_it_is(package):
    for pattern in ("*.c", "*.h"):
        for path in native_file(package, "").glob(pattern):
            path.unlink()
    assert reason_in(package) == ""
