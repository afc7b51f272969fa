"""Checks of the library that multiplies NumPy's matrices (BLAS), and of the vector instructions it uses.

Only the NumPy engine trains by it. OpenBLAS has a kernel for each generation of processors and chooses one when it is
loaded; ``OPENBLAS_CORETYPE`` in the environment overrules it, unnoticed, and may halve its speed or worse. How much
depends on the processor, so nothing is called slow that was not measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from inklings.doctor.check import NOTABLE, Check, Verdict, count
from inklings.engines.microbenchmarks import product_rate
from inklings.hardware import Cores

# Kernels by the widest vectors they use, from OpenBLAS's list of targets (TargetList.txt, kernel/x86_64/KERNEL.*).
_INTEL = ("katmai", "coppermine", "northwood", "prescott", "banias", "core2", "penryn", "dunnington", "nehalem", "atom")
_AMD = ("nano", "athlon", "opteron", "opteron_sse3", "barcelona", "bobcat")
KERNELS = {
    "SSE4.2": _INTEL + _AMD,
    "AVX": ("sandybridge", "bulldozer", "piledriver", "steamroller", "excavator"),
    "AVX2": ("haswell", "zen"),
    "AVX-512": ("skylakex", "cooperlake", "sapphirerapids"),
}
WIDTHS = {"SSE4.2": 1, "AVX": 2, "AVX2": 4, "AVX-512": 8}  # against SSE's; AVX2 brought fused multiply-add, twice again
_CHOOSE_KERNEL = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_SET_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def check_vectors(instructions: tuple[str, ...]) -> Check:
    """Name the vector instructions that the processor offers."""
    if not instructions:
        return Check("vector instructions", "unknown on this system", Verdict.INFO)
    wide = [name for name in instructions if name not in ("SSE4.2", "AVX")]
    if wide:
        return Check("vector instructions", ", ".join(instructions))
    advice = "a processor of the last ten years is faster, and so is a virtual machine that exposes all its host has"
    return Check("vector instructions", f"{', '.join(instructions)}, nothing wider", Verdict.INFO, advice)


def loaded_blas() -> list[dict[str, Any]]:
    """Return what threadpoolctl says of each BLAS library that is loaded; it does not know Apple's Accelerate."""
    import numpy as np  # noqa: F401 - loads the library that is asked about
    from threadpoolctl import threadpool_info

    return [library for library in threadpool_info() if library["user_api"] == "blas"]


def check_kernel(instructions: tuple[str, ...], *, measure: bool = True) -> Check:
    """Name NumPy's BLAS and its kernel; one that the environment forces is measured against a free choice."""
    libraries = loaded_blas()
    if not libraries:
        return Check("BLAS", _from_build(), Verdict.INFO)
    library = libraries[0]
    kernel = library.get("architecture") or "unknown"
    found = f"{library['internal_api']} {library['version']}, kernel {kernel}"
    forced = _forced(_CHOOSE_KERNEL)
    can, does = _widest(instructions), _width(str(kernel))
    # Only OpenBLAS's kernels are known by name; MKL and Accelerate choose theirs themselves.
    below = library["internal_api"] == "openblas" and does is not None and can > does
    if not (below or forced):
        return Check("BLAS", found)
    found += _describe(forced)
    # A kernel of a narrower instruction set than the processor has.
    if below:
        found += f"; the processor has {_name_of(can)}"
    if not forced:  # another NumPy cannot be measured from here
        advice = "install NumPy from PyPI, whose OpenBLAS has all kernels"
        return Check("BLAS", found, Verdict.INFO, advice)
    return _judge(Check("BLAS", found, Verdict.INFO, _unset(forced)), dict.fromkeys(forced), measure=measure)


def check_threads(cores: Cores, *, measure: bool = True) -> Check:
    """Compare the threads that NumPy's BLAS uses with the cores; too few are measured against as many as there are."""
    name = "NumPy's threads"
    threads = max((int(library["num_threads"]) for library in loaded_blas()), default=0)
    if not threads:
        return Check(name, "unknown on this system", Verdict.INFO)
    forced = _forced(_SET_THREADS)
    found = f"{threads} for {count(cores.usable, 'core')}{_describe(forced)}"
    if threads >= cores.usable:
        return Check(name, found)
    wanted = str(cores.usable)
    # None unsets a variable.
    change = dict.fromkeys(forced) if forced else {"OPENBLAS_NUM_THREADS": wanted}
    advice = _unset(forced) if forced else f"set OPENBLAS_NUM_THREADS={wanted}"
    return _judge(Check(name, found, Verdict.INFO, advice), change, measure=measure)


def _judge(check: Check, change: Mapping[str, str | None], *, measure: bool) -> Check:
    """Let the verdict follow from what the advised change of the environment gains, once that is measured."""
    if not measure or (rate := _rate_with(change)) is None:
        return check
    here, otherwise = product_rate("numpy"), "without that" if None in change.values() else "with as many"
    found = f"{check.found}; NumPy multiplies matrices at {here / 1e9:.0f} GFLOP/s, {otherwise} at {rate / 1e9:.0f}"
    if rate / here < NOTABLE:
        return replace(check, found=found, advice="")
    return replace(check, found=found, verdict=Verdict.SLOW, factor=rate / here)


def _forced(names: Iterable[str]) -> dict[str, str]:
    return {name: value for name in names if (value := os.environ.get(name))}


def _describe(forced: Mapping[str, str]) -> str:
    if not forced:
        return ""
    return "; the environment sets " + ", ".join(f"{name}={value}" for name, value in forced.items())


def _unset(forced: Iterable[str]) -> str:
    return f"unset {' '.join(forced)}"


def _widest(instructions: tuple[str, ...]) -> int:
    return max((WIDTHS.get(name, 0) for name in instructions), default=0)


def _width(kernel: str) -> int | None:
    """Tell how wide an x86 kernel's vectors are, against SSE's."""
    for name, kernels in KERNELS.items():
        if kernel.lower() in kernels:
            return WIDTHS[name]
    return None


def _name_of(width: int) -> str:
    return next(name for name, value in WIDTHS.items() if value == width)


def _from_build() -> str:
    """Name the BLAS that NumPy was built with."""
    import numpy as np

    described: Any = np.show_config(mode="dicts")
    return str(described["Build Dependencies"]["blas"]["name"])


def _rate_with(change: Mapping[str, str | None]) -> float | None:
    """Measure NumPy's product in a process whose environment is changed, None unsets; None if that fails."""
    # With this process's own path: the other one must find the same Inklings and the same NumPy.
    changed = {**os.environ, **change, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment = {name: value for name, value in changed.items() if value is not None}
    # In a process of its own: OpenBLAS reads the environment once, when it is loaded.
    program = "from inklings.engines.microbenchmarks import product_rate; print(product_rate('numpy'))"
    command = [sys.executable, "-c", program]
    try:
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return None
    return float(answer.stdout) if answer.returncode == 0 else None
