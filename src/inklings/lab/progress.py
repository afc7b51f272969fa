"""What is shown of a training: written by the thread that trains, read by those that answer requests."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from math import isfinite
from threading import Lock
from typing import Any

from inklings.lab.look import Look
from inklings.training.epoch_record import EpochRecord


class State(StrEnum):
    """What a training is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether it does not go on unless it is sent back."""
        return self in (State.FINISHED, State.STOPPED, State.FAILED)


class Progress:
    """How far a training is.

    Attributes
    ----------
    version : int
        Grows with every change, so that a stream can see that there is something to send.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._state, self._message = State.QUEUED, ""
        self._rows: list[EpochRecord] = []
        self._step = 0
        self._look, self._diagnosis, self._looks = Look(), [""][:0], 0
        self.version = 0

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    @property
    def step(self) -> int:
        """Steps done."""
        return self._step

    @property
    def rows(self) -> tuple[EpochRecord, ...]:
        """All epochs so far."""
        with self._lock:
            return tuple(self._rows)

    @property
    def epoch(self) -> int:
        """The last complete epoch."""
        with self._lock:
            return self._rows[-1].epoch if self._rows else 0

    def become(self, state: State, message: str = "") -> None:
        """Take another state."""
        with self._lock:
            self._state, self._message = state, message
            self.version += 1

    def append(self, row: EpochRecord) -> None:
        """Add an epoch; epoch 0 begins anew."""
        with self._lock:
            # A new list: whoever holds the one before goes on reading it undisturbed.
            self._rows = [*(self._rows if row.epoch else []), row]
            self._step = row.step
            self.version += 1

    def go_back(self, epoch: int, step: int) -> None:
        """Forget the epochs after one; epoch 0 stays, since it is the same whenever training begins."""
        with self._lock:
            self._rows = [row for row in self._rows if row.epoch <= epoch]
            self._step, self._diagnosis, self._message = step, [], ""
            self.version += 1

    def reach(self, step: int) -> None:
        """Note how many steps are done, within an epoch."""
        with self._lock:
            self._step = step
            self.version += 1

    def see(self, seen: Look, diagnosis: list[str]) -> None:
        """Show what a look has found."""
        with self._lock:
            self._look, self._diagnosis, self._looks = seen, diagnosis, self._looks + 1
            self.version += 1

    def snapshot(self, *, looks: int = -1) -> tuple[dict[str, Any], int, int]:
        """Return what an event says, which version of it, and which look it shows.

        Parameters
        ----------
        looks : int
            The look that the receiver has already; without a newer one answers and filters are None, since they are
            most of what there is to send.
        """
        with self._lock:
            # Answers and filters are by far the largest part of an event, and are sent once for each look.
            new = self._looks != looks
            row = self._rows[-1] if self._rows else None
            event = {
                "state": self._state,
                "epoch": row.epoch if row else 0,
                "step": self._step,
                "row": plain_row(row) if row else None,
                "answers": self._look.answers if new else None,
                "filters": self._look.filters if new else None,
                "diagnosis": self._diagnosis,
                "message": self._message,
            }
            return event, self.version, self._looks

    def plain_rows(self) -> list[dict[str, Any]]:
        """Return all epochs as JSON can hold them."""
        return [plain_row(row) for row in self.rows]


def plain_row(row: EpochRecord) -> dict[str, Any]:
    """Return a row with None in place of what is not a number, which JSON does not know."""
    values = asdict(row).items()
    return {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in values}
