"""The model comes first in every command that uses one, or is left out."""

import numpy as np
import pytest
from PIL import Image

from inklings import Dense, Flatten, Model, Network
from inklings.models.preparation import Preparation
from inklings.networks import initial_parameters


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Two models whose classes differ, a page and images."""
    monkeypatch.delenv("INKLINGS_MODEL", raising=False)
    network = Network((20, 20, 1), (Flatten(), Dense(2, "softmax")))
    for name, classes in (("digits", ("0", "1")), ("other", ("x", "y"))):
        parameters = initial_parameters(network, 0)
        Model(network, parameters, classes, {}, Preparation("character", (20, 20)).to_plain()).save(
            tmp_path / f"{name}.inkling"
        )
    page = np.full((60, 60), 255, np.uint8)
    page[20:40, 25:32] = 0
    (tmp_path / "scans").mkdir()
    for name in ("page.png", "scans/one.png"):
        Image.fromarray(page).save(tmp_path / name)
    images = np.random.default_rng(0).random((8, 20, 20, 1), np.float32)
    for name, classes in (("digits", ["0", "1"]), ("other", ["x", "y"])):
        np.savez(tmp_path / f"{name}.npz", images=images, labels=np.array(classes * 4))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "classes"),
    [
        ("read {}page.png --json", "01"),
        ("predict {}page.png --json", "01"),
        ("predict {}page.png page.png --json", "01"),
        ("predict {}scans --json", "01"),
    ],
)
def test_the_first_argument_is_the_model_and_may_be_left_out(answer, monkeypatch, arguments, classes):
    default = answer(arguments.format(""))
    assert default[0] == 0
    assert '"0"' in default[1]
    assert answer(arguments.format("digits.inkling ")) == default
    other = answer(arguments.format("other.inkling "))
    assert '"x"' in other[1]
    monkeypatch.setenv("INKLINGS_MODEL", "other.inkling")
    assert answer(arguments.format("")) == other
    assert answer(arguments.format("digits.inkling ")) == default


def test_evaluating_and_exporting_take_it_in_the_same_place(answer, folder):
    assert answer("evaluate", "digits.npz")[0] == answer("evaluate digits.inkling digits.npz")[0] == 0
    assert answer("evaluate other.inkling other.npz")[0] == 0
    assert answer("evaluate", "other.npz")[0] == 3
    assert answer("export", "a.onnx")[0] == answer("export digits.inkling b.onnx")[0] == 0
    assert (folder / "a.onnx").read_bytes() == (folder / "b.onnx").read_bytes()


def test_a_model_of_any_name_comes_first(answer, folder):
    (folder / "other.inkling").rename(folder / "mine")
    for arguments in ("read mine page.png --json", "predict mine page.png --json"):
        assert '"x"' in answer(arguments)[1]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        ("read digits.inkling", 2, "missing PAGE after the model digits.inkling; see `inklings read --help`"),
        ("predict digits.inkling", 2, "missing PICTURE after the model digits.inkling"),
        ("read a.inkling page.png page.png", 2, "got 3 arguments, expected MODEL PAGE"),
        ("evaluate digits.inkling digits.npz more.npz", 2, "got 3 arguments, expected MODEL DATA"),
        ("read gone.inkling page.png", 7, "gone.inkling: no such file, expected a trained model; train one: "),
    ],
)
def test_what_is_missing_or_too_much_is_named(answer, arguments, exit_code, words):
    code, out, err = answer(arguments)
    assert (code, out, words in err, len(err.splitlines())) == (exit_code, "", True, 1), err


def test_the_option_of_the_previous_version_is_taken_with_a_note(answer):
    code, out, err = answer("read page.png --model other.inkling --json")
    assert err == (
        "note: --model FILE is now the first argument: inklings read FILE PAGE; "
        "the old spelling will be refused from the next version on\n"
    )
    assert (code, out) == answer("read other.inkling page.png --json")[:2]
