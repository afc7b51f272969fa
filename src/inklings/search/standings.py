"""What a driver counts: trials by state, the best so far, how long they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
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
        self._begun, self._before = perf_counter(), 0
        self._counts = dict.fromkeys(State, 0)
        self._costs: dict[int, list[float]] = {}
        self._best: tuple[float, Trial | None] = (inf, None)
        self._seconds, self._whole = 0.0, 0
        self.add(done.values())
        self._before = self._ended

    def add(self, trials: Iterable[Trial]) -> None:
        """Count trials that have ended; a paused one is not counted yet."""
        for trial in trials:
            if trial.state is State.PAUSED:
                continue
            self._counts[trial.state] += 1
            if trial.state is not State.FINISHED:
                continue
            self._seconds, self._whole = self._seconds + trial.seconds, self._whole + 1
            costs = self._costs.setdefault(trial.configuration, [])
            costs.append(trial.cost(self._measure))
            if (mean := fmean(costs)) < self._best[0] or self._is_best(trial):
                self._best = (mean, trial)

    def _is_best(self, trial: Trial) -> bool:
        """Return whether it is another repeat of the best configuration, whose mean it changes."""
        best = self._best[1]
        return best is not None and best.configuration == trial.configuration

    @property
    def _ended(self) -> int:
        return sum(self._counts[state] for state in (State.FINISHED, State.PRUNED, State.FAILED))

    def expect(self, share: float) -> float:
        """Return how many seconds such a share of a training takes, as far as the finished ones tell; 0 before any."""
        return share * self._seconds / self._whole if self._whole else 0.0

    def progress(self, latest: tuple[Trial, ...]) -> Progress:
        """Return how far the study is."""
        seconds, ended = perf_counter() - self._begun, self._ended
        here, left = ended - self._before, None
        if self._wanted is not None and here:
            left = max(0.0, (self._wanted - ended) * seconds / here)
        cost, best = self._best
        figure = None if best is None else cost if self._measure == "loss" else 1 - cost
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
