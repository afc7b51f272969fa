"""What is recorded after every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from inklings.arguments import checks_call
from inklings.errors import RecipeError


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, or one iteration of a full-batch optimiser; epoch 0 is the network before training.

    Losses are means per image. ``loss`` is what was minimised, averaged over the steps of the epoch: with dropout,
    augmentation, label smoothing and penalties. The others are measured at the end of the epoch, without any of these.

    Attributes
    ----------
    epoch, step : int
        Epochs and steps done since training began.
    seconds : float
        Time since training began, evaluation and compilation included.
    loss : float or None
        None for epoch 0 of an optimiser that takes one step per batch.
    train_loss, train_accuracy, validation_loss, validation_accuracy : float
        Accuracies are fractions. Without validation images, theirs are NaN.
    learning_rate : float or None
        That of the epoch's last step; None with a full-batch optimiser.
    images : int or None
        Training images seen since training began, each as often as it was in a batch; an iteration of a full-batch
        optimiser counts all of them once, however often its line search looks. None in records of earlier versions.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> first, *_, last = inklings.fit(plan.network, plan.recipe, split).history
    >>> first.epoch, last.step, last.validation_loss < first.validation_loss
    (0, 1000, True)
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
    images: int | None = None

    @property
    def has_validation(self) -> bool:
        """Whether there were validation images."""
        # The loss does not say so: it may be NaN of a network that diverged. An accuracy is NaN of no images alone.
        return not isnan(self.validation_accuracy)

    @property
    def unit(self) -> str:
        """``"iteration"`` with a full-batch optimiser, which has no learning rate; else ``"epoch"``."""
        # Before the first step the others have no rate either, and nothing that was minimised.
        return "iteration" if self.learning_rate is None and self.loss is not None else "epoch"

    def count(self) -> str:
        """Return how many epochs or iterations are done, in words: ``"1 epoch"``, ``"1,200 iterations"``."""
        return f"{self.epoch:,} {self.unit}{'' if self.epoch == 1 else 's'}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain values, for JSON."""
        return asdict(self)


@checks_call(RecipeError)
def best_record(history: Sequence[EpochRecord]) -> EpochRecord:
    """Return the record with the lowest validation loss, the first of equals; without validation images the last.

    Examples
    --------
    >>> import inklings
    >>> from inklings.training import best_record
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> history = inklings.fit(plan.network, plan.recipe, split).history
    >>> best_record(history).validation_loss == min(record.validation_loss for record in history)
    True
    """
    if not history:
        raise RecipeError("the history has no records, expected that of a training")
    if not history[-1].has_validation:
        return history[-1]
    return min(history, key=lambda record: record.validation_loss)
