"""Checks of what lies around the program: packages, cores, memory, disk, other programs."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import sleep

from inklings import __version__
from inklings.doctor.check import NOTABLE, Check, Verdict, count
from inklings.hardware import Cores, Memory

REQUIRED = ("numpy", "scipy", "scikit-learn", "pillow", "matplotlib", "safetensors")
LITTLE_MEMORY = 1 << 29  # bytes: training the largest preset takes about a third of it
LITTLE_DISK = 1 << 30  # bytes: what some hundred runs with their weights take
_LOOKS, _PAUSE = 10, 0.02  # how often, and how many seconds apart, the programs that want a core are counted


def check_versions() -> Check:
    """Name Python and the packages that compute; one that is missing breaks what needs it."""
    found, missing = [f"Inklings {__version__}, Python {platform.python_version()}"], []
    for package in REQUIRED:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        advice = f"pip install {' '.join(missing)}"
        return Check("versions", f"not installed: {', '.join(missing)}", Verdict.BROKEN, advice, float("inf"))
    return Check("versions", ", ".join(found), Verdict.INFO)


def check_cores(cores: Cores) -> Check:
    """Compare the cores of the machine with those that this process may use."""
    if cores.quota is not None and cores.quota < cores.allowed:
        # OpenBLAS starts a thread for each core allowed; these use the quota up early in each period, and are then all
        # stopped until the next one. The native engine heeds the quota itself.
        found = f"{cores.present}, but a control group limits this process to the time of {cores.quota:g}"
        advice = f"raise the limit (docker run --cpus), or else set OPENBLAS_NUM_THREADS={cores.usable}"
        # The factor is the share of the time for which all threads stand still.
        return Check("cores", found, Verdict.SLOW, advice, cores.allowed / cores.quota)
    if cores.allowed < cores.present:
        found = f"{cores.present}, but this process may run on {cores.allowed} of them (its CPU affinity)"
        advice = "unless that is intended, start it without taskset, or ask the cluster for more cores"
        return Check("cores", found, Verdict.SLOW, advice, cores.present / cores.allowed)
    return Check("cores", f"{cores.present}, all available")


def check_memory(memory: Memory) -> Check:
    """Say how much memory is free for this process."""
    if memory.available is None:
        return Check("memory", "unknown on this system", Verdict.INFO)
    found = f"{_gigabytes(memory.available)} free"
    if memory.limit is not None:
        found += f", limited to {_gigabytes(memory.limit)} by a control group"
    elif memory.total is not None:
        found += f" of {_gigabytes(memory.total)}"
    if memory.available < LITTLE_MEMORY:
        return Check("memory", found, Verdict.SLOW, "close other programs, raise the limit, or use smaller batches")
    return Check("memory", found)


def check_other_programs(cores: Cores, root: Path) -> Check:
    """Count the threads of other programs that want a core at this moment; they share the cores with training."""
    counts = []
    for _ in range(_LOOKS):
        counts.append(_count_running(root))
        sleep(_PAUSE)
    known = [running for running in counts if running is not None]
    if not known:
        return Check("other programs", "unknown on this system", Verdict.INFO)
    # An average over a fifth of a second: at a single moment, short-lived processes would decide.
    others = max(0.0, sum(known) / len(known) - 1)  # this one is running too
    factor = 1 + others / cores.usable
    found = f"{others:.1f} of their threads compete for {count(cores.usable, 'core')}, on average"
    if factor >= NOTABLE:
        return Check("other programs", found, Verdict.SLOW, "wait until they are done, or close them", factor)
    return Check("other programs", found)


def _count_running(root: Path) -> int | None:
    try:
        lines = (root / "proc/stat").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("procs_running")), None)


def check_disk(folder: Path) -> Check:
    """Say how much space is left where runs are kept: in the folder that the program was started in."""
    free = shutil.disk_usage(folder).free
    found = f"{_gigabytes(free)} free in {folder}"
    if free < LITTLE_DISK:
        return Check("disk", found, Verdict.SLOW, "make room, or start in another folder")
    return Check("disk", found)


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB"
