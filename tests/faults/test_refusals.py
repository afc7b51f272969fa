"""What the system may refuse: each is one line, and what was stored before stays as it is."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from inklings.training import checkpoint_file
from inklings.training.checkpoint_file import CheckpointFile

TRAIN = ("train", "softmax", "--epochs", "2", "--engine", "numpy", "--quiet")


def inklings(folder, *arguments, **environment):
    command = [sys.executable, "-m", "inklings", *map(str, arguments)]
    settings = {"env": {**os.environ, **environment}, "cwd": folder, "timeout": 120}
    done = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def read_only(tmp_path):
    place = tmp_path / "read-only"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount, "-t", "tmpfs", "-o", "ro,size=100k", "tmpfs", place]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts disks")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_read_only_folder_is_refused_before_training(read_only, tmp_path):
    code, out, err = inklings(tmp_path, *TRAIN, "--runs", read_only / "runs")
    assert (code, out) == (7, "")
    assert err.endswith("cannot be made (Read-only file system); name another folder for runs\n")
    assert len(err.splitlines()) == 1


def test_a_run_that_may_not_be_read_is_refused_and_stays_as_it_is(tmp_path):
    assert inklings(tmp_path, *TRAIN, "--runs", "runs")[0] == 0
    (run,) = (tmp_path / "runs").iterdir()
    (run / "run.json").chmod(0)
    before = {path.name: path.stat().st_mtime_ns for path in run.iterdir()}
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    code, _, err = inklings(tmp_path, "train", "--runs", "runs", "--continue", run.name)
    assert code == 7
    assert "Permission denied" in err
    assert len(err.splitlines()) == 1
    assert {path.name: path.stat().st_mtime_ns for path in run.iterdir()} == before


def test_a_cache_folder_that_is_a_file_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    broken = str(tmp_path / "file")
    code, out, err = inklings(tmp_path, *TRAIN, XDG_CACHE_HOME=broken, HOME=broken)
    assert (code, err) == (0, "")
    assert "95 % interval" in out


def test_a_clock_that_is_set_back_changes_nothing(tmp_path, monkeypatch):
    file = CheckpointFile(tmp_path / "checkpoint.safetensors")
    monkeypatch.setattr(time, "time", lambda: 0.0)  # 1970
    monkeypatch.setattr(checkpoint_file, "SECONDS_AT_FIRST", 3600)
    monkeypatch.setattr(checkpoint_file, "SECONDS_BETWEEN", 3600)
    assert not file.is_due
    monkeypatch.setattr(checkpoint_file, "SECONDS_AT_FIRST", 0.05)
    time.sleep(0.1)
    assert file.is_due


@pytest.mark.slow
def test_two_processes_on_one_run_and_a_dead_owner(tmp_path):
    long = [sys.executable, "-m", "inklings", "train", "softmax", "--epochs", "100000", "--engine", "numpy", "--quiet"]
    owner = subprocess.Popen(long, cwd=tmp_path)
    try:
        deadline = time.monotonic() + 60
        while not (rows := [*tmp_path.glob("*/*/history.jsonl")]) or not rows[0].read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        id = rows[0].parent.name
        begun = time.monotonic()
        code, _, err = inklings(tmp_path, "train", "--continue", id)
        assert (code, time.monotonic() - begun < 60) == (7, True)
        assert err.endswith("is being trained by another process; wait until that has ended, or stop it\n")
    finally:
        owner.kill()
        owner.wait()
    before = rows[0].stat().st_mtime_ns
    again = subprocess.Popen([sys.executable, "-m", "inklings", "train", "--continue", id, "--quiet"], cwd=tmp_path)
    try:
        deadline = time.monotonic() + 60
        while rows[0].stat().st_mtime_ns == before:  # it trains, since the lock went with its owner, and writes rows
            assert again.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        again.kill()
        again.wait()
