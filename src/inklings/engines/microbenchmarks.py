"""How fast this machine computes, measured for a moment.

A matrix product is the fastest useful thing that a processor does, so its rate is the limit that training is held
against. Every figure is the best of several short runs: other programs can only make a run slower, never faster.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any

import numpy as np

# One product that a core or two work on at their best, and one that is large enough for many cores.
PRODUCT_SIZES = (512, 1536)


def best_seconds(run: Callable[[], object], *, within: float = 0.15) -> float:
    """Return the shortest time that ``run`` takes, of as many runs as fit into ``within`` seconds, at least three.

    The first run is a warm-up that is not counted.
    """
    # Untimed: it loads libraries, starts threads and, with JAX, compiles.
    run()
    best, begun, runs = float("inf"), perf_counter(), 0
    while runs < 3 or perf_counter() - begun < within:
        start = perf_counter()
        run()
        best = min(best, perf_counter() - start)
        runs += 1
    return best


def product_rate(library: str, dtype: str = "float32", *, within: float = 0.15) -> float:
    """Measure floating-point operations a second in the product of two square matrices.

    Parameters
    ----------
    library : {"numpy", "jax"}
        Whose product: NumPy's is the BLAS library's, JAX's is that of XLA.
    dtype : str
        ``float32``, ``float64``; for JAX also ``bfloat16``.
    within : float
        Seconds for each of two sizes.
    """
    product = _numpy_product if library == "numpy" else _jax_product
    # Each of size^2 sums has size multiplications and as many additions.
    return max(2 * size**3 / best_seconds(product(size, dtype), within=within) for size in PRODUCT_SIZES)


def _numpy_product(size: int, dtype: str) -> Callable[[], object]:
    # 0.5 keeps every product and sum an ordinary number, neither denormal nor infinite.
    left = np.full((size, size), 0.5, dtype)
    # Into an array that is there already: a fresh one for each product would mean page faults within the time.
    right, result = left.copy(), np.empty_like(left)
    return lambda: np.matmul(left, right, out=result)


def _jax_product(size: int, dtype: str) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    def place() -> Any:  # noqa: ANN401 - a JAX array
        return jnp.full((size, size), 0.5, dtype)

    def precision() -> AbstractContextManager[Any]:
        return jax.enable_x64(True) if dtype == "float64" else nullcontext()

    # Sums are kept in float32 where that is more than the numbers' own, as in mixed precision: XLA's fastest product.
    kept = jnp.promote_types(dtype, "float32")
    multiply = jax.jit(lambda left, right: jnp.matmul(left, right, preferred_element_type=kept))
    with precision():
        left, right = place(), place()

    def run() -> None:
        with precision():
            multiply(left, right).block_until_ready()

    return run
