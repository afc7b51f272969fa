"""The last hidden layer laid flat."""

import numpy as np
import pytest

from handmade import linear_model, model_of
from inklings import DataError, Dense, Dropout, Flatten, Network, NetworkError
from inklings.insight.projection import project_classes

RANDOM = np.random.default_rng(0)


def test_three_classes_that_a_hidden_layer_keeps_apart_lie_apart():
    # Three hidden units, each for one row of the image; the images of a class have one row lit.
    network = Network((3, 4, 1), (Flatten(), Dense(3, "relu"), Dropout(0.5), Dense(3, "softmax")))
    values = {"dense_1/weights": np.repeat(np.eye(3), 4, axis=0), "dense_1/biases": [0, 0, 0]}
    values |= {"dense_2/weights": np.eye(3), "dense_2/biases": [0, 0, 0]}
    labels = np.arange(60) % 3
    images = np.zeros((60, 3, 4, 1))
    images[np.arange(60), labels] = 0.9 + 0.1 * RANDOM.random((60, 4, 1))
    found = project_classes(model_of(network, values), images)
    assert found.layer == "dense_1"
    assert found.points.shape == (60, 2)
    centres = np.stack([found.points[labels == label].mean(0) for label in range(3)])
    sides = [np.linalg.norm(centres[one] - centres[other]) for one, other in ((0, 1), (1, 2), (2, 0))]
    np.testing.assert_allclose(sides, 3.8 * 2**0.5, rtol=0.02)  # a triangle of equal sides
    assert found.explained.sum() > 0.99
    assert max(found.points[labels == label].std() for label in range(3)) > 0


def test_the_directions_are_those_of_the_largest_variances():
    network = Network((1, 3, 1), (Flatten(), Dense(3, "linear"), Dense(2, "softmax")))
    values = {"dense_1/weights": np.diag([1, 10, 3]), "dense_1/biases": [5, 5, 5]}
    values |= {"dense_2/weights": np.ones((3, 2)), "dense_2/biases": [0, 0]}
    images = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T.reshape(-1, 1, 3, 1)
    found = project_classes(model_of(network, values), images)
    np.testing.assert_allclose(np.abs(found.points), [[10, 3]] * 8, rtol=1e-5)
    np.testing.assert_allclose(found.explained, [100 / 110, 9 / 110], rtol=1e-5)


def test_without_a_hidden_layer_the_pixels_are_laid_flat():
    assert project_classes(linear_model(np.ones((2, 2, 1, 2))), RANDOM.random((9, 2, 2, 1))).layer == "input"


def test_images_that_are_all_the_same_are_one_point():
    found = project_classes(linear_model(np.ones((2, 2, 1, 2))), np.ones((9, 2, 2, 1)))
    assert not found.points.any()
    assert not found.explained.any()


def test_what_cannot_be_laid_flat_is_refused(opponent_model):
    with pytest.raises(DataError, match="2 images, expected at least 3"):
        project_classes(linear_model(np.ones((2, 2, 1, 2))), np.ones((2, 2, 2, 1)))
    with pytest.raises(DataError, match="one number for an image"):
        project_classes(linear_model(np.ones((1, 1, 1, 2))), np.ones((4, 1, 1, 1)))
    with pytest.raises(NetworkError, match="logistic is not a network"):
        project_classes(opponent_model, np.ones((4, 4, 4, 1)))
