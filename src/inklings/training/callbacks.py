"""Callbacks: what may watch training, and stop it."""

from __future__ import annotations

from inklings.networks import Network
from inklings.training.history import EpochRecord
from inklings.training.recipe import Recipe


class Callback:
    """Does nothing; override what you need."""

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Training begins; ``epochs`` is how many there will be at most (iterations for a full-batch optimiser)."""

    def on_epoch_end(self, row: EpochRecord) -> None:
        """An epoch or iteration is over; epoch 0 comes before training."""

    def on_end(self) -> None:
        """Training is over, however it ended."""

    def should_stop(self) -> bool:
        """Say whether training should stop after the batch at hand; asked often, so answer fast."""
        return False
