"""What a driver counts: trials by state, the best so far, how long they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean
from time import perf_counter

from inklings.search.progress import Progress
from inklings.search.trial import Measure, State, Trial


class Standings:
    """Counts trials as they end.

    Parameters
    ----------
    measure : {"loss", "accuracy"}
    wanted : int or None
        Trials in all.
    workers : int
    done : mapping of int to Trial
        Those of the record.

    Attributes
    ----------
    running : dict of int to str
        The trials at work, and where.
    """

    def __init__(self, measure: Measure, wanted: int | None, workers: int, done: Mapping[int, Trial]) -> None:
        self.running: dict[int, str] = {}
        self._measure, self._wanted, self._workers = measure, wanted, workers
        self._begun = perf_counter()
        self._states: dict[int, State] = {}
        self._counts = dict.fromkeys(State, 0)
        self._costs: dict[int, list[float]] = {}
        self._latest: dict[int, Trial] = {}
        self._best: int | None = None
        self._seconds, self._whole = 0.0, 0
        self.add(done.values())
        self._before = len(self._states)

    def add(self, trials: Iterable[Trial]) -> None:
        """Count trials that have ended; a paused one is not counted yet."""
        for trial in trials:
            if trial.state is State.PAUSED:
                continue
            self._count(trial)
            if trial.state is not State.FINISHED:
                continue
            self._seconds, self._whole = self._seconds + trial.seconds, self._whole + 1
            self._costs.setdefault(trial.configuration, []).append(trial.cost(self._measure))
            self._latest[trial.configuration] = trial
            if trial.configuration == self._best:  # another repeat, by which it may be the best no more
                # Its mean may have risen above another's, so all are compared again; otherwise one comparison is
                # enough.
                self._best = min(self._costs, key=self._cost)
            elif self._best is None or self._cost(trial.configuration) < self._cost(self._best):
                self._best = trial.configuration

    def _count(self, trial: Trial) -> None:
        # Not twice: one that was pruned may go on when trials are added to a study.
        if (before := self._states.get(trial.number)) is not None:
            self._counts[before] -= 1
        self._counts[trial.state] += 1
        self._states[trial.number] = trial.state

    def _cost(self, configuration: int) -> float:
        return fmean(self._costs[configuration])

    def expect(self, share: float) -> float:
        """Return how many seconds such a share of a training takes, as far as the finished ones tell; 0 before any."""
        return share * self._seconds / self._whole if self._whole else 0.0

    def progress(self, latest: tuple[Trial, ...]) -> Progress:
        """Return how far the study is."""
        seconds, ended = perf_counter() - self._begun, len(self._states)
        # By what this driver did itself: the trials of an earlier one took none of its time.
        here, left = ended - self._before, None
        if self._wanted is not None and here:
            left = max(0.0, (self._wanted - ended) * seconds / here)
        best = None if self._best is None else self._latest[self._best]
        cost = None if self._best is None else self._cost(self._best)
        figure = cost if cost is None or self._measure == "loss" else 1 - cost
        return Progress(
            self._wanted,
            self._counts[State.FINISHED],
            self._counts[State.PRUNED],
            self._counts[State.FAILED],
            dict(self.running),
            self._workers,
            best,
            figure,
            seconds,
            left,
            latest,
        )
