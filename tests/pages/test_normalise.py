import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt

from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.pages import normalise
from inklings.pages.mnist_framing import Framing
from papers import as_jpeg, as_png, enlarge, on_paper, place, to_bytes


@pytest.fixture(scope="module")
def points_lost(digits28, machine, small):
    """What pictures cost in accuracy: measured by a support vector machine on 20 x 20 digits that it has not seen."""
    test_rows = digits28.split(seed=0).test_rows

    def measure(paint, scale, every):
        """Return how many per cent more are misclassified, from pictures of every n-th digit than from originals."""
        rows = test_rows[::every]
        images = np.stack([normalise(picture).image for picture in paint(digits28.images[rows, :, :, 0], scale)])
        right = [machine.score(x, digits28.labels[rows]) for x in (small[rows], images.reshape(len(rows), -1))]
        assert right[0] > 0.96
        return 100 * (right[0] - right[1])

    return measure


def scattered(digits, scale, margin=40):
    """Each digit somewhere on a larger field."""
    random = np.random.default_rng(5)
    for digit in digits:
        large = enlarge(digit, scale)
        side = len(large) + margin
        yield place(large, (side, side), *random.integers(0, margin + 1, 2))


def on_black(digits, scale):
    return (to_bytes(ink) for ink in scattered(digits, scale))


def on_white(digits, scale):
    return (to_bytes(1 - ink) for ink in scattered(digits, scale))


def photographed(digits, scale):
    """Dark ink on grey paper, unevenly lit, with noise, as JPEG."""
    random = np.random.default_rng(3)
    return (as_jpeg(to_bytes(on_paper(ink, random))) for ink in scattered(digits, scale))


def in_pencil(digits, scale):
    random = np.random.default_rng(4)
    faint = (on_paper(ink, random, pen=0.6, noise=0.01) for ink in scattered(digits, scale))
    return (as_jpeg(to_bytes(brightness), 75) for brightness in faint)


@pytest.mark.parametrize(("paint", "scale"), [(on_white, 1.3), (photographed, 1)])
def test_digits_on_larger_canvases_are_classified_as_the_originals(paint, scale, points_lost):
    assert points_lost(paint, scale, every=4) < 1


@pytest.mark.slow
@pytest.mark.parametrize("paint", [on_black, on_white, photographed, in_pencil])
@pytest.mark.parametrize("scale", [1, 1.5, 2, 3, 4, 6, 8])
def test_digits_of_any_size_are_classified_as_the_originals(paint, scale, points_lost):
    assert points_lost(paint, scale, every=1) < 1


@pytest.mark.parametrize(("scale", "width"), [(8, 0.5), (8, 6)])
def test_a_fineliner_and_a_thick_marker_gain_from_typical_strokes(scale, width, digits28):
    """Fewer of the digits' own strokes are lost to the frame of mean intensity than without."""
    digit = digits28.images[7, :, :, 0]
    mask = enlarge(digit, scale) > 0.5
    inside = distance_transform_edt(mask)
    grown = scale * (width - 4 * inside[mask].mean() / scale) / 2
    if grown < 0:
        middle = mask & (inside >= inside[mask].max() / 2)
        ink = distance_transform_edt(~middle) <= 1
    else:
        ink = distance_transform_edt(~mask) <= grown
    picture = to_bytes(1 - place(ink, (400, 400), 90, 80))
    stages = [stage.name for stage in normalise(picture).stages]
    assert "strokes" in stages
    original = resize(digit[None, :, :, None], (20, 20))[0]
    as_it_is = normalise(picture, framing=Framing(strokes=(0.01, 100))).image
    assert np.abs(normalise(picture).image - original).sum() < np.abs(as_it_is - original).sum()


@pytest.fixture
def five(digits28):
    """A five four times as large, as ink on a field of 200 x 160."""
    return place(enlarge(digits28.images[0, :, :, 0], 4), (200, 160), 60, 20)


def test_an_original_comes_out_as_it_was(digits28):
    original = digits28.images[8, :, :, 0]
    again = normalise(to_bytes(place(original, (90, 120), 50, 70)), size=(28, 28)).image[..., 0]
    # Pixels fainter than paper's grain, away from the stroke, may be lost; and full ink is what most of it reaches.
    assert np.abs(again - original).max() < 0.12
    assert np.abs(again - original).mean() < 0.005


def test_the_frame_has_mnists_size_and_centre(digits28):
    random = np.random.default_rng(0)
    for digit in digits28.images[:40, :, :, 0]:
        ink = place(enlarge(digit, 3), (200, 200), *random.integers(0, 110, 2))
        framed = normalise(as_jpeg(to_bytes(on_paper(ink, random))), size=(28, 28)).image[..., 0]
        rows, columns = (np.flatnonzero(framed.max(axis=axis) > 0) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        for axis in (0, 1):
            profile = framed.sum(axis=1 - axis)
            assert abs(profile @ np.arange(28) / profile.sum() - 14) <= 0.5


def test_the_networks_size_is_what_comes_out(five):
    assert normalise(five, size=(20, 20)).image.shape == (20, 20, 1)
    assert normalise(five, size=(32, 24)).image.shape == (32, 24, 1)


def likeness(image, other):
    return np.corrcoef(image.ravel(), other.ravel())[0, 1]


def same(picture, ink):
    """Whether a picture gives what its ink, white on black, gives."""
    return np.abs(normalise(picture).image - normalise(to_bytes(ink)).image).max() < 0.05


def test_both_polarities_arrays_files_and_bytes_give_the_same(five, tmp_path):
    pixels = to_bytes(1 - five)
    Image.fromarray(pixels).save(tmp_path / "five.png")
    for picture in (pixels, 1 - five, pixels[..., None], tmp_path / "five.png", str(tmp_path / "five.png")):
        assert same(picture, five)
    assert same((tmp_path / "five.png").read_bytes(), five)


def test_ink_on_transparent_paper_is_found_whether_dark_or_light(five):
    alpha = to_bytes(five)
    for brightness in (0, 255):
        colour = np.full_like(alpha, brightness)
        assert same(as_png(Image.fromarray(np.stack([colour, colour, colour, alpha], axis=-1))), five)


def test_coloured_ink_and_paper_are_grey_enough(five):
    paper, pen = np.array([250, 240, 200]), np.array([30, 40, 150])
    coloured = paper + five[..., None] * (pen - paper)
    assert same(as_png(Image.fromarray(coloured.astype(np.uint8))), five)


def test_a_photograph_on_its_side_is_turned_as_its_exif_data_say(five):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(to_bytes(1 - five)))).save(file, "JPEG", quality=95, exif=exif)
    assert same(file.getvalue(), five)


