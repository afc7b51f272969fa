"""What a worker does: it trains trials, each as a run of the study's run store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inklings.data.parts import Split
from inklings.errors import DataError, NetworkError, RecipeError, RunError
from inklings.experiments.run import Run
from inklings.experiments.run_writer import RunWriter
from inklings.experiments.runs import RunStore
from inklings.search.brackets import epoch_of_rung
from inklings.search.task import Job
from inklings.search.trial import State, Trial
from inklings.search.trial_runs import find_run, folder_name, is_far_enough
from inklings.storage import leaving_disk_to_system
from inklings.training.callbacks import Callback
from inklings.training.checkpoints import Checkpoint
from inklings.training.epoch_record import EpochRecord, best_record
from inklings.training.fit import fit_job
from inklings.training.fit_many import fit_jobs, is_quicker_side_by_side
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.step_count import StepCount
from inklings.training.training_job import TrainingJob

_OF_TRIALS = (RecipeError, NetworkError, DataError, MemoryError)
"""What may be wrong with one trial; any other error concerns the study."""


class TrialInterrupted(Exception):  # noqa: N818 - no error
    """A trial was left for another time."""


@dataclass(frozen=True, eq=False)
class TrialTrainer:
    """Trains trials on one split.

    Parameters
    ----------
    split : Split
        Its test images are not looked at.
    runs : Path
        The folder of the study's runs.
    engine : str
    facts : mapping
        What every run's manifest says besides: ``command``, ``data_options``, ``split_options``.
    worker : str
        What the record calls this worker.
    should_stop : callable
        Asked often; once it returns True, what is being trained is left for another time.
    """

    split: Split
    runs: Path
    engine: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    worker: str = "this process"
    should_stop: Callable[[], bool] = lambda: False

    def train(self, jobs: Sequence[Job], on_begin: Callable[[Sequence[Job]], None]) -> Iterator[list[Trial]]:
        """Train some trials, side by side where that is quicker, and yield them as they end.

        A run that an earlier worker finished before it could say so is not trained again; one that it began goes on
        from its checkpoint.

        Raises
        ------
        TrialInterrupted
            It was asked to stop.
        RunError
            A run cannot be stored; nothing is wrong with its trial.
        """
        together: list[tuple[Job, TrainingJob]] = []
        alone: list[Job] = []
        for job in jobs:
            if job.share < 1 or job.rung or (self.runs / folder_name(job.number)).exists():
                alone.append(job)  # which can be resumed, as trainings side by side cannot
                continue
            try:
                together.append((job, self._begin(job)))
            except _OF_TRIALS as problem:
                yield [self._failed(job, problem, _now())]
        for group in _groups(together):
            on_begin([job for job, _ in group])
            yield self._train_group(group)
        for job in alone:
            on_begin([job])
            yield [self._train_alone(job)]

    def _begin(self, job: Job) -> TrainingJob:
        return TrainingJob.begin(job.plan.network, job.plan.recipe, self.split, self.engine)

    def _train_group(self, group: Sequence[tuple[Job, TrainingJob]]) -> list[Trial]:
        if len(group) == 1:
            return [self._train_alone(group[0][0])]
        begun = _now()
        writers = [self._begin_run(job) for job, _ in group]
        try:
            watching = [[writer, Stop(self.should_stop)] for writer in writers]
            fitted = fit_jobs([training for _, training in group], callbacks=watching, catch_signals=False)
        except _OF_TRIALS:  # which of them it was shows when each is trained by itself
            for writer in writers:
                shutil.rmtree(writer.run.folder, ignore_errors=True)
            return [self._train_alone(job) for job, _ in group]
        ended = zip(group, writers, fitted, strict=True)
        return [self._finish(job, writer, result, begun) for (job, _), writer, result in ended]

    def _train_alone(self, job: Job) -> Trial:
        begun = _now()
        try:
            training = self._begin(job)
            until = epoch_of_rung(job.share, training.epochs)
            run = find_run(self.runs, job, self.split, self.engine)
            if run is not None and is_far_enough(run, until):
                return self._read(job, run, begun)
            writer, checkpoint = self._resume_or_begin(job, run)
            stop = [StopAfter(until)] if until < training.epochs else []
            fitted = fit_job(
                training,
                callbacks=[writer, Stop(self.should_stop), *stop],
                resume=checkpoint,
                checkpoints=writer.run.checkpoint,
                catch_signals=False,
            )
            return self._finish(job, writer, fitted, begun)
        except _OF_TRIALS as problem:
            return self._failed(job, problem, begun)

    def _begin_run(self, job: Job) -> RunWriter:
        store, name = RunStore(self.runs), folder_name(job.number)
        # No fsync: it made a short trial wait for 12 ms, or 50 with two processes, and a power cut costs weights only
        # (decision 28).
        with leaving_disk_to_system():
            return store.begin(job.plan, self.split, engine=self.engine, folder_name=name, **self.facts)

    def _resume_or_begin(self, job: Job, run: Run | None) -> tuple[RunWriter, Checkpoint | None]:
        """Open the run of a trial again where it left a checkpoint, else begin it anew."""
        if run is not None and run.checkpoint.exists():
            try:
                checkpoint = Checkpoint.load(run.checkpoint)
            except RunError:  # damaged: what it held is trained again
                shutil.rmtree(run.folder, ignore_errors=True)
            else:
                return RunStore(self.runs).reopen(run), checkpoint
        shutil.rmtree(self.runs / folder_name(job.number), ignore_errors=True)
        return self._begin_run(job), None

    def _finish(self, job: Job, writer: RunWriter, fitted: FitResult, begun: str) -> Trial:
        """Store a run; its accuracies are those of the weights that are kept, the test images' not among them."""
        # Its epoch, not the last one's, where early stopping gave back the best weights.
        kept = _kept(fitted)
        accuracies = {"train": kept.train_accuracy, "validation": kept.validation_accuracy}
        # Interrupted, but not by a rung: StopAfter stops a training in the same way.
        if fitted.stop_reason is StopReason.INTERRUPTED and self.should_stop():
            writer.finish(fitted, accuracies)
            raise TrialInterrupted
        # The record is what a power cut must not take, and holds all but the weights.
        with leaving_disk_to_system():
            writer.finish(fitted, accuracies)
        if writer.problem:
            raise writer.problem
        trial = self._trial(job, fitted.history, kept.epoch, begun, run=writer.run.id)
        if fitted.stop_reason is StopReason.DIVERGED:
            return replace(trial, state=State.FAILED, reason=fitted.message)
        return trial

    def _read(self, job: Job, run: Run, begun: str) -> Trial:
        """Return the trial of a run that was trained before."""
        history = run.history
        kept = history[-1] if run.recipe.early_stopping is None else best_record(history)
        trial = self._trial(job, history, kept.epoch, begun, run=run.id)
        if run.stop_reason == StopReason.DIVERGED:
            return replace(trial, state=State.FAILED, reason=run.message)
        return trial

    def _trial(self, job: Job, history: Sequence[EpochRecord], epoch: int, begun: str, run: str) -> Trial:
        network, length = job.plan.network, StepCount(job.plan.recipe, len(self.split.train_rows))
        return replace(
            _blank(job, self.worker),
            state=State.FINISHED if job.share >= 1 else State.PAUSED,
            validation_loss=tuple(row.validation_loss for row in history),
            validation_accuracy=tuple(row.validation_accuracy for row in history),
            train_loss=tuple(row.train_loss for row in history),
            train_accuracy=tuple(row.train_accuracy for row in history),
            epoch=epoch,
            epochs=length.epochs,
            seconds=round(history[-1].seconds, 4),
            parameters=network.parameter_count,
            operations=network.operations,
            run=run,
            begun=begun,
            ended=_now(),
        )

    def _failed(self, job: Job, problem: Exception, begun: str) -> Trial:
        reason = str(problem) or "out of memory"
        return replace(_blank(job, self.worker), state=State.FAILED, reason=reason, begun=begun, ended=_now())


