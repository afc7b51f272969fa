"""What a run was made with: versions and the machine, so that a figure can be judged and repeated."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from inklings import __version__
from inklings.hardware import cores, processor_name

PACKAGES = ("numpy", "scipy", "jax", "jaxlib")


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
    return {"system": platform.platform(), "processor": processor_name(), "cores": cores().allowed}


def peak_memory() -> int:
    """Give the bytes that this process has held at most, so far."""
    import resource
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024  # macOS counts bytes, Linux kibibytes
