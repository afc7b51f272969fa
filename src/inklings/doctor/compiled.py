"""Checks of the compiled engine: that it works, gives right numbers, uses the cores, and is as fast as it can be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inklings.doctor.check import Check, Verdict, count
from inklings.engines import Objective, get_engine
from inklings.engines.rates import best_seconds, product_rate
from inklings.machine import Cores
from inklings.networks import Dense, Flatten, Network, initial_parameters

NAME = "compiled engine"
HEALTHY = 0.2
"""The least share of the machine's matrix-product rate that training a small dense network should reach."""
LARGEST_DIFFERENCE = 1e-3
"""Between the gradients of both engines, against the largest; float32 alone makes about 1e-6."""
_SMALL = Network((4, 4, 1), (Flatten(), Dense(5, "relu"), Dense(3, "softmax")))
_TYPICAL = Network((20, 20, 1), (Flatten(), Dense(800, "relu"), Dense(10, "softmax")))
_BATCH, _STEPS = 50, 8

# Settings of JAX that make it slow without a word, and what they do.
COSTLY_SETTINGS = {
    "jax_disable_jit": "nothing is compiled",
    "jax_debug_nans": "every result is looked through",
    "jax_debug_infs": "every result is looked through",
    "jax_check_tracer_leaks": "compiled programs are not kept",
}


def check_engine(*, measure: bool = True) -> Check:
    """Compute with the compiled engine, compare with the reference engine, and measure."""
    costly: dict[str, str] = {}
    try:
        costly = _costly_settings()
        difference = _difference()
        _train(_SMALL)()
        if difference < LARGEST_DIFFERENCE:
            return _speed(costly) if measure else _works(costly)
        found = f"gives gradients that differ from the reference engine's by {difference:.1e}"
    except Exception as error:  # any failure of JAX's own is what is looked for
        found = f"fails with {type(error).__name__}: {_first_line(error)}"
    advice = "pip install --force-reinstall jax jaxlib; until then train with --engine reference, which is slower"
    if costly:
        found, advice = f"{found}; {', '.join(costly.values())}", _unset(costly)
    return Check(NAME, found, Verdict.BROKEN, advice, float("inf"))


def _works(costly: Mapping[str, str]) -> Check:
    if costly:
        return Check(NAME, f"works, slowly: {', '.join(costly.values())}", Verdict.SLOW, _unset(costly))
    return Check(NAME, "works, and agrees with the reference engine")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "no message")


def _difference() -> float:
    """Give the largest difference between both engines' gradients, against the largest gradient."""
    random = np.random.default_rng(0)
    images, labels = random.normal(size=(6, 4, 4, 1)).astype(np.float32), np.arange(6) % 3
    parameters = initial_parameters(_SMALL, 0)
    reference, compiled = (
        get_engine(name, dtype=dtype).gradients(_SMALL, Objective(), parameters, images, labels)[1]
        for name, dtype in (("reference", "float64"), ("compiled", "float32"))
    )
    largest = max(float(np.abs(gradient).max()) for gradient in reference.values())
    return max(float(np.abs(compiled[name] - gradient).max()) for name, gradient in reference.items()) / largest


def _costly_settings() -> dict[str, str]:
    """Give the settings of JAX that are known to cost, with what they do."""
    import jax

    return {
        name: f"{name} is on ({effect})" for name, effect in COSTLY_SETTINGS.items() if getattr(jax.config, name, False)
    }


def _unset(names: Iterable[str]) -> str:
    return f"unset {' '.join(name.upper() for name in names)}"


def _speed(costly: Mapping[str, str]) -> Check:
    limit = max(product_rate("jax"), product_rate("numpy"))
    rate = _training_rate()
    fraction = rate / limit
    found = (
        f"works; trains a 400-800-10 network at {_gigaflops(rate)} GFLOP/s, {fraction:.1%} of what a matrix product "
        f"reaches here ({_gigaflops(limit)})"
    )
    if fraction >= HEALTHY:
        return Check(NAME, found)
    advice, flags = "end other programs and try again; reinstall jaxlib", os.environ.get("XLA_FLAGS")
    if costly:
        found, advice = f"{found}; {', '.join(costly.values())}", _unset(costly)
    elif flags:
        advice = f"unset XLA_FLAGS, which is {flags}"
    return Check(NAME, found, Verdict.SLOW, advice, HEALTHY / fraction)


def _gigaflops(rate: float) -> str:
    return f"{rate / 1e9:.3g}"


def _training_rate() -> float:
    """Measure floating-point operations a second while training: forward, and two products a layer backward."""
    seconds = best_seconds(_train(_TYPICAL), within=0.5)
    first, *others = [layer.operations(shape) for _, layer, shape in _TYPICAL.walk() if isinstance(layer, Dense)]
    # The first layer's input gradient is needed by nobody.
    return _STEPS * _BATCH * (2 * first + 3 * sum(others)) / seconds


def _train(network: Network) -> Callable[[], object]:
    """Give a function that takes some steps with random images."""
    import optax

    random = np.random.default_rng(0)
    images = random.normal(size=(500, *network.input_shape)).astype(np.float32)
    labels = np.arange(500) % network.output_count
    order, rates = random.integers(0, 500, (_STEPS, _BATCH)), np.full(_STEPS, 1e-3)
    optimiser: Any = optax.trace(0.9, nesterov=True)
    session = get_engine().session(network, Objective(), optimiser, initial_parameters(network, 0), seed=0)
    return lambda: session.train(images, labels, order, rates, 0, lambda: False)


def check_threads(cores: Cores, root: Path) -> Check:
    """Count the threads that the compiled engine shares its work among; Linux names them."""
    threads = _xla_threads(root)
    name = "compiled engine's threads"
    if not threads:
        return Check(name, "this system does not tell", Verdict.INFO)
    found = f"{threads} for {count(cores.usable, 'core')}"
    if threads < cores.usable:
        forced = os.environ.get("NPROC")
        advice = f"unset NPROC, which is {forced}" if forced else f"set NPROC={cores.usable}"
        return Check(name, found, Verdict.SLOW, advice, cores.usable / threads)
    return Check(name, found)


def _xla_threads(root: Path) -> int:
    names = (root / "proc/self/task").glob("*/comm")
    return sum(_read_name(path) == "tf_XLAEigen" for path in names)


def _read_name(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # the thread ended meanwhile
        return ""
