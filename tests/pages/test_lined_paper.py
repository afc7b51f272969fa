"""Digits in frames, on ruled and squared paper and in puzzles are read as those on plain paper are."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import shift

import lined_papers as papers
from inklings.errors import DataError
from inklings.pages import draw_boxes, find_characters, normalise, open_page
from papers import enlarge, to_bytes

LOOKS = {
    "scanned": lambda amount, random: papers.scanned(amount),
    "chalked": lambda amount, random: papers.chalked(amount),
    "photographed": papers.photographed,
}


@pytest.fixture(scope="module")
def misread(digits28, machine):
    """Count how many of every n-th digit are misread, each on a page of its own, and of how many."""

    @cache  # the same digits on plain paper are what each kind of paper is held against
    def count(kind, look, every):
        rows, images = digits28.split(seed=0).test_rows[::every], []
        for number, row in enumerate(rows):
            random = np.random.default_rng(number)
            writing = papers.Writing(digits28.images[row, ..., 0], papers.any_scale(random), random)
            try:
                images.append(normalise(LOOKS[look](papers.KINDS[kind](writing), random)).image)
            except DataError:  # nothing was found: as good as misread
                images.append(np.full((20, 20, 1), np.nan, np.float32))
        found = np.stack(images).reshape(len(images), -1)
        is_read = np.isfinite(found).all(axis=1)
        answers = machine.predict(np.nan_to_num(found))
        return int((~is_read | (answers != digits28.labels[rows])).sum()), len(rows)

    return count


KINDS = [kind for kind in papers.KINDS if kind != "plain"]
EVERYDAY = [(kind, "scanned") for kind in KINDS] + [("frame 2", "chalked"), ("frame 3", "photographed")]


@pytest.mark.parametrize(("kind", "look"), EVERYDAY)
def test_lines_on_the_paper_cost_next_to_nothing(kind, look, misread):
    plain, _ = misread("plain", look, 100)
    lined, count = misread(kind, look, 100)
    assert count == 13
    assert lined <= plain + 1


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_lines_on_the_paper_cost_at_most_two_points(kind, look, misread):
    plain, count = misread("plain", look, 2)
    lined, _ = misread(kind, look, 2)
    assert 100 * (lined - plain) / count <= 2


def page_of(digits28, row, kind, scale=2.5, seed=0):
    writing = papers.Writing(digits28.images[row, ..., 0], scale, np.random.default_rng(seed))
    return papers.KINDS[kind](writing)


@pytest.mark.parametrize("kind", ["frame 3", "ruled through", "squared dark"])
def test_what_was_taken_off_is_a_stage_of_its_own(kind, digits28):
    amount = page_of(digits28, 12, kind)
    normalised = normalise(papers.scanned(amount))
    stages = {stage.name: stage for stage in normalised.stages}
    assert list(stages)[:4] == ["picture", "lines", "ink", "character"]
    plain = page_of(digits28, 12, "plain")
    # Paper and lines that are no part of the digit.
    lines = (amount > 0.9) & (plain < 0.05)
    assert stages["lines"].pixels[lines].mean() > 0.9
    assert stages["ink"].pixels[lines].mean() < 0.1
    assert stages["ink"].pixels[plain > 0.8].mean() > 0.85


def test_plain_paper_has_no_such_stage(digits28):
    for row in range(60):
        stages = normalise(papers.scanned(page_of(digits28, row, "plain"))).stages
        assert "lines" not in [stage.name for stage in stages]


@pytest.mark.parametrize("margin", [1, 2, 4])
def test_straight_strokes_of_closely_cropped_digits_are_no_lines(margin, digits28):
    rows = [row for label in (1, 4, 7) for row in np.flatnonzero(digits28.labels == label)[:15]]
    for row in rows:
        large = enlarge(digits28.images[row, ..., 0], 2)
        down, right = (np.flatnonzero(large.max(axis=axis) > 0.3) for axis in (1, 0))
        cut = np.pad(large[down[0] : down[-1] + 1, right[0] : right[-1] + 1], margin)
        assert "lines" not in [stage.name for stage in normalise(papers.scanned(cut)).stages]


@pytest.mark.parametrize("thickness", [1, 2, 4])
def test_a_one_beside_the_lines_of_its_frame_stays(thickness):
    page = np.zeros((120, 120), np.float32)
    page[20:100, 20:100] = 1
    page[20 + thickness : 100 - thickness, 20 + thickness : 100 - thickness] = 0
    page[35:85, 30:35] = 1
    (one,) = find_characters(open_page(papers.scanned(page)))
    assert np.abs(np.array(one.box) - (30, 35, 35, 85)).max() <= 1
    assert one.cell == (0, 0)


@pytest.mark.parametrize("look", LOOKS)
def test_an_empty_cell_is_empty(look):
    random = np.random.default_rng(1)
    for thickness in (1, 3, 6):
        page = np.zeros((140, 140), np.float32)
        page[15:125, 15:125] = 1
        page[15 + thickness : 125 - thickness, 15 + thickness : 125 - thickness] = 0
        with pytest.raises(DataError, match="nothing is written between the lines"):
            normalise(LOOKS[look](page, random))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(9, 9, 44, 1, 3), (1, 12, 40, 2, 0), (4, 5, 70, 3, 0)])
def test_each_digit_of_a_table_is_in_its_cell_and_empty_cells_are_empty(look, size, digits28):
    rows, columns, cell, thickness, heavy = size
    random = np.random.default_rng(rows)
    grid = papers.Grid(rows, columns, cell, thickness, heavy=heavy)
    filled = [place for place in np.ndindex(rows, columns) if random.random() < 0.5]
    for number, place_ in enumerate(filled):
        grid.write(*place_, digits28.images[number, ..., 0], 0.8 * cell / 28, random)
    page = open_page(LOOKS[look](grid.amount, random))
    characters = find_characters(page)
    assert [character.cell for character in characters] == filled
    assert draw_boxes(page, characters).size == (page.size[1], page.size[0])


@pytest.mark.parametrize("below", [0, 1])
def test_a_bar_that_lies_on_a_line_of_dark_squares_stays(below):
    seven = np.zeros((150, 150), np.float32)
    seven[60:63, 55:95] = seven[60:100, 90:93] = 1
    squares = np.zeros_like(seven)
    squares[10 + below :: 17] = squares[:, 10::17] = 1
    # Lines that fall between two pixels, as most do in a photograph.
    plain, squared = (shift(ink, (0.4, 0.3), order=1) for ink in (seven, np.maximum(seven, squares)))
    stages = {stage.name: stage for stage in normalise(papers.scanned(squared)).stages}
    assert "lines" in stages
    assert np.sum((stages["ink"].pixels > 0.5) != (plain > 0.5)) <= 0.25 * np.sum(plain > 0.5)


def test_digits_on_squared_paper_stand_in_no_cell(digits28):
    (character,) = find_characters(open_page(papers.scanned(page_of(digits28, 3, "squared grey"))))
    assert character.cell is None


def test_a_letter_of_straight_strokes_is_no_frame():
    page = np.zeros((90, 160), np.float32)
    page[20:70, 20:26] = page[20:70, 50:56] = page[42:48, 20:56] = 1  # H
    page[20:70, 90:96] = page[64:70, 90:130] = 1  # L
    assert len(find_characters(open_page(to_bytes(1 - page)))) == 2


def test_a_letter_of_thick_slanting_strokes_has_no_lines():
    """Strokes that are long for the page, and too thick for the lines between them, leave no line at all."""
    page = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(page).line([(56, 39), (77, 164), (106, 89), (123, 157), (157, 44)], 0, 9, joint="curve")
    assert "lines" not in [stage.name for stage in normalise(np.asarray(page)).stages]


@pytest.mark.parametrize("kind", ["1", "0"])
def test_what_stands_on_a_ruled_line_is_freed_from_it_and_stays_whole(kind):
    plain = np.zeros((80, 90), np.float32)
    if kind == "1":
        plain[30:52, 43:46] = 1
    else:
        rows, columns = np.mgrid[:80, :90]
        radius = np.hypot((rows - 38) / 15, (columns - 45) / 11)
        plain[(radius <= 1.0) & (radius >= 0.8)] = 1
    page = plain.copy()
    page[50:54] = 1
    stages = {stage.name: stage for stage in normalise(papers.scanned(page)).stages}
    assert "lines" in stages
    assert np.sum((stages["ink"].pixels > 0.5) != (plain > 0.5)) <= 0.1 * plain.sum()


def test_a_one_with_a_foot_that_is_as_high_as_its_picture_keeps_both():
    page = np.zeros((60, 50), np.float32)
    page[:, 23:27] = page[56:, 17:33] = 1
    normalised = normalise(papers.scanned(page))
    assert "lines" not in [stage.name for stage in normalised.stages]


@pytest.mark.parametrize("look", ["scanned", "photographed"])
def test_rows_of_boxes_on_a_large_page_are_found(look, digits28):
    random = np.random.default_rng(0)
    page = np.zeros((700, 1000), np.float32)
    filled = []
    for row, top in enumerate((150, 300, 450)):
        grid = papers.Grid(1, 10, 44, 2)
        for column in range(0, 10, 2 + row):
            grid.write(0, column, digits28.images[column, ..., 0], 1.25, random)
            filled.append((0, column))
        page[top : top + grid.shape[0], 60 : 60 + grid.shape[1]] = grid.amount
    characters = find_characters(open_page(LOOKS[look](page, random)))
    assert [(character.cell or (0, 0))[1] for character in characters] == [column for _, column in filled]


def test_an_empty_box_among_others_is_empty(digits28):
    page = np.zeros((200, 800), np.float32)
    for number, left in enumerate(range(40, 760, 90)):
        page[70:140, left : left + 70] = 1
        page[72:138, left + 2 : left + 68] = 0
        if number % 2 == 0:
            page[76:135, left + 6 : left + 65] = enlarge(digits28.images[number, ..., 0], 59 / 28)
    assert len(find_characters(open_page(papers.scanned(page)))) == 4


def test_pencil_in_a_black_frame_is_read(digits28):
    amount = page_of(digits28, 9, "frame 3")
    plain = page_of(digits28, 9, "plain")
    faint = np.where(plain > 0, 0.35 * plain, amount)
    image, other = (normalise(papers.scanned(each)).image.ravel() for each in (faint, plain))
    assert np.corrcoef(image, other)[0, 1] > 0.9


def test_a_one_as_high_as_its_cell_is_a_one():
    page = np.zeros((120, 120), np.float32)
    page[20:100, 20:100] = 1
    page[23:97, 23:97] = 0
    page[20:100, 57:64] = 1
    (one,) = find_characters(open_page(papers.scanned(page)))
    assert one.box.height > 8 * one.box.width


@pytest.mark.parametrize("thickness", [2, 3, 8])
def test_a_straight_one_across_ruled_lines_is_no_line(thickness):
    page = np.zeros((200, 200), np.float32)
    for row in range(20, 200, 32):
        page[row : row + 2] = 0.6
    page[60:150, 100 : 100 + thickness] = 1
    (one,) = find_characters(open_page(papers.scanned(page)))
    assert one.box.height >= 84
    assert one.box.width <= thickness + 8


@pytest.mark.parametrize("margin", [0, 2, 4])
@pytest.mark.parametrize("name", papers.RULED)
def test_bars_drawn_with_a_ruler_stay_though_they_reach_the_edges(name, margin):
    for above in {margin, 12, 25}:
        page = papers.scanned(papers.ruled_character(name, 100, 6, margin, above))
        assert "lines" not in [stage.name for stage in normalise(page).stages], above


@pytest.mark.parametrize("cut", [False, True], ids=["with room around", "close"])
def test_a_line_across_the_picture_that_another_pen_drew_is_taken_off(cut):
    page = np.zeros((100, 100), np.float32)
    page[20:80, 46:54] = page[20:28, 30:54] = 1
    page[60:63] = 1
    page = page[15:85, 24:64] if cut else page
    assert normalise(papers.scanned(page)).lines == 1
    assert normalise(papers.scanned(page), keep_lines=True).lines == 0
