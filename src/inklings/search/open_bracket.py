"""A bracket under way: who is where, and who goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf, nan
from statistics import fmean

from inklings.search.brackets import Bracket, epoch_of_rung
from inklings.search.task import Job
from inklings.search.trial import Measure, State, Trial


@dataclass(eq=False)
class OpenBracket:
    """The configurations of a bracket, at one of its rungs.

    Parameters
    ----------
    bracket : Bracket
    jobs : dict of int to list of Job
        Of each configuration, one per repeat, as they were at the first rung.
    measure : {"loss", "accuracy"}
    """

    bracket: Bracket
    jobs: dict[int, list[Job]]
    measure: Measure
    rung: int = 0
    costs: dict[int, list[float]] = field(default_factory=dict)
    """Of each configuration, one per rung that it reached."""
    trials: dict[int, Trial] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    alive: list[int] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        self.alive = list(self.jobs)
        self.costs = {number: [] for number in self.jobs}

    def jobs_at_rung(self) -> list[Job]:
        """Return what is to be trained up to the rung, and wait for it."""
        share = self.bracket.rungs[self.rung]
        found = [replace(job, rung=self.rung, share=share) for number in self.alive for job in self.jobs[number]]
        # One that failed before is not trained further, and not waited for.
        found = [job for job in found if not self._has_failed(job.number)]
        self.waiting = {job.number for job in found}
        return found

    def _has_failed(self, number: int) -> bool:
        return number in self.trials and self.trials[number].state is State.FAILED

    def receive(self, trial: Trial) -> None:
        """Take note of a trial that has reached the rung, or failed on its way."""
        self.trials[trial.number] = trial
        self.waiting.discard(trial.number)

    def decide(self) -> list[Trial]:
        """Close the rung once all have reached it; return the trials that are pruned.

        Whoever goes on is in ``alive`` then; after the last rung the bracket is closed.
        """
        for number in self.alive:
            # One cost per rung and configuration, in their order: what the sampler is told.
            self.costs[number].append(self._cost(number))
        last = self.rung == len(self.bracket.rungs) - 1
        found = [(self.costs[number][-1], number) for number in self.alive]
        survivors = [] if last else self.bracket.survivors(self.rung, found)
        pruned = [] if last else list(self._prune(set(self.alive) - set(survivors), len(found), len(survivors)))
        self.alive = survivors
        self.rung += not last
        self.closed = not survivors
        return pruned

    def _cost(self, configuration: int) -> float:
        """Return the mean over the repeats; infinite if one of them failed."""
        share = self.bracket.rungs[self.rung]
        return fmean(cost_at(self.trials[job.number], share, self.measure) for job in self.jobs[configuration])

    def _prune(self, configurations: Iterable[int], compared: int, kept: int) -> Iterable[Trial]:
        for number in sorted(configurations):
            for job in self.jobs[number]:
                trial = self.trials[job.number]
                if trial.state is not State.PAUSED:
                    continue
                if self._has_ended(trial):
                    yield replace(trial, state=State.FINISHED)
                    continue
                epochs = f"{trial_length(trial):,} epoch{'s' if trial_length(trial) != 1 else ''}"
                reason = f"not among the best {kept} of {compared} configurations after {epochs}"
                if self.costs[number][-1] == inf:
                    reason = "another repeat of its configuration failed"
                yield replace(trial, state=State.PRUNED, reason=reason)

    def _has_ended(self, trial: Trial) -> bool:
        """Return whether a training was over before its rung, or with it: nothing of it was cut off."""
        until = epoch_of_rung(self.bracket.rungs[self.rung], trial.epochs)
        # Before it by early stopping; with it where a ninth of few epochs is all of them.
        return trial_length(trial) < until or until == trial.epochs


def trial_length(trial: Trial) -> int:
    """Return how many epochs a trial was trained for."""
    return max(0, len(trial.validation_loss) - 1)  # the first is before the first epoch


def cost_at(trial: Trial, share: float, measure: Measure) -> float:
    """Return what a trial came to at a rung, the lower the better, though it may have been trained further since."""
    if trial.state is State.FAILED:
        return inf
    if share >= 1:
        return trial.cost(measure)
    curve: Mapping[str, tuple[float, ...]] = {"loss": trial.validation_loss, "accuracy": trial.validation_accuracy}
    # Early stopping may have ended it before the rung: then its last epoch counts.
    epoch = min(epoch_of_rung(share, trial.epochs), len(trial.validation_loss) - 1)
    figure = curve[measure][epoch] if epoch >= 0 else nan
    # NaN: a loss that is not known ranks below all others.
    return inf if figure != figure else figure if measure == "loss" else 1 - figure
