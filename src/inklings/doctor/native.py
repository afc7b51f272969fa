"""Checks of the native engine: that it is there, computes right numbers, uses the cores, and is fast enough."""

from __future__ import annotations

from inklings.doctor import engine_check
from inklings.doctor.check import Check, Verdict, count
from inklings.engines import native
from inklings.hardware import Cores

NAME = "native engine"
THREADS = f"{NAME}'s threads"
USUAL = 0.4
"""The share of the machine's matrix-product rate that it usually reaches; what NumPy lacks of it is lost."""
_REINSTALL = "reinstall Inklings with INKLINGS_REQUIRE_NATIVE=1 set, which compiles the engine or says why it cannot"


def check_engine(limit: float | None = None) -> Check:
    """Compute with the native engine, compare with the NumPy engine, and measure if a limit is given."""
    # In this order: whether it is there, whether it is right, how fast it is. A wrong engine's speed is of no interest.
    if reason := native.why_not():
        return _missing(reason, limit)
    if fault := engine_check.find_fault("native"):
        advice = f"{_REINSTALL}; until then train with --engine numpy"
        return Check(NAME, fault, Verdict.BROKEN, advice, float("inf"))
    vectors, advice = _describe_level()
    verdict = Verdict.INFO if advice else Verdict.OK
    if limit is None:
        return Check(NAME, f"works with {vectors}, and agrees with the NumPy engine", verdict, advice)
    speed = engine_check.measure_speed("native", limit)
    found = f"works with {vectors}; {speed}"
    if speed.share >= engine_check.HEALTHY:
        return Check(NAME, found, verdict, advice)
    # How many times slower than healthy.
    factor = engine_check.HEALTHY / speed.share
    return Check(NAME, found, Verdict.SLOW, advice or "close other programs and try again", factor)


def check_threads(cores: Cores) -> Check:
    """Compare the native engine's threads with the cores."""
    from inklings.engines.native.resources import usable_threads

    if not native.is_available():
        return Check(THREADS, "none, since the engine is missing", Verdict.INFO)
    threads = usable_threads()
    found = f"{threads} for {count(cores.usable, 'core')}"
    if threads >= cores.usable:
        return Check(THREADS, found)
    found += f"; the environment sets OMP_NUM_THREADS={threads}"
    return Check(THREADS, found, Verdict.SLOW, "unset OMP_NUM_THREADS", cores.usable / threads)


def _missing(reason: str, limit: float | None) -> Check:
    """Say why it is missing; what that costs is what the NumPy engine falls short of, once that is measured."""
    found = f"missing: {reason}; the NumPy engine trains in its place"
    if limit is None:
        return Check(NAME, found, Verdict.SLOW, _REINSTALL)
    share = engine_check.measure_speed("numpy", limit).share
    found += f", at {share:.1%} of a matrix product's rate, where the native engine usually reaches {USUAL:.0%}"
    return Check(NAME, found, Verdict.SLOW, _REINSTALL, max(1.0, USUAL / share))


def _describe_level() -> tuple[str, str]:
    """Name the vector instructions that the loaded library uses, and say what to do if the processor has wider ones."""
    from inklings.engines.native.bindings import LEVELS, processor_level, used_level

    used, has = used_level(), processor_level()
    if used == has:
        return LEVELS[used], ""
    return (
        f"{LEVELS[used]}, though the processor has {LEVELS[has]}",
        "install a newer C compiler, then reinstall Inklings",
    )
