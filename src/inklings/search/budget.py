"""The time that a search has, of which some is kept for the test images and for what its caller does."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from time import perf_counter

from inklings.search.trial import State, Trial

_MOST_KEPT = 0.5
"""Of the time: whoever asks for seconds gets some training out of them at least."""
_READING = 0.02
"""Seconds to read a run's weights and write its results."""


class Budget:
    """Counts down the seconds of a search.

    Parameters
    ----------
    seconds : float or None
        In all; None without a limit.
    begun : float
        When it began, by ``perf_counter``.
    evaluations : int
        Runs that will be evaluated on the test images.
    reserved : float
        Seconds that the caller has spent or will need.
    """

    def __init__(self, seconds: float | None, begun: float, evaluations: int, reserved: float = 0.0) -> None:
        self._seconds, self._begun, self._evaluations, self._reserved = seconds, begun, evaluations, reserved
        self._longest_epoch = 0.0

    def learn(self, trials: Iterable[Trial]) -> None:
        """Take note of how long trials took that may be chosen."""
        for trial in trials:
            epochs = len(trial.validation_loss) - 1
            # Curves hold epoch 0, the untrained network, too; a trial that ends there tells nothing of an epoch's time.
            if trial.state is State.FINISHED and epochs > 0:
                self._longest_epoch = max(self._longest_epoch, trial.seconds / epochs)

    @property
    def kept(self) -> float:
        """Seconds that are kept: an evaluation sees every image once, forwards; an epoch takes longer than that."""
        if self._seconds is None:
            return 0.0
        # The slowest epoch so far, since which runs will be chosen is not known yet.
        wanted = self._evaluations * (self._longest_epoch + _READING) + self._reserved
        return min(wanted, _MOST_KEPT * self._seconds)

    @property
    def seconds_left(self) -> float:
        """Seconds that are left to train in; infinite without a limit."""
        if self._seconds is None:
            return inf
        return self._seconds - self.kept - (perf_counter() - self._begun)
