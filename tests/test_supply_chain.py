"""What is shipped can be made again byte by byte, and nothing asks the network for anything behind anyone's back."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "NOTICE",
    "hatch_build.py",
    "hatch_readme.py",
    "src",
    "build_native",
)

IMPORT_EVERYTHING = """
import sys
events = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        events.append(event)
sys.addaudithook(watch)
import importlib, pkgutil, inklings
for module in pkgutil.walk_packages(inklings.__path__, "inklings."):
    if not module.name.endswith("__main__") and not any(part in module.name for part in (".jax", ".native_")):
        importlib.import_module(module.name)
inklings.open_dataset("digits").split()
print(events)
"""


def test_neither_importing_nor_opening_what_is_bundled_asks_the_network():
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", IMPORT_EVERYTHING], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr[-1000:]
    assert found.stdout.strip() == "[]"


def test_tests_reach_this_machine_alone():
    with pytest.raises(AssertionError, match=r"192\.0\.2\.1"), socket.socket() as elsewhere:
        elsewhere.connect(("192.0.2.1", 80))  # an address that is nobody's
    with pytest.raises(AssertionError, match=r"example\.invalid"):
        socket.getaddrinfo("example.invalid", 80)


def build(folder, target):
    """Build from a copy of the sources in a folder of its own, whose files are of another time."""
    folder.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        unlike = {"ignore": shutil.ignore_patterns("native_*", "__pycache__")} if (ROOT / name).is_dir() else {}
        copy(ROOT / name, folder / name, **unlike)
    later = time.time() + 1000 * len(folder.name)
    for path in folder.rglob("*"):
        os.utime(path, (later, later))
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", "built"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "CFLAGS": "-O0"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    (built,) = (folder / "built").iterdir()
    return built.name, hashlib.sha256(built.read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_what_is_built_twice_is_the_same_byte_by_byte(tmp_path, target):
    pytest.importorskip("hatchling")
    assert build(tmp_path / "one", target) == build(tmp_path / "another-name", target)
