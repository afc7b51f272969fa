"""What one lab has: its images, its models, its stored runs. Everything that a request asks for is looked up here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset, Split
from inklings.errors import NetworkError, RunError
from inklings.experiments.runs import Run, RunStore
from inklings.lab.model_table import ModelTable, facts_of_model, facts_of_run, latest_runs, model_of_run
from inklings.models import Model
from inklings.networks import Network

PARTS = ("train", "validation", "test")
WATCHED = 200
"""How many test images are watched while a network learns: the first of those that are served."""
# Keeps this order apart from those of splits and weights, which start from the same seed.
_STREAM = 0x1AB


class Laboratory:
    """The state of a lab.

    Parameters
    ----------
    split : Split
        The images.
    store : RunStore
        Where trainings are kept.
    opened : mapping
        How the images were opened, as :func:`inklings.data.open.open_dataset` takes it, for runs to keep.
    """

    def __init__(self, split: Split, store: RunStore, opened: dict[str, Any]) -> None:
        self.split, self.store, self.opened = split, store, opened
        self.models = ModelTable()

    @property
    def dataset(self) -> Dataset:
        """All images."""
        return self.split.dataset

    @cached_property
    def _rows(self) -> dict[str, NDArray[np.int64]]:
        """The rows of each part, mixed: of data sorted by class, the first images would be of one class alone."""
        random = np.random.default_rng([self.split.seed, _STREAM])
        parts = (self.split.train_rows, self.split.validation_rows, self.split.test_rows)
        return {name: random.permutation(rows) for name, rows in zip(PARTS, parts, strict=True)}

    def rows(self, part: str) -> NDArray[np.int64] | None:
        """Return the rows of a part in the order in which they are served; None if there is no such part."""
        return self._rows.get(part)

    @cached_property
    def test(self) -> Dataset:
        """The test images, in the order in which they are served."""
        return self.dataset.take(self._rows["test"])

    @cached_property
    def watched(self) -> Dataset:
        """The test images that are watched while a network learns."""
        return self.dataset.take(self._rows["test"][:WATCHED])

    def add_model(self, path: Path, model: Model) -> None:
        """Show a saved model."""
        if not isinstance(model.classifier, Network):
            raise NetworkError(f"{path}: is no single network, expected one whose layers can be shown")
        name = str(model.training.get("name", ""))
        self.models.add(f"{path.stem}: {name}" if name else path.stem, lambda: model, facts_of_model(model))

    def add_run(self, run: Run) -> None:
        """Show a stored run."""
        if "test" not in run.results:
            raise RunError(f"{run.id} is not finished, expected a run with results", "train it to its end first")
        self.models.add(run.title, lambda: model_of_run(run, self.split), facts_of_run(run))

    def add_latest_runs(self, given: Sequence[Run]) -> None:
        """Show the newest runs of these images that were not given already."""
        known = {run.id for run in given}
        for run in latest_runs(self.store.runs(), self.split):
            if run.id not in known:
                self.add_run(run)
