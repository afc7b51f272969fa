"""What a worker is given to do, and what it says while it does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inklings.search.trial import Trial
from inklings.training.plans import Plan


@dataclass(frozen=True)
class Job:
    """A trial to train, or to train further.

    Parameters
    ----------
    number, configuration, repeat, seed, settings
        As in :class:`~inklings.search.trial.Trial`.
    plan : Plan
        The network and the recipe, the seed in it.
    rung : int
        The number of the rung up to which it is trained.
    share : float
        The share of a whole training that the rung stands at.
    """

    number: int
    configuration: int
    repeat: int
    seed: int
    settings: Mapping[str, Any]
    plan: Plan
    rung: int = 0
    share: float = 1.0


@dataclass(frozen=True)
class Task:
    """Trials that are sent to a worker together.

    Parameters
    ----------
    number : int
        Of the task.
    jobs : tuple of Job
    fingerprint : str
        Of the split that they are trained on.
    """

    number: int
    jobs: tuple[Job, ...]
    fingerprint: str


@dataclass(frozen=True)
class Began:
    """A worker began a trial."""

    task: int
    trials: tuple[int, ...]
    worker: str


@dataclass(frozen=True)
class Ended:
    """A worker is through with a trial, or with its part up to a rung."""

    task: int
    trial: Trial


@dataclass(frozen=True)
class Lost:
    """A task was not completed: its worker died, was asked to leave, or lacks what the task needs."""

    task: int
    reason: str
    died: bool = True


Event = Began | Ended | Lost
