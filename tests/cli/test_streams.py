"""Output that is closed, or that cannot be written."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

TRAIN = "train softmax --steps 20 --engine numpy"


@pytest.fixture
def shell(tmp_path):
    """The command with its streams as a shell sets them; gives exit code, output and errors."""

    def run(arguments, streams):
        command = f"exec {sys.executable} -m inklings {arguments} {streams}"
        done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=120)
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.mark.parametrize("arguments", ["networks", "runs", "data show digits", "doctor --no-measure", "--help"])
def test_a_closed_output_changes_neither_exit_code_nor_errors(shell, arguments):
    code, _, err = shell(arguments, "")
    found, out, errors = shell(arguments, ">&-")
    assert (out, errors) == ("", err)
    # The doctor's code says whether anything slows training, which other programs may do in one of the two calls alone.
    assert found == code or (arguments.startswith("doctor") and {found, code} == {0, 1})


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_training_without_streams_is_stored_whole(shell, tmp_path, streams):
    assert shell(TRAIN, streams)[0] == 0
    (folder,) = (tmp_path / "inklings-runs").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["history.jsonl", "run.json", "weights.safetensors"]
    assert all(line.startswith('{"epoch": ') for line in (folder / "history.jsonl").read_text().splitlines())


def test_a_mistake_is_told_though_the_output_is_closed(shell):
    code, out, err = shell("train mpl", ">&-")
    assert (code, out, len(err.splitlines())) == (4, "", 1)
    assert shell("train mpl", "2>&-") == (4, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_on_a_full_disk_is_told_in_one_line(shell):
    code, _, err = shell("networks", "> /dev/full")
    assert code == 1
    assert err == ("inklings: a file or the output: No space left on device; run it again with --debug to see where\n")


def test_control_characters_in_names_are_written_out(answer, tmp_path):
    """They would move the cursor, or give the terminal's window another title."""
    evil = "a\x1b]0;b\x07\nc"
    for number, name in enumerate((evil, "d")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for each in range(3):
            Image.new("L", (8, 8), 40 * number + each).save(tmp_path / "set" / name / f"{each}.png")
    code, out, err = answer("data", "show", "set")
    assert (code, "\x1b" in out + err) == (0, False)
    assert r"a\x1b]0;b\x07; c (3), d (3)" in out
    code, out, err = answer("predict", f"{evil}.inkling", "x.png")
    assert (code, out) == (7, "")
    assert err.startswith(r"inklings: a\x1b]0;b\x07 c.inkling: ")
