"""All trainings of a lab: one at a time, the others wait in a row that everybody sees."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import count
from threading import Condition, Thread
from typing import Any

from inklings.data.dataset import Dataset
from inklings.engines.memory import give_back_freed_memory
from inklings.errors import FREE_MEMORY, InklingsError
from inklings.lab.access import RefusedError
from inklings.lab.progress import State
from inklings.lab.training import Goal, Place, Training
from inklings.lab.wanted import Wanted
from inklings.networks import Parameters, network_to_plain
from inklings.training.training_job import TrainingJob

MOST, MOST_WAITING = 30, 10
"""Trainings that are remembered, of which the oldest that are over fall out; and that may wait."""
WITH_MEMORY = 3
"""How many that are over keep their checkpoints in memory."""
SECONDS_TO_CLOSE = 15.0

log = logging.getLogger(__name__)


class Trainings:
    """Trains what is asked for, one after the other, in a thread of its own.

    The native engine computes without Python's lock, so that requests are answered meanwhile.

    Parameters
    ----------
    data : Dataset
    place : Place
    on_end : callable
        Is given each training that is over.
    """

    def __init__(self, data: Dataset, place: Place, on_end: Callable[[Training], None]) -> None:
        self._data, self._place, self._on_end = data, place, on_end
        # Guards the row, the current training and its next goal. Its lock is reentrant: commands call each other under
        # it.
        self._changed = Condition()
        self._all: dict[str, Training] = {}
        self._waiting: deque[tuple[Training, Goal]] = deque()
        self._current: Training | None = None
        self._next: Goal | None = None
        self._numbers = count(1)
        self._thread: Thread | None = None
        self._closed = False

    def start(self, wanted: Wanted, on_weights: Callable[[Parameters], None] = lambda parameters: None) -> Training:
        """Let a training wait for its turn.

        Raises
        ------
        InklingsError
            Network, recipe and images do not suit each other.
        RefusedError
            Too many are waiting.
        """
        # Before the lock: it may refuse, and it may take a while.
        job = TrainingJob.begin(wanted.plan.network, wanted.plan.recipe, wanted.split(self._data), "auto")
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                raise RefusedError(409, f"{MOST_WAITING} trainings are waiting already; stop one of them first")
            training = Training(f"t{next(self._numbers)}", wanted, job, self._place, on_weights)
            self._all[training.id] = training
            self._waiting.append((training, Goal()))
            self._tidy()
            self._wake()
        return training

    def get(self, id: str) -> Training | None:
        """Return the training with an id, if there is one."""
        return self._all.get(id)

    def list(self) -> list[Training]:
        """Return all of them, the newest first."""
        with self._changed:
            return list(reversed(self._all.values()))

    def position(self, training: Training) -> int:
        """Return its place in the row: 0 of the one that trains, and of those that do not wait."""
        with self._changed:
            return next((at for at, (each, _) in enumerate(self._waiting, start=1) if each is training), 0)

    def command(self, training: Training, name: str, epoch: int = 0) -> None:
        """Do what a button says: pause, resume, step, epoch, back, stop or again.

        Raises
        ------
        RefusedError
            It cannot be done in the state that the training is in.
        """
        with self._changed:
            state = training.progress.state
            if name == "pause":
                self._pause(training, state)
            elif name == "stop":
                self._stop(training, state)
            elif name == "again":
                self._go(training, Goal(back_to=0))
            elif name == "back":
                if epoch > training.job.epochs:
                    raise RefusedError(409, f"there is no epoch {epoch}")
                self._go(training, Goal(back_to=epoch, stays=True))
            else:
                if state is not State.PAUSED:
                    raise RefusedError(409, f"the training is {state}, expected a paused one")
                self._go(training, {"resume": Goal(), "step": Goal(steps=1), "epoch": Goal(epochs=1)}[name])
            self._wake()

    def _pause(self, training: Training, state: State) -> None:
        if training is self._current:
            self._next = _where_it_stays(self._next)
            training.halt()
        elif state is State.QUEUED:
            goal = _where_it_stays(next(goal for each, goal in self._waiting if each is training))
            self._leave_row(training)
            if goal is None:
                training.progress.become(State.PAUSED)
            else:
                self._go(training, goal)
        elif state is not State.PAUSED:
            raise RefusedError(409, f"the training is {state}, expected one that runs")

    def _stop(self, training: Training, state: State) -> None:
        if state.is_over:
            return
        self._leave_row(training)
        if training is not self._current and training.run is None:
            training.progress.become(State.STOPPED, "stopped before it began")
        else:
            self._go(training, Goal(ends=True))

    def _go(self, training: Training, goal: Goal) -> None:
        """Let a training have its next turn; the one that trains is halted first."""
        if training is self._current:
            self._next = goal
            training.halt()
            return
        self._leave_row(training)
        # To the front: who presses a button waits for what is running, not for the whole row.
        self._waiting.appendleft((training, goal))
        training.progress.become(State.QUEUED)

    def _leave_row(self, training: Training) -> None:
        self._waiting = deque(each for each in self._waiting if each[0] is not training)

    def _tidy(self) -> None:
        """Forget the oldest that are over."""
        over = [each for each in self._all.values() if each.progress.state.is_over]
        # The oldest: those that ended last are most likely sent back.
        for training in over[:-WITH_MEMORY]:
            training.forget()
        for training in over[: max(0, len(self._all) - MOST)]:
            del self._all[training.id]

    def _wake(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = Thread(target=self._work, name="inklings-lab-training", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                # In one go with the next two lines: a command in between would find the training neither waiting nor
                # current.
                training, goal = self._waiting.popleft()
                self._current, self._next = training, None
                training.make_ready()
            # Without the lock, so that commands and lists are answered while it trains.
            self._guard(training, partial(training.work, goal))
            with self._changed:
                self._current = None
                # Asked to end while it was just ending, it has: it would be stored twice.
                if self._next is not None and not (self._next.ends and training.progress.state.is_over):
                    self._waiting.appendleft((training, self._next))
                    training.progress.become(State.QUEUED)
            if training.progress.state.is_over:
                self._guard(training, partial(self._on_end, training))
                # A lab trains for hours, beside requests that allocate meanwhile: what they leave between the arrays of
                # one training would make the heap grow with the next.
                give_back_freed_memory()

    def _guard(self, training: Training, work: Callable[[], None]) -> None:
        """Do something for a training, which fails where it does: the thread goes on with the others."""
        try:
            work()
        except InklingsError as problem:
            training.progress.become(State.FAILED, str(problem))
        except MemoryError:  # of an array; an engine's is an InklingsError
            training.progress.become(State.FAILED, f"there is not enough memory; {FREE_MEMORY}")
        except Exception as problem:
            log.exception("a training failed")
            fault = f"this is a fault in Inklings, please report it ({type(problem).__name__}: {problem})"
            training.progress.become(State.FAILED, fault)

    def close(self) -> None:
        """End all trainings; each that has begun is stored as it is, with a checkpoint to continue from."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            if self._current is not None:
                self._current.halt()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(SECONDS_TO_CLOSE)
        for training in self.list():
            # Also one that was paused and waited for its next turn.
            if training.progress.state in (State.PAUSED, State.QUEUED) and training.is_begun:
                self._guard(training, partial(training.work, Goal(ends=True)))

    def describe(self, training: Training) -> dict[str, Any]:
        """Return everything about a training, as plain values."""
        wanted, job = training.wanted, training.job
        return {
            **self.summary(training),
            **training.progress.snapshot()[0],
            "rows": training.progress.plain_rows(),
            "network": network_to_plain(job.network),
            "recipe": job.recipe.to_dict(),
            "data": {"images": len(job.split.train_rows), "label_noise": wanted.division.get("label_noise", 0.0)},
        }

    def summary(self, training: Training) -> dict[str, Any]:
        """Return what a list says of a training."""
        job, progress = training.job, training.progress
        return {
            "id": training.id,
            "title": training.wanted.title,
            "state": progress.state,
            "position": self.position(training),
            "epoch": progress.epoch,
            "step": progress.step,
            "steps_per_epoch": job.step_count.steps_per_epoch,
            "epochs": job.epochs,
            "run": None if training.run is None else training.run.id,
        }


def _where_it_stays(goal: Goal | None) -> Goal | None:
    """Return what is left of a goal for a training that pauses: to go back to an epoch, if it was to do that first."""
    return None if goal is None or goal.back_to is None else Goal(back_to=goal.back_to, stays=True)
