"""Progress: lines in a pipe, a bar on a terminal, HTML in a notebook."""

import os
import re
import subprocess
import sys

import pytest

import inklings
from inklings import fit
from inklings.callbacks import Progress

TRAIN = """
import inklings
from inklings.callbacks import Progress
split = inklings.open_dataset("digits").split(train=300, test=100, validation=100)
plan = inklings.preset("mlp", (20, 20, 1), 10, hidden_units=8)
recipe = plan.recipe.with_settings(epochs={epochs}, steps=None)
fitted = inklings.fit(plan.network, recipe, split, callbacks=[Progress("small mlp")])
"""


def test_a_pipe_gets_a_line_now_and_then(plan, split, capsys):
    fit(plan.network, plan.recipe, split, callbacks=[Progress("mlp")])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line[: line.index("  ")] for line in printed.err.splitlines()] == [
        f"mlp: epoch {epoch}/4" for epoch in (1, 2, 3, 4)
    ]


def test_without_validation_images_none_are_spoken_of(plan, split, capsys):
    fit(plan.network, plan.recipe, split.dataset.split(test=None, validation=None), callbacks=[Progress()])
    assert "nan" not in capsys.readouterr().err


def test_a_terminal_is_left_with_one_line(tmp_path):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    code = TRAIN.format(epochs=3)
    done = subprocess.Popen(
        [sys.executable, "-c", code], stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 4096):
            written += chunk
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(ours)
    assert done.wait(timeout=60) == 0
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", written).decode()
    assert "small mlp: 3 epochs in" in plain.splitlines()[-1]


def test_what_others_have_as_callbacks_is_said_to_be_settings():
    for name, told in (
        ("EarlyStopping", "Recipe(early_stopping=5)"),
        ("ModelCheckpoint", "BestCheckpoint"),
        ("CSVLoger", "did you mean 'CSVLogger'?"),
    ):
        with pytest.raises(AttributeError, match=re.escape(told)):
            getattr(inklings.callbacks, name)


@pytest.fixture
def notebook(tmp_path):
    """Cells executed by a kernel that has this package; returns each cell's outputs."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")

    def run(*cells):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        resources = {"metadata": {"path": str(tmp_path)}}
        nbclient.NotebookClient(book, timeout=120, kernel_name="python3", resources=resources).execute()
        return [cell.outputs for cell in book.cells]

    return run


@pytest.mark.slow
def test_a_notebook_shows_a_bar_and_then_a_line(notebook):
    cells = [TRAIN.format(epochs=30), "print(fitted.stop_reason)", "fitted"]
    first, second, third = notebook(*cells)
    (shown,) = [each for each in first if each.output_type == "display_data"]
    # The same place, written over: what is left is the line.
    assert "small mlp: 30 epochs in" in shown.data["text/html"]
    assert "<progress" not in shown.data["text/html"]
    assert "small mlp: 30 epochs in" in shown.data["text/plain"]
    assert second[0].text == "finished\n"
    assert "image/png;base64" in third[0].data["text/html"]


@pytest.mark.slow
def test_an_interrupted_cell_keeps_what_was_learnt(notebook):
    # The signal that the notebook's stop button sends, once there is something to keep.
    stop = "lambda record: os.kill(os.getpid(), signal.SIGINT) if record.epoch == 3 else None"
    training = TRAIN.format(epochs=1_000_000).replace("callbacks=[", f"callbacks=[{stop}, ")
    first, second = notebook(
        f"import os, signal\n{training}", "print(fitted.stop_reason, len(fitted.history) > 2); fitted.message"
    )
    assert not [each for each in first if each.output_type == "error"]
    assert second[0].text == "interrupted True\n"
    assert "what was learnt is kept" in second[1].data["text/plain"]


@pytest.mark.slow
def test_figures_show_themselves_in_a_notebook(notebook):
    pytest.importorskip("matplotlib_inline")
    (outputs,) = notebook(
        "%matplotlib inline\nimport inklings\nsplit = inklings.open_dataset('digits').split()\n"
        "inklings.plots.plot_examples(split.test);"
    )
    assert any("image/png" in each.data for each in outputs if each.output_type == "display_data")
