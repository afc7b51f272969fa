"""The driver of a study: it asks the sampler, hands trials out, and alone writes down what they came to.

Its results depend on the study alone, not on who is quick: a sampler that learns hears of the brackets in their
order, and of as many as ever before it proposes the next, so that the number of workers changes nothing but the time it
takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import ceil, inf
from typing import Any

from inklings.errors import InklingsError
from inklings.search.brackets import Bracket
from inklings.search.open_bracket import OpenBracket
from inklings.search.plans import PlanMaker
from inklings.search.progress import Progress
from inklings.search.record import RecordFile
from inklings.search.samplers import Sampler
from inklings.search.standings import Standings
from inklings.search.suspects import MOST_DEATHS, Suspects
from inklings.search.task import Began, Ended, Event, Job, Lost, Task
from inklings.search.tasks import group_jobs
from inklings.search.trial import Measure, State, Trial
from inklings.search.workers import Workers

_WAIT = 0.25
"""Seconds after which the screen is drawn again though nothing has happened."""
_QUEUED = 2
"""Tasks per slot that are handed out: one at work and one to go on with."""


@dataclass(frozen=True)
class Limits:
    """When a study ends.

    Parameters
    ----------
    trials : int, optional
    should_stop : callable
        Asked often; whatever is not finished by then is left for another time.
    seconds_left : callable
        How much time there is; no trial is begun that would take longer.
    """

    trials: int | None
    should_stop: Callable[[], bool] = lambda: False
    seconds_left: Callable[[], float] = lambda: inf


@dataclass(eq=False)
class Driver:
    """Runs a study to its end.

    Parameters
    ----------
    sampler : Sampler
    brackets : iterator of Bracket
    plans : PlanMaker
    workers : Workers
    record : RecordFile
    done : dict of int to Trial
        What the record has already.
    seed, repeats, in_flight, measure, fingerprint
        Of the study.
    limits : Limits
    images : int
        Training images, by which trials are grouped into tasks.
    watch : callable
        ``watch(progress)`` whenever something has happened.
    """

    sampler: Sampler
    brackets: Iterator[Bracket]
    plans: PlanMaker
    workers: Workers
    record: RecordFile
    done: dict[int, Trial]
    seed: int
    repeats: int
    in_flight: int
    measure: Measure
    fingerprint: str
    limits: Limits
    images: int
    watch: Callable[[Progress], None] = lambda progress: None
    _opened: list[OpenBracket] = field(default_factory=list)
    _told: int = 0
    _exhausted: bool = False
    _pending: deque[Job] = field(default_factory=deque)
    _of_trial: dict[int, OpenBracket] = field(default_factory=dict)
    _tasks: dict[int, Task] = field(default_factory=dict)
    _left: dict[int, set[int]] = field(default_factory=dict)
    _suspects: Suspects = field(default_factory=Suspects)
    _next_task: int = 0

    def __post_init__(self) -> None:
        self._standings = Standings(self.measure, self.limits.trials, self.workers.slots, dict(self.done))

    def run(self) -> bool:
        """Run until all trials have ended; return whether that was so, rather than that it was asked to stop."""
        self._show(())
        try:
            return self._run()
        finally:
            # For other drivers of the same study; here nothing more is proposed.
            # Only the closed ones before the first open one: what is told must not depend on which ended by chance.
            closed = next((place for place, each in enumerate(self._opened) if not each.closed), len(self._opened))
            self._tell_up_to(closed - 1)

    def _run(self) -> bool:
        while not self.limits.should_stop():
            self._open_brackets()
            self._hand_out()
            if not self._tasks:
                return not self._pending  # those for which there is no time
            self._handle(self.workers.wait(_WAIT))
        return False

    # Opening: what is tried next.

    def _open_brackets(self) -> None:
        while not self._exhausted and self._may_open():
            bracket = next(self.brackets, None)
            if bracket is None:
                self._exhausted = True
                return
            self._tell_up_to(len(self._opened) - self._window)
            self._open(bracket)

    @property
    def _window(self) -> int:
        """How many brackets may be open at once."""
        # By the first bracket, the longest: so the number of those that are open does not change while a study runs.
        size = self._opened[0].bracket.size if self._opened else 1
        return max(1, ceil(self.in_flight / size))

    def _may_open(self) -> bool:
        if not self._opened:
            return True
        if self.sampler.learns:
            # Exactly so many brackets are unknown to the sampler whenever it proposes: its proposals then do not depend
            # on who is quick.
            oldest = len(self._opened) - self._window
            return oldest < 0 or self._opened[oldest].closed
        self._forget_closed()
        return sum(not each.closed for each in self._opened) < self._window

    def _forget_closed(self) -> None:
        # A sampler that learns nothing needs no bracket that is over; the first tells how large they are.
        self._opened[1:] = [each for each in self._opened[1:] if not each.closed]

    def _tell_up_to(self, end: int) -> None:
        """Tell the sampler of the brackets before ``end``, in their order, and of no other."""
        if not self.sampler.learns:
            return
        for opened in self._opened[self._told : max(self._told, end + 1)]:
            for number, costs in opened.costs.items():
                self.sampler.tell(number, costs, whole=len(costs) == len(opened.bracket.rungs))
        self._told = max(self._told, end + 1)

    def _open(self, bracket: Bracket) -> None:
        jobs: dict[int, list[Job]] = {}
        impossible: list[Trial] = []
        for number in bracket.configurations:
            settings = self.sampler.propose(number, self._known_settings(number))
            jobs[number] = []
            for repeat in range(self.repeats):
                trial, seed = number * self.repeats + repeat, self.seed + repeat
                blank = Trial(trial, number, repeat, settings, seed, State.FAILED)
                try:
                    plan = self.plans.plan(settings, seed)
                except InklingsError as problem:
                    plan = None
                    # Some combinations fit no images, as a kernel that is larger than what is left after the poolings:
                    # a failed trial, not a failed study.
                    impossible.append(replace(blank, reason=str(problem)))
                jobs[number].append(Job(trial, number, repeat, seed, settings, plan))  # type: ignore[arg-type]
        opened = OpenBracket(bracket, jobs, self.measure)
        self._opened.append(opened)
        for failed in impossible:
            opened.receive(failed)
        self._write(impossible)
        self._send(opened)

    def _known_settings(self, configuration: int) -> Mapping[str, Any] | None:
        """Return what a configuration was trained with before, in whichever repeat: all have the same settings."""
        trials = range(configuration * self.repeats, (configuration + 1) * self.repeats)
        return next((self.done[number].settings for number in trials if number in self.done), None)

    def _send(self, opened: OpenBracket) -> None:
        """Queue what a bracket is to train up to its rung; take what the record has from there."""
        while not opened.closed:
            for job in opened.jobs_at_rung():
                known = self.done.get(job.number)
                if known is not None and _has_reached(known, job.rung):
                    opened.receive(known)
                else:
                    self._pending.append(job)
                    self._of_trial[job.number] = opened
            if opened.waiting:
                return
            self._write(opened.decide())

    # Handing out and taking in.

    def _hand_out(self) -> None:
        free = _QUEUED * self.workers.slots - len(self._tasks)
        while free > 0 and self._pending:
            # Nothing is begun that would most likely not end in time.
            if self._standings.expect(self._pending[0].share) > self.limits.seconds_left():
                return
            alone = self._suspects.must_go_alone(self._pending[0].number)
            jobs = group_jobs(self._pending, self.images, self.workers.slots, alone=alone)
            task = Task(self._next_task, jobs, self.fingerprint)
            self._next_task, free = self._next_task + 1, free - 1
            self._tasks[task.number] = task
            self._left[task.number] = {job.number for job in jobs}
            self.workers.submit(task)

    def _handle(self, events: list[Event]) -> None:
        ended: list[Trial] = []
        for event in events:
            if event.task not in self._tasks:
                continue  # of a task that was given up: its trials are elsewhere by now
            if isinstance(event, Began):
                self._begin(event)
            elif isinstance(event, Lost):
                ended += self._lose(event)
            # Results come twice, as an event and with the task: the second changes nothing.
            elif event.trial.number in self._left[event.task]:
                self._end(event)
                ended.append(event.trial)
        # One synchronisation of the disk for all that came in together.
        self._write(ended)
        for opened in {id(each): each for trial in ended if (each := self._of_trial.pop(trial.number))}.values():
            if not opened.waiting:
                self._write(opened.decide())
                self._send(opened)
        self._show(tuple(ended))

    def _begin(self, event: Began) -> None:
        # What a worker says and what Dask returns travel apart: a trial may have ended before this is heard.
        for number in self._left[event.task].intersection(event.trials):
            self._standings.running[number] = event.worker
            self._suspects.begin(number)

    def _end(self, event: Ended) -> None:
        number = event.trial.number
        self._left[event.task].discard(number)
        self._standings.running.pop(number, None)
        self._suspects.clear(number)
        self._of_trial[number].receive(event.trial)
        if not self._left[event.task]:
            del self._left[event.task], self._tasks[event.task]

    def _lose(self, event: Lost) -> list[Trial]:
        """Queue again what a lost task had left, and return the trials that are to blame for it."""
        task, left = self._tasks.pop(event.task), self._left.pop(event.task)
        failed = []
        # To the front of the queue, in their order: a rung waits for them.
        for job in reversed([job for job in task.jobs if job.number in left]):
            self._standings.running.pop(job.number, None)
            if not self._suspects.blame(job.number, died=event.died, alone=len(task.jobs) == 1):
                self._pending.appendleft(job)
                continue
            reason = f"{MOST_DEATHS} workers died while they trained it: {event.reason}"
            trial = Trial(job.number, job.configuration, job.repeat, job.settings, job.seed, State.FAILED, reason)
            self._of_trial[job.number].receive(trial)
            failed.append(trial)
        return failed

    def _write(self, trials: list[Trial]) -> None:
        # A continued study meets trials that its record has already; they are not written twice.
        new = [trial for trial in trials if self.done.get(trial.number) != trial]
        self.record.append(new)
        self.done.update({trial.number: trial for trial in new})
        self._standings.add(new)

    def _show(self, latest: tuple[Trial, ...]) -> None:
        self.watch(self._standings.progress(latest))


def _has_reached(trial: Trial, rung: int) -> bool:
    """Return whether a trial of the record needs no more training for a rung.

    One that was pruned may have to go on: trials were added to a study, its last bracket has become larger, and more of
    it survive.
    """
    return trial.state in (State.FINISHED, State.FAILED) or trial.rung >= rung
