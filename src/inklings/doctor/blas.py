"""Checks of the library that multiplies NumPy's matrices (BLAS), and of the vector instructions it uses.

OpenBLAS has a kernel for each generation of processors and chooses one when it is loaded; ``OPENBLAS_CORETYPE`` in the
environment overrules it, unnoticed, and may halve its speed or worse. The compiled engine has its own products: what
is slow here slows the reference engine and the full-batch optimisers' vectors.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from inklings.doctor.check import Check, Verdict
from inklings.engines.rates import product_rate
from inklings.machine import Cores

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
_WITHOUT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def check_vectors(instructions: tuple[str, ...]) -> Check:
    """Name the vector instructions that the processor offers."""
    if not instructions:
        return Check("vector instructions", "this system does not tell", Verdict.INFO)
    wide = [name for name in instructions if name not in ("SSE4.2", "AVX")]
    if wide:
        return Check("vector instructions", ", ".join(instructions))
    advice = "a processor of the last ten years, or a virtual machine that passes on what its host has, is faster"
    return Check("vector instructions", f"{', '.join(instructions)}, nothing wider", Verdict.INFO, advice)


def loaded_blas() -> list[dict[str, Any]]:
    """Describe the BLAS libraries that are loaded, as threadpoolctl does; Apple's Accelerate is not among those."""
    import numpy as np  # noqa: F401 - loads the library that is asked about
    from threadpoolctl import threadpool_info

    return [library for library in threadpool_info() if library["user_api"] == "blas"]


def check_kernel(instructions: tuple[str, ...], *, measure: bool = True) -> Check:
    """Name NumPy's BLAS and its kernel; one below what the processor can do is measured against a free choice."""
    libraries = loaded_blas()
    if not libraries:
        return Check("BLAS", _from_build(), Verdict.INFO)
    library = libraries[0]
    kernel = library.get("architecture") or "unknown"
    found = f"{library['internal_api']} {library['version']}, kernel {kernel}"
    forced = {name: value for name in _WITHOUT if (value := os.environ.get(name))}
    can, does = _widest(instructions), _width(str(kernel))
    below = library["internal_api"] == "openblas" and does is not None and can > does
    if not (below or forced):
        return Check("BLAS", found)
    if forced:
        found += "; the environment sets " + ", ".join(f"{name}={value}" for name, value in forced.items())
    if below:
        found += f"; the processor can do {_name_of(can)}"
    factor = max(1.0, can / does) if below and does else 1.0
    if forced and measure and (free := _rate_without(forced)):
        here = product_rate("numpy")
        factor = max(1.0, free / here)
        found += f"; NumPy multiplies matrices at {here / 1e9:.0f} GFLOP/s, without that at {free / 1e9:.0f}"
    advice = f"unset {' '.join(forced)}" if forced else "install NumPy from PyPI, whose OpenBLAS has all kernels"
    slow = below or factor > 1.25
    return Check("BLAS", found, Verdict.SLOW if slow else Verdict.INFO, advice, factor if slow else 1.0)


def check_blas_threads(cores: Cores) -> Check:
    """Compare the threads that NumPy's BLAS uses with the cores."""
    threads = max((int(library["num_threads"]) for library in loaded_blas()), default=0)
    if not threads:
        return Check("NumPy's threads", "not known", Verdict.INFO)
    found = f"{threads} for {cores.usable} cores"
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    forced = {name: value for name in names if (value := os.environ.get(name))}
    if forced:
        found += "; the environment sets " + ", ".join(f"{name}={value}" for name, value in forced.items())
    if threads < cores.usable:
        advice = f"unset {' '.join(forced)}" if forced else f"set OPENBLAS_NUM_THREADS={cores.usable}"
        return Check("NumPy's threads", found, Verdict.SLOW, advice, cores.usable / threads)
    return Check("NumPy's threads", found)


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


def _rate_without(forced: dict[str, str]) -> float | None:
    """Measure NumPy's product in a process that chooses its kernel freely; None if that fails."""
    environment = {name: value for name, value in os.environ.items() if name not in forced}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    program = "from inklings.engines.rates import product_rate; print(product_rate('numpy'))"
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return float(answer.stdout) if answer.returncode == 0 else None
