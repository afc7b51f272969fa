"""What one lab has: its images, its models, its stored runs. Everything that a request asks for is looked up here."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import NetworkError, RunError
from inklings.experiments.run import Run
from inklings.experiments.runs import RunStore
from inklings.lab.model_table import (
    ModelTable,
    Shown,
    facts_of_model,
    facts_of_run,
    latest_runs,
    model_of_run,
    title_of_run,
)
from inklings.lab.training import Place, Training
from inklings.lab.trainings import Trainings
from inklings.lab.wanted import read_wanted
from inklings.models import Model
from inklings.models.ensemble import Ensemble
from inklings.models.preparation import Preparation
from inklings.models.training_split import describe_training_split
from inklings.networks import Network, Parameters, initial_parameters

PARTS = ("train", "validation", "test")
WATCHED = 200
"""How many test images are watched while a network learns: the first of those that are served."""
MOST_TRAINED = 6
"""Networks trained here that are shown; the oldest falls out."""
FIRST: dict[str, Any] = {
    "title": "your first network",
    "network": {
        "layers": [
            {"layer": "Conv2D", "filters": 8, "kernel_size": 5, "padding": "same", "activation": "relu"},
            {"layer": "MaxPool2D", "pool_size": 2, "padding": "same"},
            {"layer": "Flatten"},
            {"layer": "Dense", "units": 64, "activation": "relu"},
            {"layer": "Dense", "units": "classes", "activation": "softmax"},
        ]
    },
    "recipe": {"optimiser": "adam", "learning_rate": 0.002, "epochs": 12},
}
"""What is trained where there is no network: one with filters to look at, in a few seconds."""
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

    Attributes
    ----------
    trainings : Trainings
        What is trained here.
    """

    def __init__(self, split: Split, store: RunStore, opened: dict[str, Any]) -> None:
        self.split, self.store, self.opened = split, store, opened
        self.models = ModelTable()
        self.streams, self.is_closing = 0, False
        self.last_report: tuple[object, bytes] | None = None
        self._first: tuple[Training, Shown] | None = None
        self._trained: deque[Shown] = deque()
        # At once: of two requests at a time, each would make its own.
        self.trainings = Trainings(self.dataset, Place(store, opened, self.watched), self._show_trained)

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

    @property
    def test_rows(self) -> NDArray[np.int64]:
        """The rows of the test images, in the order in which they are served."""
        return self._rows["test"]

    @cached_property
    def watched(self) -> Dataset:
        """The test images that are watched while a network learns."""
        return self.dataset.take(self._rows["test"][:WATCHED])

    def add_model(self, path: Path, model: Model) -> None:
        """Show a saved model."""
        if not isinstance(model.classifier, Network | Ensemble):
            raise NetworkError(f"{path}: is not a network, expected one: the page can compute networks only")
        name = str(model.training.get("name", ""))
        self.models.add(f"{path.stem}: {name}" if name else path.stem, lambda: model, facts_of_model(model))

    def add_run(self, run: Run) -> None:
        """Show a stored run."""
        if "test" not in run.results:
            raise RunError(f"{run.id} is not finished, expected a run with results", "train it to its end first")
        self.models.add(title_of_run(run), lambda: model_of_run(run, self.split), facts_of_run(run))

    def add_latest_runs(self, given: Sequence[Run]) -> None:
        """Show the newest runs of these images that were not given already."""
        known = {run.id for run in given}
        for run in latest_runs(self.store.runs(), self.split):
            if run.id not in known:
                self.add_run(run)

    def train_first(self) -> None:
        """Train a small network for whoever has none yet, and show it from its first weights on."""
        wanted = read_wanted(FIRST, self.split)
        plan = wanted.plan
        start = initial_parameters(plan.network, plan.recipe.seed)
        facts = {"network": plan.title, "accuracy": None, "interval": None, "trained_on": self.dataset.source}
        shown = self.models.add(wanted.title, lambda: self._as_model(plan.network, start), facts, learning=True)

        def show(parameters: Parameters) -> None:
            # Trained again, it is shown as it was until it is over: its accuracy is shown beside it.
            if shown.learning:
                shown.replace_model(self._as_model(plan.network, parameters))

        self._first = (self.trainings.start(wanted, show), shown)

    def _as_model(self, network: Network, parameters: Parameters) -> Model:
        names, training = self.dataset.class_names, describe_training_split(self.split)
        return Model(network, parameters, names, training, self.preparation.to_plain())

    @cached_property
    def preparation(self) -> Preparation:
        """How a picture becomes an image like these."""
        return Preparation.of(self.dataset)

    def _show_trained(self, training: Training) -> None:
        """Show a network whose training is over beside the others."""
        run = training.run
        # The first network has been on the page from its first weights on; others appear once they are trained.
        shown = self._first[1] if self._first is not None and self._first[0] is training else None
        if run is None or "test" not in run.results:
            if shown is not None:
                shown.learning = False
            return
        if shown is not None:
            # Last, that it has learnt: a page asks for its weights once more then, and never again.
            shown.replace_model(model_of_run(run, self.split))
            shown.facts, shown.learning = facts_of_run(run), False
            return
        self._trained.append(
            self.models.add(training.wanted.title, partial(model_of_run, run, self.split), facts_of_run(run))
        )
        if len(self._trained) > MOST_TRAINED:
            self.models.remove(self._trained.popleft())

    def end_streams(self) -> None:
        """Let all event streams end, which would otherwise go on as long as there is a lab."""
        self.is_closing = True

    def close(self) -> None:
        """End everything that is under way; trainings are stored as far as they are."""
        self.end_streams()
        self.trainings.close()
