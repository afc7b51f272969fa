"""The engines by name: the one file that knows them all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

from inklings.arguments import caller_stacklevel, checks_call
from inklings.engines import native
from inklings.engines.base import Engine, MultiSession, Optimiser
from inklings.engines.objective import Objective
from inklings.errors import NativeEngineMissingWarning, RecipeError
from inklings.extras import importing
from inklings.networks import Network, Parameters
from inklings.serialise import did_you_mean

ENGINES = ("auto", "native", "reproducible", "numpy", "jax")
"""Their names, as :func:`get_engine` takes them."""
DTYPES = ("float32", "float64")
"""What an engine can compute in."""
NATIVE = ("native", "reproducible")
"""Those that are the C library."""
RENAMED = {"reference": "numpy", "compiled": "jax"}
"""Engines by their old names, accepted for one version."""


@checks_call(RecipeError)
def get_engine(name: str = "auto", *, dtype: str = "float32", devices: int | None = None) -> Engine:
    """Return an engine by name.

    Parameters
    ----------
    name : {"auto", "native", "reproducible", "numpy", "jax"}
        ``auto`` is ``native`` where that was compiled at installation, else ``numpy``, with a
        NativeEngineMissingWarning that says why. ``reproducible`` is ``native`` without this processor's own
        instructions: several times slower, and the same bytes on other processors.
    dtype : {"float32", "float64"}
        What it computes in.
    devices : int, optional
        How many devices share each batch, for ``jax`` alone; 0 for all there are. One if not given.

    Raises
    ------
    RecipeError
        There is no such engine or dtype, there are fewer devices, or the native engine was asked for and does not work
        here, or ``reproducible`` in float64.
    MissingDependencyError
        ``jax`` was asked for and JAX is not installed.

    Examples
    --------
    >>> import inklings
    >>> inklings.get_engine("numpy", dtype="float64").name
    'numpy'
    """
    if name in RENAMED:
        warnings.warn(describe_renaming(name), FutureWarning, stacklevel=caller_stacklevel())
    elif name not in ENGINES:
        raise RecipeError(f"unknown engine '{name}'", did_you_mean(str(name), ENGINES))
    if dtype not in DTYPES:
        raise RecipeError(f"unknown dtype '{dtype}'", did_you_mean(dtype, DTYPES))
    chosen = engine_name(name)
    if devices is not None:
        return _sharded(chosen, dtype, devices)
    if name == "auto" and chosen != "native":
        warnings.warn(describe_fallback(), NativeEngineMissingWarning, stacklevel=caller_stacklevel())
    # Functions that import: who trains in C does not wait for JAX.
    load: Callable[[str], Engine] = {
        "native": _native,
        "reproducible": _reproducible,
        "numpy": _numpy,
        "jax": _jax,
    }[chosen]
    return load(dtype)


@checks_call(RecipeError)
def engine_name(name: str = "auto") -> str:
    """Return the name of the engine that ``get_engine`` returns: that chosen for ``auto``, today's for an old name.

    Examples
    --------
    >>> engine_name("reference")
    'numpy'
    """
    if name == "auto":
        return "native" if native.is_available() else "numpy"
    return RENAMED.get(name, name)


def describe_renaming(name: str) -> str:
    """Say in one line what an engine is called now."""
    return f"the engine '{name}' is now called '{RENAMED[name]}'; the next version will not know the old name"


def describe_fallback() -> str:
    """Say in one line why ``auto`` is NumPy here, and what to do."""
    return (
        "training with NumPy in float32, three to five times slower, since there is no native engine: "
        f"{native.why_not()}; inklings doctor says what to do"
    )


@checks_call(RecipeError)
def multi_session(
    engine: Engine,
    network: Network,
    objective: Objective,
    optimiser: Optimiser,
    starts: Sequence[Parameters],
    seeds: Sequence[int],
) -> MultiSession:
    """Begin training a network several times side by side.

    Parameters
    ----------
    engine : Engine
        The native one gives each network a thread; JAX makes one program of all; NumPy takes one after the other.
    network : Network
        What all of them are; without convolutions.
    objective : Objective
        What each minimises.
    optimiser : Optimiser
        How each step is taken.
    starts : sequence of dict of str to array
        Each network's parameters.
    seeds : sequence of int
        Of each network's dropout.

    Examples
    --------
    >>> import numpy as np
    >>> import inklings
    >>> from inklings.engines import Objective, multi_session
    >>> from inklings.networks import initial_parameters
    >>> from inklings.training.optimisers import build_optimiser
    >>> network, digits = inklings.preset("softmax", (20, 20, 1), 10).network, inklings.open_dataset("digits")
    >>> optimiser, order = build_optimiser(inklings.Recipe("sgd")), np.arange(1000).reshape(10, 2, 50)
    >>> engine, starts = inklings.get_engine("numpy"), [initial_parameters(network, seed) for seed in (0, 1)]
    >>> session = multi_session(engine, network, Objective(), optimiser, starts, seeds=[0, 1])
    >>> losses = session.train(digits.images, digits.labels, order, np.full((10, 2), 0.01), 0, lambda: False)
    >>> losses.shape  # ten steps of two networks
    (10, 2)
    """
    settings = network, objective, optimiser, starts, seeds
    if engine.name in NATIVE:
        from inklings.engines.native.parallel_sessions import ParallelSessions

        return ParallelSessions(engine, *settings)  # type: ignore[arg-type]
    if engine.name == "jax":
        from inklings.engines.jax.multi_session import JaxMultiSession

        return JaxMultiSession(engine, *settings)  # type: ignore[arg-type]
    from inklings.engines.numpy.multi_session import NumpyMultiSession

    return NumpyMultiSession(engine, *settings)  # type: ignore[arg-type]


def _native(dtype: str) -> Engine:
    _check_native()
    from inklings.engines.native.engine import NativeEngine

    return NativeEngine(dtype)


def _reproducible(dtype: str) -> Engine:
    _check_native()
    if dtype != "float32":
        raise RecipeError(
            "the engine reproducible computes in float32, and bfgs, lbfgs and cg need float64",
            "train with adam, sgd, momentum or nesterov, or with another engine",
        )
    from inklings.engines.native.engine import ReproducibleEngine

    return ReproducibleEngine()


def _check_native() -> None:
    if not native.is_available():
        raise RecipeError(
            f"there is no native engine: {native.why_not()}",
            "install a C compiler and then Inklings again, or train with the engine 'numpy', which is slower",
        )


def _numpy(dtype: str) -> Engine:
    from inklings.engines.numpy.engine import NumpyEngine

    return NumpyEngine(dtype)


def _jax(dtype: str) -> Engine:
    with importing("jax", "the engine 'jax' needs JAX", "'inklings[jax]'"):
        import jax  # noqa: F401 - apart from the engine, whose own faults are none of JAX's
    from inklings.engines.jax.engine import JaxEngine

    return JaxEngine(dtype)


def _sharded(name: str, dtype: str, devices: int) -> Engine:
    if name != "jax":
        hint = "leave them out, since the engine native uses all cores of a processor"
        raise RecipeError(
            f"are for the engine jax, found engine '{name}'",
            hint,
            setting="devices",
            found=devices,
            suggested={"engine": "jax"},
        )
    _jax(dtype)  # says what to install
    from inklings.engines.jax.sharded_engine import ShardedEngine

    return ShardedEngine(dtype, devices or None)
