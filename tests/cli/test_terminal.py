"""What one sees on a terminal, and in a pipe."""

import os
import re
import subprocess
import sys

import pytest

from inklings import hardware, open_dataset
from inklings.experiments import RunStore
from inklings.training import preset

pty = pytest.importorskip("pty")  # terminals are a matter of POSIX


@pytest.fixture
def screen(tmp_path):
    """The command on a terminal of so many columns; gives the lines that it wrote, without colours and cursor moves."""

    def run(*arguments, columns, exit_codes=(0,), **variables):
        ours, theirs = pty.openpty()
        environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment |= variables
        process = subprocess.Popen(
            [sys.executable, "-m", "inklings", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        written = b"".join(iter(lambda: read_some(ours), b""))
        os.close(ours)
        assert process.wait(timeout=60) in exit_codes
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode()).replace("\r", "\n").splitlines()

    return run


def read_some(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end has closed
        return b""


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_no_line_is_wider_than_the_terminal(screen, columns):
    lines = screen("data", "show", "digits", columns=columns)
    assert any("▀" * 10 in line for line in lines)
    lines += screen("networks", "show", "cnn1", columns=columns)
    assert max(map(len, lines)) <= columns
    assert any("3,288,906" in line for line in lines)


def test_training_shows_a_bar_that_leaves_one_line(screen):
    lines = screen("train", "softmax", "--steps", "110", "--engine", "numpy", columns=80)
    assert any("━" in line and "0/2" in line for line in lines)
    assert any(line.startswith("softmax: 2 epochs in") for line in lines)


def test_a_piped_table_has_a_line_a_row_and_no_colours(inklings):
    _, out, _ = inklings("networks", env={**os.environ, "COLUMNS": "40"})
    (cnn2,) = [line for line in out.splitlines() if line.startswith(" cnn2")]
    assert cnn2.endswith("Adam")
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())


CHECKED = re.compile(r"(ok|info|slow|broken) +[A-Za-z' ]+: ")
BUSY = (0, 1)  # other programs may be at work where this is tested


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_doctor_cuts_no_word_whatever_the_window(screen, columns):
    lines = screen(*("doctor", "--no-measure"), columns=columns, exit_codes=BUSY, OPENBLAS_NUM_THREADS="1")
    assert max(map(len, lines)) <= columns
    assert len([line for line in lines if CHECKED.match(line)]) == 12
    assert all(line.startswith(" " * 8) for line in lines if line and not CHECKED.match(line))
    words = [word for line in lines for word in line.split()]
    assert {"scikit-learn", "safetensors"} < set(words)
    if hardware.cores().usable > 1:
        assert "OPENBLAS_NUM_THREADS;" in words
        assert any(line.strip().startswith("to do: unset") for line in lines)


def test_the_doctor_piped_gives_a_line_a_check_that_is_no_longer_than_its_words(inklings):
    code, out, _ = inklings("doctor", "--no-measure", env={**os.environ, "COLUMNS": "40", "OPENBLAS_NUM_THREADS": "1"})
    assert code in BUSY
    lines = out.splitlines()
    assert len(lines) == 12
    assert all(CHECKED.match(line) and "  " not in line[8:] for line in lines)
    (threads,) = [line for line in lines if "NumPy's threads" in line]
    assert ("; to do: unset OPENBLAS_NUM_THREADS" in threads) == (hardware.cores().usable > 1)


@pytest.mark.parametrize("columns", [50, 60, 80])
def test_a_narrow_window_breaks_no_id_of_a_run(screen, columns, tmp_path):
    RunStore(tmp_path / "inklings-runs").begin(
        preset("mlp", (20, 20, 1), 10, dropout=True), open_dataset("digits").split(), engine="numpy"
    )
    (id,) = (path.name for path in (tmp_path / "inklings-runs").iterdir())
    lines = screen("runs", columns=columns)
    assert any(id in line.split() for line in lines)
    assert max(map(len, lines)) <= columns


def test_tables_of_a_run_and_of_a_comparison_break_no_number_and_fit_the_window(screen, answer):
    quick = ("--quiet", "--engine", "numpy", "--runs", "inklings-runs")
    assert answer("train", "softmax", "--steps", "110", *quick)[0] == 0
    assert answer("train", "naive", "--epochs", "1", *quick)[0] == 0
    for columns in (60, 140):
        lines = screen("runs", "show", "softmax", columns=columns)
        assert any(line.split()[:1] == ["2"] and len(line.split()) >= 5 for line in lines)
        table = screen("runs", "compare", "softmax", "naive", columns=columns)
        assert len([line for line in table if re.search(r"\d\.\d% \(\d+\.\d% to \d+\.\d%\)", line)]) == 2
        assert max(map(len, lines + table)) <= columns


def test_a_grid_of_images_is_left_out_where_there_are_no_colours(screen):
    assert not any("▀" in line for line in screen("data", "show", "digits", columns=80, NO_COLOR="1"))


def test_a_note_is_wrapped_between_words_on_a_terminal_alone(screen, inklings):
    sentence = "`inklings networks show NETWORK` shows the layers; NETWORK may also be a TOML or JSON file."
    assert sentence in inklings("networks")[1].splitlines()
    lines = screen("networks", columns=60)
    assert max(map(len, lines)) <= 60
    assert sentence in " ".join(" ".join(lines).split())
