"""A checkpoint: all that is needed to go on with a training exactly where it stopped, within an epoch too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.select import RENAMED
from inklings.errors import RunError
from inklings.networks import Parameters
from inklings.storage import read_sealed, write_sealed
from inklings.training.history import EpochRecord, History

FORMAT = "inklings checkpoint 1"
_OPTAX_PLACE = re.compile(r"(?:\[\d+\])?\.(count|mu|nu|trace)(?:\['(.+)'\])?")
_OPTAX_KINDS = {"count": "count", "mu": "mean", "nu": "square", "trace": "trace"}
SECONDS_BETWEEN = 30.0  # what a crash may cost; writing takes a hundredth of a second


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training under way.

    Parameters
    ----------
    origin : mapping
        What it belongs to, in plain values: network, recipe, fingerprints of data and split, engine.
    parameters : dict of str to array
        The network's, as they were.
    state : dict of str to array
        The optimiser's, named by the engine; a full-batch optimiser's memory.
    history : tuple of EpochRecord
        Every epoch that is over.
    seconds : float
        Trained so far.
    losses : array of float64, (steps,)
        The objective of each step of the epoch under way; as many are to be left out when it goes on.
    best : dict of str to array, optional
        The best epoch's parameters, for a recipe that stops early.
    """

    origin: Mapping[str, Any]
    parameters: Parameters
    state: Parameters
    history: History
    seconds: float
    losses: NDArray[np.float64]
    best: Parameters | None = None

    @property
    def epoch(self) -> int:
        """How many epochs are over."""
        return self.history[-1].epoch

    @property
    def step(self) -> int:
        """How many steps are done since training began."""
        return self.history[-1].step + len(self.losses)

    def save(self, path: str | Path) -> None:
        """Write it to a safetensors file, whole or not at all; raises RunError where that cannot be."""
        groups = {"parameters": self.parameters, "state": self.state, "best": self.best or {}}
        arrays = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
        description = {
            "format": FORMAT,
            "origin": dict(self.origin),
            "seconds": self.seconds,
            "history": [row.to_dict() for row in self.history],
        }
        try:
            write_sealed(Path(path), {**arrays, "losses": self.losses}, description)
        except OSError as error:
            raise RunError(f"{path}: the checkpoint cannot be written ({error.strerror})") from None

    @classmethod
    def load(cls, path: str | Path) -> Checkpoint:
        """Read one; raises RunError where there is none, or it is damaged or of another kind."""
        arrays, description = read_sealed(Path(path), "a checkpoint", RunError)
        if description.get("format") != FORMAT or "losses" not in arrays:
            raise RunError(f"{path}: found '{description.get('format')}', expected '{FORMAT}'")
        origin, state = _by_todays_names(description["origin"], _group(arrays, "state"))
        best = _group(arrays, "best")
        return cls(
            origin,
            _group(arrays, "parameters"),
            state,
            tuple(EpochRecord(**row) for row in description["history"]),
            description["seconds"],
            arrays["losses"],
            best or None,
        )

    def check(self, origin: Mapping[str, Any]) -> None:
        """Refuse to go on with anything but what the checkpoint belongs to; a RunError quotes both."""
        here, there = dict(_leaves(origin)), dict(_leaves(self.origin))
        for name in sorted(here.keys() | there.keys()):
            made, found = there.get(name, "not given"), here.get(name, "not given")
            if made != found:
                raise RunError(
                    f"the checkpoint was made with {name} {made}, found {found}",
                    "go on with what it was made with, or train anew",
                )


class CheckpointFile:
    """Where checkpoints are written, and when the next is due.

    Parameters
    ----------
    path : str or Path, optional
        Without one, none is ever due.

    Raises
    ------
    RunError
        The path's folder does not exist.
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path)
        if self.path is not None and not self.path.parent.is_dir():
            raise RunError(f"{self.path}: no folder {self.path.parent} to write checkpoints to", "make it first")
        self._written = monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is time for the next."""
        return self.path is not None and monotonic() - self._written >= SECONDS_BETWEEN

    def write(self, make: Callable[[], Checkpoint]) -> None:
        """Write one in the place of the one before; it is not even made if there is no path."""
        if self.path is not None:
            make().save(self.path)
            self._written = monotonic()


def _group(arrays: Mapping[str, NDArray[Any]], group: str) -> Parameters:
    return {name.removeprefix(f"{group}/"): value for name, value in arrays.items() if name.startswith(f"{group}/")}


def _by_todays_names(origin: Mapping[str, Any], state: Parameters) -> tuple[Mapping[str, Any], Parameters]:
    """Bring the origin and the state of a checkpoint of an earlier version up to date.

    What is now the engine ``jax`` was called ``compiled``, and named its state by optax's places in it.
    """
    name, _, dtype = str(origin.get("engine", "")).partition(", ")
    if name in RENAMED:
        origin = {**origin, "engine": f"{RENAMED[name]}, {dtype}"}
    renamed = {}
    for key, value in state.items():
        found = _OPTAX_PLACE.fullmatch(key)
        renamed[_OPTAX_KINDS[found[1]] + (f"/{found[2]}" if found[2] else "") if found else key] = value
    return origin, renamed


def _leaves(values: Any, place: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any plain values
    """Give every single value in plain values and its place: ``("network.layers.2.units", 800)``."""
    if not isinstance(values, Mapping | list | tuple):
        yield place, values
        return
    items = values.items() if isinstance(values, Mapping) else enumerate(values)
    for key, value in items:
        yield from _leaves(value, f"{place}.{key}" if place else str(key))
