"""What a run was made with: versions and the machine, so that a figure can be judged and repeated."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inklings import __version__

PACKAGES = ("numpy", "scipy", "jax", "jaxlib", "optax")


def versions() -> dict[str, str]:
    """Give the versions of Inklings, Python and what computes."""
    found = {"inklings": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def machine() -> dict[str, str | int]:
    """Describe the machine: system, processor, cores that this process may use."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    }


def peak_memory() -> int:
    """Give the bytes that this process has held at most, so far."""
    import resource
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024  # macOS counts bytes, Linux kibibytes


def _processor() -> str:
    """Name the processor; Linux alone keeps its full name in a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
