"""What is written down after every epoch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isnan
from typing import Any


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, or one iteration of a full-batch optimiser; epoch 0 is the network before training.

    Losses are means an image. ``loss`` is what was minimised, as it was while the epoch went on: with dropout,
    augmentation, smoothing and penalties. The others are measured at the epoch's end, feed-forward and without those.

    Attributes
    ----------
    epoch, step : int
        Done since training began.
    seconds : float
        Since training began, evaluation included, compiling too.
    loss : float or None
        None for epoch 0 of a step optimiser.
    train_loss, train_accuracy, validation_loss, validation_accuracy : float
        Accuracies are fractions. Those of the validation images are NaN if there are none.
    learning_rate : float or None
        Of the epoch's last step; None for a full-batch optimiser.
    """

    epoch: int
    step: int
    seconds: float
    loss: float | None
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float | None = None

    @property
    def has_validation(self) -> bool:
        """Whether there were validation images: an accuracy is a number even where a loss is not."""
        return not isnan(self.validation_accuracy)

    def to_dict(self) -> dict[str, Any]:
        """Give the row as plain values, for JSON."""
        return asdict(self)


History = tuple[EpochRecord, ...]


def best_row(history: History) -> EpochRecord:
    """Give the row with the lowest validation loss, the first of equals; the last row without validation images."""
    if not history[-1].has_validation:
        return history[-1]
    return min(history, key=lambda row: row.validation_loss)
