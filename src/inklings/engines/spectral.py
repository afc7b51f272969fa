"""Convolution by way of spectra: where images meet large kernels in many channels, a fraction of the arithmetic.

By the convolution theorem, sliding a kernel over an image is, for each frequency of their discrete Fourier transforms,
one multiplication. With channels that is one matrix product a frequency, (filters x channels) by (channels x images),
in place of one for every place in the kernel. Mathieu, Henaff and LeCun trained networks so (2013, "Fast training of
convolutional networks through FFTs", https://arxiv.org/abs/1312.5851).

Images here are small, so the transforms are no FFTs but products with the matrices of the transform, which is what
processors do best, and all numbers are real: a complex product is one of matrices twice as high and wide. The gradient
is JAX's: what is linear is transposed. Results differ from a direct convolution's by rounding alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.networks.window import Window

Shape = tuple[int, ...]
Matrix = NDArray[np.float64]

_WORTH_IT = 2.5
"""How many times less arithmetic there must be; what is left runs slower, since matrices are smaller."""


class _Sizes(NamedTuple):
    """What one convolution's transforms depend on, along one side of the images."""

    image: int
    kernel: int
    before: int
    """Rows of border above the image."""
    output: int

    @property
    def period(self) -> int:
        """The shortest transform in which no product that wraps round the end lands on an output that is kept."""
        return max(self.image + self.before, self.output + self.kernel - 1 - self.before)

    @property
    def half(self) -> int:
        """Frequencies up to the middle, which for real numbers determine the others."""
        return self.period // 2 + 1


def saves_work(shape: Shape, weights: Shape, window: Window) -> bool:
    """Say whether spectra take so much less arithmetic than sliding that they are quicker.

    Parameters
    ----------
    shape : tuple of int
        The images': (n, height, width, channels).
    weights : tuple of int
        The kernels': (height, width, channels, filters).
    window : Window
        Of the convolution; one that skips places has no use for spectra, which give all.
    """
    if window.stride != (1, 1):
        return False
    n, (_, _, channels, filters) = shape[0], weights
    rows, columns = _sizes(shape, window)
    pairs = channels * filters
    sliding = 2 * np.prod(window.size) * pairs * rows.output * columns.output
    half = rows.half
    by_image = 4 * half * rows.image * columns.image + 8 * half * columns.period * columns.image
    by_output = 4 * half * rows.output * columns.output + 8 * half * columns.period * columns.output
    products = 8 * half * columns.period * pairs
    of_kernels = 4 * half * columns.period * np.prod(window.size) * pairs / n
    return bool(sliding >= _WORTH_IT * (channels * by_image + filters * by_output + products + of_kernels))


def convolve(images: Array, weights: Array, window: Window) -> Array:
    """Convolve as :func:`inklings.engines.convolution.convolve` does, with a stride of one.

    Parameters
    ----------
    images : Array
        (n, height, width, channels).
    weights : Array
        (height, width, channels, filters).
    window : Window

    Returns
    -------
    Array
        (n, rows, columns, filters).
    """
    n, height, width, channels = images.shape
    filters = weights.shape[-1]
    rows, columns = _sizes(images.shape, window)
    # With the images' axis last, what a transform takes together lies in front, and everything is a matrix product.
    pixels = jnp.transpose(images, (1, 2, 3, 0))
    half, full = rows.half, columns.period

    along_rows = _constant(_rows_to_spectrum(rows), weights) @ pixels.reshape(height, -1)
    along_both = _each(_columns_to_spectrum(columns), along_rows.reshape(half, 2 * width, channels * n))
    spectra = along_both.reshape(half * full, 2 * channels, n)

    products = _multiply(_kernel_spectra(weights, rows, columns), spectra)

    columns_again = _each(_columns_from_spectrum(columns), products.reshape(half, 2 * full, filters * n))
    outputs = _constant(_rows_from_spectrum(rows), weights) @ columns_again.reshape(2 * half, -1)
    return jnp.transpose(outputs.reshape(rows.output, columns.output, filters, n), (3, 0, 1, 2))


def _sizes(shape: Shape, window: Window) -> tuple[_Sizes, _Sizes]:
    border, outputs = window.border(shape[1:]), window.output_size("Conv2D", shape[1:])
    rows, columns = (_Sizes(shape[1 + axis], window.size[axis], border[axis][0], outputs[axis]) for axis in (0, 1))
    return rows, columns


