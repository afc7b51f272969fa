"""No contender but the limit: this machine's own matrix products, in the same rounds as the others.

A turn takes a quarter of a second; the rate is that of its fastest product.
"""

from __future__ import annotations

import jax
from turns import Contest, Task, serve

from inklings.engines.microbenchmarks import product_rate


def product(task: Task) -> Contest:
    """Measure the product of both libraries; the faster is the limit."""
    at = {"rate": 0.0}
    libraries = ("jax", "numpy") if task.setting == "float32" else ("jax",)

    def run() -> None:
        at["rate"] = max(product_rate(library, task.setting, within=0.1) for library in libraries)

    return Contest(run, lambda: float("nan"), lambda: {"rate": at["rate"]})


if __name__ == "__main__":
    serve({"product": product}, lambda: f"JAX {jax.__version__}")
