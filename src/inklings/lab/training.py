"""One training that is watched, and may be paused, stepped through and sent back: a run like any other.

A pause ends ``fit`` as an interruption does, and going on resumes it from the checkpoint: so the weights are those of a
training that never paused, and its seconds are those it computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inklings.data.dataset import Dataset
from inklings.experiments.results import measure_fitted
from inklings.experiments.run import Run
from inklings.experiments.run_writer import RunWriter
from inklings.experiments.runs import RunStore
from inklings.lab.kept_checkpoints import KeptCheckpoints
from inklings.lab.look import describe, look
from inklings.lab.progress import Progress, State
from inklings.lab.wanted import Wanted
from inklings.networks import Parameters
from inklings.training.callbacks import Callback
from inklings.training.checkpoint_file import remove_checkpoints
from inklings.training.checkpoints import Checkpoint
from inklings.training.epoch_record import EpochRecord
from inklings.training.fit import fit_job
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.history import History
from inklings.training.training_job import TrainingJob


@dataclass(frozen=True)
class Goal:
    """How far a training is to go now; without any setting, to its end.

    Attributes
    ----------
    steps, epochs : int, optional
        How many from here, where it pauses.
    back_to : int, optional
        The epoch to go back to before.
    stays : bool
        Whether it pauses at the epoch that it went back to.
    ends : bool
        Whether it ends for good as it is.
    """

    steps: int | None = None
    epochs: int | None = None
    back_to: int | None = None
    stays: bool = False
    ends: bool = False


@dataclass(frozen=True)
class Place:
    """Where trainings are kept, and what is watched.

    Attributes
    ----------
    store : RunStore
    opened : mapping
        How the images were opened.
    watched : Dataset
        The images whose answers are shown.
    """

    store: RunStore
    opened: dict[str, Any]
    watched: Dataset


class Training(Callback):
    """A training under way; all but :meth:`halt` and :attr:`progress` belongs to the thread that trains.

    Parameters
    ----------
    id : str
    wanted : Wanted
    job : TrainingJob
    place : Place
    on_weights : callable, optional
        Is given the weights whenever they are looked at.
    """

    def __init__(
        self,
        id: str,
        wanted: Wanted,
        job: TrainingJob,
        place: Place,
        on_weights: Callable[[Parameters], None] = lambda parameters: None,
    ) -> None:
        self.id, self.wanted, self.job, self._place, self._on_weights = id, wanted, job, place, on_weights
        self.progress = Progress()
        self.run: Run | None = None
        self._writer: RunWriter | None = None
        self._checkpoints: KeptCheckpoints | None = None
        self._until_step: int | None = None
        self._until_epoch: int | None = None
        self._halted = False

    @property
    def is_begun(self) -> bool:
        """Whether it has a run that is not finished yet."""
        return self._writer is not None

    def halt(self) -> None:
        """Let it pause after the step at hand; returns at once."""
        self._halted = True

    def make_ready(self) -> None:
        """Take back an earlier halt, before :meth:`work`; whoever halts it from now on is heeded."""
        self._halted = False

    def work(self, goal: Goal) -> None:
        """Train as far as the goal says; returns when it is reached, or the training was halted or is over."""
        writer, checkpoints = self._open()
        if goal.back_to is not None:
            writer = self._go_back(goal.back_to, writer, checkpoints)
        epoch = self.progress.epoch
        self._until_step = None if goal.steps is None else self.progress.step + goal.steps
        self._until_epoch = None if goal.epochs is None else epoch + goal.epochs
        if goal.stays:
            self._until_epoch = goal.back_to
        # A single step is over at once, and is looked at whatever the pace of looks.
        checkpoints.at_every_step = goal.steps is not None
        if goal.ends:
            self._end(self._as_it_is(checkpoints), State.STOPPED, writer)
        # Going back to an epoch whose checkpoint is kept reaches the goal without a step.
        elif self._until_epoch is not None and epoch >= self._until_epoch and self.progress.rows:
            self.progress.become(State.PAUSED)
        else:
            self._train(writer, checkpoints)

    def _train(self, writer: RunWriter, checkpoints: KeptCheckpoints) -> None:
        self.progress.become(State.RUNNING)
        # From the start: the untrained network is shown while the first epoch is under way.
        if checkpoints.last is None:
            self._see(self.job.start_parameters)
        fitted = fit_job(
            self.job,
            callbacks=[self, writer],
            resume=checkpoints.last,
            checkpoints=checkpoints,
            catch_signals=False,
        )
        # On the disk too, whether it is due or not: a pause may last until the lab is closed.
        if fitted.stop_reason is StopReason.INTERRUPTED:
            checkpoints.save()
            self.progress.become(State.PAUSED)
        else:
            diverged = fitted.stop_reason is StopReason.DIVERGED
            self._end(fitted, State.FAILED if diverged else State.FINISHED, writer)

    def _open(self) -> tuple[RunWriter, KeptCheckpoints]:
        """Return the run's writer and checkpoints; begin a run where there is none, or where it has ended for good."""
        if self._writer is not None and self._checkpoints is not None:
            return self._writer, self._checkpoints
        self._writer = self._place.store.begin(
            self.wanted.plan,
            self.job.split,
            engine=self.job.engine.name,
            command="inklings lab",
            data_options=self._place.opened,
            split_options=self.wanted.division,
        )
        self.run = self._writer.run
        if self._checkpoints is None:
            self._checkpoints = KeptCheckpoints(self.run.checkpoint, self._take)
        else:
            self._checkpoints.path = self.run.checkpoint
        return self._writer, self._checkpoints

    def _go_back(self, epoch: int, writer: RunWriter, checkpoints: KeptCheckpoints) -> RunWriter:
        """Return to an epoch, or to the nearest one before it from which it can be reached again."""
        before = checkpoints.go_back(epoch)
        if before is None:
            remove_checkpoints(writer.run.checkpoint)
        else:
            checkpoints.save()
        # Opened again, so that its history on the disk goes back as well.
        self._writer = self._place.store.reopen(writer.run)
        self.progress.go_back(before.epoch if before else 0, before.step if before else 0)
        self._see(before.parameters if before else self.job.start_parameters)
        return self._writer

    def _end(self, fitted: FitResult, state: State, writer: RunWriter) -> None:
        """Measure and store what was trained."""
        result = measure_fitted(self.wanted.plan, fitted, self.job.split, self.job.engine)
        self.run = writer.finish(fitted, result.accuracies)
        self._see(fitted.parameters, fitted.stop_reason)
        if state is not State.STOPPED:
            self._writer = None  # what has ended stays in the store as it is: sent back, it is another run
        self.progress.become(state, str(writer.problem or fitted.message))

    def _as_it_is(self, checkpoints: KeptCheckpoints) -> FitResult:
        """Return a training that ends where it has paused."""
        job, last, step = self.job, checkpoints.last, self.progress.step
        parameters = job.start_parameters if last is None else last.parameters
        message = f"stopped after {step:,} of {job.steps:,} steps; what was learnt is kept"
        history, reason = History(self.progress.rows), StopReason.INTERRUPTED
        return FitResult(job.network, job.recipe, parameters, history, reason, job.engine_title, message)

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Show the epoch's row."""
        self.progress.append(record)
        if record.epoch and self._checkpoints is not None:
            self._checkpoints.end_epoch()

    def should_stop(self) -> bool:
        """Return whether the goal is reached, or somebody asked for a pause."""
        if self._until_step is not None and self.progress.step >= self._until_step:
            return True
        return self._halted or (self._until_epoch is not None and self.progress.epoch >= self._until_epoch)

    def _take(self, checkpoint: Checkpoint) -> None:
        self.progress.reach(checkpoint.step)
        self._see(checkpoint.parameters)

    def _see(self, parameters: Parameters, ending: StopReason | None = None) -> None:
        """Look at the network with these weights."""
        rows, plan = self.progress.rows, self.wanted.plan
        diagnosis = describe(rows, plan, ending) if len(rows) > 1 else []
        self.progress.see(look(plan, self.job.engine, parameters, self._place.watched), diagnosis)
        self._on_weights(parameters)

    def forget(self) -> None:
        """Let go of what takes memory; it can still be sent back, which trains it again from its start."""
        if self._checkpoints is not None:
            self._checkpoints.forget()
        # Copies of the training and validation images, which are made again when they are asked for.
        self.job.split.forget_parts()
