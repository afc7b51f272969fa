"""Where trials are trained: in this process here, on workers of Dask in :mod:`inklings.search.cluster`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from inklings.search.task import Began, Ended, Event, Job, Task
from inklings.search.train_trials import TrialInterrupted, TrialTrainer


class Workers(Protocol):
    """Whatever trains tasks."""

    @property
    def slots(self) -> int:
        """How many tasks can be at work at once."""

    def submit(self, task: Task) -> None:
        """Take a task on."""

    def wait(self, seconds: float) -> list[Event]:
        """Return what has happened, at the latest after so many seconds (or after the next event)."""

    def close(self) -> None:
        """Let go of all workers, and of what they are at."""


class InProcess:
    """Trains one trial after the other, in this process; its engine uses all cores.

    Parameters
    ----------
    trainer : TrialTrainer
    """

    slots = 1

    def __init__(self, trainer: TrialTrainer) -> None:
        self._trainer = trainer
        self._waiting: deque[Task] = deque()
        self._events: Iterator[list[Event]] = iter(())

    def submit(self, task: Task) -> None:
        """Take a task on."""
        self._waiting.append(task)

    def wait(self, seconds: float) -> list[Event]:
        """Train until something has happened, however long that takes."""
        while True:
            try:
                found = next(self._events, None)
            except TrialInterrupted:
                return []
            if found is not None:
                return found
            if not self._waiting:
                return []
            self._events = self._train(self._waiting.popleft())

    def _train(self, task: Task) -> Iterator[list[Event]]:
        begun: list[Event] = []
        for trials in self._trainer.train(task.jobs, _note(begun, task, self._trainer.worker)):
            yield [*begun, *(Ended(task.number, trial) for trial in trials)]
            begun.clear()

    def close(self) -> None:
        """Drop what is waiting."""
        # What runs has ended by now: training happens within `wait`, in this very thread.
        self._waiting.clear()


def _note(events: list[Event], task: Task, worker: str) -> Callable[[Sequence[Job]], None]:
    return lambda jobs: events.append(Began(task.number, tuple(job.number for job in jobs), worker))
