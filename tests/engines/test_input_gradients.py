"""The gradient of a class's logit by the pixels: against differences of the native engine's logits, and JAX's own."""

import numpy as np
import pytest

from inklings.engines import get_engine
from inklings.engines.gradcheck import random_parameters
from inklings.engines.numpy.backpropagation import input_gradients
from specimens import NETWORKS


def pixels_of(network, images=2):
    return np.random.default_rng(5).random((images, *network.input_shape))


def choose(network, images):
    """One class an image, not the same for both."""
    return np.eye(network.output_count)[np.arange(images) + 1]


def test_they_are_the_differences_of_the_native_engines_logits(network):
    parameters, images = random_parameters(network, 3), pixels_of(network)
    dz = choose(network, len(images))
    logits, gradients = input_gradients(network, parameters, images, dz)
    # Images go to engines in float32: slopes are taken between what each pixel is rounded to.
    read = get_engine("native", dtype="float64").reader(network.without_last_activation, parameters)
    np.testing.assert_allclose(logits, read(images.astype(np.float32)), atol=1e-5)
    random = np.random.default_rng(0)
    for place in random.permutation(images[0].size)[:8]:
        ends = []
        for sign in (1, -1):
            moved = images.reshape(len(images), -1).astype(np.float32)
            moved[:, place] += np.float32(sign * 2**-12)
            ends.append((moved[:, place].astype(np.float64), read(moved.reshape(images.shape))))
        (up, above), (down, below) = ends
        slope = ((above - below) * dz).sum(1) / (up - down)
        found = gradients.reshape(len(images), -1)[:, place]
        np.testing.assert_allclose(found, slope, atol=2e-3 * np.abs(gradients).max() + 1e-9)


@pytest.mark.parametrize("name", ["convolution normalised", "largest", "pooling same 3 by 2"])
def test_they_are_what_jax_finds_by_itself(name):
    jax = pytest.importorskip("jax")
    from inklings.engines.jax.forward import logits

    network = NETWORKS[name]
    parameters, images = random_parameters(network, 3), pixels_of(network)
    dz = choose(network, len(images))
    with jax.enable_x64(True):
        placed = {key: jax.numpy.asarray(value) for key, value in parameters.items()}
        expected = jax.grad(lambda x: (logits(network, placed, x, None)[0] * dz).sum())(jax.numpy.asarray(images))
    _, found = input_gradients(network, parameters, images, dz)
    np.testing.assert_allclose(found, np.asarray(expected), atol=1e-12)


@pytest.mark.parametrize("name", ["convolution normalised", "normalised", "dropout"])
def test_an_images_gradient_does_not_depend_on_the_images_beside_it(name):
    network = NETWORKS[name]
    parameters, images = random_parameters(network, 3), pixels_of(network)
    dz = choose(network, len(images))
    _, together = input_gradients(network, parameters, images, dz)
    _, alone = input_gradients(network, parameters, images[1:], dz[1:])
    np.testing.assert_allclose(together[1:], alone, atol=1e-12)


def test_parameters_and_images_are_left_as_they_were():
    network = NETWORKS["convolution normalised"]
    parameters, images = random_parameters(network, 3), pixels_of(network)
    before, pixels = {name: value.copy() for name, value in parameters.items()}, images.copy()
    input_gradients(network, parameters, images, choose(network, len(images)))
    np.testing.assert_array_equal(images, pixels)
    for name, value in parameters.items():
        np.testing.assert_array_equal(value, before[name])
