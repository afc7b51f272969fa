import numpy as np
import pytest

from inklings.data.augment import Augmentation
from inklings.data.warps import Warps
from inklings.errors import RecipeError


@pytest.fixture
def images():
    return np.random.default_rng(0).random((6, 9, 9, 1), np.float32)


def move(images, shift=(0, 0), degrees=0.0, factor=1.0):
    """Shift, turn (anticlockwise) and enlarge images about their centre."""
    turn = np.deg2rad(degrees)
    # Where a pixel came from: the inverse of a turn and an enlargement, with rows that run downwards.
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) / factor
    warps = Warps(
        np.tile(matrix, (len(images), 1, 1)).astype(np.float32), np.tile(shift, (len(images), 1)).astype(np.float32)
    )
    return warps.apply(images)


def test_no_augmentation_returns_the_same_images(images):
    assert Augmentation().apply(images, np.random.default_rng(0)) is images


def test_a_shift_by_whole_pixels_moves_the_pixels_and_brings_in_paper(images):
    moved = move(images, shift=(2, -1))
    assert np.array_equal(moved[:, 2:, :-1], images[:, :-2, 1:])
    assert not moved[:, :2].any()
    assert not moved[:, :, -1].any()


def test_a_quarter_turn_is_numpys_quarter_turn(images):
    assert np.allclose(move(images, degrees=90), np.rot90(images, axes=(1, 2)), atol=1e-5)


def test_a_turn_goes_about_the_centre_of_images_of_any_shape():
    images = np.zeros((1, 5, 9, 3), np.float32)
    images[0, 2, 3:6] = 1
    turned = move(images, degrees=-90)
    assert np.allclose(turned[0, 1:4, 4], 1, atol=1e-5)
    assert turned.sum() == pytest.approx(9, abs=1e-4)


def test_a_factor_of_two_doubles_lengths():
    images = np.zeros((1, 17, 17, 1), np.float32)
    images[0, 8, 6:11] = 1
    larger = move(images, factor=2)[0, 8, :, 0]
    assert np.allclose(larger, [0] * 3 + [0.5] + [1] * 9 + [0.5] + [0] * 3, atol=1e-6)


def test_each_image_has_a_draw_of_its_own_within_the_limits():
    images = np.zeros((400, 15, 15, 1), np.float32)
    images[:, 7, 7] = 1
    moved = Augmentation(shift=3).apply(images, np.random.default_rng(0))[..., 0]
    down = (moved.sum(axis=2) * np.arange(15)).sum(axis=1) - 7
    right = (moved.sum(axis=1) * np.arange(15)).sum(axis=1) - 7
    for distance in (down, right):
        assert 2.9 < np.abs(distance).max() <= 3 + 1e-5
        assert abs(distance.mean()) < 0.3
    assert abs(np.corrcoef(down, right)[0, 1]) < 0.2


