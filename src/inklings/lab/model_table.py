"""The models that the lab shows: given by name, stored as runs, or just trained. Each has an id of the lab's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import DataError, InklingsError
from inklings.evaluation.novelty import choose_novelty
from inklings.evaluation.temperature import calibrate
from inklings.experiments.reopen import reopen_split
from inklings.experiments.run import RUNNING, Run
from inklings.lab.judged import judge
from inklings.lab.wanted import NAME
from inklings.models import Model
from inklings.models.preparation import Preparation
from inklings.web.browser_model import BrowserModel, browser_model

LATEST_RUNS = 4
"""How many stored runs are shown besides what was asked for."""


@dataclass(eq=False)
class Shown:
    """A model of the lab.

    Parameters
    ----------
    id : str
    title : str
    load : callable
        Returns the model; called once.
    facts : dict
        What a list says of it: ``network``, ``accuracy``, ``interval``, ``trained_on``.
    learning : bool
        Whether it is still being trained, and its weights change.
    """

    id: str
    title: str
    load: Callable[[], Model]
    facts: dict[str, Any] = field(default_factory=dict)
    learning: bool = False
    # Two locks: `_lock` is held for a moment, to read or replace the model; `_computing` for the seconds that a measure
    # takes, so that it is made once, and nobody who only looks has to wait for it.
    _lock: Lock = field(default_factory=Lock, repr=False)
    _computing: Lock = field(default_factory=Lock, repr=False)
    _browser: tuple[Model, BrowserModel] | None = field(default=None, repr=False)
    _mistakes: tuple[Model, dict[str, Any]] | None = field(default=None, repr=False)

    @cached_property
    def _loaded(self) -> Model:
        return self.load()

    @property
    def model(self) -> Model:
        """The model, read when it is first asked for."""
        with self._lock:
            return self._loaded

    def replace_model(self, model: Model, *, instead_of: Model | None = None) -> None:
        """Show another state of it, as while it learns; with ``instead_of`` only if that is what is shown now."""
        with self._lock:
            # Past cached_property, whose value stands in __dict__ under its own name.
            if instead_of is None or self.__dict__.get("_loaded") is instead_of:
                self.__dict__["_loaded"] = model

    def for_browser(self) -> BrowserModel:
        """Return it as the page's engine takes it; header and weights are asked for one after the other."""
        model, made = self.model, self._browser
        if made is None or made[0] is not model:
            self._browser = made = model, browser_model(model, title=self.title)
        return made[1]

    def with_novelty(self, split: Split) -> Model:
        """Return the model with a measure of novelty, which is made of these images if it has none yet."""
        with self._computing:
            model = self.model
            if model.novelty is None and _suits(model, split.dataset):
                before, model = model, replace(model, novelty=choose_novelty(model, split.train, split.validation))
                # That took a while, in which the network may have learnt more.
                self.replace_model(model, instead_of=before)
            return model

    def mistakes(self, data: Dataset, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Return what it makes of these rows of the lab's images: see :func:`inklings.lab.judged.judge`.

        Raises
        ------
        DataError
            They are not of the kind that it learnt from.
        """
        with self._computing:
            model = self.model
            if not _suits(model, data):
                raise DataError(f"{self.title} learnt from other images than {data.source}", "choose another network")
            if self._mistakes is None or self._mistakes[0] is not model:
                self._mistakes = model, judge(model, data, rows)
            return self._mistakes[1]

    def summary(self) -> dict[str, Any]:
        """Return what a list says of it."""
        return {"id": self.id, "title": self.title, **self.facts, "learning": self.learning}


class ModelTable:
    """Models by their ids; an id that is not in it stands for nothing, whatever it looks like."""

    def __init__(self) -> None:
        self._shown: dict[str, Shown] = {}
        self._numbers = count(1)

    def add(self, title: str, load: Callable[[], Model], facts: dict[str, Any], *, learning: bool = False) -> Shown:
        """Show one more model, under the next number; of several with one title, the later ones are numbered."""
        titles = {each.title for each in self}
        named = (title if number == 1 else f"{title} ({number})" for number in count(1))
        unlike = next(each for each in named if each not in titles)
        shown = Shown(f"m{next(self._numbers)}", unlike, load, facts, learning)
        self._shown[shown.id] = shown
        return shown

    def remove(self, shown: Shown) -> None:
        """Show a model no longer."""
        self._shown.pop(shown.id, None)

    def get(self, id: str) -> Shown | None:
        """Return the model with an id, if there is one."""
        return self._shown.get(id)

    def __iter__(self) -> Iterator[Shown]:
        # A copy: the thread that trains may add a model while a request goes through them.
        return iter(tuple(self._shown.values()))

    def __len__(self) -> int:
        return len(self._shown)


def facts_of_model(model: Model) -> dict[str, Any]:
    """Return what a list says of a saved model."""
    training = model.training
    return {
        "network": training.get("name", ""),
        "accuracy": training.get("accuracy"),
        "interval": training.get("interval"),
        "trained_on": training.get("data", {}).get("source", ""),
    }


def title_of_run(run: Run) -> str:
    """Return what the page calls a run: of one that was trained on the page, what its title said there."""
    return run.facts["variant"] if run.facts["name"] == NAME and run.facts["variant"] else run.title


def facts_of_run(run: Run) -> dict[str, Any]:
    """Return what a list says of a stored run."""
    return {
        "network": run.title,
        "accuracy": run.results.get("test"),
        "interval": run.results.get("interval"),
        "trained_on": run.facts["data"].get("source", ""),
        "run": run.id,
    }


def model_of_run(run: Run, split: Split) -> Model:
    """Return a run's network as a model; with calibrated probabilities if the split that it was trained on is there.

    Raises
    ------
    InklingsError
        The run is damaged, or is of images that are neither like these nor there any more.
    """
    names = tuple(run.facts["data"].get("class_names", split.dataset.class_names))
    training = {name: run.facts[name] for name in ("name", "variant", "recipe", "engine", "data", "split")}
    training |= {"accuracy": run.results.get("test"), "interval": run.results.get("interval")}
    # Of images of another size or of other things, pictures are to be made into such as it learnt from.
    own = split if _fits(run, split) else reopen_split(run)
    model = Model(run.network, run.parameters, names, training, Preparation.of(own.dataset).to_plain())
    same = run.facts["split"]["fingerprint"] == own.fingerprint
    return calibrate(model, own.validation) if same else model


def latest_runs(runs: Sequence[Run], split: Split) -> list[Run]:
    """Return the newest finished runs of networks that take these images and know these classes."""
    fitting = [run for run in runs if run.stop_reason != RUNNING and "test" in run.results and _fits(run, split)]
    return fitting[:LATEST_RUNS]


def _fits(run: Run, split: Split) -> bool:
    try:
        same_shape = run.network.input_shape == split.dataset.image_shape
    except InklingsError:  # written by another version, or by hand
        return False
    return same_shape and tuple(run.facts["data"].get("class_names", ())) == tuple(split.dataset.class_names)


def _suits(model: Model, data: Dataset) -> bool:
    """Return whether images are of the size and the classes that a model knows."""
    return model.input_shape == data.image_shape and tuple(model.class_names) == tuple(data.class_names)
