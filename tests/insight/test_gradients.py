"""Saliency, input times gradient and integrated gradients on networks whose right answer can be read off."""

import numpy as np
import pytest

from handmade import ensemble_of, linear_model, model_of
from inklings import Activation, BatchNorm, Conv2D, DataError, Dense, Dropout, Flatten, MaxPool2D, Network, NetworkError
from inklings.insight.gradients import class_gradients, input_times_gradient, integrated_gradients, saliency
from inklings.networks import initial_parameters

RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=(3, 4, 1, 2))
IMAGES = RANDOM.random((5, 3, 4, 1)).astype(np.float32)


def saturating_model():
    """The example of the paper's section 2.1: the logit of a is 1 - relu(1 - x), which no longer grows beyond x = 1."""
    network = Network((1, 1, 1), (Flatten(), Dense(1, "relu"), Dense(2, "softmax")))
    values = {"dense_1/weights": [[-1]], "dense_1/biases": [1], "dense_2/weights": [[-1, 0]], "dense_2/biases": [1, 0]}
    return model_of(network, values)


def test_of_a_linear_network_the_gradient_is_its_weights():
    model = linear_model(WEIGHTS, [3, -5])
    for target in (0, 1):
        np.testing.assert_allclose(class_gradients(model, IMAGES, target), [WEIGHTS[..., target]] * 5, rtol=1e-6)
        np.testing.assert_allclose(saliency(model, IMAGES, target), np.abs([WEIGHTS[..., 0, target]] * 5), rtol=1e-6)


