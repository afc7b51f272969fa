"""What is kept while a network is trained: its history, the parameters worth keeping, and who asked to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, nan
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inklings.engines import Evaluation
from inklings.engines.base import Images, Labels
from inklings.networks import Parameters
from inklings.training.callbacks import Callback
from inklings.training.checkpoint_file import CheckpointFile
from inklings.training.checkpoints import Checkpoint
from inklings.training.divergence import is_lost, worst_loss
from inklings.training.fit_result import StopReason
from inklings.training.history import EpochRecord, History, best_record
from inklings.training.interruption import Interruption
from inklings.training.training_job import TrainingJob

NO_LOSSES = np.empty(0)


class Trainable(Protocol):
    """A network under training: an engine's session, or a full-batch optimiser with its network."""

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters."""

    @property
    def state(self) -> Parameters:
        """Copies of whatever else is needed to continue from here."""

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Evaluate the current parameters on labelled images."""


class Recorder:
    """Records every epoch, calls the callbacks, and decides when training is over.

    Parameters
    ----------
    job : TrainingJob
    callbacks : sequence of Callback
    interruption : Interruption
        Whether a signal asked to stop.
    file : CheckpointFile
    resume : Checkpoint, optional
        Where to continue.
    side_by_side : int
        How many trainings share the time that passes; each record counts its share.

    Attributes
    ----------
    history : list of EpochRecord
        Every epoch that is complete.
    step : int
        Steps done.
    last : dict of str to array
        The parameters after the last epoch or, if training was interrupted, the last step.
    lost : (int, float)
        The epoch and the loss that ended a training which diverged.
    state : dict of str to array
        The optimiser's when training ended.
    stopped_by : str
        The callback that asked to stop, if one did.
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
        self.history: list[EpochRecord] = list(resume.history) if resume else []
        self.step = resume.step if resume else 0
        self.last = resume.parameters if resume else {}
        self._best = resume.best if resume else None
        self._callbacks, self._interruption, self._file = callbacks, interruption, file
        self._stopped = False  # remembered, since a callback need not repeat itself
        self.stopped_by = ""
        self.state = {}
        # As if it had begun so much earlier: the seconds of a resumed training continue those before.
        self._begun = perf_counter() - (resume.seconds if resume else 0.0)

    @property
    def epoch(self) -> int:
        """The last epoch that is complete."""
        return self.history[-1].epoch

    @property
    def seconds(self) -> float:
        """How long training has taken, before it was resumed included."""
        return (perf_counter() - self._begun) / self._side_by_side

    @property
    def parameters(self) -> Parameters:
        """What training returns: the best epoch's parameters if the recipe stops early, else the last."""
        return self.last if self._best is None else self._best

    def should_stop(self) -> bool:
        """Return whether a signal or a callback asked to stop; once asked, the answer remains."""
        if not self._stopped and self._interruption.requested:
            self._stopped = True
        if not self._stopped and (who := next((each for each in self._callbacks if each.should_stop()), None)):
            self._stopped, self.stopped_by = True, who.title
        return self._stopped

    def should_pause(self) -> bool:
        """Return whether to leave the training loop, be it to stop or only to write a checkpoint."""
        return self._file.is_due or self.should_stop()

    def record(
        self, trainable: Trainable, step: int, *, loss: float | None = None, learning_rate: float | None = None
    ) -> StopReason | None:
        """Evaluate the network after an epoch and record it; the first call records epoch 0.

        Parameters
        ----------
        trainable : Trainable
            As it is after the epoch.
        step, loss, learning_rate
            As in :class:`EpochRecord`.

        Returns
        -------
        StopReason or None
            ``DIVERGED`` if the network is lost, and then only epoch 0 is recorded; ``EARLY`` if the validation loss has
            not fallen for as many epochs as the recipe allows; None to go on.
        """
        split = self.job.split
        train = trainable.evaluate(split.train.images, split.train.labels)
        validation = Evaluation(nan, nan)
        if self.job.has_validation:
            validation = trainable.evaluate(split.validation.images, split.validation.labels)
        return self.append_epoch(trainable.parameters, step, (train, validation), loss, learning_rate)

    def append_epoch(
        self,
        parameters: Parameters,
        step: int,
        evaluations: Sequence[Evaluation],
        loss: float | None,
        learning_rate: float | None,
    ) -> StopReason | None:
        """Record an epoch whose training and validation images are evaluated already; see :meth:`record`."""
        self.step = step
        epoch = self.epoch + 1 if self.history else 0
        train, validation = evaluations
        figures = (train.loss, train.accuracy, validation.loss, validation.accuracy)
        # Seen, with repetitions: the axis on which recipes with different batch sizes can be compared.
        images = step * self.job.batch_size
        record = EpochRecord(epoch, step, self.seconds, loss, *figures, learning_rate, images)
        # Returned before it replaces the last parameters: those of the epoch before are worth more than lost ones.
        if self.history and is_lost(record, self.history[0], self.job.split.train.labels):
            return self.diverge(epoch, worst_loss(record))
        self.history.append(record)
        self.last = parameters
        for callback in self._callbacks:
            callback.on_epoch_end(record)
            callback.on_parameters(record, parameters)
        return self._stop_early() if isfinite(worst_loss(record)) else self.diverge(epoch, worst_loss(record))

    def diverge(self, epoch: int, loss: float) -> StopReason:
        """End training because of a loss that shows the network to be lost."""
        self.lost = (epoch, loss)
        return StopReason.DIVERGED

    def _stop_early(self) -> StopReason | None:
        patience = self.job.recipe.early_stopping
        if patience is None:
            return None
        best = best_record(tuple(self.history)).epoch
        # A reference is enough: sessions hand out copies, and nothing here changes them.
        if best == self.epoch:
            self._best = self.last
        return StopReason.EARLY if self.epoch - best >= patience else None

    def pause(self, trainable: Trainable, losses: NDArray[np.float64] = NO_LOSSES) -> StopReason | None:
        """Write a checkpoint if one is due or training is to stop; return INTERRUPTED if it is.

        Parameters
        ----------
        trainable : Trainable
            As it is now.
        losses : array of float64, (steps,)
            The objectives of the steps done since the last record.
        """
        # Processes that train together stop together: an engine of several says what any of them wishes.
        agree: Callable[[bool], bool] | None = getattr(self.job.engine, "agree", None)
        stopping = self.should_stop() if agree is None else agree(self.should_stop())
        if not (stopping or self._file.is_due):
            return None
        parameters, origin, history = trainable.parameters, self.job.origin, History(self.history)
        # In a lambda, so that the optimiser's state is copied out of the engine only if there is a file to write.
        self._file.write(
            lambda: Checkpoint(origin, parameters, trainable.state, history, self.seconds, losses, self._best)
        )
        # Asked again, since a callback may count by checkpoints, as one step in the lab does. Not of several processes,
        # only one of which writes: the others would wait for its question.
        if agree is None:
            stopping = self.should_stop()
        return self.interrupt(parameters, len(losses)) if stopping else None

    def interrupt(self, parameters: Parameters, steps: int) -> StopReason:
        """End training because somebody asked for it, so many steps after the last record."""
        self.last, self.step = parameters, self.history[-1].step + steps
        return StopReason.INTERRUPTED
