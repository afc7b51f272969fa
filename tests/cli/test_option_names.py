"""What is refused of the settings that were typed."""

import re

import pytest

from inklings.cli.option_names import describe_error, describe_note
from inklings.errors import RecipeError
from inklings.hardware import Memory

OWN = """
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"
[recipe]
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("mlp --epochs 3 --steps 60", "--epochs and --steps are both given, expected one of them; leave one out"),
        ("naive --batch-size 50", "--batch-size has no effect with the optimiser bfgs, expected one of sgd, "),
        ("mlp --optimiser lbfgs --learning-rate 1", "--learning-rate has no effect with the optimiser lbfgs"),
        ("mlp --optimiser cg --schedule cosine", "--schedule has no effect with the optimiser cg"),
        ("cnn2 --momentum 0.9", "--momentum has no effect with the optimiser adam, expected one of momentum, nesterov"),
        (
            "mlp --weight-decay 0.1",
            "--weight-decay has no effect with the optimiser nesterov, expected adamw; leave it",
        ),
        ("mlp --regularise all", "--regularise has no effect without a penalty"),
        ("full-batch.toml --batch-size 50", "--batch-size has no effect with the optimiser bfgs"),
    ],
)
@pytest.mark.parametrize("command", ["train", "learning-curve"])
def test_a_setting_that_would_change_nothing_is_refused_in_one_line(answer, tmp_path, command, arguments, words):
    (tmp_path / "full-batch.toml").write_text(f"{OWN}optimiser = 'bfgs'")
    code, out, err = answer(command, *arguments.split())
    assert (code, out) == (5, "")
    assert err.startswith(f"inklings: {words}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        "naive --epochs 2",
        "softmax --epochs 2",
        "softmax --steps 60 --optimiser nesterov --momentum 0.5",
        "softmax --steps 60 --optimiser adamw --weight-decay 0.1 --schedule cosine --batch-size 20",
        "softmax --steps 60 --l2 0.01 --regularise hidden",
        "softmax --epochs 2 --optimiser lbfgs",
        "own.toml --steps 6",
    ],
)
def test_a_setting_with_an_effect_is_taken_whatever_else_the_preset_or_the_file_has(answer, tmp_path, arguments):
    (tmp_path / "own.toml").write_text(f"{OWN}optimiser = 'bfgs'\nbatch_size = 20\nmomentum = 0.5\nepochs = 2")
    code, _, err = answer("train", *arguments.split(), "--engine", "numpy", "--quiet")
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("free", "arguments", "words"),
    [
        (
            300_000_000,
            "cnn2 --batch-size 2750 --engine jax",
            "MB is enough with a smaller batch; try --batch-size 687",
        ),
        (
            8_000_000_000,
            "mlp --optimiser bfgs --epochs 5000",
            "MB is enough with another optimiser; try --optimiser lbfgs",
        ),
    ],
)
def test_what_fits_into_memory_is_named_as_it_is_typed(answer, monkeypatch, free, arguments, words):
    monkeypatch.setattr("inklings.training.memory.memory", lambda: Memory(None, None, free))
    code, _, err = answer("train", *arguments.split())
    assert code == 5
    assert words in err


def test_what_a_file_has_is_named_as_it_is_there(answer, tmp_path):
    for line, words in (
        ("batchsize = 3", "did you mean 'batch_size'?"),
        ("batch_size = 0", "batch_size is 0, expected"),
    ):
        (tmp_path / "own.toml").write_text(f"{OWN}{line}")
        code, _, err = answer("train", "own.toml")
        assert code == 5
        assert words in err


def test_a_nested_setting_of_a_file_is_named_with_its_place(answer, tmp_path):
    (tmp_path / "own.toml").write_text(f"{OWN}augmentation = {{shift = -1}}")
    code, _, err = answer("train", "own.toml")
    assert (code, err) == (5, "inklings: own.toml: augmentation: shift is -1.0, expected a number from 0 to 1000\n")


def test_a_command_without_an_option_for_a_setting_names_the_setting():
    error = RecipeError("is 0, expected at least 1", setting="batch_size", suggested={"epochs": 3, "seed": 1})
    told = describe_error(error, {"--batch-size", "--seed"})
    assert told == "--batch-size is 0, expected at least 1; try epochs=3 --seed 1"


@pytest.mark.parametrize(
    ("note", "typed"),
    [
        ("they fit as nhw and as hwn (axes=hwn overrides)", "they fit as nhw and as hwn (--axes hwn overrides)"),
        ("others (labels='by-folder=2' takes those)", "others (--labels by-folder=2 takes those)"),
        ("others (labels='my table.csv' takes those)", "others (--labels 'my table.csv' takes those)"),
        ("too small; try learning_rate=0.1", "too small; try --learning-rate 0.1"),
        ("damaged: lr=1.png, l2=1.5.png", "damaged: lr=1.png, l2=1.5.png"),
        ("damaged: lr=1.png, l2=3/rate=2.png", "damaged: lr=1.png, l2=3/rate=2.png"),
    ],
)
def test_what_overrides_a_note_is_named_as_it_is_typed_and_a_file_by_its_name(note, typed):
    assert describe_note(note) == typed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("evaluate --data digits", "no option '--data'; without a name: inklings evaluate [MODEL] DATA"),
        (
            "search mlp --l2 5",
            "no option '--l2'; it belongs in the file SPACE.toml: a line such as `l2 = ...` fixes it there, "
            "a list tries several",
        ),
        ("predict --model a.inkling", "no option '--model'; without a name: inklings predict [MODEL] PICTURE|DATA..."),
    ],
)
def test_an_argument_that_is_given_as_an_option_is_shown_in_its_place(answer, typed, words):
    code, _, err = answer(typed)
    assert code == 2
    assert err == f"inklings: {words}\n"


def test_an_option_that_no_argument_could_be_is_refused_in_clicks_words(answer):
    code, _, err = answer("evaluate --xyz")
    assert code == 2
    # Click has changed how it puts them.
    assert re.fullmatch(r"inklings: No such option:? '?--xyz'?; see `inklings evaluate --help`\n", err)
