"""What was measured of trainings by the native engine, in one small file in the cache folder for the next forecast."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, fields
from math import isfinite
from pathlib import Path
from time import perf_counter

from inklings import __version__, hardware
from inklings.costs.measured import Measured, measure
from inklings.costs.work import Work
from inklings.engines import native
from inklings.networks import network_to_plain
from inklings.storage import write_atomically

_MOST_KEPT = 100
"""Trainings, the last ones."""
# Measured on two cores: with one to spare some 100 a second, where another program wants one 600 to 10,000.
_MOST_INTERRUPTIONS, _MOST_A_SECOND = 10, 200
_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX")
# What changes nothing in how long a step or an epoch takes.
_OF_NO_MATTER = {"seed", "learning_rate", "schedule", "epochs", "steps", "early_stopping"}


def measured(work: Work) -> Measured:
    """Give how long a training's parts take: from the cache folder, or measured now and, if undisturbed, kept there."""
    path, key = hardware.cache_folder() / "measured.json", _key(work)
    if (found := _one(_read(path).get(key))) is not None:
        return found
    before, begun = hardware.interruptions() or 0, perf_counter()
    now = measure(work)
    interruptions = (hardware.interruptions() or 0) - before
    if interruptions > _MOST_INTERRUPTIONS + _MOST_A_SECOND * (perf_counter() - begun):
        return now  # other programs made it slower: better measured anew the next time
    kept = {name: values for name, values in _read(path).items() if name != key} | {key: asdict(now)}
    last = dict(list(kept.items())[-_MOST_KEPT:])
    with suppress(OSError):  # then the next forecast measures again
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(last))
    return now


def _read(path: Path) -> dict[str, object]:
    """Read what was kept; whatever is wrong with it, it can be measured again."""
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _one(values: object) -> Measured | None:
    try:
        found = Measured(**{field.name: float(values[field.name]) for field in fields(Measured)})  # type: ignore[index]
    except (TypeError, ValueError, KeyError):
        return None
    return found if all(isfinite(value) and value >= 0 for value in asdict(found).values()) else None


def _key(work: Work) -> str:
    """Name a training after all that its figures depend on."""
    recipe = {name: value for name, value in work.recipe.to_dict().items() if name not in _OF_NO_MATTER}
    training: list[object] = [network_to_plain(work.network), recipe, work.images]
    if work.recipe.is_full_batch:
        training.append(work.course.epochs)  # by which it remembers more pairs
    return hashlib.sha256(repr((training, _machine())).encode()).hexdigest()[:16]


def _machine() -> list[object]:
    """Give what else decides how fast the same steps are."""
    libraries = sorted(Path(native.__file__).parent.glob("native_*.so"))
    built = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in libraries]
    facts = [hardware.processor_name(), hardware.vector_instructions(), hardware.cores().usable, __version__, built]
    return [*facts, *(os.environ.get(name) for name in _VARIABLES)]
