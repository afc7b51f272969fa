"""The best network so far, in a file that is there whenever training ends."""

from __future__ import annotations

import logging
from math import inf
from pathlib import Path
from typing import Any

from inklings.arguments import as_path, checks_call
from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import RecipeError, RunError
from inklings.models.file import check_ending
from inklings.models.model import Model
from inklings.models.preparation import Preparation, class_names_and_preparation
from inklings.models.training_split import describe_training_images
from inklings.networks import Network, Parameters
from inklings.training.callbacks import Callback
from inklings.training.epoch_record import EpochRecord
from inklings.training.recipe import Recipe

log = logging.getLogger(__name__)
MEASURES = ("loss", "accuracy")


class BestCheckpoint(Callback):
    """Save the network as a model whenever it is better than ever before in this training.

    Better on the validation images; on the training images where there are none. The untrained network is not saved.
    A training that is resumed knows nothing of the best before: give it another file.

    Parameters
    ----------
    path : str or Path
        The file, which :func:`inklings.load` reads; it is replaced as a whole.
    data : Dataset, Split or Preparation
        What it is trained on: class names, and how raw pixels become images, go into the file; of a Split, which
        images it learns from, too, so that ``model.evaluate`` does not count these unasked.
    measure : {"loss", "accuracy"}
        What the best epoch has the least of, or the most.

    Attributes
    ----------
    epoch : int or None
        The epoch that was saved last.
    problem : RunError or None
        Why the last attempt to save failed. Training goes on, and the next better epoch is tried; the log warns.

    Raises
    ------
    RecipeError
        There is no such measure.
    RunError
        There is no folder for the file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from inklings import fit, load, open_dataset, preset
    >>> split, plan = open_dataset("digits").split(), preset("softmax", (20, 20, 1), 10)
    >>> best = BestCheckpoint(Path(tempfile.mkdtemp()) / "best.inkling", split)
    >>> fitted = fit(plan.network, plan.recipe.with_settings(steps=220), split, callbacks=[best])
    >>> load(best.path).training["epoch"] == best.epoch == fitted.best_epoch
    True
    """

    @checks_call(RecipeError)
    def __init__(self, path: str | Path, data: Dataset | Split | Preparation, *, measure: str = "loss") -> None:
        self.path: Path = as_path(path, "BestCheckpoint's path", RunError)
        if measure not in MEASURES:
            expected = " or ".join(map(repr, MEASURES))
            raise RecipeError(f"is {measure!r}, expected {expected}", setting="measure", found=measure)
        check_ending(self.path)
        if not self.path.parent.is_dir():
            raise RunError(f"there is no folder {self.path.parent}", "make it first", path=self.path)
        self.measure = measure
        self.epoch: int | None = None
        self.problem: RunError | None = None
        # Once, and before training: looking at the images takes a moment, and data of another kind are refused here.
        self._class_names, self._preparation = class_names_and_preparation(data, (), 0)
        self._images = describe_training_images(data)
        self._best = inf
        self._network: Network | None = None
        self._recipe: Recipe | None = None

    def __repr__(self) -> str:
        return f"<BestCheckpoint {self.path.name}: {'nothing saved' if self.epoch is None else f'epoch {self.epoch}'}>"

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Note what is trained; an earlier training's best no longer counts."""
        self._network, self._recipe = network, recipe
        self._best, self.epoch, self.problem = inf, None, None

    def on_parameters(self, record: EpochRecord, parameters: Parameters) -> None:
        """Save the parameters, if they are the best."""
        found = self._value(record)
        # Not epoch 0, the untrained network; and NaN is less than nothing, so a diverged one is never the best.
        if record.epoch and found < self._best:
            self._best = found
            self._save(record, parameters)

    def _value(self, record: EpochRecord) -> float:
        """Return what is to be as small as possible."""
        part = "validation" if record.has_validation else "train"
        value: float = getattr(record, f"{part}_{self.measure}")
        # Turned round, so that one comparison serves both.
        return -value if self.measure == "accuracy" else value

    def _save(self, record: EpochRecord, parameters: Parameters) -> None:
        assert self._network is not None
        assert self._recipe is not None
        training: dict[str, Any] = {"recipe": self._recipe.to_dict(), "epoch": record.epoch, **self._images}
        if record.has_validation:
            training["validation_accuracy"] = record.validation_accuracy
        model = Model.from_parameters(self._network, parameters, self._preparation, self._class_names, training)
        try:
            model.save(self.path)
        except RunError as problem:  # a full disk must not end a training of hours
            self.problem = problem
            log.warning("epoch %d is the best, and could not be saved: %s", record.epoch, problem)
        else:
            self.problem, self.epoch = None, record.epoch
