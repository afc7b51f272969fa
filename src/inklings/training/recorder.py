"""What is kept while a network is trained: the rows, the parameters worth keeping, and who asked to stop."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inklings.engines import Evaluation
from inklings.engines.base import Images, Labels
from inklings.networks import Parameters
from inklings.training.callbacks import Callback
from inklings.training.checkpoints import Checkpoint, CheckpointFile
from inklings.training.divergence import is_lost, worst_loss
from inklings.training.fit_result import StopReason
from inklings.training.history import EpochRecord, best_row
from inklings.training.interruption import Interruption
from inklings.training.training_job import TrainingJob

NO_LOSSES = np.empty(0)


class Trainable(Protocol):
    """What learns: an engine's session, or a full-batch optimiser with its network."""

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""

    @property
    def state(self) -> Parameters:
        """Copies of what else it needs to go on from here."""

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Read images with the parameters as they are now."""


class Recorder:
    """Takes down every epoch, tells the callbacks, and says when training is over.

    Parameters
    ----------
    job : TrainingJob
        What is being done.
    callbacks : sequence of Callback
    interruption : Interruption
        Notes the signals.
    file : CheckpointFile
    resume : Checkpoint, optional
        Where to go on.
    side_by_side : int
        How many trainings share the time that passes; each row counts its share.

    Attributes
    ----------
    rows : list of EpochRecord
        Every epoch that is over.
    step : int
        How many steps are done.
    lost : (int, float)
        The epoch and the loss that ended a training which diverged.
    state : dict of str to array
        The optimiser's when training ended.
    """

    lost = (0, nan)
    state: Parameters

    def __init__(
        self,
        job: TrainingJob,
        callbacks: Sequence[Callback],
        interruption: Interruption,
        file: CheckpointFile,
        resume: Checkpoint | None,
        side_by_side: int = 1,
    ) -> None:
        self.job, self.resume, self._side_by_side = job, resume, side_by_side
        self.rows: list[EpochRecord] = list(resume.history) if resume else []
        self.step = resume.step if resume else 0
        self._last = resume.parameters if resume else {}
        self._best = resume.best if resume else None
        self._callbacks, self._interruption, self._file = callbacks, interruption, file
        self._stopped = False
        self.state = {}
        self._begun = perf_counter() - (resume.seconds if resume else 0.0)

    @property
    def epoch(self) -> int:
        """How many epochs are over."""
        return self.rows[-1].epoch

    @property
    def seconds(self) -> float:
        """How long training has taken, before it was resumed too."""
        return (perf_counter() - self._begun) / self._side_by_side

    @property
    def parameters(self) -> Parameters:
        """What training gives back: the best epoch's parameters if the recipe stops early, else the last."""
        return self._last if self._best is None else self._best

    def should_stop(self) -> bool:
        """Say whether a signal or a callback asked to stop; once said, it stays so."""
        if self._interruption.requested or any(callback.should_stop() for callback in self._callbacks):
            self._stopped = True
        return self._stopped

    def should_pause(self) -> bool:
        """Say whether to stop, or to write a checkpoint and go on."""
        return self._file.is_due or self.should_stop()

    def record(
        self, learner: Trainable, step: int, *, loss: float | None = None, learning_rate: float | None = None
    ) -> StopReason | None:
        """Measure what came of the next epoch (0 is the first) and take it down; say whether training is over with it.

        Parameters
        ----------
        learner : Trainable
            As it is after the epoch.
        step, loss, learning_rate
            As in :class:`EpochRecord`.

        Returns
        -------
        StopReason or None
            ``DIVERGED`` if a loss says that all is lost, and the row is left out unless it is the first; ``EARLY`` if
            the validation loss has not fallen for as long as the recipe allows; None to go on.
        """
        split = self.job.split
        train = learner.evaluate(split.train.images, split.train.labels)
        validation = Evaluation(nan, nan)
        if self.job.has_validation:
            validation = learner.evaluate(split.validation.images, split.validation.labels)
        return self.append_epoch(learner.parameters, step, (train, validation), loss, learning_rate)

    def append_epoch(
        self,
        parameters: Parameters,
        step: int,
        measured: Sequence[Evaluation],
        loss: float | None,
        learning_rate: float | None,
    ) -> StopReason | None:
        """Take down what was measured on the training and the validation images; see :meth:`record`."""
        self.step = step
        epoch = self.epoch + 1 if self.rows else 0
        train, validation = measured
        figures = (train.loss, train.accuracy, validation.loss, validation.accuracy)
        row = EpochRecord(epoch, step, self.seconds, loss, *figures, learning_rate)
        if self.rows and is_lost(row, self.rows[0], self.job.split.train.labels):
            return self.diverge(epoch, worst_loss(row))
        self.rows.append(row)
        self._last = parameters
        for callback in self._callbacks:
            callback.on_epoch_end(row)
        return self._stop_early() if isfinite(worst_loss(row)) else self.diverge(epoch, worst_loss(row))

    def diverge(self, epoch: int, loss: float) -> StopReason:
        """End training for a loss that says that all is lost."""
        self.lost = (epoch, loss)
        return StopReason.DIVERGED

    def _stop_early(self) -> StopReason | None:
        patience = self.job.recipe.early_stopping
        if patience is None:
            return None
        best = best_row(tuple(self.rows)).epoch
        if best == self.epoch:
            self._best = self._last
        return StopReason.EARLY if self.epoch - best >= patience else None

    def pause(self, learner: Trainable, losses: NDArray[np.float64] = NO_LOSSES) -> StopReason | None:
        """Write a checkpoint if one is due; say whether somebody asked to stop.

        Parameters
        ----------
        learner : Trainable
            As it is now.
        losses : array of float64, (steps,)
            The objectives of the steps done since the last row.
        """
        if not self.should_pause():
            return None
        parameters, origin, history = learner.parameters, self.job.origin, tuple(self.rows)
        self._file.write(
            lambda: Checkpoint(origin, parameters, learner.state, history, self.seconds, losses, self._best)
        )
        return self.interrupt(parameters, len(losses)) if self.should_stop() else None

    def interrupt(self, parameters: Parameters, steps: int) -> StopReason:
        """End training because somebody asked for it, so many steps after the last row."""
        self._last, self.step = parameters, self.rows[-1].step + steps
        return StopReason.INTERRUPTED
