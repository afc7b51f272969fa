"""Convolution and pooling in JAX, in the forms that XLA runs fast on a CPU.

XLA's own convolution is fast with channels last, but only outside of loops (there it runs some twenty times slower:
https://github.com/jax-ml/jax/issues/12868); with large kernels and many channels, spectra are faster. Pooling as a
maximum of strided views beats XLA's window reduction, and its gradient is written here, since both engines must send it
to the same one of several equal values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from inklings.engines import spectral
from inklings.networks.window import Pair, Window

Shape = tuple[int, ...]

_FEW_CHANNELS = 4


def convolve(images: Array, weights: Array, window: Window) -> Array:
    """Slide kernels of shape (height, width, channels, filters) over images (n, height, width, channels)."""
    if spectral.saves_work(images.shape, weights.shape, window):
        return spectral.convolve(images, weights, window)
    convolution: Callable[..., Array] = _slide_over_few if images.shape[-1] <= _FEW_CHANNELS else _slide
    return convolution(images, weights, window)


def _slide(images: Array, weights: Array, window: Window) -> Array:
    return lax.conv_general_dilated(
        images,
        weights,
        window_strides=window.stride,
        padding=window.border(images.shape[1:]),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _slide_over_few(images: Array, weights: Array, window: Window) -> Array:
    """Slide over a few channels; XLA's gradient by such kernels is slow, so it is a product with the patches here."""
    return _slide(images, weights, window)


def _few_forward(images: Array, weights: Array, window: Window) -> tuple[Array, tuple[Array, Array]]:
    return _slide(images, weights, window), (images, weights)


def _few_backward(window: Window, kept: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    images, weights = kept
    # Left out of the program when nobody needs it, as in a first layer.
    (by_images,) = jax.vjp(lambda x: _slide(x, weights, window), images)[1](gradient)
    height, width, channels, filters = weights.shape
    patches = _patches(images, window).reshape(height * width * channels, -1)
    return by_images, (patches @ gradient.reshape(-1, filters)).reshape(weights.shape)


def _patches(images: Array, window: Window) -> Array:
    """Give, for each place in the window and each channel, the values that all windows have there.

    Shape (height, width, channels, n, rows, columns). Shifted by columns first and then by rows: in one go XLA writes
    each shift by itself, and all of them once more.
    """
    by_channel = jnp.moveaxis(_with_border(images, window), -1, 0)
    rows, columns = _places(images, window)
    shifted = jnp.stack([by_channel[..., column] for column in columns])
    return jnp.stack([shifted[..., row, :] for row in rows])


def _places(images: Array, window: Window) -> list[list[slice]]:
    """Give along both axes, for each place in the window, the slice of what all windows have there."""
    counts = window.output_size("a window", images.shape[1:])
    return [
        [slice(place, place + (count - 1) * stride + 1, stride) for place in range(size)]
        for size, stride, count in zip(window.size, window.stride, counts, strict=True)
    ]


def _with_border(images: Array, window: Window, outside: float = 0) -> Array:
    border = window.border(images.shape[1:])
    if not any(sum(sides) for sides in border):
        return images
    return jnp.pad(images, ((0, 0), *border, (0, 0)), constant_values=outside)


_slide_over_few.defvjp(_few_forward, _few_backward)


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def max_pool(images: Array, window: Window) -> Array:
    """Keep the largest value of each window; the gradient goes to the first of equals, row by row."""
    return _pool(images, window)[0]


def _pool(images: Array, window: Window) -> tuple[Array, Array]:
    """Give each window's largest value, and which of its values that was."""
    views = _views(images, window, outside=-jnp.inf)
    largest = views[0]
    for view in views[1:]:
        largest = jnp.maximum(largest, view)
    winner = jnp.full(largest.shape, len(views) - 1, jnp.int16)
    for place in range(len(views) - 2, -1, -1):  # backwards, so that the first of equals is written last
        winner = jnp.where(views[place] == largest, jnp.int16(place), winner)
    return largest, winner


def _views(images: Array, window: Window, *, outside: float) -> list[Array]:
    """Give, for each place in the window, the values that all windows have there; ``outside`` lies at the border."""
    padded = _with_border(images, window, outside)
    rows, columns = _places(images, window)
    return [padded[:, row][:, :, column] for row in rows for column in columns]


def _pool_forward(images: Array, window: Window) -> tuple[Array, tuple[Array, Shape]]:
    largest, winner = _pool(images, window)
    return largest, (winner, images.shape)


def _pool_backward(window: Window, kept: tuple[Array, Shape], gradient: Array) -> tuple[Array]:
    winner, shape = kept
    tiles = window.size == window.stride and all(shape[1 + axis] % window.size[axis] == 0 for axis in (0, 1))
    spread: Callable[..., Array] = _spread_tiles if tiles else _spread_windows
    return (spread(gradient, winner, window, shape),)


def _spread_tiles(gradient: Array, winner: Array, window: Window, shape: Shape) -> Array:
    """Lay each gradient on the winner of its window, where the windows tile the image."""
    height, width = window.size
    places = jnp.arange(height * width, dtype=jnp.int16).reshape(1, 1, height, 1, width, 1)
    spread = jnp.where(winner[:, :, None, :, None, :] == places, gradient[:, :, None, :, None, :], 0)
    return spread.reshape(shape)


def _spread_windows(gradient: Array, winner: Array, window: Window, shape: Shape) -> Array:
    """Lay each gradient on the winner of its window, and add up where windows overlap."""
    border = window.border(shape[1:])
    spread = jnp.zeros((), gradient.dtype)
    for place in range(window.size[0] * window.size[1]):
        offset: Pair = divmod(place, window.size[1])
        share = jnp.where(winner == place, gradient, 0)
        padding = [
            # Undo the slice: what lies before this place's values, after them, and in between; less the border.
            (
                offset[axis] - border[axis][0],
                shape[1 + axis]
                + border[axis][0]
                - offset[axis]
                - (gradient.shape[1 + axis] - 1) * window.stride[axis]
                - 1,
                window.stride[axis] - 1,
            )
            for axis in (0, 1)
        ]
        spread = spread + lax.pad(share, jnp.zeros((), gradient.dtype), [(0, 0, 0), *padding, (0, 0, 0)])
    return spread


max_pool.defvjp(_pool_forward, _pool_backward)
