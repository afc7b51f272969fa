"""The environment of a run: versions and the machine, so that a figure can be judged and reproduced."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from inklings import __version__
from inklings.hardware import cores, processor_name

PACKAGES = ("numpy", "scipy", "scikit-learn", "jax", "jaxlib")


def versions() -> dict[str, str]:
    """Return the versions of Inklings, Python and the numerical libraries."""
    found = {"inklings": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def machine() -> dict[str, str | int]:
    """Describe the machine: system, processor, usable cores."""
    return {"system": platform.platform(), "processor": processor_name(), "cores": cores().allowed}