def test_sixteen_bits_a_pixel_are_read(five):
    assert same(as_png(Image.fromarray(np.round((1 - five) * 65535).astype(np.uint16))), five)


def test_a_picture_cropped_to_its_digit_is_normalised(digits28):
    digit = enlarge(digits28.images[3, :, :, 0], 4)
    rows, columns = (np.flatnonzero(digit.max(axis=axis) > 0.3) for axis in (1, 0))
    cut = digit[rows[0] - 2 : rows[-1] + 3, columns[0] - 2 : columns[-1] + 3]
    assert same(to_bytes(1 - cut), place(digit, (200, 200), 30, 40))


def test_a_dark_table_beside_the_paper_is_no_ink(five):
    page = np.where(five > 0, 0.9 - 0.7 * five, 0.9)
    page[:, 150:] = 0.15
    page[:8] = 0.2
    assert np.abs(normalise(to_bytes(page)).image - normalise(five).image).mean() < 0.02


def test_a_shadow_across_the_paper_is_no_ink(five):
    page = 0.9 - 0.7 * five
    soft = 1 / (1 + np.exp((np.arange(160) - 70) / 6))
    assert np.abs(normalise(to_bytes(page * (0.6 + 0.4 * soft))).image - normalise(five).image).mean() < 0.04


def test_specks_and_a_scribble_are_left_out(five):
    page = five.copy()
    for row, column in [(10, 20), (30, 100), (180, 40), (100, 150)]:
        page[row : row + 3, column : column + 3] = 1
    page[186:194, 100:150] = 1
    normalised = normalise(to_bytes(1 - page))
    assert same(to_bytes(1 - page), five)
    assert normalised.others == 1


def test_the_user_overrides_the_polarity(five):
    # On request, the gaps between black strokes are white ink.
    page = to_bytes(five)
    assert np.abs(normalise(page, light_ink=True).image - normalise(page).image).max() == 0
    assert np.abs(normalise(page, light_ink=False).image - normalise(page).image).max() > 0.5


def test_stages_show_the_way_from_the_picture_to_the_input(five):
    normalised = normalise(to_bytes(1 - five))
    stages = {stage.name: stage for stage in normalised.stages}
    assert list(stages) == ["picture", "ink", "character", "box", "frame", "input"]
    assert np.allclose(stages["picture"].pixels, 1 - five, atol=0.003)
    assert np.abs(stages["ink"].pixels - five).mean() < 0.01
    assert max(stages["box"].pixels.shape) == 20
    assert np.array_equal(stages["input"].pixels, normalised.image[..., 0])
    assert stages["frame"].draw().size == (28, 28)
    assert np.asarray(stages["frame"].draw())[0, 0] == 255
    assert normalised.draw_stages().height > 168


@pytest.mark.parametrize("level", [0, 130, 255])
def test_a_picture_of_nothing_is_refused(level):
    with pytest.raises(DataError, match=r"no ink found, expected something written"):
        normalise(np.full((100, 100), level, np.uint8))


def test_noise_and_an_empty_sheet_in_uneven_light_are_refused():
    random = np.random.default_rng(0)
    for noise in (0.0, 0.01, 0.02):
        page = to_bytes(on_paper(np.zeros((300, 400)), random, noise=noise))
        with pytest.raises(DataError, match=r"no ink found|only specks found|pieces of ink found"):
            normalise(page)


def test_a_frame_that_cannot_be_is_refused():
    with pytest.raises(DataError, match=r"a box of 30 pixels in a field of 28, expected"):
        Framing(box=30)
    with pytest.raises(DataError, match=r"expected the narrowest and the widest"):
        Framing(strokes=(4, 1))


def test_a_picture_cropped_without_any_margin_has_its_ink_found(digits28):
    wide = [digit for digit, label in zip(digits28.images[:60, :, :, 0], digits28.labels, strict=False) if label != 1]
    for digit in wide:
        rows, columns = (np.flatnonzero(digit.max(axis=axis) > 0.2) for axis in (1, 0))
        cut = digit[rows[0] - 1 : rows[-1] + 2, columns[0] - 1 : columns[-1] + 2]
        with_margin = normalise(to_bytes(place(digit, (60, 60), 16, 16)), size=(28, 28)).image
        assert likeness(normalise(to_bytes(1 - cut), size=(28, 28)).image, with_margin) > 0.7
