import io

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from inklings.errors import DataError, MissingDependencyError
from inklings.pages import open_page


def test_a_large_photograph_is_reduced_by_a_whole_factor_and_remembers_its_size():
    picture = Image.new("L", (5712, 4284), 200)
    file = io.BytesIO()
    picture.save(file, "JPEG")
    page = open_page(file.getvalue())
    assert page.size == (4284, 5712)
    assert page.reduced_by == 3
    assert page.pixels.shape == (1428, 1904, 3)
    assert page.grey.mean() == pytest.approx(200 / 255, abs=0.003)


def test_small_pictures_keep_their_pixels():
    page = open_page(np.full((40, 30), 17, np.uint8))
    assert page.reduced_by == 1
    assert (page.pixels == 17).all()


@pytest.mark.parametrize(
    ("array", "level"),
    [
        (np.full((9, 9), 0.5), 128),
        (np.full((9, 9), True), 255),
        (np.full((9, 9, 3), 7, np.int64), 7),
        (np.full((9, 9, 4), 255, np.uint8), 255),
    ],
)
def test_arrays_of_any_usual_kind_are_pages(array, level):
    assert (open_page(array).pixels == level).all()


WRITTEN = np.tile(np.repeat([0, 1], 8), (16, 1))


@pytest.mark.parametrize(
    "array",
    [
        WRITTEN.astype(np.uint8),
        WRITTEN,
        WRITTEN > 0,
        WRITTEN.astype(float),
        2.0 * WRITTEN - 1,
        255 * WRITTEN,
        255.0 * WRITTEN,
        (4095 * WRITTEN).astype(np.uint16),
        (65535 * WRITTEN).astype(np.uint16),
        np.repeat(WRITTEN.astype(np.uint8)[..., np.newaxis], 3, axis=2),
        np.dstack([*[WRITTEN.astype(np.uint8)] * 3, np.ones_like(WRITTEN)]),
        np.dstack([*[WRITTEN] * 3, np.full_like(WRITTEN, 255)]),
    ],
    ids=lambda array: f"{array.dtype}-{array.min():g}-{array.max():g}-{array.ndim}",
)
def test_black_and_white_are_found_in_whatever_range_an_array_has(array):
    assert (open_page(array).pixels == 255 * WRITTEN[..., np.newaxis]).all()


@pytest.mark.parametrize(
    ("array", "suffix"),
    [
        (WRITTEN.astype(np.uint8), "png"),
        (255 * WRITTEN.astype(np.int32), "tif"),
        (4095 * WRITTEN.astype(np.uint16), "png"),
        (65535 * WRITTEN.astype(np.uint16), "png"),
        (WRITTEN.astype(np.float32), "tif"),
        (255 * WRITTEN.astype(np.float32), "tif"),
        (2 * WRITTEN.astype(np.float32) - 1, "tif"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.dtype}-{value.min():g}-{value.max():g}",
)
def test_black_and_white_are_found_in_whatever_range_a_picture_has(array, suffix, tmp_path):
    path = tmp_path / f"page.{suffix}"
    Image.fromarray(array).save(path)
    assert (open_page(path).pixels == 255 * WRITTEN[..., np.newaxis]).all()


def test_a_speck_of_ink_on_a_large_sheet_is_no_outlier():
    sheet = np.full((200, 200), 255.0)
    sheet[90:94, 90:94] = 10.0  # four pixels in ten thousand
    assert_array_equal(open_page(sheet).pixels[..., 0], sheet)


@pytest.mark.parametrize("array", [np.zeros((9, 9, 2)), np.zeros(9), np.full((9, 9), "x"), np.zeros((0, 9))])
def test_arrays_that_are_no_pictures_are_refused(array):
    with pytest.raises(DataError, match=r"expected (numbers of shape \(height, width\)|a picture)"):
        open_page(array)


def test_not_a_number_is_refused():
    with pytest.raises(DataError, match=r"NaN or infinity"):
        open_page(np.full((9, 9), np.nan))


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path):
    (tmp_path / "empty.png").touch()
    (tmp_path / "words.png").write_text("not a picture at all")
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    Image.new("L", (40, 40)).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:60])
    for name, says in {
        "missing.png": "no such file",
        "empty.png": r"is empty \(0 bytes\)",
        "words.png": r"not a valid picture \(PNG, JPEG",
        "phone.heic": "is a picture in HEIC, which needs more .*; pip install|not a valid picture",  # with the extra,
        "cut.png": "not a valid picture",
        ".": "is a folder, expected a picture",
    }.items():
        with pytest.raises((DataError, MissingDependencyError), match=says) as caught:
            open_page(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_too_small_and_too_large_pictures_are_refused():
    with pytest.raises(DataError, match=r"5 x 20 pixels, expected at least 8 x 8"):
        open_page(np.zeros((20, 5), np.uint8))
    file = io.BytesIO()
    Image.new("1", (10_000, 7_000)).save(file, "PNG")
    with pytest.raises(DataError, match=r"10000 x 7000 pixels, expected at most 67,108,864; make it smaller"):
        open_page(file.getvalue())
