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
from inklings.arguments import checks_call
from inklings.command_names import named_as_a_command
from inklings.doctor.check import Check, Verdict, costliest, exit_code, for_information
from inklings.errors import InklingsError

__all__ = ["Check", "Verdict", "costliest", "examine", "exit_code", "explain_slowness"]

named_as_a_command(__name__, "inklings.doctor.examine()")


@checks_call(InklingsError)
def examine(
    *, measure: bool = True, engine: str = "auto", root: Path = hardware.ROOT, runs: Path | None = None
) -> tuple[Check, ...]:
    """Look at everything that decides how fast training can be.

    Parameters
    ----------
    measure : bool
        Whether to measure speeds too, which takes a few seconds; without, the answer comes at once.
    engine : str
        Which engine trains. What is wrong with another one costs nothing.
    root : Path
        Where the system's own files (``proc``, ``sys``, ``dev``) lie.
    runs : Path, optional
        Where runs will be kept; the current folder if not given.

    Returns
    -------
    tuple of Check
        In a fixed order.

    Examples
    --------
    >>> from inklings.doctor import examine
    >>> all(check.found for check in examine(measure=False))
    True
    """
    from inklings.doctor import blas, gpu, system
    from inklings.engines import engine_name

    cores, trains = hardware.cores(root), engine_name(engine)
    others = system.check_other_programs(cores, root)  # before anything here keeps the cores busy
    return (
        system.check_versions(),
        Check("processor", hardware.processor_name(root), Verdict.INFO),
        blas.check_vectors(hardware.vector_instructions(root)),
        system.check_cores(cores),
        *_check_native(cores, measure=measure, engine=engine),
        *_check_blas(cores, root, measure=measure, trains=trains == "numpy"),
        gpu.check_gpu(root, load_jax=measure, trains=trains == "jax"),
        others,
        system.check_memory(hardware.memory(root)),
        system.check_disk(runs or Path.cwd()),
    )


def _check_native(cores: hardware.Cores, *, measure: bool, engine: str) -> Iterator[Check]:
    from inklings.doctor import engine_check, native

    limit = engine_check.measure_limit() if measure else None
    for check in (native.check_engine(limit), native.check_threads(cores)):
        yield check if engine in ("auto", "native") else for_information(check, "native")


def _check_blas(cores: hardware.Cores, root: Path, *, measure: bool, trains: bool) -> Iterator[Check]:
    from inklings.doctor import blas

    instructions = hardware.vector_instructions(root)
    for check in (blas.check_kernel(instructions, measure=measure), blas.check_threads(cores, measure=measure)):
        yield check if trains else for_information(check, "numpy")


@checks_call(InklingsError)
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

    Examples
    --------
    >>> from inklings.doctor import explain_slowness
    >>> explain_slowness(seconds=11.0, expected=10.0) is None
    True
    """
    # A forecast is right within 1.5 on a quiet machine; a factor of 2 needs a reason.
    if seconds < 2 * expected:
        return None
    slow = f"{seconds / expected:.1f} times slower than expected"
    # Without measuring, which would take the cores from the very training that is slow.
    check = costliest(examine(measure=False, engine=engine, root=root))
    if check is None:
        return f"{slow}, for no simple reason; inklings doctor measures more"
    return f"{slow}: {check.name}: {check.found}; {check.advice}"
