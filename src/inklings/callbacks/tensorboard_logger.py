"""Trainings in TensorBoard."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path
from typing import Any

from inklings.arguments import as_path, checks_call
from inklings.callbacks.history_logger import HistoryLogger
from inklings.errors import RunError
from inklings.extras import importing
from inklings.networks import Network, Parameters
from inklings.training.epoch_record import EpochRecord
from inklings.training.recipe import Recipe

SCALARS = {
    "loss/minimised": "loss",
    "loss/training": "train_loss",
    "loss/validation": "validation_loss",
    "accuracy/training": "train_accuracy",
    "accuracy/validation": "validation_accuracy",
    "learning_rate": "learning_rate",
}
"""What TensorBoard calls each figure of a record; what stands before the slash is one chart's heading."""


class TensorBoardLogger(HistoryLogger):
    """Write losses, accuracies and learning rate of each epoch for TensorBoard, and the weights' histograms if asked.

    It needs the extra ``inklings[tensorboard]``, which writes the files; to look at them, ``pip install tensorboard``
    and run ``tensorboard --logdir FOLDER``.

    Parameters
    ----------
    folder : str or Path
        A folder for this training; it is made. Folders side by side are shown as trainings side by side.
    histograms : bool
        Whether to write a histogram of each layer's weights and biases after every epoch.

    Attributes
    ----------
    problem : RunError or None
        Why something could not be written, if it could not. The log warns once, and training goes on.

    Raises
    ------
    MissingDependencyError
        tensorboardX is not installed, or cannot be imported.

    Examples
    --------
    >>> from inklings.callbacks import TensorBoardLogger
    >>> logger = TensorBoardLogger("logs/first-try", histograms=True)  # doctest: +SKIP
    >>> fitted = inklings.fit(network, recipe, split, callbacks=[logger])  # doctest: +SKIP
    """

    @checks_call(RunError)
    def __init__(self, folder: str | Path, *, histograms: bool = False) -> None:
        self.folder: Path = as_path(folder, "TensorBoardLogger's folder", RunError)
        super().__init__(self.folder, OSError)
        self.histograms = histograms
        self._writer: Any = None
        self._open = _find_writer()

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Open the folder, and write the recipe as text."""
        with self.beginning():
            # max_queue=0, no limit: on a full disk its thread ends, and nothing takes from the queue any more.
            self._writer = self._open(str(self.folder), max_queue=0)
        self._writer.add_text("recipe", f"```\n{json.dumps(recipe.to_dict(), indent=1)}\n```")

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Write the epoch's figures."""
        for title, name in SCALARS.items():
            value = getattr(record, name)
            if value is not None and not isnan(value):
                self._writer.add_scalar(title, value, record.epoch)
        with self.going_on():
            # Each epoch, so that TensorBoard shows it while training goes on.
            self._writer.flush()

    def on_parameters(self, record: EpochRecord, parameters: Parameters) -> None:
        """Write the weights' histograms."""
        for name, values in parameters.items() if self.histograms else ():
            self._writer.add_histogram(name, values, record.epoch)

    def on_end(self) -> None:
        """Write what is left, and close the file."""
        if self._writer is not None:
            with self.going_on():
                self._writer.close()
            self._writer = None


def _find_writer() -> Any:  # noqa: ANN401 - a class without types
    # tensorboardX: the files alone, in 1 MB, where `tensorboard` brings its server and `torch` a framework.
    with importing("tensorboardX", "TensorBoardLogger needs tensorboardX", "'inklings[tensorboard]'"):
        from tensorboardX import SummaryWriter
    return SummaryWriter
