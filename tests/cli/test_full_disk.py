"""A full disk, a limit on files and a folder that is gone: one line, and no training lost that can be kept."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

LONG = ("train", "softmax", "--epochs", "40", "--engine", "numpy", "--quiet")


@pytest.fixture
def start(tmp_path):
    """Start the command, with its temporary files in a folder of the test's; kill it in the end."""
    started = []

    def start(*arguments, before=(), **settings):
        (tmp_path / "temporary").mkdir(exist_ok=True)
        environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [*before, sys.executable, "-m", "inklings", *arguments]
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes, **settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for_rows(runs, process):
    deadline = time.monotonic() + 60
    while not (found := [path for path in runs.glob("*/history.jsonl") if path.read_text().count("\n") > 2]):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return found[0].parent


def read_ending(folder):
    facts = json.loads((folder / "run.json").read_text())
    return facts["stop_reason"], (folder / "history.jsonl").read_text().count("\n")


def test_a_folder_removed_during_training_is_made_anew_with_all_that_was_learnt(start, inklings, parts, tmp_path):
    process = start(*LONG, "--data", "parts.npz")
    folder = wait_for_rows(tmp_path / "inklings-runs", process)
    shutil.rmtree(folder)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    # Of the history; and once more of a checkpoint, if one was due.
    first, *more = err.splitlines()
    place = folder.relative_to(tmp_path)
    assert first == f"{place}/history.jsonl: cannot be written (No such file or directory); training goes on"
    assert all(line.startswith(f"{place}/checkpoint") and line.endswith("training goes on") for line in more)
    assert "95 % interval" in out
    assert read_ending(folder) == ("finished", 41)
    assert inklings("runs", "save", folder.name, "digits.inkling")[0] == 0


def test_a_run_that_cannot_be_stored_is_kept_in_a_temporary_folder(start, inklings, tmp_path):
    runs = tmp_path / "inklings-runs"
    process = start(*LONG)
    folder = wait_for_rows(runs, process)
    shutil.rmtree(runs)
    runs.write_text("a file where the folder was")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 7
    assert "95 % interval" in out
    (kept,) = (tmp_path / "temporary").glob("inklings-*/*")
    assert err.splitlines()[-1:] == [
        f"inklings: inklings-runs/{folder.name}: the run cannot be stored (Not a directory); it is in {kept} instead; "
        "make room, then move its files there"
    ]
    assert kept.name == folder.name
    assert read_ending(kept) == ("finished", 41)
    assert "finished" in inklings("runs", "--runs", kept.parent)[1]


def test_files_that_may_not_grow_are_refused_in_one_line(start, tmp_path):
    process = start(*LONG, before=("sh", "-c", 'ulimit -f 10 && exec "$@"', "sh"))  # the facts fit, the weights do not
    _, err = process.communicate(timeout=60)
    assert process.returncode == 7
    row, *_, refusal = err.splitlines()  # between them a checkpoint, if one was due
    assert row.endswith("history.jsonl: cannot be written (File too large); training goes on")
    assert refusal.endswith(
        "the run cannot be stored (File too large), nor in a temporary folder; make room, and train it again"
    )
    assert not list((tmp_path / "temporary").iterdir())


def test_a_model_that_cannot_be_saved_loses_no_run(start, parts, tmp_path):
    (tmp_path / "models").mkdir()
    process = start(*LONG, "--data", "parts.npz", "--save", "models/digits.inkling")
    folder = wait_for_rows(tmp_path / "inklings-runs", process)
    shutil.rmtree(tmp_path / "models")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 7
    assert "95 % interval" in out
    assert err == (
        "inklings: models/digits.inkling: cannot be written (No such file or directory); the run is stored; "
        f"free some space, then: inklings runs --runs inklings-runs save {folder.name} models/digits.inkling\n"
    )
    assert read_ending(folder) == ("finished", 41)


@pytest.fixture
def disk(tmp_path):
    """A disk of 100 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=100k", "tmpfs", place], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("only root mounts disks")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk):
    with (disk / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 1024)
        except OSError:
            pass


def test_a_full_disk_loses_nothing_when_there_is_room_again(start, disk):
    process = start(*LONG, "--runs", str(disk / "runs"))
    folder = wait_for_rows(disk / "runs", process)
    fill(disk)
    rows = (folder / "history.jsonl").read_text()
    time.sleep(0.1)
    assert process.poll() is None
    (disk / "filling").unlink()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err in ("", f"{folder}/history.jsonl: cannot be written (No space left on device); training goes on\n")
    assert read_ending(folder) == ("finished", 41)
    assert (folder / "history.jsonl").read_text().startswith(rows[: rows.rindex("\n")])


def test_a_disk_that_stays_full_is_told_with_where_the_run_is(start, disk, tmp_path):
    process = start(*LONG, "--runs", str(disk / "runs"))
    folder = wait_for_rows(disk / "runs", process)
    fill(disk)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 7
    (kept,) = (tmp_path / "temporary").glob("inklings-*/*")
    assert f"{folder}: the run cannot be stored (No space left on device); it is in {kept} instead" in err
    assert read_ending(kept) == ("finished", 41)


def test_a_run_that_cannot_be_begun_is_refused_before_training(start, disk):
    fill(disk)
    process = start(*LONG, "--runs", str(disk / "runs"))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (7, "")
    assert len(err.splitlines()) == 1
    assert "(No space left on device)" in err
