"""A checkpoint: all that is needed to continue a training exactly where it stopped, even within an epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import as_path
from inklings.engines.select import RENAMED as RENAMED_ENGINES
from inklings.errors import RunError
from inklings.networks import Parameters
from inklings.reprs import short_repr
from inklings.serialise import check_stored
from inklings.storage import read_checksummed, write_checksummed, writing
from inklings.training.history import History
from inklings.training.recipe import RENAMED as RENAMED_SETTINGS

FORMAT = "inklings checkpoint 1"
_OPTAX_PLACE = re.compile(r"(?:\[\d+\])?\.(count|mu|nu|trace)(?:\['(.+)'\])?")
_OPTAX_KINDS = {"count": "count", "mu": "mean", "nu": "square", "trace": "trace"}


class _Origin(TypedDict):
    """What of a checkpoint's origin is looked into; all of it is compared."""

    engine: str
    recipe: dict[str, Any]


class _Description(TypedDict):
    """The plain values of a checkpoint's file."""

    origin: _Origin
    seconds: float
    history: list[dict[str, Any]]


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Checkpoint:
    """A training in progress.

    Parameters
    ----------
    origin : mapping
        What it belongs to, in plain values: network, recipe, fingerprints of data and split, engine.
    parameters : dict of str to array
        The network's current parameters.
    state : dict of str to array
        The optimiser's state, with the engine's names; a full-batch optimiser's memory.
    history : tuple of EpochRecord
        Every epoch that is complete.
    seconds : float
        Training time so far.
    losses : array of float64, (steps,)
        The objectives of the current epoch's steps so far; when it is resumed, as many batches are skipped.
    best : dict of str to array, optional
        The best epoch's parameters, for a recipe that stops early.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.training import Checkpoint
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> class AtOnce(inklings.Callback):
    ...     def should_stop(self):
    ...         return True
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "checkpoint.safetensors"
    ...     stopped = inklings.fit(plan.network, plan.recipe, split, checkpoints=path, callbacks=[AtOnce()])
    ...     fitted = inklings.fit(plan.network, plan.recipe, split, resume=Checkpoint.load(path))
    >>> fitted.history[-1].step
    1000
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
        """The last epoch that is complete."""
        return self.history[-1].epoch

    @property
    def step(self) -> int:
        """Steps done since training began."""
        return self.history[-1].step + len(self.losses)

    def save(self, path: str | Path, *, before: Path | None = None) -> None:
        """Write it to a safetensors file, whole or not at all; raises RunError if that fails.

        What the file held is kept under the name ``before``, if there is one.
        """
        # safetensors has one flat namespace: each array's group becomes the beginning of its name.
        groups = {"parameters": self.parameters, "state": self.state, "best": self.best or {}}
        arrays = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
        description = {
            "format": FORMAT,
            "origin": dict(self.origin),
            "seconds": self.seconds,
            "history": [record.to_dict() for record in self.history],
        }
        with writing(path):
            write_checksummed(Path(path), {**arrays, "losses": self.losses}, description, before=before)

    @classmethod
    def load(cls, path: str | Path) -> Checkpoint:
        """Read a checkpoint; raises RunError if there is none, or it is damaged or of another kind."""
        path = as_path(path, "a checkpoint", RunError)
        arrays, description = read_checksummed(path, "a checkpoint", RunError)
        if description.get("format") != FORMAT or "losses" not in arrays:
            raise RunError(f"{path}: found '{description.get('format')}', expected '{FORMAT}'")
        try:
            check_stored(_Description, description, "", RunError)
            history = History.from_plain(description["history"], RunError)
        except RunError as problem:
            wrong = f"{path}: not what a checkpoint holds ({problem.message}), expected one of a training"
            raise RunError(wrong) from None
        losses = arrays["losses"]
        if not history or losses.ndim != 1 or losses.dtype.kind != "f":
            found = f"{len(history)} epochs, and losses of shape {losses.shape} of {losses.dtype}"
            raise RunError(f"{path}: not what a checkpoint holds ({found}), expected one of a training")
        origin, state = _with_current_names(description["origin"], _group(arrays, "state"))
        best = _group(arrays, "best")
        return cls(
            origin,
            _group(arrays, "parameters"),
            state,
            history,
            description["seconds"],
            losses,
            best or None,
        )

    def check(self, origin: Mapping[str, Any]) -> None:
        """Raise a RunError that quotes both values if a training is not the one that the checkpoint belongs to."""
        # As flat paths, so that the message can name the one setting that differs out of a whole description.
        here, there = dict(_leaves(origin)), dict(_leaves(self.origin))
        for name in sorted(here.keys() | there.keys()):
            made, found = there.get(name, "not given"), here.get(name, "not given")
            if made != found:
                raise RunError(
                    f"the checkpoint was made with {name} {made}, found {found}",
                    "continue with what it was made with, or train anew",
                )


def _group(arrays: Mapping[str, NDArray[Any]], group: str) -> Parameters:
    return {name.removeprefix(f"{group}/"): value for name, value in arrays.items() if name.startswith(f"{group}/")}


def _with_current_names(origin: Mapping[str, Any], state: Parameters) -> tuple[Mapping[str, Any], Parameters]:
    """Bring the origin and the state of a checkpoint of an earlier version up to date.

    What is now the engine ``jax`` was called ``compiled``, and named its state by optax's places in it.
    """
    name, _, dtype = str(origin.get("engine", "")).partition(", ")
    recipe = {RENAMED_SETTINGS.get(key, key): value for key, value in origin["recipe"].items()}
    origin = {**origin, "recipe": recipe}
    if name in RENAMED_ENGINES:
        origin = {**origin, "engine": f"{RENAMED_ENGINES[name]}, {dtype}"}
    renamed = {}
    for key, value in state.items():
        found = _OPTAX_PLACE.fullmatch(key)
        renamed[_OPTAX_KINDS[found[1]] + (f"/{found[2]}" if found[2] else "") if found else key] = value
    return origin, renamed


def _leaves(values: Any, place: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any plain values
    """Yield each single value in nested plain values with its path: ``("network.layers.2.units", 800)``."""
    if not isinstance(values, Mapping | list | tuple):
        yield place, values
        return
    items = values.items() if isinstance(values, Mapping) else enumerate(values)
    for key, value in items:
        yield from _leaves(value, f"{place}.{key}" if place else str(key))
