"""Sheets: one picture that holds many, cut by rows and columns or by their size."""

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.raw import ReadOptions
from inklings.data.sources import read_source
from inklings.errors import DataError, DataWarning


@pytest.fixture
def sheet(tmp_path):
    """The layout of OpenCV's digits.png, smaller: 20 rows of 10, every two rows one digit; and its tiles."""
    dataset = open_dataset("digits28")
    pixels = np.round(dataset.images[..., 0] * 255).astype(np.uint8)
    rows = [np.flatnonzero(dataset.labels == row // 2)[10 * (row % 2) :][:10] for row in range(20)]
    tiles = pixels[np.concatenate(rows)]
    Image.fromarray(np.vstack([np.hstack(pixels[row]) for row in rows])).save(tmp_path / "digits.png")
    return tmp_path / "digits.png", tiles


@pytest.mark.parametrize("how", [{"grid": (20, 10)}, {"tile": "28"}, {"tile": (28, 28)}, {"grid": "20x10"}])
def test_a_sheet_is_cut_in_reading_order_and_labelled_by_row(how, sheet):
    path, tiles = sheet
    dataset = open_dataset(path, labels="by-row=2", **how)
    assert np.array_equal(np.round(dataset.images[..., 0] * 255), tiles)
    assert np.array_equal(dataset.labels, np.repeat(np.arange(10), 20))
    assert dataset.class_names == tuple("0123456789")


@pytest.mark.parametrize("how", [{"grid": (10, 20)}, {"tile": "14x28"}, {"tile": "20x28"}])
def test_a_sheet_that_is_cut_through_its_drawings_is_said_to_be(how, sheet):
    with pytest.warns(DataWarning, match=r"in 20 rows of 10 pictures it is cut between \(grid=20x10 takes that\)"):
        open_dataset(sheet[0], labels="by-row=2", **how)


def test_a_sheet_of_drawings_up_to_their_edges_and_one_of_noise_are_cut_without_a_word(sheet, tmp_path):
    path, tiles = sheet
    tight = np.vstack([np.hstack(row) for row in tiles[:, 6:22, 8:20].reshape(20, 10, 16, 12)])
    noise = np.random.default_rng(0).integers(0, 256, tight.shape, np.uint8)
    for name, pixels in (("tight", tight), ("noise", noise)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    for each in (path, tmp_path / "tight.png", tmp_path / "noise.png"):
        dataset = open_dataset(each, grid=(20, 10), labels="by-row=2", invert=False)
        assert not any("cut through" in note for note in dataset.notes)


def test_a_sheet_can_be_labelled_by_column(sheet):
    dataset = open_dataset(sheet[0], grid=(20, 10), labels="by-column=5")
    assert np.array_equal(dataset.labels, np.tile(np.repeat([0, 1], 5), 20))


def test_tiles_may_be_higher_than_wide_and_are_resized_one_by_one(tmp_path):
    pixels = np.zeros((12, 12), np.uint8)
    pixels[:6, 4:8] = 255  # the middle one of three in the upper row is white, of 6 x 4 pixels
    Image.fromarray(pixels).save(tmp_path / "s.png")
    dataset = open_dataset(tmp_path / "s.png", grid=(2, 3), labels="by-column=1", invert=False)
    assert dataset.images.shape == (6, 6, 4, 1)
    assert dataset.images.mean(axis=(1, 2, 3)).tolist() == [0, 1, 0, 0, 0, 0]
    small = open_dataset(tmp_path / "s.png", tile=(6, 4), labels="by-column=1", invert=False, size=3)
    assert small.images.shape == (6, 3, 3, 1)
    assert small.images.mean(axis=(1, 2, 3)).tolist() == pytest.approx([0, 1, 0, 0, 0, 0])


LABELS = np.array(list("abcde") * 40)


@pytest.mark.parametrize("kind", ["npy", "lines", "one line", "grid", "header"])
def test_labels_can_come_from_a_file_in_reading_order(kind, sheet):
    path, _ = sheet
    file = path.with_name("labels.npy" if kind == "npy" else "labels.csv")
    if kind == "npy":
        np.save(file, LABELS)
    elif kind == "grid":
        file.write_text("\n".join(",".join(row) for row in LABELS.reshape(20, 10)))
    else:
        lines = ["label", *LABELS] if kind == "header" else LABELS
        file.write_text(("," if kind == "one line" else "\n").join(lines))
    dataset = open_dataset(path, grid=(20, 10), labels=file.name)
    assert [dataset.class_names[label] for label in dataset.labels] == LABELS.tolist()


def test_blank_tiles_at_the_end_need_no_label_and_are_counted(tmp_path):
    pixels = np.zeros((8, 16), np.uint8)
    pixels[1:3, 1:15:4] = 200
    pixels[5:7, 1] = 200
    Image.fromarray(pixels).save(tmp_path / "s.png")
    (tmp_path / "labels.txt").write_text("a\nb\na\nb\na\n")
    with pytest.warns(DataWarning, match="3 blank pictures at the end of the sheet have no label"):
        assert open_dataset(tmp_path / "s.png", tile=4, labels="labels.txt").labels.tolist() == [0, 1, 0, 1, 0]
    (tmp_path / "labels.txt").write_text("a\nb\na\nb\n")
    with pytest.raises(DataError, match="8 pictures but 4 labels, expected as many of both"):
        open_dataset(tmp_path / "s.png", tile=4, labels="labels.txt")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"grid": (19, 10), "labels": "by-row=1"}, r"560 x 280 pixels .* grid 19 x 10: 9 rows and 0 columns of pixels"),
        (
            {"tile": 30, "labels": "by-row=1"},
            r"not a multiple of tile 30 x 30: 20 rows and 10 columns",
        ),
        (
            {"grid": (20, 10), "labels": "by-row=3"},
            r"labels is by-row=3, but 20 rows are not a multiple of 3 \(2 remain\)",
        ),
        ({"grid": (20, 10)}, r"20 x 10 pictures and no labels, expected one each; .*try labels=by-row=5"),
        ({"grid": (20, 10), "tile": 28, "labels": "by-row=2"}, r"grid and tile are both given"),
        ({"grid": (20, 10), "labels": "nowhere.csv"}, r"labels is 'nowhere.csv', expected by-row=N, by-column=N or a"),
        ({"grid": (0, 10)}, r"grid is \(0, 10\), expected rows and columns, such as 50x100"),
        ({"grid": 5}, r"grid is 5, expected rows and columns"),
        ({}, r"is a single picture \(560 x 280 pixels\), expected many; give their folder; or, .*try grid=\(20, 10\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_remains(options, says, sheet):
    with pytest.raises(DataError, match=says):
        open_dataset(sheet[0], **options)


@pytest.mark.parametrize(
    ("size", "grid"),
    [((1000, 2000), (50, 100)), ((560, 840), (20, 30)), ((320, 64), (10, 2)), ((561, 841), None), ((28, 28), None)],
)
def test_the_suggested_grid_fits_the_sheet(size, grid, tmp_path):
    Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / "sheet.png")
    with pytest.raises(DataError, match="expected many; give their folder") as refused:
        open_dataset(tmp_path / "sheet.png")
    assert refused.value.suggested.get("grid") == grid


def test_a_single_picture_and_a_sheet_can_be_predicted_without_labels(sheet):
    path, tiles = sheet
    one = read_source(path, ReadOptions(labelled=False))
    assert one.images.shape == (1, 560, 280, 1)
    assert list(one.names) == ["digits.png"]
    many = read_source(path, ReadOptions(labelled=False, grid=(20, 10)))
    assert many.labels is None
    assert many.names[13] == "row 2, column 4"
    assert np.array_equal(np.round(many.images[13, ..., 0] * 255), tiles[13])


def test_a_sheet_keeps_its_colours_if_asked(tmp_path):
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, 4:] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "s.png")
    dataset = open_dataset(tmp_path / "s.png", tile=4, labels="by-column=1", colour=True)
    assert dataset.images[1, 0, 0].tolist() == [1, 0, 0]


def test_a_file_of_another_kind_under_a_pictures_name_reaches_no_other_parser(tmp_path):
    path = tmp_path / "drawing.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 30\n%%EndComments\nshowpage\n")
    with Image.open(path) as picture:
        assert picture.format == "EPS"
    with pytest.raises(DataError, match=r"drawing.png: not a valid picture .*begins with bytes 25 21 50 53"):
        open_dataset(path)
