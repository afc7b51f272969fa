"""Occlusion maps against what covering a part of a linear network's image is known to do."""

import numpy as np
import pytest

from handmade import ensemble_of, linear_model
from inklings import DataError
from inklings.insight.occlusion import occlusion


def point_model(shape, row, column, weight=10.0):
    """A model whose class a depends on one pixel alone."""
    weights = np.zeros((*shape, 1, 2))
    weights[row, column, 0, 0] = weight
    return linear_model(weights)


def test_a_window_of_one_pixel_finds_pixels_times_weights():
    random = np.random.default_rng(0)
    weights, images = random.normal(size=(4, 5, 1, 2)), random.random((3, 4, 5, 1))
    found = occlusion(linear_model(weights, [3, -5]), images, 1, size=1, stride=1)
    np.testing.assert_allclose(found, (images * weights[..., 1])[..., 0], atol=1e-5)


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (3, 1), (3, 2), (3, 3), (4, 1), (4, 3), (5, 2)])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (4, 6), (8, 12), (8, 0)])
def test_the_map_lies_on_the_pixel_that_matters_whatever_the_window(size, stride, row, column):
    found = occlusion(point_model((9, 13), row, column), np.ones((9, 13)), 0, size=size, stride=stride)[0]
    assert found.shape == (9, 13)
    assert found[row, column] == pytest.approx(10)
    assert found.max() == pytest.approx(10)
    rows, columns = np.nonzero(found > 1e-6)
    # Nothing is marked that no window covers together with the pixel.
    assert np.abs(rows - row).max() < size
    assert np.abs(columns - column).max() < size


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (4, 1)])
def test_around_a_pixel_in_the_middle_the_map_is_the_same_on_all_sides(size, stride):
    found = occlusion(point_model((9, 9), 4, 4), np.ones((9, 9)), 0, size=size, stride=stride)[0]
    np.testing.assert_allclose(found, found[::-1], atol=1e-5)
    np.testing.assert_allclose(found, found[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(found, found.T, atol=1e-5)


def test_what_speaks_against_a_class_is_below_zero():
    assert occlusion(point_model((5, 5), 1, 1, -10.0), np.ones((5, 5)), 0, size=1)[0, 1, 1] == pytest.approx(-10)


def test_covering_with_what_is_there_changes_nothing():
    assert not occlusion(point_model((5, 5), 2, 2), np.ones((5, 5)), 0, 1.0).any()


def test_all_channels_are_covered_together_with_the_baselines_colour():
    weights = np.zeros((3, 3, 3, 2))
    weights[1, 1, :, 0] = [1, 10, 100]
    found = occlusion(linear_model(weights), np.ones((3, 3, 3)), 0, [1, 0.5, 0], size=1)
    assert found[0, 1, 1] == pytest.approx(105)


def test_of_an_ensemble_the_mean_logit_is_asked():
    both = ensemble_of(point_model((5, 5), 1, 1, 10.0), point_model((5, 5), 3, 3, 4.0))
    found = occlusion(both, np.ones((5, 5)), 0, size=1)[0]
    assert found[1, 1] == pytest.approx(5)
    assert found[3, 3] == pytest.approx(2)


def test_it_works_for_an_opponent_too(opponent_model):
    image = np.zeros((4, 4, 1))
    image[:2] = 1
    found = occlusion(opponent_model, image, 1, size=1)[0]
    assert found[:2].mean() > 10 * np.abs(found[2:]).mean()


@pytest.mark.parametrize(
    ("size", "stride", "message"),
    [
        (0, None, "window of 0 pixels, expected 1 to 5"),
        (6, None, "window of 6 pixels, expected 1 to 5"),
        (2, 3, "stride of 3 pixels, expected 1 to the window's 2"),
        (2, 0, "stride of 0 pixels"),
    ],
)
def test_windows_that_do_not_fit_are_refused(size, stride, message):
    with pytest.raises(DataError, match=message):
        occlusion(point_model((5, 5), 2, 2), np.ones((5, 5)), 0, size=size, stride=stride)


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (20, 20), (28, 28), (9, 64)])
def test_by_itself_it_chooses_a_window_that_suits_the_image(shape):
    row, column = shape[0] // 3, shape[1] // 2
    found = occlusion(point_model(shape, row, column), np.ones(shape), 0)[0]
    assert found[row, column] == found.max() == pytest.approx(10)
    assert (found > 1e-6).sum() <= max(1, (2 * round(min(shape) / 5) - 1) ** 2)
