"""What training returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call, refuses_unknown
from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import DataError, RunError, TrainingDivergedError
from inklings.networks import Network, Parameters
from inklings.notebook import as_paragraph
from inklings.synonyms import hints_attributes
from inklings.training.history import History, best_record
from inklings.training.recipe import Recipe

if TYPE_CHECKING:
    import inklings


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


@hints_attributes(
    evaluate="fitted.to_model().evaluate(data)",
    score="fitted.to_model().evaluate(data)",
    accuracy="fitted.history[-1].validation_accuracy or fitted.to_model().evaluate(split.test)",
    predict_proba="fitted.to_model().predict_proba(images)",
    save="fitted.to_model().save(path)",
    to_onnx="fitted.to_model().to_onnx()",
    model="fitted.to_model()",
    weights="fitted.parameters",
    loss="fitted.history[-1].train_loss",
    plot="fitted.history.plot()",
)
@refuses_unknown(RunError)
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
        The optimiser's at the end, as the engine has it; empty for a full-batch optimiser, and of trainings that went
        side by side.
    error : TrainingDivergedError, optional
        What ``message`` says of a training that diverged, with the settings to try in ``suggested``. Returned, not
        raised: what was learnt before stands beside it.
    stopped_by : str
        The callback that asked to stop, if one did: its class's or its function's name.
    split : Split, optional
        What it was trained on. It is left behind when the result is pickled: images would travel with each result.

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
    stopped_by: str = ""
    split: Split | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "history", History(self.history))  # so that it can draw itself

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "split": None}

    def __repr__(self) -> str:
        return f"<FitResult: {self.describe()}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: how it ended, and its curves."""
        return as_paragraph(self.describe()) + self.history._repr_html_()

    def describe(self) -> str:
        """Return in a line how training ended and how well the network classifies."""
        last = self.history[-1]
        ended = f"stopped by {self.stopped_by}" if self.stopped_by else str(self.stop_reason)
        told = f"{ended} after {last.count()} in {self.seconds:.1f} s, {self.engine}"
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

    @checks_call(DataError)
    def to_model(
        self, data: Dataset | Split | inklings.models.Preparation | None = None, *, complete: bool = False
    ) -> inklings.Model:
        """Return the trained network as a Model: to predict, save, export and look inside.

        Parameters
        ----------
        data : Dataset, Split or Preparation, optional
            Where class names, and how raw pixels become images, are taken from; by default the split it was trained
            on. A Preparation leaves the class names to that split, or to the numbers from 0 where there is none.
        complete : bool
            Whether to measure it besides, as ``inklings train --save`` does: its accuracies, calibrated
            probabilities, the threshold of confident predictions, and a measure of novelty, which takes some seconds.

        Raises
        ------
        DataError
            No data are given and the split is not known, or is needed to measure by.

        Examples
        --------
        >>> from inklings import fit, open_dataset, preset
        >>> split = open_dataset("digits").split()
        >>> plan = preset("softmax", split.dataset.image_shape, 10)
        >>> model = fit(plan.network, plan.recipe.with_settings(steps=300), split).to_model()
        >>> bool((model.predict(split.test) == split.test.named_labels).mean() > 0.8)
        True
        """
        # By the package's face, as a user would: a room imports from rooms above it alone, and models are below.
        import inklings

        if complete:
            return inklings.experiments.fitted_to_model(self, self._known_split(data))
        return inklings.Model.from_fit(self, self._known_split(data) if data is None else data)

    @checks_call(DataError)
    def predict(self, images: ArrayLike | Dataset) -> NDArray[Any]:
        """Return the most probable class of each image, as :meth:`inklings.Model.predict` does.

        To predict more than once, keep :meth:`to_model`'s result.

        Parameters
        ----------
        images : array of numbers, or Dataset
            Raw pixels as the training images came, or a Dataset, such as ``split.test``.

        Returns
        -------
        array, shape (n,)
            Class names.

        Raises
        ------
        DataError
            The images are of another size, or the split it was trained on is not known.
        """
        answers: NDArray[Any] = np.asarray(self.to_model().predict(images))
        return answers

    def _known_split(self, data: object) -> Split:
        """Return the split that is given, or else the one it was trained on."""
        split = self.split if data is None else data
        if not isinstance(split, Split):
            found = "and this result has none" if data is None else f"found a {type(data).__name__}"
            raise DataError(f"a split is needed, {found}", "pass the one it was trained on: fitted.to_model(split)")
        return split
