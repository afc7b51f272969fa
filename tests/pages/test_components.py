import numpy as np
import pytest
from PIL import Image

from inklings.errors import DataError
from inklings.pages import Box, draw_boxes, find_characters, normalise, normalise_character, open_page
from papers import as_jpeg, enlarge, on_paper, to_bytes


class Sheet:
    """Digits written on a sheet, and where: the known answer."""

    def __init__(self, digits, height=400, width=900):
        self.digits = digits
        self.ink = np.zeros((height, width), np.float32)
        self.rows, self.boxes, self.lines = [], [], []

    def write(self, row, left, top, line=0, scale=3):
        large = enlarge(self.digits[row], scale)
        down, right = (np.flatnonzero(large.max(axis=axis) > 0.4) for axis in (1, 0))
        window = self.ink[top : top + len(large), left : left + len(large)]
        np.maximum(window, large, out=window)
        self.rows.append(row)
        self.lines.append(line)
        self.boxes.append(
            Box(*(int(side) for side in (left + right[0], top + down[0], left + right[-1] + 1, top + down[-1] + 1)))
        )

    def write_line(self, rows, top, line=0, slope=0.0, left=20, scale=3):
        for row in rows:
            self.write(row, left, round(top + slope * left), line, scale)
            left += round(28 * scale)

    def check(self, characters, tolerance=3):
        assert [character.line for character in characters] == self.lines
        assert np.abs(np.array([character.box for character in characters]) - np.array(self.boxes)).max() <= tolerance


@pytest.fixture
def sheet(digits28):
    return Sheet(digits28.images[:, :, :, 0])


def photograph(sheet):
    return open_page(as_jpeg(to_bytes(on_paper(sheet.ink, np.random.default_rng(0))), 80))


def test_a_line_of_digits_is_found_from_left_to_right(sheet):
    sheet.write_line(range(10), top=100)
    sheet.check(find_characters(open_page(sheet.ink)))
    sheet.check(find_characters(open_page(to_bytes(1 - sheet.ink))))
    sheet.check(find_characters(photograph(sheet)))


def test_lines_are_read_one_after_the_other_though_they_slope(sheet):
    sheet.write_line(range(20, 30), top=20, line=0, slope=0.09)
    sheet.write_line(range(30, 40), top=130, line=1, slope=0.09)
    sheet.write_line(range(40, 45), top=230, line=2, slope=0.09, left=60)
    sheet.check(find_characters(photograph(sheet)))


def test_a_short_line_that_begins_far_to_the_right_keeps_its_place(sheet):
    sheet.write_line([1, 2], top=20, line=0, left=700)
    sheet.write_line([3, 4, 5], top=150, line=1)
    sheet.write_line([6], top=280, line=2, left=400)
    sheet.check(find_characters(open_page(sheet.ink)))


def test_digits_of_different_sizes_share_a_line(sheet):
    sheet.write(5, 20, 100, scale=4)
    sheet.write(6, 200, 120, scale=3)
    sheet.write(7, 400, 130, scale=2)
    sheet.check(find_characters(open_page(sheet.ink)))


def test_a_digit_in_pieces_is_one_character(sheet):
    sheet.write_line([0, 11, 35, 7, 17], top=100)  # fives, a three and an eight, cut through below the top
    for box in sheet.boxes:
        cut = box.top + round(0.25 * box.height)
        sheet.ink[cut : cut + 3, box.left : box.right] = 0
    sheet.check(find_characters(open_page(sheet.ink)))


def test_specks_are_dropped_and_do_not_stretch_boxes(sheet):
    sheet.write_line(range(50, 60), top=100)
    random = np.random.default_rng(2)
    for row, column in random.integers(0, (396, 896), (80, 2)):
        sheet.ink[row : row + 2, column : column + 2] = 1
    characters = find_characters(open_page(sheet.ink))
    assert len(characters) == 10
    # Specks that touch a digit are part of it.
    sheet.check(characters, tolerance=5)


def test_a_character_holds_its_own_ink_alone(sheet):
    sheet.write(3, 100, 100)  # a one that leans to the right
    (alone,) = find_characters(open_page(sheet.ink))
    box = sheet.boxes[0]
    sheet.ink[box.bottom - 20 : box.bottom + 40, box.right - 6 : box.right - 1] = 1  # and one more, under its overhang
    characters = find_characters(open_page(sheet.ink))
    assert len(characters) == 2
    assert characters[0].box == alone.box
    assert np.abs(characters[0].ink - alone.ink).max() < 0.02


def test_characters_become_images_as_single_pictures_do(sheet):
    sheet.write_line(range(10), top=100)
    for row, character in enumerate(find_characters(photograph(sheet))):
        image, stages = normalise_character(character)
        alone = normalise(to_bytes(1 - enlarge(sheet.digits[row], 3))).image
        assert np.corrcoef(image.ravel(), alone.ravel())[0, 1] > 0.85
        assert [stage.name for stage in stages if stage.name != "strokes"] == ["character", "box", "frame", "input"]


def test_boxes_are_in_the_pictures_own_pixels_though_it_was_reduced(sheet):
    sheet.write_line(range(5), top=100, scale=4)
    large = np.kron(to_bytes(1 - sheet.ink), np.ones((6, 6), np.uint8))
    page = open_page(large)
    assert page.reduced_by > 1
    found = [character.box for character in find_characters(page)]
    assert np.abs(np.array(found) - 6 * np.array(sheet.boxes)).max() <= 18


def test_the_drawing_shows_a_box_around_each_character(sheet):
    sheet.write_line(range(4), top=100)
    page = open_page(to_bytes(1 - sheet.ink))
    characters = find_characters(page)
    drawing = draw_boxes(page, characters, ["5", "0", "4", "1"])
    assert isinstance(drawing, Image.Image)
    pixels = np.asarray(drawing).astype(int)
    is_red = (pixels[..., 0] - pixels[..., 1]) > 100
    assert not is_red[:, : characters[0].box.left - 10].any()
    for character in characters:
        box = character.box
        assert is_red[(box.top + box.bottom) // 2, box.left - 5 : box.left].any()
        assert is_red[box.top : box.bottom, box.left : box.right].sum() == 0
        assert is_red[box.top - 30 : box.top - 5, box.left : box.right].sum() > 10


def test_the_grain_of_a_photograph_is_no_writing():
    random = np.random.default_rng(0)
    checks = np.kron(random.integers(0, 2, (150, 150)), np.ones((4, 4))) * (np.indices((600, 600)).sum(0) % 8 < 3)
    with pytest.raises(DataError, match=r"separate pieces of ink found, expected writing on plain paper"):
        find_characters(open_page(checks))
