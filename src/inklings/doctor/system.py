"""Checks of what lies around the program: packages, cores, memory, disk, other programs, a graphics processor."""

from __future__ import annotations

import platform
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import sleep

from inklings import __version__
from inklings.doctor.check import NOTABLE, Check, Verdict, count
from inklings.hardware import Cores, Memory

REQUIRED = ("numpy", "scipy", "jax", "jaxlib", "optax", "scikit-learn", "pillow", "matplotlib", "safetensors")
LITTLE_MEMORY = 1 << 30  # bytes: the compiled engine with a convolutional network takes about half of it
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
    """Compare the cores in the machine with those that this process may use."""
    name, found = "cores", f"{cores.present} in the machine"
    if cores.quota is not None and cores.quota < cores.allowed:
        # As many threads are started as there are cores allowed; they use the quota up early in each period and are
        # then all stopped until the next one.
        advice = f"set NPROC={cores.usable} and OPENBLAS_NUM_THREADS={cores.usable}, or raise the container's --cpus"
        found += f", a control group gives this process the time of {cores.quota:g}"
        return Check(name, found, Verdict.SLOW, advice, cores.allowed / cores.quota)
    if cores.allowed < cores.present:
        advice = "if nobody meant it so, start it without taskset, or ask the cluster for more cores"
        found += f", this process may run on {cores.allowed} (its affinity)"
        return Check(name, found, Verdict.SLOW, advice, cores.present / cores.allowed)
    return Check(name, f"{found}, all allowed")


def check_memory(memory: Memory) -> Check:
    """Tell how much memory is free for this process."""
    if memory.available is None:
        return Check("memory", "this system does not tell how much is free", Verdict.INFO)
    found = f"{gigabytes(memory.available)} free"
    if memory.limit is not None:
        found += f", limited to {gigabytes(memory.limit)} by a control group"
    elif memory.total is not None:
        found += f" of {gigabytes(memory.total)}"
    if memory.available < LITTLE_MEMORY:
        return Check("memory", found, Verdict.SLOW, "end other programs, raise the limit, or use smaller batches")
    return Check("memory", found)


def check_other_programs(cores: Cores, root: Path) -> Check:
    """Count the threads of others that want a core at this moment; they share the cores with training."""
    counts = []
    for _ in range(_LOOKS):
        counts.append(_running(root))
        sleep(_PAUSE)
    known = [running for running in counts if running is not None]
    if not known:
        return Check("other programs", "this system does not tell", Verdict.INFO)
    others = max(0.0, sum(known) / len(known) - 1)  # this one is running too
    factor = 1 + others / cores.usable
    found = f"on average {others:.1f} threads of others want the {count(cores.usable, 'core')}"
    if factor >= NOTABLE:
        return Check("other programs", found, Verdict.SLOW, "wait until they are done, or end them", factor)
    return Check("other programs", found)


def _running(root: Path) -> int | None:
    try:
        lines = (root / "proc/stat").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("procs_running")), None)


def check_cache(folder: Path) -> Check:
    """Try to write where what was measured and compiled is kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"inklings")
    except OSError as error:
        found = f"{folder} cannot be written ({error.strerror}), so every run measures the machine and compiles anew"
        return Check("cache folder", found, Verdict.BROKEN, "set INKLINGS_CACHE to a folder that can be written")
    return Check("cache folder", f"{folder} can be written")


def check_disk(folder: Path) -> Check:
    """Tell the space where runs are kept: the folder that the program was started in."""
    free = shutil.disk_usage(folder).free
    found = f"{gigabytes(free)} free in {folder}"
    if free < LITTLE_DISK:
        return Check("disk", found, Verdict.SLOW, "make room, or start it in another folder")
    return Check("disk", found)


def check_graphics(root: Path, *, uses_jax: bool = True) -> Check:
    """Tell whether there is a graphics processor that is left unused; only JAX could use it."""
    cards = _graphics(root)
    if not cards:
        return Check("graphics processor", "none found, none needed", Verdict.OK)
    found = ", ".join(cards)
    backend = _jax_backend() if uses_jax else "cpu"
    if backend != "cpu":
        return Check("graphics processor", f"{found}, used by JAX ({backend})")
    advice = "only networks much larger than the presets gain by it: pip install 'jax[cuda12]' for an NVIDIA card"
    advice += "" if uses_jax else ", and train with --engine jax"
    return Check("graphics processor", f"{found}, not used: training is done on the processor", Verdict.INFO, advice)


def _jax_backend() -> str:
    try:
        import jax

        return jax.default_backend()
    except Exception:  # whatever is wrong with JAX is told by the engine's own check
        return "cpu"


def _graphics(root: Path) -> list[str]:
    """Name the cards that a driver was loaded for."""
    names = []
    for file in sorted((root / "proc/driver/nvidia/gpus").glob("*/information")):
        pairs = (line.partition(":") for line in file.read_text(errors="replace").splitlines())
        names += [value.strip() for key, _, value in pairs if key == "Model"]
    if not names and (root / "dev/nvidia0").exists():
        names.append("an NVIDIA card")
    if (root / "dev/kfd").exists():
        names.append("an AMD card")
    return names


def gigabytes(count: float) -> str:
    """Write a number of bytes for people."""
    return f"{count / 1e9:,.1f} GB"
