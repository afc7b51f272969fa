"""One map for one click."""

import numpy as np
import pytest

from handmade import linear_model
from inklings import DataError, NetworkError
from inklings.insight.explain import KINDS, background, explain

WEIGHTS = np.zeros((6, 5, 1, 3))
WEIGHTS[2, 1, 0, 0], WEIGHTS[2, 1, 0, 1] = 4, -4
IMAGE = np.zeros((6, 5), np.float32)
IMAGE[1:5, 1:4] = 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_finds_the_pixel_that_matters(kind):
    for target, sign in ((0, 1), (1, 1 if kind == "saliency" else -1)):
        found = explain(linear_model(WEIGHTS), IMAGE, kind, target)
        assert found.shape == (6, 5)
        assert found.dtype == np.float32
        assert np.unravel_index(np.abs(found).argmax(), found.shape) == (2, 1)
        assert np.sign(found[2, 1]) == sign
        assert found[2, 1] == pytest.approx(sign * (4 if kind == "saliency" else 2))


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_class_the_most_probable_one_is_meant(kind):
    model = linear_model(WEIGHTS)
    np.testing.assert_array_equal(explain(model, IMAGE, kind), explain(model, IMAGE, kind, 0))


@pytest.mark.parametrize("kind", ["gradient", "integrated", "occlusion"])
def test_what_is_as_its_background_adds_nothing_even_where_paper_is_not_0(kind):
    light = IMAGE + 0.4
    found = explain(linear_model(WEIGHTS), light, kind, 0)
    assert found[2, 1] == pytest.approx(2, rel=1e-4)
    assert np.count_nonzero(found) == 1


def test_the_background_of_a_colour_image_is_a_colour():
    image = np.zeros((4, 4, 3), np.float32) + np.float32([0.1, 0.5, 0.9])
    image[1:3, 1:3] = 1
    np.testing.assert_allclose(background(image), [0.1, 0.5, 0.9])


def test_colour_gives_one_map():
    weights = np.zeros((3, 3, 3, 2))
    weights[1, 1, :, 0] = [1, 2, -5]
    image = np.zeros((3, 3, 3))
    image[1, 1] = 1
    assert explain(linear_model(weights), image, "integrated", 0)[1, 1] == pytest.approx(-2)
    assert explain(linear_model(weights), image, "saliency", 0)[1, 1] == pytest.approx(5)


def test_an_opponent_can_be_occluded_and_nothing_else(opponent_model):
    assert explain(opponent_model, np.zeros((4, 4)), "occlusion").shape == (4, 4)
    with pytest.raises(NetworkError, match="is not a network"):
        explain(opponent_model, np.zeros((4, 4)), "integrated")


def test_what_cannot_be_asked_is_refused():
    model = linear_model(WEIGHTS)
    with pytest.raises(DataError, match="no map of kind 'saliencey'; did you mean 'saliency'"):
        explain(model, IMAGE, "saliencey")
    with pytest.raises(DataError, match="2 images, expected one"):
        explain(model, np.zeros((2, 6, 5, 1)))
    with pytest.raises(DataError, match="class 3, expected 0 to 2"):
        explain(model, IMAGE, "occlusion", 3)
