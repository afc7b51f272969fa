"""Drawings that are kept, and trained on by the name ``mine``."""

import io
import stat

import numpy as np
import pytest
from PIL import Image, ImageDraw

import inklings
from inklings.data.kept_drawings import count_drawings, keep_drawing
from inklings.errors import DataError
from lab_process import start_lab


@pytest.fixture
def drawings(tmp_path, monkeypatch):
    """A data folder of the test's own."""
    monkeypatch.setenv("INKLINGS_DATA", str(tmp_path))
    return tmp_path / "drawings"


def picture_of_a_seven():
    picture = Image.new("L", (256, 256), 255)
    pen = ImageDraw.Draw(picture)
    pen.line([(60, 60), (190, 60), (110, 210)], fill=0, width=18, joint="curve")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def digits_lab(tmp_path_factory, trained_once):
    lab = start_lab(tmp_path_factory.mktemp("digits"), str(trained_once[0] / "digits.inkling"))
    yield lab
    lab.stop()


def test_a_drawing_is_kept_with_its_label_for_the_user_alone(digits_lab):
    answer = digits_lab.ask("POST", "/api/drawings?label=7", picture_of_a_seven())
    assert (answer.status, answer.json()) == (201, {"count": 1})
    found = digits_lab.get("/api/drawings").json()
    assert (found["count"], found["labels"]) == (1, {"7": 1})
    (path,) = (digits_lab.folder / "drawings" / "7").iterdir()
    assert str(path).startswith(found["folder"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    pixels = np.asarray(Image.open(path))
    assert pixels.shape == (28, 28)  # as MNIST frames it
    assert pixels[:3].max() == 0
    assert pixels.max() > 200


def test_blank_paper_is_no_drawing(digits_lab):
    content = io.BytesIO()
    Image.new("L", (256, 256), 255).save(content, "PNG")
    answer = digits_lab.ask("POST", "/api/drawings?label=7", content.getvalue())
    assert answer.status == 422


def test_digits_and_mine_are_digits_with_the_drawings_made_like_them(drawings):
    digits28 = inklings.open_dataset("digits28")
    for row in range(3):
        keep_drawing(digits28.images[row], str(digits28.labels[row]))
    joined = inklings.open_dataset("digits+mine")
    digits = inklings.open_dataset("digits")
    assert len(joined) == 5003
    assert joined.class_names == digits.class_names
    # Kept as large as MNIST's own images, they are made small in the same way.
    order = np.argsort(digits.labels[:3], kind="stable")
    assert np.array_equal(joined.labels[5000:], digits.labels[:3][order])
    assert np.abs(joined.images[5000:] - digits.images[:3][order]).max() < 1e-5
    assert joined.source == "digits+mine"


def test_without_drawings_it_says_where_they_come_from(drawings):
    with pytest.raises(DataError, match="no drawings yet; draw some: inklings lab"):
        inklings.open_dataset("digits+mine")


def test_drawings_of_other_classes_are_not_mixed_in(drawings):
    keep_drawing(np.ones((28, 28, 1), np.float32), "omega")
    with pytest.raises(DataError, match="'omega', which is none of the classes 0, 1"):
        inklings.open_dataset("digits+mine")


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "..", "CON", "nul.txt", "x" * 60, "a\0b", "C:x", " a", "a."])
def test_a_class_that_is_no_name_for_a_folder_is_refused(drawings, name):
    with pytest.raises(DataError, match="cannot be the name of a folder"):
        keep_drawing(np.ones((8, 8, 1), np.float32), name)
    assert count_drawings() == {}
