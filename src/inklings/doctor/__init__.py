"""What makes training slow or impossible on this machine, and what to do about it.

::

    from inklings.doctor import examine, exit_code
    checks = examine()
    for check in checks:
        print(check.verdict, check.name, check.found, check.advice)
    raise SystemExit(exit_code(checks))
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inklings import hardware
from inklings.doctor.check import Check, Verdict, costliest, exit_code, of_another_engine

__all__ = ["Check", "Verdict", "costliest", "examine", "exit_code", "explain_slowness"]


def examine(
    *,
    measure: bool = True,
    engine: str = "auto",
    root: Path = hardware.ROOT,
    cache: Path | None = None,
    runs: Path | None = None,
) -> tuple[Check, ...]:
    """Look at everything that decides how fast training can be.

    Parameters
    ----------
    measure : bool
        Whether to measure speeds too, which takes some three seconds; without, what is told is told at once.
    engine : str
        Which one trains. What is wrong with another costs nothing, and without ``measure`` is not looked for.
    root : Path
        Where the system's own files (``proc``, ``sys``, ``dev``) lie.
    cache : Path, optional
        The cache folder to look at; the user's own if not given.
    runs : Path, optional
        Where runs will be kept; the current folder if not given.

    Returns
    -------
    tuple of Check
        In a fixed order.
    """
    from inklings.doctor import blas, system
    from inklings.engines import engine_name

    cores, instructions = hardware.cores(root), hardware.vector_instructions(root)
    others = system.check_other_programs(cores, root)  # before anything here keeps the cores busy
    return (
        system.check_versions(),
        Check("processor", hardware.processor_name(root), Verdict.INFO),
        blas.check_vectors(instructions),
        system.check_cores(cores),
        blas.check_kernel(instructions, measure=measure),
        blas.check_blas_threads(cores, measure=measure),
        *_check_engines(cores, root, measure=measure, engine=engine),
        others,
        system.check_memory(hardware.memory(root)),
        system.check_graphics(root, uses_jax=engine_name(engine) == "jax"),
        system.check_cache(cache or hardware.cache_folder()),
        system.check_disk(runs or Path.cwd()),
    )


def _check_engines(cores: hardware.Cores, root: Path, *, measure: bool, engine: str) -> Iterator[Check]:
    """Check both engines that one may train with; only what is wrong with the one that does costs anything."""
    from inklings.doctor import compiled, native, trial
    from inklings.engines import engine_name

    limit = trial.product_limit() if measure else None
    for check in (native.check_engine(limit), native.check_threads(cores)):
        yield check if engine in ("auto", "native") else of_another_engine(check, "native")
    trains = engine_name(engine) == "jax"
    if not (trains or measure):
        yield from compiled.leave_out()
        return
    for check in (compiled.check_engine(limit), compiled.check_threads(cores, root)):
        yield check if trains else of_another_engine(check, "jax")


def explain_slowness(
    seconds: float, expected: float, *, engine: str = "auto", root: Path = hardware.ROOT
) -> str | None:
    """Say in one line why a run is slower than it should be.

    Parameters
    ----------
    seconds, expected : float
        What training took, and what it should have taken by its forecast.
    engine, root
        As in :func:`examine`.

    Returns
    -------
    str or None
        None if it took less than twice what was expected.
    """
    if seconds < 2 * expected:
        return None
    slow = f"{seconds / expected:.1f} times slower than expected"
    check = costliest(examine(measure=False, engine=engine, root=root))
    if check is None:
        return f"{slow}, and nothing simple explains it; inklings doctor measures more"
    return f"{slow}: {check.name}: {check.found}; {check.advice}"
