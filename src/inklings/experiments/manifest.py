"""The manifest of a run, ``run.json``: collected before training, validated when read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inklings.data.parts import Split
from inklings.engines import engine_name
from inklings.errors import RunError
from inklings.experiments.environment import machine, versions
from inklings.networks import network_to_plain
from inklings.storage import read_whole, write_atomically
from inklings.training.plans import Plan
from inklings.training.stored_facts import check_run, describe_data, describe_split

LARGEST = 64 << 20
"""Bytes: of a million images that were left out, each row is in it."""
RENAMED = {"stop_reason": "ending"}
"""Keys, and what earlier versions called them."""


def describe_run(plan: Plan, split: Split) -> dict[str, Any]:
    """Return what is known about a run before training, as plain values: network, recipe, data, versions, machine."""
    return {
        "name": plan.name,
        "variant": plan.variant,
        "network": network_to_plain(plan.network),
        "parameters": plan.network.parameter_count,
        "recipe": plan.recipe.to_dict(),
        "choices": list(plan.choices),
        "seed": plan.recipe.seed,
        "data": describe_data(split.dataset),
        "split": describe_split(split),
        "versions": versions(),
        "machine": machine(),
    }


def read_manifest(path: Path) -> dict[str, Any]:
    """Read ``run.json``; a RunError names what is missing or of the wrong type."""
    # With a limit, since a damaged or misplaced file may have any size, and JSON takes many times its own in memory.
    content = read_whole(path, "the facts of a run", RunError, LARGEST)
    try:
        facts = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise RunError(f"{path}: not the facts of a run ({problem})") from None
    if not isinstance(facts, dict):
        raise RunError(f"{path}: holds a {type(facts).__name__}, expected an object with the facts of a run")
    for new, old in RENAMED.items():
        if old in facts:
            # `setdefault`: should both be there, the newer key counts.
            facts.setdefault(new, facts.pop(old))
    try:
        check_run(facts, RunError)
    except RunError as problem:
        raise RunError(f"{path}: {problem.message}") from None
    facts["engine"] = engine_name(facts["engine"])  # earlier versions called some by other names
    return facts


def write_manifest(path: Path, facts: Mapping[str, Any]) -> None:
    """Write ``run.json`` atomically."""
    write_atomically(path, json.dumps(facts, indent=1, default=as_plain) + "\n")


def as_plain(value: Any) -> Any:  # noqa: ANN401 - whatever a user gave
    """Return a number or an array of NumPy's as JSON can hold it."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise RunError(f"a run's facts hold a {type(value).__name__}, expected plain values", found=value)
