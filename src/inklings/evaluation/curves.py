"""The shape of a training's loss curves, with the noise of single epochs smoothed away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inklings.training.history import EpochRecord, best_record

Floats = NDArray[np.float64]

SMOOTHED_SHARE = 0.05
"""Width of the median filter, as a share of all epochs: wide enough that a plateau does not look like a rise
(measured over 500 epochs with dropout: the last epoch lies 4 to 12 % above the minimum, the smoothed one 2 to 6 %)."""
FEW_EPOCHS = 5
"""With fewer, nothing is smoothed: a window of three out of five points would hide the curve itself."""
END_SHARE = 0.2
"""The last part of a training, which shows its trend at the end."""
JUMP, LEAST_JUMP = 0.2, 0.05
"""A jump: a training loss that rises by a fifth, and by at least this much, from one epoch to the next."""


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
    rows: Sequence[EpochRecord]

    @cached_property
    def window(self) -> int:
        """Width of the median filter in epochs; odd."""
        if len(self.rows) < FEW_EPOCHS:
            return 1
        # Rounded to an odd number, so that every window has a middle.
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
        """How far the smoothed validation loss ends above its minimum, relative to the minimum."""
        # A loss may reach 0 exactly: then any rise is a large one, and not a division by zero.
        return float(self.validation[-1] / max(self.validation.min(), np.finfo(float).tiny) - 1)

    @property
    def epochs_since_lowest(self) -> int:
        """Epochs since the minimum of the smoothed validation loss."""
        return len(self.rows) - 1 - int(np.argmin(self.validation))

    @property
    def end_epochs(self) -> int:
        """How many epochs count as the end."""
        return max(1, round(END_SHARE * len(self.rows)))

    @property
    def fall_at_end(self) -> float:
        """Relative decrease of the smoothed validation loss over the last epochs; negative if it rose."""
        # With the start in front, for trainings of few epochs, whose last fifth may reach back to it.
        losses = [self.start.validation_loss, *self.validation]
        return float(1 - losses[-1] / max(losses[-1 - self.end_epochs], np.finfo(float).tiny))

    @property
    def loss_left(self) -> float:
        """The smoothed training loss at the end, relative to that before training."""
        return float(self.training[-1] / self.start.train_loss)

    @property
    def straightness(self) -> float:
        """The slope of the training loss at the end, relative to its mean slope since the start.

        Near 1 the curve is a straight line; once most of the loss is gone, it is small.
        """
        losses = [self.start.train_loss, *self.training]
        # The mean slope without the noise of single epochs: both ends alone.
        mean_slope = (losses[0] - losses[-1]) / len(self.rows)
        slope_at_end = (losses[-1 - self.end_epochs] - losses[-1]) / self.end_epochs
        return float(slope_at_end / mean_slope) if mean_slope > 0 else 0.0

    @property
    def falls(self) -> float:
        """The fraction of epochs in which the training loss fell."""
        # Not smoothed: it is single steps up and down that are counted.
        return float(np.mean(np.diff([self.start.train_loss, *(row.train_loss for row in self.rows)]) < 0))

    @property
    def jumps(self) -> int:
        """How many epochs raised the training loss sharply."""
        # Not smoothed: a median would take out the very jumps.
        losses = np.array([row.train_loss for row in self.rows])
        return int(np.sum(np.diff(losses) > np.maximum(JUMP * losses[:-1], LEAST_JUMP)))

    @property
    def regularised(self) -> float:
        """The ratio of the minimised loss to the training loss, over the last epochs.

        Dropout, penalties, augmentation and label smoothing raise only the minimised loss: with them it is far above 1.
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
    """Return the running median over ``window`` values; near the ends, of the nearest ``window`` values.

    A median, since one bad epoch is no trend; full windows at the ends too, since the last value matters most.
    """
    # (values - window + 1, window): a view, of which the median is taken along the windows.
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(values, np.float64), window)
    # The outermost full windows stand for the epochs beside them.
    return np.pad(np.median(windows, axis=1), window // 2, "edge")
