"""A trial: one training of a search, as the study's record keeps it.

A *configuration* is one set of settings; each is trained ``repeats`` times with other seeds, and each of these
trainings is a *trial*. The fields of a trial, which are also the keys of a line of the record
(:mod:`inklings.search.record`):

==================== ==================================================================================================
``number``           the trial's number from 0, ``configuration * repeats + repeat``
``configuration``    the number of its set of settings, from 0
``repeat``           which repeat of that configuration, from 0
``settings``         the settings that were searched, by the names of the space: ``{"learning_rate": 0.01, ...}``; those
                     without effect beside the others (momentum beside adam) are left out
``seed``             of the initial weights, shuffling, augmentation and dropout; the split is the same for all trials
``state``            ``finished``, ``pruned``, ``failed``; ``paused`` while it waits for its rung to be decided
``reason``           why it was pruned or failed, a sentence; empty otherwise
``rung``             the last rung that it reached, from 0; always 0 without pruning
``validation_loss``  one per epoch, epoch 0, the untrained network, first; as ``validation_accuracy`` (fractions),
                     ``train_loss`` and ``train_accuracy``. A loss that is not finite is null in the file
``epoch``            the epoch whose weights were kept: the last, or the best with early stopping
``epochs``           how many epochs a whole training of it has
``seconds``          that training took, evaluation included
``parameters``       trainable parameters
``operations``       floating-point operations of the forward pass per image
``run``              the id of its run in ``runs/`` of the study's folder; empty if it failed before its first epoch
``worker``           where it was trained: a process's name or address
``begun``, ``ended`` UTC times in ISO format; of a trial that was resumed, of its last part
==================== ==================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from math import inf, isfinite, isnan, nan
from typing import Any, Literal, Self

Measure = Literal["loss", "accuracy"]
MEASURES: tuple[Measure, ...] = ("loss", "accuracy")
CURVES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")


class State(StrEnum):
    """What has become of a trial.

    Examples
    --------
    >>> from inklings.search import State
    >>> [str(state) for state in State]
    ['finished', 'pruned', 'failed', 'paused']
    """

    FINISHED = "finished"
    """It was trained to its end."""
    PRUNED = "pruned"
    """It was stopped, since others were better after as much training."""
    FAILED = "failed"
    """Its loss became NaN, it did not fit into memory, its worker died again and again, its settings suit nothing."""
    PAUSED = "paused"
    """It has been trained up to a rung, and whether it goes on is not decided yet."""


@dataclass(frozen=True)
class Trial:
    """One training of a study; the module's docstring describes each field.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.search import run_search
    >>> space = {"network": "mlp", "hidden_units": [5, 20], "epochs": 2}
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> folder = tempfile.TemporaryDirectory()
    >>> study = run_search(space, few, out=Path(folder.name) / "study", workers=1, choose=1)
    >>> sorted(trial.settings["hidden_units"] for trial in study.trials)
    [5, 20]
    >>> folder.cleanup()
    """

    number: int
    configuration: int
    repeat: int
    settings: Mapping[str, Any]
    seed: int
    state: State
    reason: str = ""
    rung: int = 0
    validation_loss: tuple[float, ...] = ()
    validation_accuracy: tuple[float, ...] = ()
    train_loss: tuple[float, ...] = ()
    train_accuracy: tuple[float, ...] = ()
    epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    parameters: int = 0
    operations: int = 0
    run: str = ""
    worker: str = ""
    begun: str = ""
    ended: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Keys of the file that this version does not know: kept, not understood."""

    def figure(self, measure: Measure) -> float:
        """Return the loss or the accuracy of the kept weights on the validation images; NaN if there are none."""
        curve = self.validation_loss if measure == "loss" else self.validation_accuracy
        return curve[self.epoch] if self.epoch < len(curve) else nan

    def cost(self, measure: Measure) -> float:
        """Return a number that is the lower the better the trial is; infinite for one that failed."""
        figure = self.figure(measure)
        if self.state is State.FAILED or isnan(figure):
            return inf
        return figure if measure == "loss" else 1 - figure

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        plain = asdict(self)
        extra = plain.pop("extra")
        plain["state"] = str(self.state)
        for name in CURVES:
            # Nine digits, as a float32 has: a curve of a thousand epochs stays a short line. JSON has no NaN.
            plain[name] = [float(f"{value:.9g}") if isfinite(value) else None for value in plain[name]]
        plain["settings"] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in plain["settings"].items()
        }
        return {**plain, **extra}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_plain` returned; raises TypeError or ValueError for anything else."""
        # A later version may add fields; they are kept, so that continuing a study here loses nothing.
        known = {each.name for each in fields(cls)} - {"extra"}
        values = {name: value for name, value in plain.items() if name in known}
        values["state"] = State(values["state"])
        for name in CURVES:
            values[name] = tuple(nan if value is None else float(value) for value in values.get(name, ()))
        values["settings"] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values["settings"].items()
        }
        return cls(**values, extra={name: value for name, value in plain.items() if name not in known})
