"""Digits in cells cut from a puzzle, in drawn fields, on ruled and squared paper; and a cell with nothing in it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.svm import SVC

from inklings import DataError, open_dataset
from inklings.data.resizing import resize
from inklings.pages import normalise


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits28")


@pytest.fixture(scope="module")
def machine(digits):
    split = digits.split(seed=0)
    known = np.concatenate([split.train_rows, split.validation_rows])
    small = resize(digits.images[known], (20, 20)).reshape(len(known), -1)
    return SVC(C=5).fit(small, digits.labels[known])


def border(draw):
    draw.rectangle([1, 1, 198, 198], outline=60, width=3)


def thick(draw):
    draw.rectangle([4, 4, 195, 195], outline=30, width=8)


def rest(draw):
    draw.line([(0, 0), (199, 2)], 30, 6)
    draw.line([(1, 0), (0, 199)], 30, 7)


def ruled(draw):
    for y in range(20, 200, 32):
        draw.line([(0, y), (199, y)], 150, 2)


def squared(draw):
    for place in range(10, 200, 25):
        draw.line([(0, place), (199, place)], 180, 1)
        draw.line([(place, 0), (place, 199)], 180, 1)


def page(digits, row, lines=None):
    """A digit of 120 pixels, and the lines drawn over it."""
    ink = np.round(np.clip(digits.images[row, ..., 0], 0, 1) * 255).astype(np.uint8)
    picture = Image.new("L", (200, 200), 235)
    picture.paste(40, (40, 40), Image.fromarray(ink).resize((120, 120), Image.Resampling.BICUBIC))
    if lines is not None:
        lines(ImageDraw.Draw(picture))
    return np.asarray(picture)


@pytest.mark.parametrize("lines", [border, thick, rest, ruled, squared])
def test_a_digit_with_lines_around_or_through_it_is_read_as_without_them(lines, digits, machine):
    test = digits.split(seed=0).test_rows
    rows = [row for label in range(10) for row in test[digits.labels[test] == label][:2]]
    plain, lined = (
        machine.predict(np.stack([normalise(page(digits, row, each)).image.ravel() for row in rows]))
        == digits.labels[rows]
        for each in (None, lines)
    )
    assert plain.sum() >= 18
    assert lined.sum() >= plain.sum() - 1


@pytest.mark.parametrize("lines", [border, thick, ruled, squared])
def test_a_page_of_lines_alone_holds_no_character(lines):
    picture = Image.new("L", (200, 200), 235)
    lines(ImageDraw.Draw(picture))
    with pytest.raises(DataError, match="nothing is written between the lines"):
        normalise(np.asarray(picture))
