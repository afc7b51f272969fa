"""Would training in bfloat16 be quicker? The products of experiment 5's step in both precisions, on this machine.

::

    python benchmarks/products.py

A processor with instructions for bfloat16 multiplies it up to twice as fast, adding up in float32. But weights and
gradients are float32, so what a product reads has to be converted first; the last column counts that too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from inklings.engines.microbenchmarks import best_seconds, product_rate

Dimensions = tuple[tuple[tuple[int, ...], tuple[int, ...]], tuple[tuple[int, ...], tuple[int, ...]]]

FORWARD, BY_INPUTS, BY_WEIGHTS = ((1,), (0,)), ((1,), (1,)), ((0,), (0,))
NO_BATCH, BY_FREQUENCY = ((), ()), ((0,), (0,))


def works(images: int) -> dict[str, tuple[tuple[int, ...], tuple[int, ...], Dimensions]]:
    """Give the shapes that are multiplied for so many images of 20 x 20, and along which dimensions."""
    return {
        "dense, forward": ((images, 1600), (1600, 1024), (FORWARD, NO_BATCH)),
        "dense, gradient by inputs": ((images, 1024), (1600, 1024), (BY_INPUTS, NO_BATCH)),
        "dense, gradient by weights": ((images, 1600), (images, 1024), (BY_WEIGHTS, NO_BATCH)),
        "84 frequencies, forward": ((84, 128, 64), (84, 64, images), (((2,), (1,)), BY_FREQUENCY)),
        "84 frequencies, gradient by images": ((84, 128, 64), (84, 128, images), (((1,), (1,)), BY_FREQUENCY)),
        "84 frequencies, gradient by kernels": ((84, 128, images), (84, 64, images), (((2,), (2,)), BY_FREQUENCY)),
    }


def main() -> None:
    """Print a row for each product."""
    rates = [product_rate("jax", dtype) / 1e9 for dtype in ("float32", "bfloat16")]
    print("large products: float32 {:.0f}, bfloat16 {:.0f} GFLOP/s".format(*rates))
    print(f"{'milliseconds':44} {'float32':>8} {'bfloat16':>9} {'converted':>10}")
    for images in (50, 128):
        for name, (left, right, dimensions) in works(images).items():
            product = partial(lax.dot_general, dimension_numbers=dimensions, preferred_element_type=jnp.float32)
            plain, short = ([jnp.full(shape, 0.5, dtype) for shape in (left, right)] for dtype in (float, jnp.bfloat16))
            each = milliseconds(product, plain), milliseconds(product, short), milliseconds(converted(product), plain)
            print(f"{f'{images} images: {name}':44} {each[0]:8.2f} {each[1]:9.2f} {each[2]:10.2f}", flush=True)


def converted(product: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """Give the product of float32 matrices that are converted to bfloat16 first."""
    return lambda left, right: product(left.astype(jnp.bfloat16), right.astype(jnp.bfloat16))


def milliseconds(product: Callable[[Array, Array], Array], factors: list[Array]) -> float:
    """Give the shortest time of several runs of several calls."""
    program = jax.jit(product)
    calls = 20
    return best_seconds(lambda: [program(*factors) for _ in range(calls)][-1].block_until_ready()) / calls * 1e3


if __name__ == "__main__":
    main()
