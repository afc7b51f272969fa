"""What training gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from inklings.networks import Network, Parameters
from inklings.training.history import History, best_row
from inklings.training.recipe import Recipe


class StopReason(StrEnum):
    """Why training ended."""

    FINISHED = "finished"
    """Every epoch, step or iteration asked for is done."""
    EARLY = "stopped early"
    """The validation loss had not fallen for as long as the recipe allows."""
    CONVERGED = "converged"
    """A full-batch optimiser found no slope left, or no better point along its direction."""
    INTERRUPTED = "interrupted"
    """Somebody asked for it."""
    DIVERGED = "diverged"
    """The loss became NaN or infinite; or a hundred times the untrained network's, while images are only guessed."""


@dataclass(frozen=True, eq=False)
class FitResult:
    """A trained network and how it came about.

    Parameters
    ----------
    network, recipe
        What was trained, and how.
    parameters : dict of str to array
        ``"layer_name/kind"`` to values: the last ones; the best epoch's if the recipe stops early; those of the
        epoch before if it diverged.
    history : tuple of EpochRecord
        Epoch 0, before training, and every epoch since.
    ending : StopReason
    message : str
        For an ending that asks for something: what happened, the likely cause, what to try, in one line.
    engine : str
        Which engine, and what it computed in: ``"native, float32"``.
    state : dict of str to array
        The optimiser's when training ended, as the engine has it; empty for a full-batch optimiser.
    """

    network: Network
    recipe: Recipe
    parameters: Parameters
    history: History
    ending: StopReason
    engine: str
    message: str = ""
    state: Parameters = field(default_factory=dict, repr=False)

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss; the last one without validation images."""
        return best_row(self.history).epoch

    @property
    def seconds(self) -> float:
        """How long training took, evaluation and compiling included."""
        return self.history[-1].seconds