class Stop(Callback):
    """Stops a training once it is asked to.

    Parameters
    ----------
    asked : callable
    """

    title = "the search"

    def __init__(self, asked: Callable[[], bool]) -> None:
        self._asked = asked

    def should_stop(self) -> bool:
        """Return whether it was asked to."""
        return self._asked()


class StopAfter(Callback):
    """Stops a training at a rung, where its checkpoint is written.

    Parameters
    ----------
    epoch : int
    """

    title = "the search at a rung"

    def __init__(self, epoch: int) -> None:
        self._epoch, self._reached = epoch, False

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Note whether the rung is reached."""
        self._reached = record.epoch >= self._epoch

    def should_stop(self) -> bool:
        """Return whether the rung is reached."""
        return self._reached


def _groups(begun: Sequence[tuple[Job, TrainingJob]]) -> list[list[tuple[Job, TrainingJob]]]:
    """Put together what is quicker side by side; all else is by itself."""
    groups: list[list[tuple[Job, TrainingJob]]] = []
    for each in begun:
        for group in groups:
            # With the first of the group alone: to go side by side is to differ in seed and rate only, which is
            # transitive.
            if is_quicker_side_by_side([group[0][1], each[1]]):
                group.append(each)
                break
        else:
            groups.append([each])
    return groups


def _kept(fitted: FitResult) -> EpochRecord:
    """Return the record of the weights that training returned."""
    return fitted.history[-1] if fitted.recipe.early_stopping is None else best_record(fitted.history)


def _blank(job: Job, worker: str) -> Trial:
    return Trial(
        job.number,
        job.configuration,
        job.repeat,
        job.settings,
        job.seed,
        State.PAUSED,
        rung=job.rung,
        worker=worker,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
