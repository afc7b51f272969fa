"""What training returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from inklings.errors import TrainingDivergedError
from inklings.networks import Network, Parameters
from inklings.notebook import as_figure, as_paragraph
from inklings.training.history import History, best_record
from inklings.training.recipe import Recipe


class StopReason(StrEnum):
    """Why training ended.

    Examples
    --------
    >>> from inklings.training import StopReason
    >>> [str(reason) for reason in StopReason]
    ['finished', 'stopped early', 'converged', 'interrupted', 'diverged']
    """

    FINISHED = "finished"
    """All epochs, steps or iterations are done."""
    EARLY = "stopped early"
    """The validation loss had not fallen for as many epochs as the recipe allows."""
    CONVERGED = "converged"
    """A full-batch optimiser found a gradient of zero, or no better point along its search direction."""
    INTERRUPTED = "interrupted"
    """A signal or a callback asked to stop."""
    DIVERGED = "diverged"
    """The loss became NaN, infinite, or a hundred times that of the untrained network at an accuracy of guessing."""


@dataclass(frozen=True, eq=False)
class FitResult:
    """A trained network and how it was trained.

    Parameters
    ----------
    network, recipe
        What was trained, and how.
    parameters : dict of str to array
        ``"layer_name/kind"`` to values: the last ones; the best epoch's if the recipe stops early; those of the
        epoch before if training diverged.
    history : tuple of EpochRecord
        Epoch 0, before training, and every epoch since.
    stop_reason : StopReason
    message : str
        Where the stop reason calls for action: what happened, the likely cause and what to try, in one line.
    engine : str
        Engine and dtype: ``"native, float32"``.
    state : dict of str to array
        The optimiser's at the end, as the engine has it; empty for a full-batch optimiser.
    error : TrainingDivergedError, optional
        What ``message`` says of a training that diverged, with the settings to try in ``suggested``. Returned, not
        raised: what was learnt before stands beside it.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe, split)
    >>> str(fitted.stop_reason), fitted.parameters["dense_1/weights"].shape
    ('finished', (400, 10))
    """

    network: Network
    recipe: Recipe
    parameters: Parameters
    history: History
    stop_reason: StopReason
    engine: str
    message: str = ""
    state: Parameters = field(default_factory=dict, repr=False)
    error: TrainingDivergedError | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "history", History(self.history))  # so that it can draw itself

    def __repr__(self) -> str:
        return f"<FitResult: {self.describe()}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: how it ended, and its curves."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 3))
        for axes, measure in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
            self.history.plot(axes, measure=measure)
        return as_paragraph(self.describe()) + as_figure(figure, "curves of loss and accuracy")

    def describe(self) -> str:
        """Return in a line how training ended and how well the network classifies."""
        last, length = self.history[-1], "iterations" if self.recipe.is_full_batch else "epochs"
        told = f"{self.stop_reason} after {last.epoch:,} {length} in {self.seconds:.1f} s, {self.engine}"
        told += f"; training accuracy {last.train_accuracy:.1%}"
        return told + (f", validation accuracy {last.validation_accuracy:.1%}" if last.has_validation else "")

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss; the last one without validation images."""
        return best_record(self.history).epoch

    @property
    def seconds(self) -> float:
        """How long training took, evaluation and compilation included."""
        return self.history[-1].seconds
