"""What the loss curves of a training show once the noise of single epochs is smoothed away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inklings.training.history import EpochRecord, History, best_record

Floats = NDArray[np.float64]

SMOOTHED_SHARE = 0.05
"""Of all epochs, what each point is the median of: enough that a network held at its best does not seem to get worse
(measured on 500 epochs of dropout: the last epoch lies 4 to 12 % above the lowest, the smoothed one 2 to 6 %)."""
FEW_EPOCHS = 5
"""With fewer, nothing is smoothed: three of five points would hide the curve itself."""
END_SHARE = 0.2
"""The part of a training that tells how it was going at the end."""
JUMP, LEAST_JUMP = 0.2, 0.05
"""A jump is a training loss that rises by a fifth, and by this much, from one epoch to the next."""


@dataclass(frozen=True)
class Curves:
    """The epochs of a history after the start, with smoothed losses.

    Attributes
    ----------
    start : EpochRecord
        The network before training.
    rows : tuple of EpochRecord
        The epochs since; at least one, all losses finite.
    """

    start: EpochRecord
    rows: History

    @cached_property
    def window(self) -> int:
        """How many epochs each point is the median of; odd."""
        if len(self.rows) < FEW_EPOCHS:
            return 1
        return max(3, 2 * round(SMOOTHED_SHARE * len(self.rows) / 2) + 1)

    @cached_property
    def training(self) -> Floats:
        """The training loss, smoothed, shape (epochs,)."""
        return smooth([row.train_loss for row in self.rows], self.window)

    @cached_property
    def validation(self) -> Floats:
        """The validation loss, smoothed, shape (epochs,)."""
        return smooth([row.validation_loss for row in self.rows], self.window)

    @property
    def last(self) -> EpochRecord:
        """The last epoch."""
        return self.rows[-1]

    @property
    def best(self) -> EpochRecord:
        """The epoch of the lowest validation loss, not smoothed."""
        return best_record(self.rows)

    @property
    def rise(self) -> float:
        """How far the smoothed validation loss ends above its lowest point, as a share of that."""
        return float(self.validation[-1] / max(self.validation.min(), np.finfo(float).tiny) - 1)

    @property
    def epochs_since_lowest(self) -> int:
        """Epochs since the smoothed validation loss was lowest."""
        return len(self.rows) - 1 - int(np.argmin(self.validation))

    @property
    def end_epochs(self) -> int:
        """How many epochs count as the end."""
        return max(1, round(END_SHARE * len(self.rows)))

    @property
    def fall_at_end(self) -> float:
        """How much the smoothed validation loss fell over the end, as a share of itself; below 0 if it rose."""
        losses = [self.start.validation_loss, *self.validation]
        return float(1 - losses[-1] / max(losses[-1 - self.end_epochs], np.finfo(float).tiny))

    @property
    def loss_left(self) -> float:
        """The smoothed training loss at the end, as a share of that before training."""
        return float(self.training[-1] / self.start.train_loss)

    @property
    def straightness(self) -> float:
        """The slope of the training loss at the end, as a share of its mean slope since the start.

        Near 1 the curve is a straight line; a training that has done most of its work has a small fraction.
        """
        losses = [self.start.train_loss, *self.training]
        mean_slope = (losses[0] - losses[-1]) / len(self.rows)
        slope_at_end = (losses[-1 - self.end_epochs] - losses[-1]) / self.end_epochs
        return float(slope_at_end / mean_slope) if mean_slope > 0 else 0.0

    @property
    def falls(self) -> float:
        """The share of epochs that ended with a lower training loss than the one before."""
        return float(np.mean(np.diff([self.start.train_loss, *(row.train_loss for row in self.rows)]) < 0))

    @property
    def jumps(self) -> int:
        """How many epochs ended with a training loss well above the one before."""
        losses = np.array([row.train_loss for row in self.rows])
        return int(np.sum(np.diff(losses) > np.maximum(JUMP * losses[:-1], LEAST_JUMP)))

    @property
    def held_back(self) -> float:
        """How many times larger the loss that was minimised is than the training loss at the end.

        Dropout, penalties, augmentation and smoothing make learning harder than reading: with them it is far above 1.
        """
        end = self.rows[-self.end_epochs :]
        minimised = float(np.mean([row.train_loss if row.loss is None else row.loss for row in end]))
        return minimised / max(float(np.mean([row.train_loss for row in end])), np.finfo(float).tiny)

    @property
    def train_accuracy(self) -> float:
        """The mean training accuracy of the last window."""
        return float(np.mean([row.train_accuracy for row in self.rows[-self.window :]]))

    @property
    def validation_accuracy(self) -> float:
        """The mean validation accuracy of the last window."""
        return float(np.mean([row.validation_accuracy for row in self.rows[-self.window :]]))


def smooth(values: Sequence[float], window: int) -> Floats:
    """Give the median of each value and its neighbours, ``window`` together; near the ends the nearest so many.

    A median, since one bad epoch is no trend; so many at the ends too, since the last value is what is judged.
    """
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(values, np.float64), window)
    return np.pad(np.median(windows, axis=1), window // 2, "edge")
