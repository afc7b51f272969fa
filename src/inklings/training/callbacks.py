"""Callbacks: what may watch training, and stop it."""

from __future__ import annotations

from inklings.networks import Network
from inklings.training.history import EpochRecord
from inklings.training.recipe import Recipe


class Callback:
    """A callback that does nothing; override what you need."""

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Training starts and will take at most ``epochs`` epochs (iterations with a full-batch optimiser)."""

    def on_epoch_end(self, record: EpochRecord) -> None:
        """An epoch or iteration has ended; epoch 0 is the untrained network."""

    def on_end(self) -> None:
        """Training has ended, for whatever reason."""

    def should_stop(self) -> bool:
        """Return whether training should stop after the current batch; called often, so it should be fast."""
        return False
