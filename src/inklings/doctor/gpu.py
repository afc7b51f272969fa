"""The check of graphics processors (GPUs): whether there is one, and whether JAX, which alone can use it, sees it.

Nothing trains on a GPU unless asked to with ``--engine jax``; networks as small as the presets are quicker without.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from inklings.doctor import engine_check
from inklings.doctor.check import Check, Verdict, for_information

NAME = "GPU"
_GAIN = "only networks much larger than the presets gain by it"
_FOR_CUDA = "pip install 'jax[cuda12]' (for an NVIDIA card)"


def check_gpu(root: Path, *, load_jax: bool, trains: bool) -> Check:
    """Say whether there is a GPU, and whether ``--engine jax`` would use it.

    Parameters
    ----------
    root : Path
        Where ``proc`` and ``dev`` lie.
    load_jax : bool
        Whether to ask JAX what it sees, for which a second or more passes.
    trains : bool
        Whether JAX is the engine that trains: only then does anything wrong with it cost something.
    """
    cards = ", ".join(_list_cards(root))
    if find_spec("jax") is None:
        if not cards:
            return Check(NAME, "none found, and none is needed")
        advice = f"to use it, pip install 'inklings[jax]', {_FOR_CUDA}, and train with --engine jax; {_GAIN}"
        return Check(NAME, f"{cards}, unused", Verdict.INFO, advice)
    # Importing JAX takes a second and more: only who measures, or trains with it, waits for that.
    if load_jax or trains:
        check = _ask_jax(cards)
        return check if trains or check.verdict is not Verdict.BROKEN else for_information(check, "jax")
    if not cards:
        return Check(NAME, "none found, and none is needed")
    return Check(NAME, f"{cards}, unused", Verdict.INFO, f"train with --engine jax to use it; {_GAIN}")


def _ask_jax(cards: str) -> Check:
    """Say which device JAX computes on."""
    try:
        import jax

        device = jax.devices()[0]
        fault = engine_check.find_fault("jax")
    except Exception as error:  # JAX is broken in many ways: the wrong jaxlib, the wrong driver
        fault = engine_check.describe_failure(error)
    if fault:
        found = f"{cards or 'none found'}; JAX is installed, but {fault}"
        advice = "pip install --force-reinstall 'inklings[jax]', or train with another engine"
        return Check(NAME, found, Verdict.BROKEN, advice, float("inf"))
    if device.platform != "cpu":
        return Check(NAME, f"{device.device_kind}: JAX sees it, and --engine jax uses it")
    if cards:
        return Check(NAME, f"{cards}, unused: JAX sees the processor alone", Verdict.INFO, f"{_FOR_CUDA}; {_GAIN}")
    return Check(NAME, "none found, and none is needed; JAX would compute on the processor")


def _list_cards(root: Path) -> list[str]:
    """Name the cards that a driver was loaded for."""
    names = []
    for file in sorted((root / "proc/driver/nvidia/gpus").glob("*/information")):
        pairs = (line.partition(":") for line in file.read_text(errors="replace").splitlines())
        names += [value.strip() for key, _, value in pairs if key == "Model"]
    if not names and (root / "dev/nvidia0").exists():
        names.append("an NVIDIA card")
    if (root / "dev/kfd").exists():  # AMD's driver for computing
        names.append("an AMD card")
    return names
