"""Convolution and pooling as the compiled engine does them, against SciPy and JAX's own window functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from scipy.signal import correlate2d

from inklings.engines.convolution import convolve, max_pool
from inklings.networks.window import Window

WINDOWS = [
    Window((2, 2), (2, 2), "valid"),
    Window((2, 2), (2, 2), "same"),
    Window((3, 3), (2, 2), "same"),
    Window((3, 2), (1, 2), "valid"),
    Window((2, 3), (3, 1), "same"),
]


def values(*shape):
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_convolution_is_a_sum_of_scipys_correlations(padding):
    images, kernels = values(2, 6, 7, 3), values(3, 5, 3, 4)
    got = convolve(jnp.asarray(images), jnp.asarray(kernels), Window((3, 5), (1, 1), padding))
    for filter_number in range(4):
        expected = sum(
            correlate2d(images[1, :, :, channel], kernels[:, :, channel, filter_number], mode=padding)
            for channel in range(3)
        )
        np.testing.assert_allclose(got[1, :, :, filter_number], expected, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, 6], ids=lambda count: f"{count} channels")
@pytest.mark.parametrize("window", [*WINDOWS, Window((5, 5), (1, 1), "same"), Window((3, 3), (1, 1), "valid")], ids=str)
def test_a_convolutions_gradients_are_those_of_xlas_own(window, channels):
    images, kernels = jnp.asarray(values(3, 7, 6, channels)), jnp.asarray(values(*window.size, channels, 4))

    def slide(images, kernels):
        border = window.border(images.shape[1:])
        return lax.conv_general_dilated(
            images, kernels, window.stride, border, dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    expected, back = jax.vjp(slide, images, kernels)
    got, our_back = jax.vjp(lambda x, w: convolve(x, w, window), images, kernels)
    np.testing.assert_allclose(got, expected, atol=1e-5)
    outer = jnp.asarray(values(*expected.shape))
    for ours, theirs in zip(our_back(outer), back(outer), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def pool_by_window_reduction(images, window):
    border = ((0, 0), *window.border(images.shape[1:]), (0, 0))
    return lax.reduce_window(images, -jnp.inf, lax.max, (1, *window.size, 1), (1, *window.stride, 1), border)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("size", [(6, 6), (7, 5)])
def test_pooling_and_its_gradient_equal_those_of_xlas_window_reduction_where_no_values_are_equal(window, size):
    images = jnp.asarray(values(2, *size, 3))
    weights = jnp.asarray(values(*pool_by_window_reduction(images, window).shape))
    got = jax.value_and_grad(lambda x: (max_pool(x, window) * weights).sum())(images)
    expected = jax.value_and_grad(lambda x: (pool_by_window_reduction(x, window) * weights).sum())(images)
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-6)
    np.testing.assert_allclose(got[1], expected[1], atol=1e-6)


@pytest.mark.parametrize("window", WINDOWS[:2], ids=str)
def test_of_equal_values_the_first_gets_the_gradient(window):
    gradient = jax.grad(lambda x: max_pool(x, window).sum())(jnp.zeros((1, 4, 4, 1)))
    np.testing.assert_array_equal(gradient[0, :, :, 0], np.kron(np.ones((2, 2)), [[1, 0], [0, 0]]))
