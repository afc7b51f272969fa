"""The environment of a run: versions and the machine, so that a figure can be judged and reproduced."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from inklings import __version__
from inklings.hardware import cores, processor_name

PACKAGES = ("numpy", "scipy", "scikit-learn", "jax", "jaxlib")


def versions() -> dict[str, str]:
    """Return the versions of Inklings, Python and the numerical libraries."""
    return dict(_versions())


def machine() -> dict[str, str | int]:
    """Describe the machine: system, processor, usable cores."""
    # Not cached with the rest: a job scheduler may change the cores that this process may use.
    return {**_system(), "cores": cores().allowed}


# Read once: a search stores hundreds of runs, and reading the packages' metadata takes longer than a small training.
@cache
def _versions() -> Mapping[str, str]:
    found = {"inklings": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


@cache
def _system() -> Mapping[str, str]:
    return {"system": platform.platform(), "processor": processor_name()}