def test_of_a_linear_network_both_products_are_pixels_times_weights():
    model = linear_model(WEIGHTS, [3, -5])
    expected = IMAGES * WEIGHTS[..., 1]
    np.testing.assert_allclose(input_times_gradient(model, IMAGES, 1), expected, rtol=1e-5, atol=1e-7)
    found = integrated_gradients(model, IMAGES, 1, steps=1)
    np.testing.assert_allclose(found.attributions, expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(found.difference, expected.sum((1, 2, 3)), rtol=1e-5)


def test_rows_columns_and_channels_stay_where_they_are():
    # One pixel of one channel alone counts, of an image that is neither square nor grey.
    weights = np.zeros((2, 5, 3, 2))
    weights[1, 3, 2, 0] = 7
    found = class_gradients(linear_model(weights), np.ones((2, 5, 3)), 0)
    assert np.argwhere(found).tolist() == [[0, 1, 3, 2]]
    assert saliency(linear_model(weights), np.ones((2, 5, 3)), 0)[0, 1, 3] == 7


def test_the_largest_channel_counts_and_its_sign_does_not():
    weights = np.zeros((1, 1, 3, 2))
    weights[0, 0, :, 0] = [1, -4, 3]
    assert saliency(linear_model(weights), np.ones((1, 1, 3)), 0).tolist() == [[[4]]]


def test_each_image_is_asked_about_its_own_class():
    model = linear_model(WEIGHTS)
    found = class_gradients(model, IMAGES, [0, 1, 0, 1, 1])
    np.testing.assert_allclose(found, [WEIGHTS[..., target] for target in (0, 1, 0, 1, 1)], rtol=1e-6)
    answers = model.predict(IMAGES, prepared=True, as_index=True)
    np.testing.assert_allclose(class_gradients(model, IMAGES), [WEIGHTS[..., each] for each in answers], rtol=1e-6)


def test_where_a_unit_is_saturated_only_integrated_gradients_see_what_it_adds():
    model, image = saturating_model(), np.full((1, 1, 1), 2.0)
    assert saliency(model, image, 0).item() == 0
    assert input_times_gradient(model, image, 0).item() == 0
    found = integrated_gradients(model, image, 0, steps=200)
    assert found.difference.item() == pytest.approx(1)
    assert found.attributions.item() == pytest.approx(1, abs=0.01)


def test_only_the_winner_of_a_pooling_window_has_a_gradient_and_a_dead_unit_passes_none():
    network = Network((2, 2, 1), (Conv2D(2, 1, activation="relu"), MaxPool2D(2), Flatten(), Dense(2, "softmax")))
    # The first filter keeps the image, the second is never above 0.
    values = {"conv2d_1/weights": [[[[1, -1]]]], "conv2d_1/biases": [0, -9]}
    values |= {"dense_1/weights": [[5, 0], [100, 0]], "dense_1/biases": [0, 0]}
    image = np.array([[0.1, 0.2], [0.9, 0.3]])
    assert class_gradients(model_of(network, values), image, 0)[0, ..., 0].tolist() == [[0, 0], [5, 0]]


def test_a_normalisation_divides_by_its_running_deviation_whatever_else_is_in_the_batch():
    network = Network((1, 2, 1), (Flatten(), BatchNorm(epsilon=1), Dense(2, "softmax")))
    values = {"batchnorm_1/scale": [6, 1], "batchnorm_1/shift": [0, 0], "batchnorm_1/mean": [9, 9]}
    values |= {"batchnorm_1/variance": [8, 0], "dense_1/weights": [[1, 0], [1, 0]], "dense_1/biases": [0, 0]}
    model, images = model_of(network, values), RANDOM.random((3, 1, 2, 1))
    np.testing.assert_allclose(class_gradients(model, images, 0)[:, 0, :, 0], [[2, 1]] * 3, rtol=1e-6)


def test_nothing_is_dropped():
    plain = linear_model(WEIGHTS)
    network = Network((3, 4, 1), (Flatten(), Dropout(0.5), Dense(2, "softmax")))
    model = model_of(network, plain.parameters)
    np.testing.assert_array_equal(class_gradients(model, IMAGES, 1), class_gradients(plain, IMAGES, 1))


def test_the_logit_is_asked_about_so_that_a_sure_network_still_has_a_map():
    model = linear_model(1e4 * WEIGHTS)
    assert model.predict_proba(IMAGES, prepared=True).max(1).min() == 1
    assert saliency(model, IMAGES, 0).min() > 0


@pytest.mark.parametrize("steps", [1, 8, 64])
def test_the_sum_does_not_depend_on_the_number_of_steps(steps):
    found = integrated_gradients(linear_model(WEIGHTS), IMAGES, 0, steps=steps)
    np.testing.assert_allclose(found.attributions.sum((1, 2, 3)), found.difference, rtol=1e-4)


@pytest.mark.parametrize("baseline", [0.0, 0.7, [[[0.5], [0], [1], [0]]] * 3])
def test_attributions_add_up_to_the_difference_of_the_logits(baseline):
    layers = (
        Conv2D(4, 3, activation="linear"),
        BatchNorm(),
        Activation("elu"),
        MaxPool2D(2, padding="same"),
        Flatten(),
        Dropout(0.3),
        Dense(8, "tanh"),
        Dense(3, "softmax"),
    )
    network = Network((3, 4, 1), layers)
    model = model_of(network, initial_parameters(network, 1))
    found = integrated_gradients(model, IMAGES, [0, 1, 2, 0, 1], baseline, steps=100)
    start = np.broadcast_to(np.asarray(baseline, np.float32), IMAGES.shape)
    logits = [model.features_and_logits(each)[1][np.arange(5), [0, 1, 2, 0, 1]] for each in (IMAGES, start)]
    np.testing.assert_allclose(found.difference, logits[0] - logits[1], atol=1e-5)
    np.testing.assert_allclose(found.attributions.sum((1, 2, 3)), found.difference, atol=0.01)
    assert found.error.max() < 0.02


def test_what_equals_the_baseline_gets_nothing():
    model = linear_model(WEIGHTS, [1, 2])
    found = integrated_gradients(model, IMAGES, 0, IMAGES[0])
    assert not found.attributions[0].any()
    assert found.difference[0] == 0
    assert found.error[0] == 0


def test_an_ensembles_maps_are_the_means_of_its_members():
    members = [linear_model(RANDOM.normal(size=(3, 4, 1, 2))) for _ in range(3)]
    both = ensemble_of(*members)
    each = np.mean([class_gradients(one, IMAGES, 1) for one in members], axis=0)
    np.testing.assert_allclose(class_gradients(both, IMAGES, 1), each, rtol=1e-5)
    found = integrated_gradients(both, IMAGES, 1)
    np.testing.assert_allclose(found.attributions, IMAGES * each, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.attributions.sum((1, 2, 3)), found.difference, rtol=1e-4)


def test_one_image_alone_or_without_its_channel_is_taken_too():
    model = linear_model(WEIGHTS)
    for image in (IMAGES[0], IMAGES[0, ..., 0], IMAGES[:1]):
        assert class_gradients(model, image, 0).shape == (1, 3, 4, 1)


def test_an_opponent_is_refused_with_what_can_be_done(opponent_model):
    with pytest.raises(NetworkError, match=r"logistic is not a network: it has no filters.*inklings evaluate"):
        saliency(opponent_model, np.zeros((4, 4, 1)))


@pytest.mark.parametrize(
    ("images", "targets", "message"),
    [
        (np.zeros((2, 4, 4, 1)), 0, r"images have shape \(2, 4, 4, 1\), expected \(n, 3, 4, 1\)"),
        (np.full((1, 3, 4, 1), np.nan), 0, "NaN"),
        (np.zeros((0, 3, 4, 1)), 0, "no images"),
        (IMAGES, 2, "class 2, expected 0 to 1"),
        (IMAGES, -1, "class -1, expected 0 to 1"),
        (IMAGES, [0, 1], "one for each of 5 images"),
        (IMAGES, 0.5, "one whole number"),
        (IMAGES, "a", "one whole number"),
    ],
)
def test_what_does_not_fit_is_refused(images, targets, message):
    with pytest.raises(DataError, match=message):
        saliency(linear_model(WEIGHTS), images, targets)


@pytest.mark.parametrize("baseline", [np.nan, [0.0, 0.0], np.zeros((4, 3, 1))])
def test_a_baseline_that_is_no_image_is_refused(baseline):
    with pytest.raises(DataError, match="baseline of shape"):
        integrated_gradients(linear_model(WEIGHTS), IMAGES, 0, baseline)


def test_no_steps_are_refused():
    with pytest.raises(DataError, match="0 steps"):
        integrated_gradients(linear_model(WEIGHTS), IMAGES, 0, steps=0)
