"""Spellings of the previous version: still taken, with a line that says what they are now."""

import click
import numpy as np
import pytest

from inklings import open_dataset
from inklings.cli.command import Command
from inklings.cli.main import app


def note(old, new):
    return f"note: {old} is now {new}; the old spelling will be refused from the next version on\n"


@pytest.fixture
def run(answer, tmp_path):
    """A run on so few images that saving its model takes no time."""
    digits = open_dataset("digits")
    np.savez(tmp_path / "few.npz", images=digits.images[::20], labels=digits.labels[::20])
    assert answer("train softmax --data few.npz --steps 60 --engine numpy --quiet")[0] == 0


@pytest.mark.parametrize("typed", ["--sure-at 0.9", "--sure-at=0.9"])
def test_an_old_option_is_taken_and_the_new_one_is_named_in_one_line(answer, run, typed):
    code, out, err = answer(f"runs save softmax old.inkling {typed}")
    assert (code, err) == (0, note("--sure-at", "--target-accuracy"))
    assert "90.0%" in out
    new = answer("runs save softmax new.inkling --target-accuracy 0.9")
    assert new == (0, out.replace("old.", "new."), "")


def test_an_old_option_is_checked_as_the_new_one_and_hidden(answer):
    code, _, err = answer("train softmax --sure-at 2")
    assert code == 2
    assert "Invalid value for '--target-accuracy': 2.0 is not in the range" in err
    assert "sure-at" not in answer("train", "--help")[1]


@pytest.mark.parametrize("command", ["train softmax --steps 60", "learning-curve softmax --steps 60"])
def test_a_recipe_s_option_has_its_new_name_too(answer, command):
    code, _, err = answer(f"{command} --l2 0.01 --penalise hidden --engine numpy --quiet")
    assert (code, err) == (0, note("--penalise", "--regularise"))


def test_an_earlier_setting_in_a_file_is_taken_with_a_note(inklings, tmp_path):
    layers = '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = "classes"\nactivation = "softmax"\n'
    (tmp_path / "own.toml").write_text(f'{layers}[recipe]\npenalise = "hidden"\nl2 = 0.1')
    code, out, err = inklings("networks", "show", "own.toml")
    assert (code, err) == (0, "note: the recipe's setting 'penalise' is now 'regularise'\n")
    assert "regularise hidden" in out


def test_what_follows_two_dashes_is_no_option():
    command = Command("open", params=[click.Argument(["files"], nargs=-1)], renamed={"--old": "--new"})
    assert command.make_context("open", ["--", "--old"]).params == {"files": ("--old",)}


def test_every_renamed_option_has_its_new_name_somewhere():
    context = click.Context(app)
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        for below in command.commands.values() if isinstance(command, click.Group) else [command]:
            known = {option for parameter in below.params for option in parameter.opts}
            assert set(below.renamed.values()) <= known
            assert not set(below.renamed) & known
