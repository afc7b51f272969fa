"""What the Tab key offers."""

import os
import shutil
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from inklings.cli.main import COMMANDS, app

HEAVY = {"jax", "optax", "scipy", "sklearn", "matplotlib", "PIL", "rich", "onnx", "jinja2", "safetensors"}


@pytest.fixture
def folder(tmp_path):
    """A folder with the command on its path, two runs, and a network's file."""
    command = tmp_path / "bin" / "inklings"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m inklings "$@"\n')
    command.chmod(0o755)
    for name in ("inklings-runs/mlp-plain-1", "inklings-runs/softmax-1", "elsewhere/cnn2-7"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "run.json").write_text("{}")
    (tmp_path / "inklings-runs" / "no-run").mkdir()
    (tmp_path / "mine.toml").touch()
    return tmp_path


def environment(folder, **variables):
    return {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **variables}


BASH = """
eval "$(_INKLINGS_COMPLETE=bash_source inklings)"
function=$(complete -p inklings | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"$function" inklings 2> /dev/null  # which says that compopt works at the Tab key alone
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(folder):
    """What bash has in its list of completions for the last of some words."""

    def run(*words):
        done = subprocess.run(
            ["bash", "--norc", "-c", BASH, "bash", "inklings", *words],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment(folder),
            timeout=60,
            check=True,
        )
        return done.stdout.split()

    return run


bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")


@bash
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["train", "cnn"], ["cnn1", "cnn2"]),
        (["compare", "mlp", "--data", "digits"], ["digits", "digits28"]),
        (["runs", "show", ""], ["mlp-plain-1", "softmax-1"]),
    ],
    ids=["networks", "data", "runs"],
)
def test_bash_lists_what_fits(complete, words, offered):
    assert complete(*words) == offered


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tr", ["train"]),
        ("train m", ["mlp"]),
        ("train mlp --optimiser adam", ["adam", "adamw"]),
        ("train mlp --learning", ["--learning-rate"]),
        ("train --continue mlp", ["mlp-plain-1"]),
        ("runs --runs elsewhere compare c", ["cnn2-7"]),
        ("runs show --runs elsewhere c", ["cnn2-7"]),
        ("compare mlp --vary split,o", ["split,order"]),
        ("runs s", ["save", "show"]),
        ("report soft", ["softmax-1"]),
        ("networks show mine", []),
        ("export digits.inkling x.onnx --to k", ["keras"]),
    ],
)
def test_commands_options_choices_networks_and_runs_are_completed(folder, monkeypatch, words, offered):
    monkeypatch.chdir(folder)
    *before, last = words.split()
    items = ShellComplete(app, {}, "inklings", "_INKLINGS_COMPLETE").get_completions(before, last)
    assert sorted(item.value for item in items if item.type == "plain") == offered


@pytest.mark.parametrize("words", ["train mine", "predict dig", "evaluate m.inkling pic", "train mlp --save dig"])
def test_the_shell_is_asked_for_files_where_one_is_wanted(words):
    *before, last = words.split()
    items = ShellComplete(app, {}, "inklings", "_INKLINGS_COMPLETE").get_completions(before, last)
    assert items[0].type == "file"


def test_all_commands_are_offered_where_none_is_typed():
    items = ShellComplete(app, {}, "inklings", "_INKLINGS_COMPLETE").get_completions([], "")
    assert {item.value: item.help for item in items} == COMMANDS


@bash
def test_the_tab_key_completes_a_word_in_a_bash_that_someone_types_in(folder):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=environment(folder, PS1="ready>", TERM="dumb", INPUTRC="/dev/null", HISTFILE=""),
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, b'eval "$(_INKLINGS_COMPLETE=bash_source inklings)"\n')
    os.write(ours, b"inklings runs show soft\t> shown 2>&1; inklings networks show mi\t 2> shown; exit 0\n")
    written = b""
    while chunk := _read(ours):
        written += chunk
    os.close(ours)
    assert shell.wait(timeout=60) == 0
    assert b"runs show softmax-1 " in written
    assert b"networks show mine.toml " in written


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other end has closed
        return b""


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_and_get_the_same_words(folder, shell):
    def ask(**variables):
        command = [sys.executable, "-m", "inklings"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment(folder, **variables))
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert "_INKLINGS_COMPLETE" in ask(_INKLINGS_COMPLETE=f"{shell}_source")
    last = "soft" if shell == "fish" else "3"  # fish sends the word, zsh its number
    words = ask(_INKLINGS_COMPLETE=f"{shell}_complete", COMP_WORDS="inklings runs show soft", COMP_CWORD=last)
    assert "softmax-1" in words


LOADED = """
import sys
from inklings.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("words", ["inklings tr", "inklings train m", "inklings runs show s", "inklings data show d"])
def test_completing_imports_nothing_heavy(folder, words):
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(
            folder, _INKLINGS_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1)
        ),
    )
    assert "plain," in done.stdout
    modules = set(done.stderr.split())
    assert not {module.split(".")[0] for module in modules} & HEAVY
    if words == "inklings tr":
        assert "numpy" not in modules
