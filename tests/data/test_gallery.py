import io

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

from inklings.data import Dataset, example_grid, from_arrays, open_dataset, save_grid, terminal_grid
from inklings.data.gallery import choose_examples
from inklings.errors import DataError


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits")


@pytest.fixture
def blocks():
    """Two classes that differ plainly: all paper with one corner of ink, and all ink."""
    images = np.zeros((4, 8, 8))
    images[:, 0, 0] = 1
    images[2:] = 1
    return from_arrays(images, ["corner", "corner", "full", "full"], invert=False)


def test_the_grid_has_a_row_a_class_and_a_column_an_example(digits):
    small, large = example_grid(digits, 3), example_grid(digits, 10)
    assert small.height == large.height
    assert small.height > 10 * 20
    assert large.width - small.width == 7 * (60 + 6)


def test_the_grid_shows_ink_dark_on_white_paper_at_the_examples_own_place(blocks):
    picture = np.asarray(example_grid(blocks, 2))
    # From the lower right corner inwards: a margin of 16, then cells of 56 with gaps of 6 between them.
    lower = picture[-72:-16, -72:-16]
    upper = picture[-134:-78, -72:-16]
    assert (lower == 0).all()
    assert (upper[:7, :7] == 0).all()
    assert (upper[7:] == 255).all()
    assert (upper[:, 7:] == 255).all()


def test_colours_are_shown_as_they_are():
    images = np.zeros((2, 8, 8, 3), np.uint8)
    images[..., 0] = 255
    picture = np.asarray(example_grid(from_arrays(images, [0, 1]), 1))
    assert picture[-20, -20].tolist() == [255, 0, 0]


def test_class_names_are_drawn_at_the_left(blocks):
    picture = np.asarray(example_grid(blocks, 1).convert("L"))
    names = picture[:, :-80]
    assert (names < 100).any()
    assert names.shape[1] > 40


def test_large_images_are_made_smaller():
    images = np.zeros((2, 600, 300), np.uint8)
    images[:, 5:9] = 255
    assert example_grid(from_arrays(images, [0, 1]), 1).height < 300


def test_examples_are_spread_over_the_class_and_no_more_than_there_are(digits):
    rows = choose_examples(digits, 7, 5)
    assert len(set(rows.tolist())) == 5
    assert (digits.labels[rows] == 7).all()
    assert rows[-1] > 3000
    assert len(choose_examples(digits, 7, 900)) == 500


def test_the_grid_is_saved_as_png(digits, tmp_path):
    path = save_grid(digits, tmp_path / "grid.png", 2)
    with Image.open(path, formats=["PNG"]) as picture:
        assert picture.size == example_grid(digits, 2).size


def test_a_place_that_cannot_be_written_is_refused(digits, tmp_path):
    with pytest.raises(DataError, match=r"nowhere/grid.png: cannot be written \(No such file or directory\)"):
        save_grid(digits, tmp_path / "nowhere" / "grid.png", 1)


def test_no_examples_are_refused(digits):
    with pytest.raises(DataError, match="0 examples of each class were asked for"):
        example_grid(digits, 0)


@pytest.mark.parametrize("width", [10, 24, 80, 200])
def test_the_terminal_shows_every_class_within_its_width(width, digits):
    lines = terminal_grid(digits, width).plain.splitlines()
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).replace("▀", "").split()) == "0123456789"


def test_names_of_wide_letters_keep_within_the_terminals_width(digits):
    wide = Dataset(digits.images, digits.labels, [f"数字的名字{number}一二三四五六七八九十" for number in range(10)])
    assert max(map(cell_len, terminal_grid(wide, 60).plain.splitlines())) <= 60


def test_the_terminals_characters_are_two_pixels_each(blocks):
    text = terminal_grid(blocks, 60)
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=60)
    console.print(text)
    rows = console.file.getvalue().splitlines()
    assert "\x1b[38;2;255;255;255;48;2;0;0;0m▀" in rows[1], "the corner: ink above, paper below"
    assert len(text.plain.splitlines()) == 1 + 4, "eight pixels high"


def test_the_terminal_says_how_many_classes_it_leaves_out():
    dataset = from_arrays(np.zeros((26, 4, 4)), list("abcdefghijklmnopqrstuvwxyz"))
    assert terminal_grid(dataset).plain.endswith("... and 6 more classes\n")
