"""``inklings insight``: for models and runs, pictures and data, and for what it cannot look into."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

ALL = ["weights", "why", "layers", "sum", "exciting", "classes"]


@pytest.fixture
def seven(tmp_path):
    picture = Image.new("L", (200, 260), 240)
    ImageDraw.Draw(picture).line([(40, 50), (150, 50), (80, 220)], fill=20, width=16)
    picture.save(tmp_path / "seven.png")


def test_a_model_is_looked_into_with_an_image_of_its_own_data(answer, digits_model):
    code, out, _ = answer("insight digits.inkling --image 3 --out pictures")
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert lines[0][:6] == ["answer", "Test", "image", "3", "of", "digits:"]
    assert [line[0] for line in lines[1:-1]] == ALL
    assert sorted(file.name for file in (digits_model / "pictures").iterdir()) == sorted(
        ["index.html", *(f"{name}.{kind}" for name in ALL for kind in ("png", "svg"))]
    )


def test_a_picture_and_a_class_may_be_named_and_the_model_left_out(answer, digits_model, seven):
    code, out, _ = answer("insight seven.png --class 2")
    assert code == 0
    assert out.startswith("answer       seven.png: ")
    page = (digits_model / "insight" / "index.html").read_text()
    assert "Above, for 2" in page


def test_a_run_is_looked_into_by_the_first_letters_of_its_name(answer, parts):
    answer("train softmax --quiet --data parts.npz")
    code, out, _ = answer("insight softmax --image 0")
    assert code == 0
    assert "Test image 0 of parts.npz" in out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("digits.inkling missing.png", 3, "missing.png: no such file"),
        ("digits.inkling --image 1250", 3, "--image is 1250, expected 0 to 1249"),
        ("digits.inkling --class x", 3, "--class is 'x', which is not a class of the model"),
        ("digits.inkling --data nope", 3, "'nope'"),
        ("digits.inkling seven.png --image 1", 2, "--image is one of the data"),
        ("a b c", 2, "got 3 arguments"),
        ("nothing", 7, "no run 'nothing'"),
        ("seven.png seven.png", 7, "is not a trained model"),
        ("other.inkling", 7, "no such file, expected a trained model"),
    ],
)
def test_what_cannot_be_looked_into_is_told_in_one_line(answer, digits_model, seven, words, code, told):
    found, out, err = answer(f"insight {words}")
    assert (found, out) == (code, "")
    assert told in err
    assert err.count("\n") == 1
    assert not (digits_model / "insight").exists()


def test_an_opponent_is_refused_with_what_can_be_done(answer, tmp_path, parts):
    answer("train logistic --quiet --data parts.npz --save logistic.inkling")
    code, out, err = answer("insight logistic.inkling")
    assert (code, out) == (4, "")
    assert "logistic is not a network" in err
    assert "inklings evaluate" in err
    assert err.count("\n") == 1


def test_where_the_training_images_are_gone_the_weights_are_drawn_and_a_note_says_why(answer, tmp_path, parts):
    answer("train softmax --quiet --data parts.npz --save mine.inkling")
    (tmp_path / "parts.npz").unlink()
    code, out, err = answer("insight mine.inkling")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["weights", "page"]
    assert "note: the images it was trained on are not there" in err
    code, _, err = answer("insight mine.inkling --image 2")
    assert code == 3
    assert "--image has no image to be about; name some: --data NAME, or a PICTURE" in err


def test_colours_stay_colours(answer, tmp_path):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 8, 8, 3), np.uint8)
    labels = np.arange(60) % 2
    images[labels == 1, :, :, 0] //= 4
    np.savez(tmp_path / "colour.npz", images=images, labels=labels)
    answer("train softmax --quiet --data colour.npz --colour --save colour.inkling")
    code, out, _ = answer("insight colour.inkling")
    assert code == 0
    assert "Test image 0" in out
