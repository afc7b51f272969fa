"""Checks of the native engine: that it is there, gives right numbers, uses the cores, and is as fast as it can be."""

from __future__ import annotations

from inklings.doctor import trial
from inklings.doctor.check import Check, Verdict, count
from inklings.engines import native
from inklings.hardware import Cores

NAME = "native engine"
THREADS = f"{NAME}'s threads"
USUAL = 0.4
"""The share of the machine's matrix-product rate that it usually reaches; what another engine lacks of it is lost."""
_AGAIN = "install a C compiler (gcc or clang) and then Inklings again"


def check_engine(limit: float | None = None) -> Check:
    """Compute with the native engine, compare with the reference engine, and measure if a limit is given."""
    if reason := native.why_not():
        return _missing(reason, limit)
    if fault := trial.fault_of("native"):
        advice = f"{_AGAIN}; until then train with --engine jax"
        return Check(NAME, fault, Verdict.BROKEN, advice, float("inf"))
    vectors, advice = _describe_level()
    if limit is None:
        found = f"works with {vectors}, and agrees with the reference engine"
        return Check(NAME, found, _mild(advice), advice)
    speed = trial.speed_of("native", limit)
    found = f"works with {vectors}; {speed}"
    if speed.share >= trial.HEALTHY:
        return Check(NAME, found, _mild(advice), advice)
    return Check(NAME, found, Verdict.SLOW, advice or "end other programs and try again", trial.HEALTHY / speed.share)


def check_threads(cores: Cores) -> Check:
    """Compare the threads that the native engine shares its work among with the cores."""
    from inklings.engines.native.resources import usable_threads

    if not native.is_available():
        return Check(THREADS, "the engine is not there", Verdict.INFO)
    threads = usable_threads()
    found = f"{threads} for {count(cores.usable, 'core')}"
    if threads >= cores.usable:
        return Check(THREADS, found)
    found += f"; the environment sets OMP_NUM_THREADS={threads}"
    return Check(THREADS, found, Verdict.SLOW, "unset OMP_NUM_THREADS", cores.usable / threads)


def _missing(reason: str, limit: float | None) -> Check:
    """Say that it is not there; what that costs is what the compiled engine falls short of."""
    found = f"not there: {reason}; the compiled engine takes its place"
    if limit is None or trial.fault_of("jax"):
        return Check(NAME, found, Verdict.SLOW, _AGAIN)
    share = trial.speed_of("jax", limit).share
    found += f" and reaches {share:.1%} of a matrix product's rate, where this one usually reaches {USUAL:.0%}"
    return Check(NAME, found, Verdict.SLOW, _AGAIN, max(1.0, USUAL / share))


def _describe_level() -> tuple[str, str]:
    """Name the vector instructions that the loaded library uses, and say what to do if the processor has wider ones."""
    from inklings.engines.native.bindings import LEVELS, processor_level, used_level

    used, has = used_level(), processor_level()
    if used == has:
        return LEVELS[used], ""
    return (
        f"{LEVELS[used]}, the processor can do {LEVELS[has]}",
        "install a newer C compiler and then Inklings again",
    )


def _mild(advice: str) -> Verdict:
    return Verdict.INFO if advice else Verdict.OK
