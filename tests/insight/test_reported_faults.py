"""What people report to have gone wrong in tools that look into networks, rebuilt small: none of it happens here."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from handmade import linear_model, model_of
from inklings import Activation, BatchNorm, Conv2D, Dense, Dropout, Flatten, GlobalPool, Network
from inklings.insight import explain, integrated_gradients, layer_outputs, occlusion, saliency, weight_images
from inklings.insight.explain import KINDS
from inklings.networks import initial_parameters
from inklings.report import plot_weights

RANDOM = np.random.default_rng(0)
LAYERS = (Conv2D(4, 3), BatchNorm(), Activation("relu"), Dropout(0.5), Flatten(), Dense(3, "softmax"))


@pytest.fixture(scope="module")
def model():
    network = Network((6, 5, 1), LAYERS)
    return model_of(network, initial_parameters(network, 0))


@pytest.fixture
def images():
    return RANDOM.random((4, 6, 5, 1)).astype(np.float32)


def test_a_relu_in_place_overwrites_the_layer_before_it():
    """https://github.com/meta-pytorch/captum/issues/156"""
    network = Network((2, 2, 1), (Conv2D(1, 1), Activation("relu"), Flatten(), Dense(2, "softmax")))
    values = initial_parameters(network, 0) | {"conv2d_1/weights": -np.ones((1, 1, 1, 1))}
    found = layer_outputs(model_of(network, values), np.ones((2, 2)))
    assert (found["conv2d_1"] == -1).all()
    assert (found["activation_1"] == 0).all()


def test_gradients_are_averaged_over_the_steps_twice_and_shrink_with_them(model, images):
    """https://github.com/ankurtaly/Integrated-Gradients/pull/5, https://github.com/PAIR-code/saliency/pull/23"""
    sums = [integrated_gradients(model, images, 1, steps=steps).attributions.sum() for steps in (50, 200)]
    assert sums[0] == pytest.approx(sums[1], rel=0.02)


def test_in_a_batch_an_image_has_another_map_than_alone(model, images):
    """https://github.com/inseq-team/inseq/issues/113"""
    together = integrated_gradients(model, images, [0, 1, 2, 0])
    alone = integrated_gradients(model, images[2], 2)
    np.testing.assert_allclose(together.attributions[2], alone.attributions[0], atol=1e-6)
    np.testing.assert_allclose(saliency(model, images, 1)[2], saliency(model, images[2], 1)[0], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_left_in_training_draws_dropout_anew_for_every_map(model, images, kind):
    np.testing.assert_array_equal(explain(model, images[0], kind, 1), explain(model, images[0], kind, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_looking_changes_the_image_or_the_weights(model, images, kind):
    before, weights = images.copy(), {name: value.copy() for name, value in model.parameters.items()}
    explain(model, images[1], kind, 1)
    np.testing.assert_array_equal(images, before)
    for name, value in model.parameters.items():
        np.testing.assert_array_equal(value, weights[name])


@pytest.mark.parametrize("kind", KINDS)
def test_whichever_class_is_asked_about_the_map_is_the_same(model, images, kind):
    maps = [explain(model, images[0], kind, target) for target in range(3)]
    assert np.abs(maps[0] - maps[1]).max() > 1e-3
    assert np.abs(maps[1] - maps[2]).max() > 1e-3


def test_filters_are_read_along_the_wrong_axis():
    """https://github.com/keras-team/keras/issues/8144"""
    network = Network((6, 6, 1), (Conv2D(16, 3), GlobalPool(), Dense(2, "softmax")))
    kernels = np.zeros((3, 3, 1, 16))
    kernels[0, 2, 0, 5] = 1
    found = weight_images(model_of(network, initial_parameters(network, 0) | {"conv2d_1/weights": kernels})).images
    assert found.shape == (16, 3, 3, 1)
    assert np.argwhere(found).tolist() == [[5, 0, 2, 0]]


def test_a_sheet_of_pictures_has_its_width_and_height_swapped():
    """https://github.com/keras-team/keras-io/issues/2297"""
    weights = np.zeros((1, 3, 1, 2))
    weights[0, 2, 0, 0] = 1
    sheet = np.ma.filled(plot_weights(linear_model(weights), ax=Figure().subplots()).images[0].get_array(), np.nan)
    rows, columns = np.nonzero(sheet == 1)
    assert (rows.tolist(), columns.tolist()) == ([0], [2])


def test_of_coloured_filters_the_first_channel_alone_is_shown_or_nothing_but_black():
    """https://github.com/dnouri/nolearn/issues/198"""
    weights = np.zeros((1, 1, 3, 2))
    weights[0, 0, :, 0] = [-1, 0, 1]
    sheet = np.asarray(plot_weights(linear_model(weights), ax=Figure().subplots()).images[0].get_array())
    assert [0.0, 0.5, 1.0] in sheet.reshape(-1, 3).tolist()


def test_each_filter_has_its_own_scale_so_that_a_dead_one_looks_alive():
    weights = np.ones((2, 2, 1, 2)) * [1.0, 1e-6]
    ax = plot_weights(linear_model(weights), ax=Figure().subplots())
    assert ax.images[0].get_clim() == (-1, 1)
    values = np.ma.filled(ax.images[0].get_array(), 0)
    assert np.abs(values[np.abs(values) < 1]).max() < 1e-5


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 3)])
def test_an_occlusion_map_is_smaller_than_its_image_and_lies_beside_what_it_is_about(size, stride):
    weights = np.zeros((7, 10, 1, 2))
    weights[5, 8, 0, 0] = 1
    found = occlusion(linear_model(weights), np.ones((7, 10)), 0, size=size, stride=stride)[0]
    assert found.shape == (7, 10)
    assert found[5, 8] == found.max() > 0.99


def test_of_a_sure_network_the_map_is_empty_since_the_softmax_is_flat_there():
    weights = 1e4 * RANDOM.normal(size=(3, 3, 1, 2))
    for kind in KINDS:
        found = explain(linear_model(weights), RANDOM.random((3, 3)), kind, 0)
        assert np.abs(found).max() > 10
