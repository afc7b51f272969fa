"""A network of a comparison: trained just now, or brought back from where its run is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data import Split
from inklings.evaluation.statistics import Interval
from inklings.experiments.results import Result
from inklings.experiments.runs import RUNNING, Run, RunStore
from inklings.models import Model
from inklings.training import FitResult, Plan, StopReason


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network of a comparison: how it was trained and what came of it."""

    plan: Plan
    fitted: FitResult
    result: Result
    split: Split = field(repr=False)
    peak_memory: int = 0
    """Bytes that the process had held at most when its training ended; 0 if that is not known."""

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped its training."""
        return self.fitted.stop_reason is StopReason.INTERRUPTED

    @cached_property
    def model(self) -> Model:
        """What was trained, to use."""
        return Model(self.plan.network, self.fitted.parameters, self.split.dataset.class_names)

    @cached_property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """What it gives each class of each test image, shape (n, classes)."""
        return self.model.predict_proba(self.split.test.images)

    @property
    def answers(self) -> NDArray[np.int64]:
        """The class it takes each test image for, shape (n,)."""
        answers: NDArray[np.int64] = self.probabilities.argmax(1)
        return answers

    @property
    def read_right(self) -> NDArray[np.bool_]:
        """Whether it reads each test image right, shape (n,)."""
        right: NDArray[np.bool_] = self.answers == self.split.test.labels
        return right


def contender_of(run: Run, split: Split) -> TrainedNetwork:
    """Give a run whose training has ended as what it was in a comparison; its images are those of the split."""
    results = run.results
    result = Result(
        run.facts["name"],
        run.facts["variant"],
        run.network.parameter_count,
        results["train"],
        results["validation"],
        results["test"],
        Interval(*results["interval"]),
        results["best_epoch"],
        results["seconds"],
    )
    fitted = FitResult(
        run.network, run.recipe, run.parameters, run.history, StopReason(run.ending), run.facts["engine"], run.message
    )
    return TrainedNetwork(run.plan, fitted, result, split)


def stored_contender(store: RunStore, plan: Plan, split: Split, engine: str) -> TrainedNetwork | None:
    """Give the newest stored run of this plan on these images by this engine whose training has ended, if any."""
    for run in store.runs():
        ended = run.ending not in (RUNNING, StopReason.INTERRUPTED) and "test" in run.results
        same_images = all(
            run.facts[kind]["fingerprint"] == found
            for kind, found in (("data", split.dataset.fingerprint), ("split", split.fingerprint))
        )
        if ended and same_images and run.facts["engine"] == engine and run.plan == plan:
            return contender_of(run, split)
    return None