def _each(matrix: Matrix, values: Array) -> Array:
    """Multiply each of many matrices by the same one; told so, XLA is quicker than when it finds out by itself."""
    return jnp.broadcast_to(_constant(matrix, values), (len(values), *matrix.shape)) @ values


def _multiply(many: Array, others: Array) -> Array:
    """Multiply matrices pair by pair, in two halves: XLA takes one thread for each such list of small products."""
    middle = len(many) // 2
    return jnp.concatenate([many[:middle] @ others[:middle], many[middle:] @ others[middle:]])


def _kernel_spectra(weights: Array, rows: _Sizes, columns: _Sizes) -> Array:
    """Give for each frequency the real matrix (2 filters, 2 channels) that stands for the complex one."""
    height, width, channels, filters = weights.shape
    values = weights.reshape(height * width, channels * filters)
    cosines, sines = _kernel_waves(rows, columns)
    real, imaginary = (
        jnp.swapaxes((_constant(waves, weights) @ values).reshape(-1, channels, filters), 1, 2)
        for waves in (cosines, sines)
    )
    above, below = jnp.concatenate([real, -imaginary], 2), jnp.concatenate([imaginary, real], 2)
    return jnp.concatenate([above, below], 1)


def _constant(matrix: Matrix, like: Array) -> Any:  # noqa: ANN401 - a NumPy array that JAX takes as a constant
    return matrix.astype(like.dtype)


@lru_cache
def _rows_to_spectrum(sizes: _Sizes) -> Matrix:
    """(2 half, image): the real image's frequencies up to the middle, which determine the others."""
    waves = _waves(np.arange(sizes.half), -np.arange(sizes.image), sizes.period)
    return np.stack([waves.real, waves.imag], 1).reshape(-1, sizes.image)


@lru_cache
def _columns_to_spectrum(sizes: _Sizes) -> Matrix:
    """(2 period, 2 image): complex numbers to complex ones, parts outermost in what comes, innermost in what goes."""
    waves = _waves(np.arange(sizes.period), -np.arange(sizes.image), sizes.period)
    return _real_form(waves).reshape(2 * sizes.period, 2 * sizes.image)


@lru_cache
def _columns_from_spectrum(sizes: _Sizes) -> Matrix:
    """(2 output, 2 period): the inverse, for outputs alone; parts innermost in what comes, outermost in what goes."""
    waves = _waves(np.arange(sizes.output) - sizes.before, np.arange(sizes.period), sizes.period) / sizes.period
    return _real_form(waves).transpose(1, 0, 3, 2).reshape(2 * sizes.output, 2 * sizes.period)


@lru_cache
def _rows_from_spectrum(sizes: _Sizes) -> Matrix:
    """(output, 2 half): the inverse of half a spectrum, in which all frequencies but the ends stand for two."""
    twice = np.full(sizes.half, 2.0)
    twice[0] = 1
    if sizes.period % 2 == 0:
        twice[-1] = 1
    waves = _waves(np.arange(sizes.output) - sizes.before, np.arange(sizes.half), sizes.period) * twice / sizes.period
    return np.stack([waves.real, -waves.imag], -1).reshape(sizes.output, 2 * sizes.half)


@lru_cache
def _kernel_waves(rows: _Sizes, columns: _Sizes) -> tuple[Matrix, Matrix]:
    """(frequencies, places in the kernel), real and imaginary: conjugate, for a kernel that is not turned round."""
    down = _waves(np.arange(rows.half), np.arange(rows.kernel), rows.period)
    across = _waves(np.arange(columns.period), np.arange(columns.kernel), columns.period)
    waves = np.einsum("fd,ga->fgda", down, across).reshape(-1, rows.kernel * columns.kernel)
    return waves.real, waves.imag


def _waves(frequencies: NDArray[np.int64], places: NDArray[np.int64], period: int) -> NDArray[np.complex128]:
    """Give exp(2 pi i frequency place / period) for each pair."""
    waves: NDArray[np.complex128] = np.exp(2j * np.pi * np.outer(frequencies, places) / period)
    return waves


def _real_form(matrix: NDArray[np.complex128]) -> Matrix:
    """Give a complex matrix as (rows, part that goes, part that comes, columns)."""
    real, imaginary = matrix.real, matrix.imag
    return np.stack([np.stack([real, -imaginary], 1), np.stack([imaginary, real], 1)], 1)
