"""Checks of the compiled engine: that it works, gives right numbers, uses the cores, and is as fast as it can be.

Where the native engine was compiled, nothing is trained by this one unless asked for: what is found then costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from inklings.doctor import trial
from inklings.doctor.check import Check, Verdict, count
from inklings.hardware import Cores

NAME = "compiled engine"
THREADS = f"{NAME}'s threads"

# Settings of JAX that make it slow without a word, and what they do.
COSTLY_SETTINGS = {
    "jax_disable_jit": "nothing is compiled",
    "jax_debug_nans": "every result is looked through",
    "jax_debug_infs": "every result is looked through",
    "jax_check_tracer_leaks": "compiled programs are not kept",
}


def leave_out() -> tuple[Check, ...]:
    """Say that nothing was looked at, since another engine trains: loading JAX to look would take a second."""
    found = "not looked at, since another engine trains"
    return Check(NAME, found, Verdict.INFO), Check(THREADS, found, Verdict.INFO)


def check_engine(limit: float | None = None) -> Check:
    """Compute with the compiled engine, compare with the reference engine, and measure if a limit is given."""
    costly: dict[str, str] = {}
    try:
        costly = _costly_settings()
        found = trial.fault_of("jax")
    except Exception as error:  # JAX cannot even be loaded
        found = trial.describe(error)
    if not found:
        return _works(costly) if limit is None else _speed(costly, limit)
    advice = "pip install --force-reinstall jax jaxlib; until then train with --engine numpy, which is slower"
    if costly:
        found, advice = f"{found}; {', '.join(costly.values())}", _unset(costly)
    return Check(NAME, found, Verdict.BROKEN, advice, float("inf"))


def _works(costly: Mapping[str, str]) -> Check:
    if costly:
        return Check(NAME, f"works, slowly: {', '.join(costly.values())}", Verdict.SLOW, _unset(costly))
    return Check(NAME, "works, and agrees with the reference engine")


def _costly_settings() -> dict[str, str]:
    """Give the settings of JAX that are known to cost, with what they do."""
    import jax

    return {
        name: f"{name} is on ({effect})" for name, effect in COSTLY_SETTINGS.items() if getattr(jax.config, name, False)
    }


def _unset(names: Iterable[str]) -> str:
    return f"unset {' '.join(name.upper() for name in names)}"


def _speed(costly: Mapping[str, str], limit: float) -> Check:
    speed = trial.speed_of("jax", limit)
    found = f"works; {speed}"
    if speed.share >= trial.HEALTHY:
        return Check(NAME, found)
    advice, flags = "end other programs and try again; reinstall jaxlib", os.environ.get("XLA_FLAGS")
    if costly:
        found, advice = f"{found}; {', '.join(costly.values())}", _unset(costly)
    elif flags:
        advice = f"unset XLA_FLAGS, which is {flags}"
    return Check(NAME, found, Verdict.SLOW, advice, trial.HEALTHY / speed.share)


def check_threads(cores: Cores, root: Path) -> Check:
    """Count the threads that the compiled engine shares its work among; Linux names them."""
    threads = _xla_threads(root)
    if not threads:
        return Check(THREADS, "this system does not tell", Verdict.INFO)
    found = f"{threads} for {count(cores.usable, 'core')}"
    if threads < cores.usable:
        forced = os.environ.get("NPROC")
        advice = f"unset NPROC, which is {forced}" if forced else f"set NPROC={cores.usable}"
        return Check(THREADS, found, Verdict.SLOW, advice, cores.usable / threads)
    return Check(THREADS, found)


def _xla_threads(root: Path) -> int:
    names = (root / "proc/self/task").glob("*/comm")
    return sum(_read_name(path) == "tf_XLAEigen" for path in names)


def _read_name(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # the thread ended meanwhile
        return ""
