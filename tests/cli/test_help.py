"""What the help says, and that it is true."""

import re
import shlex
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image

import inklings
from inklings import Dense, Flatten, Model, Network
from inklings.cli.help import TOPICS
from inklings.cli.main import COMMANDS, app
from inklings.models.preparation import Preparation
from inklings.networks import initial_parameters


def every_command(command=app, path=()):
    """The commands and sub-commands that there are, with the words that call them."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from every_command(command.get_command(click.Context(command), name), (*path, name))


EVERY = list(every_command())
EXAMPLES = sorted({line for _, command in EVERY for line in command.example.splitlines()})


def test_every_command_s_help_ends_with_an_example_of_that_command():
    assert len(EVERY) > len(COMMANDS)
    for path, command in EVERY:
        context = click.Context(command, info_name=" ".join(("inklings", *path)))
        last = command.get_help(context).splitlines()[-1]
        assert last.startswith("  " + " ".join(("inklings", *path))), path


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_command_line_understands_its_own_examples(line):
    words = shlex.split(line)[1:]
    context, command = click.Context(app, info_name="inklings"), app
    while words and isinstance(command, click.Group):
        command, words = command.get_command(context, words[0]), words[1:]
        assert command, line
    command.make_context("inklings", words, parent=context)  # raises what a user would be told


def test_the_help_groups_all_commands_in_sections(answer):
    code, out, _ = answer("--help")
    assert code == 0
    sections = [line for line in out.splitlines() if line.endswith(":") and not line.startswith("Usage")]
    assert sections == [
        "Options:",
        "Train and compare:",
        "Use a trained network:",
        "Look at data, networks and runs:",
        "Check this machine, and learn more:",
        "Examples:",
    ]
    for name, line in COMMANDS.items():
        assert any(found.split() == [name, *line.split()] for found in out.splitlines())


def test_a_command_s_line_in_the_help_says_what_its_own_help_says():
    for name in COMMANDS:
        command = app.get_command(click.Context(app), name)
        assert command.name == name
        assert command.help


@pytest.fixture
def stocked(tmp_path):
    """A folder with the files that examples speak of."""
    network = Network((4, 4, 1), (Flatten(), Dense(2, "softmax")))
    preparation = Preparation("character", (4, 4)).to_plain()
    Model(network, initial_parameters(network, 0), ("0", "1"), {}, preparation).save(tmp_path / "digits.inkling")
    page = np.full((60, 90), 255, np.uint8)
    page[20:40, 20:30] = page[20:40, 60:64] = 0
    (tmp_path / "scans").mkdir()
    for name in ("photo.jpg", "page.png", "scans/one.png"):
        Image.fromarray(page).save(tmp_path / name)
    rows = [",".join([name, *[str(ink)] * 16]) for name, ink in (("a", 0), ("b", 1)) * 4]
    headings = ",".join(["class", *[f"p{number}" for number in range(16)]])
    (tmp_path / "mine.csv").write_text("\n".join([headings, *rows]))
    (tmp_path / "test.csv").write_text(",".join([f"p{number}" for number in range(16)]) + f"\n{'0,1,' * 7}0,1\n" * 3)
    return tmp_path


CHEAP = ("predict", "read", "export", "networks", "data")


@pytest.mark.parametrize("line", [line for line in EXAMPLES if line.split()[1] in CHEAP and " check " not in line])
def test_examples_that_take_no_training_work(answer, stocked, line):
    code, _, err = answer(*shlex.split(line)[1:])
    # The small table's images say little, which notes tell.
    assert (code, [line for line in err.splitlines() if not line.startswith("note: ")]) == (0, [])


def test_without_arguments_the_help_is_printed_as_a_mistake(answer):
    for arguments in ((), ("data",)):
        code, out, err = answer(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("Usage: inklings")


def test_a_click_without_newer_names_is_enough(answer, monkeypatch):
    """click 8.1, the oldest that is allowed, has no exception for a command without arguments."""
    monkeypatch.delattr(click.exceptions, "NoArgsIsHelpError", raising=False)
    assert answer("networks")[0] == 0
    assert answer()[0] == 2


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_s_page_fits_a_terminal_and_is_listed(answer, topic):
    code, out, _ = answer("help", topic)
    assert code == 0
    assert all(len(line) <= 120 for line in out.splitlines())
    assert topic in answer("help")[1]


def test_help_shows_a_command_s_own_help(answer):
    assert "--early-stopping" in answer("help train")[1]
    assert answer("help runs show")[1].startswith("Usage: inklings runs show [OPTIONS] ID")
    code, _, err = answer("help trian")
    assert (code, err) == (
        2,
        "inklings: no topic or command 'trian'; did you mean 'train'?; see `inklings help --help`\n",
    )


def test_the_environment_variables_of_the_topic_are_read_somewhere():
    source = "".join(
        path.read_text() for path in Path(inklings.__file__).parent.rglob("*.py") if path.name != "help.py"
    )
    named = re.findall(r"^_?[A-Z_]{5,}", TOPICS["environment"][1], re.M)
    known_by_libraries = {"NO_COLOR", "COLUMNS", "_INKLINGS_COMPLETE"}
    assert len(named) >= 5
    assert [name for name in named if name not in known_by_libraries and f'"{name}"' not in source] == []


def test_the_variables_that_options_read_stand_in_the_topic():
    read = {each.envvar for _, command in EVERY for each in command.params if isinstance(each.envvar, str)}
    assert read
    assert not [name for name in read if name not in TOPICS["environment"][1]]
