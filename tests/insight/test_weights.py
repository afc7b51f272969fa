"""Weights as images: each in its place, with one scale for all."""

import numpy as np
import pytest

from handmade import ensemble_of, linear_model, model_of
from inklings import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    MaxPool2D,
    Network,
    NetworkError,
)
from inklings.insight.weights import weight_images
from inklings.networks import initial_parameters


def test_a_units_weights_lie_as_the_pixels_do():
    weights = np.arange(2 * 3 * 3 * 4, dtype=float).reshape(2, 3, 3, 4)
    found = weight_images(linear_model(weights))
    assert found.layer == "dense_1"
    assert found.images.shape == (4, 2, 3, 3)
    for unit in range(4):
        np.testing.assert_array_equal(found.images[unit], weights[..., unit])


def test_a_filters_weights_have_its_rows_columns_and_colours():
    network = Network((6, 6, 3), (Conv2D(4, (2, 5)), GlobalPool(), Dense(2, "softmax")))
    kernels = np.arange(2 * 5 * 3 * 4, dtype=float).reshape(2, 5, 3, 4)
    model = model_of(network, initial_parameters(network, 0) | {"conv2d_1/weights": kernels})
    found = weight_images(model, "conv2d_1").images
    assert found.shape == (4, 2, 5, 3)
    assert found[3, 1, 4, 2] == kernels[1, 4, 2, 3]
    np.testing.assert_array_equal(found[0], kernels[..., 0])


def test_a_dead_filter_stays_dark_beside_a_strong_one():
    weights = np.zeros((2, 2, 1, 3))
    weights[..., 0], weights[..., 1] = 5, 1e-4
    found = weight_images(linear_model(weights))
    assert found.scale == 5
    np.testing.assert_allclose(np.abs(found.images).max((1, 2, 3)) / found.scale, [1, 2e-5, 0], rtol=1e-3)
    np.testing.assert_allclose(found.norms, [10, 2e-4, 0], rtol=1e-3)


def test_a_normalisation_behind_it_is_counted_in():
    network = Network(
        (4, 4, 1), (Conv2D(2, 1), BatchNorm(epsilon=1), Activation("relu"), Flatten(), Dense(2, "softmax"))
    )
    values = initial_parameters(network, 0) | {"conv2d_1/weights": [[[[3, 1000]]]], "batchnorm_1/scale": [2, 0]}
    values |= {"batchnorm_1/variance": [8, 8]}
    assert weight_images(model_of(network, values)).images.ravel().tolist() == [2, 0]


def test_a_dense_layer_behind_maps_reads_images_of_as_many_channels():
    network = Network((4, 6, 1), (Conv2D(5, 3), MaxPool2D(2), Flatten(), Dropout(0.5), Dense(2, "softmax")))
    model = model_of(network, initial_parameters(network, 0))
    found = weight_images(model, "dense_1").images
    assert found.shape == (2, 2, 3, 5)
    np.testing.assert_array_equal(found[1].ravel(), model.parameters["dense_1/weights"][:, 1])


def test_each_member_of_an_ensemble_has_its_own():
    both = ensemble_of(linear_model(np.ones((2, 2, 1, 2))), linear_model(np.full((2, 2, 1, 2), 7.0)))
    assert weight_images(both).scale == 1
    assert weight_images(both, member=2).scale == 7
    with pytest.raises(NetworkError, match="member is 3, expected 1 to 2"):
        weight_images(both, member=3)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("dense_2", "the layer 'dense_2' reads numbers in no order of an image"),
        ("flatten_1", "the layer 'flatten_1' has no weights; these have: dense_1, dense_2"),
        ("dens_1", "no layer 'dens_1'; did you mean 'dense_1'"),
    ],
)
def test_what_is_no_image_is_refused(layer, message):
    network = Network((2, 2, 1), (Flatten(), Dense(3, "relu"), Dense(2, "softmax")))
    with pytest.raises(NetworkError, match=message):
        weight_images(model_of(network, initial_parameters(network, 0)), layer)


def test_behind_an_average_there_is_no_image_either():
    network = Network((4, 4, 1), (Conv2D(3, 3), GlobalPool(), Dense(2, "softmax")))
    with pytest.raises(NetworkError, match="in no order of an image"):
        weight_images(model_of(network, initial_parameters(network, 0)), "dense_1")


def test_an_opponent_has_none(opponent_model):
    with pytest.raises(NetworkError, match="logistic is not a network"):
        weight_images(opponent_model)
