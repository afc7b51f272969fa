"""How contenders of a comparison are trained: checked first, then trained, evaluated and stored, or reloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from inklings.data.parts import Split
from inklings.engines import get_engine
from inklings.errors import InklingsError, RunError
from inklings.experiments.failed_opponent import FailedOpponent, try_opponent
from inklings.experiments.results import check_measurable, measure_fitted
from inklings.experiments.run_writer import RunWriter
from inklings.experiments.runs import RunStore
from inklings.experiments.stored_opponent import store_opponent, stored_opponent
from inklings.experiments.trained import TrainedNetwork, stored_network
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.hardware import peak_memory
from inklings.opponents import Opponent
from inklings.training.callbacks import Callback, as_callbacks
from inklings.training.fit import fit_job
from inklings.training.fit_many import fit_jobs
from inklings.training.fit_result import FitResult
from inklings.training.plans import Plan
from inklings.training.training_job import TrainingJob

Watch = Callable[[Plan], Sequence[Callback]]


@dataclass(frozen=True, eq=False)
class Entry:
    """A network of a comparison before it is trained: its plan, and the training job on one split."""

    plan: Plan
    job: TrainingJob


class Elsewhere(Protocol):
    """Trains networks elsewhere, as on a cluster."""

    def train(self, entries: Sequence[Entry], trainer: Trainer) -> list[TrainedNetwork]:
        """Train networks, and return those that came to their end."""


@dataclass(frozen=True, eq=False)
class Trainer:
    """Trains the networks of a comparison.

    Parameters
    ----------
    engine : str
        Name of the engine.
    store : RunStore, optional
        Where to store the runs.
    continued : bool
        Whether to take finished trainings of an earlier comparison from the store.
    watch : callable
        ``watch(plan) -> callbacks`` for each network's training.
    facts : mapping
        What :meth:`RunStore.begin` writes beside plan, split and engine: ``command`` and ``data_options``.
    splits_are_made_here : bool
        Whether splits are drawn by their seed alone; one that a user has made may have been drawn otherwise, or never.
    elsewhere : Elsewhere, optional
        What trains the repeats of a network; they are trained here if not given.
    """

    engine: str
    store: RunStore | None = None
    continued: bool = False
    watch: Watch = lambda plan: ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    splits_are_made_here: bool = True
    elsewhere: Elsewhere | None = None

    def prepare(self, plans: Sequence[Plan], split: Split) -> list[Entry]:
        """Check all networks before training any: otherwise finished trainings would be lost."""
        check_measurable(split)
        return [Entry(plan, self._begin_job(plan, split)) for plan in plans]

    def _begin_job(self, plan: Plan, split: Split) -> TrainingJob:
        try:
            return TrainingJob.begin(plan.network, plan.recipe, split, self.engine)
        except InklingsError as error:
            raise error.within(plan.title) from None

    def find_stored(self, entry: Entry) -> TrainedNetwork | None:
        """Return the network if an earlier comparison trained it and this one continues that."""
        if self.store is None or not self.continued:
            return None
        return stored_network(self.store, entry.plan, entry.job.split, self.engine)

    def train(self, entry: Entry) -> TrainedNetwork:
        """Train one network, evaluate it and store its run."""
        watching = as_callbacks(self.watch(entry.plan))  # before a run is begun for what cannot be trained
        run = self._begin_run(entry)
        return self._measure(entry, fit_job(entry.job, callbacks=[*watching, *run]), run)

    def train_side_by_side(self, entries: Sequence[Entry]) -> list[TrainedNetwork]:
        """Train several repeats of one network at once."""
        watching = [as_callbacks(self.watch(entry.plan)) for entry in entries]
        # A terminal has room for one progress bar: of all but the first, what only shows epochs sees them when all
        # have ended.
        later = [[each for each in own if number and _only_shows(each)] for number, own in enumerate(watching)]
        live = [[each for each in own if each not in shown] for own, shown in zip(watching, later, strict=True)]
        runs = [self._begin_run(entry) for entry in entries]
        callbacks = [[*own, *run] for own, run in zip(live, runs, strict=True)]
        fitted = fit_jobs([entry.job for entry in entries], callbacks=callbacks)
        for result, shown in zip(fitted, later, strict=True):
            _replay(result, shown)
        return [self._measure(*trained) for trained in zip(entries, fitted, runs, strict=True)]

    def fit(
        self, opponent: Opponent, split: Split, announce: Callable[[Opponent], None]
    ) -> TrainedOpponent | FailedOpponent:
        """Fit an opponent, evaluate and store it; or take it from the store if this comparison is continued."""
        if self.store is None:
            announce(opponent)
            return try_opponent(opponent, split)
        found = stored_opponent(self.store.folder, opponent, split) if self.continued else None
        if found is not None:
            return found
        announce(opponent)
        # How it was split goes into the file, so that it can be split so again.
        facts = {**self.facts, "split_options": self._division(split)}
        trained = try_opponent(opponent, split)
        return trained if isinstance(trained, FailedOpponent) else store_opponent(self.store.folder, trained, facts)

    def _division(self, split: Split) -> Mapping[str, Any] | None:
        return {"seed": split.seed} if self.splits_are_made_here else split.drawn

    def _begin_run(self, entry: Entry) -> list[RunWriter]:
        """Begin the run that a training is stored in; none without a store."""
        if self.store is None:
            return []
        split = entry.job.split
        division = self._division(split)
        return [self.store.begin(entry.plan, split, engine=self.engine, split_options=division, **self.facts)]

    def _measure(self, entry: Entry, fitted: FitResult, run: Sequence[RunWriter]) -> TrainedNetwork:
        result = measure_fitted(entry.plan, fitted, entry.job.split, get_engine(self.engine))
        for writer in run:
            with suppress(RunError):  # the network is compared nevertheless, and the writer's problem reported
                writer.finish(fitted, result.accuracies)
        problem = next((str(writer.problem) for writer in run if writer.problem), "")
        id = run[0].run.id if run else ""
        return TrainedNetwork(entry.plan, fitted, result, entry.job.split, peak_memory() or 0, problem, id)


def _only_shows(callback: Callback) -> bool:
    """Return whether a callback neither looks at parameters, which nobody keeps of each epoch, nor stops training."""
    return all(getattr(type(callback), hook) is getattr(Callback, hook) for hook in ("on_parameters", "should_stop"))


def _replay(fitted: FitResult, callbacks: Sequence[Callback]) -> None:
    """Let callbacks see a training that has already ended."""
    for callback in callbacks:
        # The last epoch is as many as there will be: early stopping may have ended it before the recipe's.
        callback.on_start(fitted.network, fitted.recipe, fitted.history[-1].epoch)
        for row in fitted.history:
            callback.on_epoch_end(row)
        callback.on_end()
