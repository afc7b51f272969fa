import numpy as np
import pytest

from inklings.data.augment import Augmentation, warp
from inklings.errors import RecipeError


@pytest.fixture
def images():
    return np.random.default_rng(0).random((6, 9, 9, 1), np.float32)


def move(images, shift=(0, 0), degrees=0.0, factor=1.0):
    count = len(images)
    return warp(
        images, shifts=np.tile(shift, (count, 1)), degrees=np.full(count, degrees), factors=np.full(count, factor)
    )


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
    assert np.allclose(larger, [0] * 3 + [0.5] + [1] * 9 + [0.5] + [0] * 3)


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
    monkeypatch.setattr("inklings.data.augment.WARPED_AT_ONCE", 7)
    np.testing.assert_array_equal(augmentation.apply(images, np.random.default_rng(3)), together)