def test_the_same_generator_gives_the_same_images(images):
    augmentation = Augmentation(1, 10, 0.1)
    first, again = (augmentation.apply(images, np.random.default_rng(3)) for _ in range(2))
    other = augmentation.apply(images, np.random.default_rng(4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.float32


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shift": -1}, "shift is -1, expected a number from 0 to 1000"),
        ({"rotate": 181}, "rotate is 181, expected a number from 0 to 180"),
        ({"scale": 1}, "scale is 1, expected a number from 0 to 0.9"),
        ({"scale": float("nan")}, "scale is nan"),
        ({"shift": "2"}, "shift is '2'"),
        ({"shift": True}, "shift is True"),
        ({"shfit": 1}, r"no setting 'shfit'; did you mean 'shift'\?"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(RecipeError, match=message):
        Augmentation.from_dict(settings)


def test_settings_survive_being_written_down():
    augmentation = Augmentation(1.5, 8, 0.1)
    assert Augmentation.from_dict(augmentation.to_dict()) == augmentation
    assert hash(augmentation) == hash(Augmentation(1.5, 8.0, 0.1))


def test_images_are_moved_the_same_whether_few_or_many_are_moved_together(digits28, monkeypatch):
    augmentation, images = Augmentation(shift=2, rotate=10, scale=0.1), digits28.images[:50]
    together = augmentation.apply(images, np.random.default_rng(3))
    monkeypatch.setattr("inklings.data.warps._WARPED_AT_ONCE", 7)
    np.testing.assert_array_equal(augmentation.apply(images, np.random.default_rng(3)), together)


def upright(size=31):
    """An upright stroke in the middle of one image."""
    image = np.zeros((1, size, size, 1), np.float32)
    image[0, 5:-5, size // 2 - 1 : size // 2 + 2] = 1
    return image


def tilt(image):
    """Return how far to the right a stroke moves for each row down, by its rows' centres of gravity."""
    rows = np.flatnonzero(image.sum(axis=1) > 0.5)
    centres = (image[rows] * np.arange(image.shape[1])).sum(axis=1) / image[rows].sum(axis=1)
    return np.polyfit(rows, centres, 1)[0]


def test_a_shear_slants_upright_strokes_up_to_its_angle():
    images = np.repeat(upright(), 300, axis=0)
    slanted = Augmentation(shear=20).apply(images, np.random.default_rng(0))[..., 0]
    tilts = np.rad2deg(np.arctan([tilt(image) for image in slanted]))
    assert 18 < np.abs(tilts).max() < 21
    assert abs(tilts.mean()) < 2
    assert np.allclose(slanted.sum(axis=(1, 2)), images[0].sum(), rtol=0.03), "a shear keeps areas"


def test_an_elastic_field_bends_strokes_smoothly_by_about_its_strength():
    images = np.repeat(upright(), 300, axis=0)
    bent = Augmentation(elastic=2.0).apply(images, np.random.default_rng(0))[..., 0]
    centres = (bent[:, 8:-8] * np.arange(31)).sum(axis=2) / bent[:, 8:-8].sum(axis=2) - 15
    # A cubic B-spline averages its control points: with weights 1/6, 4/6, 1/6 each way, the deviation is half at them.
    assert 0.7 < centres.std() < 1.1
    assert np.abs(np.diff(centres, axis=1)).max() < 1.0, "neighbouring rows move together"


def test_a_stroke_becomes_thicker_and_thinner_by_up_to_a_pixel_on_either_side():
    images = np.repeat(upright(), 200, axis=0)
    widths = Augmentation(stroke=1.0).apply(images, np.random.default_rng(0))[:, 15, :, 0].sum(axis=1)
    assert 4.9 < widths.max() <= 5
    assert 1 <= widths.min() < 1.1


def test_an_erased_part_is_a_rectangle_within_the_image_of_at_most_its_share():
    images = np.ones((3000, 20, 30, 2), np.float32)
    erased = Augmentation(erase=0.5).apply(images, np.random.default_rng(0)) == 0
    heights, widths = erased.any(axis=(2, 3)).sum(axis=1), erased.any(axis=(1, 3)).sum(axis=1)
    assert np.array_equal(erased.sum(axis=(1, 2, 3)), 2 * heights * widths)
    assert (heights.max(), widths.max()) == (10, 15)
    assert erased.any(axis=(0, 3)).all(), "any pixel may be erased"


def test_a_flip_mirrors_left_and_right_as_often_as_it_says(images):
    many = np.repeat(images, 200, axis=0)
    flipped = Augmentation(flip=0.25).apply(many, np.random.default_rng(0))
    mirrored = np.isclose(flipped, many[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
    same = np.isclose(flipped, many, atol=1e-5).all(axis=(1, 2, 3))
    assert (mirrored | same).all()
    assert 0.21 < mirrored.mean() < 0.29


def test_settings_that_are_added_leave_the_others_draws_alone(images):
    shifted = Augmentation(shift=2).draw(images.shape, np.random.default_rng(5)).shifts
    with_more = (
        Augmentation(shift=2, shear=5, stroke=0.5, elastic=1).draw(images.shape, np.random.default_rng(5)).shifts
    )
    assert np.array_equal(shifted, with_more)
