"""Convolution by way of spectra, against SciPy and XLA's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from scipy.signal import correlate

from inklings.engines import spectral
from inklings.engines.convolution import convolve
from inklings.networks.window import Window

SAME, VALID = Window((5, 5), (1, 1), "same"), Window((5, 5), (1, 1), "valid")


def values(*shape, seed=3):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def slide(images, kernels, window):
    """XLA's own convolution."""
    return lax.conv_general_dilated(
        images, kernels, window.stride, window.border(images.shape[1:]), dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [(5, 5), (3, 5), (4, 2), (1, 1)], ids=str)
@pytest.mark.parametrize("size", [(10, 10), (7, 12), (5, 5)], ids=str)
def test_it_is_a_sum_of_scipys_correlations(size, kernel, padding):
    images, kernels = values(2, *size, 3), values(*kernel, 3, 4)
    window = Window(kernel, (1, 1), padding)
    got = spectral.convolve(jnp.asarray(images), jnp.asarray(kernels), window)
    (above, below), (left, right) = window.border(images.shape[1:])
    framed = np.pad(images, ((0, 0), (above, below), (left, right), (0, 0))).astype(np.float64)
    expected = np.stack(
        [
            np.stack([correlate(image, kernels[..., number], "valid")[..., 0] for number in range(4)], -1)
            for image in framed
        ]
    )
    np.testing.assert_allclose(got, expected, atol=2e-5)


@pytest.mark.parametrize("window", [SAME, VALID], ids=str)
def test_its_rounding_errors_stay_near_one_part_in_a_million(window):
    """Of the largest value, for outputs and both gradients; the reference has twice as many digits."""
    images, kernels = values(50, 10, 10, 32), values(5, 5, 32, 64, seed=4)
    rows, columns = window.output_size("Conv2D", images.shape[1:])
    outer = values(50, rows, columns, 64, seed=5)

    def all_of(convolution, dtype):
        given = [jnp.asarray(array, dtype) for array in (images, kernels, outer)]
        outputs, back = jax.vjp(lambda x, w: convolution(x, w, window), *given[:2])
        return [np.asarray(array, np.float64) for array in (outputs, *back(given[2]))]

    with jax.enable_x64(True):
        found, expected = all_of(spectral.convolve, np.float32), all_of(slide, np.float64)
    for ours, exact in zip(found, expected, strict=True):
        assert np.abs(ours - exact).max() < 2e-6 * np.abs(exact).max()


def test_spectra_are_used_for_large_kernels_in_many_channels_and_images():
    assert spectral.saves_work((50, 10, 10, 32), (5, 5, 32, 64), SAME)
    assert spectral.saves_work((128, 14, 14, 32), (5, 5, 32, 64), SAME)


@pytest.mark.parametrize(
    ("images", "kernels", "window"),
    [
        ((50, 20, 20, 1), (5, 5, 1, 32), SAME),  # one channel: transforming takes longer than what it saves
        ((1, 10, 10, 32), (5, 5, 32, 64), SAME),  # one image: so does transforming the kernels
        ((50, 10, 10, 32), (1, 1, 32, 64), Window((1, 1), (1, 1), "same")),
        ((50, 10, 10, 32), (5, 5, 32, 64), Window((5, 5), (2, 2), "same")),
    ],
    ids=["one channel", "one image", "one pixel", "stride 2"],
)
def test_other_convolutions_slide(images, kernels, window):
    assert not spectral.saves_work(images, kernels, window)


def test_the_way_that_is_chosen_does_not_change_what_comes_out():
    images, kernels = jnp.asarray(values(50, 10, 10, 32)), jnp.asarray(values(5, 5, 32, 64))
    by_spectra = convolve(images, kernels, SAME)
    one_by_one = jnp.concatenate([convolve(image[None], kernels, SAME) for image in images])
    np.testing.assert_allclose(by_spectra, one_by_one, atol=5e-6 * float(jnp.abs(one_by_one).max()))
