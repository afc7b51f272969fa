"""What a comparison compares: trained networks, just now or restored from stored runs, and whatever else classifies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.lazy_images import Images
from inklings.data.parts import Split
from inklings.errors import DataError
from inklings.evaluation.statistics import Interval
from inklings.evaluation.temperature import calibrate, temperature_of
from inklings.experiments.results import Result
from inklings.experiments.run import RUNNING, Run
from inklings.experiments.runs import RunStore
from inklings.models import Model
from inklings.reprs import short_repr
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.plans import Plan


class Contender(ABC):
    """Something trained on a split, with its result and its predictions for the test images.

    Attributes
    ----------
    result : Result
    split : Split

    Examples
    --------
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> (contender,) = inklings.compare(["softmax"], split, quick=True).contenders
    >>> contender.probabilities.shape, contender.correct.shape
    ((1250, 10), (1250,))
    """

    result: Result
    split: Split

    @property
    @abstractmethod
    def title(self) -> str:
        """What tables call it."""

    @property
    @abstractmethod
    def bytes(self) -> int:
        """How much there is to keep of it, in bytes."""

    @abstractmethod
    def predict_proba(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return the class probabilities of images, shape (n, classes)."""

    @cached_property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """The class probabilities of each test image, shape (n, classes)."""
        return self.predict_proba(self.split.test.images)

    @cached_property
    def seconds_per_image(self) -> float:
        """How long an image takes among up to 500 test images: the quicker of two times."""
        images = self.split.test.images[:500]
        times = []
        # The first one includes what is made once, such as the model itself.
        for _ in range(2):
            start = perf_counter()
            self.predict_proba(images)
            times.append(perf_counter() - start)
        return min(times) / len(images)  # the quicker: other programs can only slow it down

    @property
    def answers(self) -> NDArray[np.int64]:
        """The predicted class of each test image, shape (n,)."""
        answers: NDArray[np.int64] = self.probabilities.argmax(1)
        return answers

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each test image is classified correctly, shape (n,)."""
        # Not the test part's labels: that would copy its images, in every repeat of a comparison.
        right: NDArray[np.bool_] = self.answers == self.split.dataset.labels[self.split.test_rows]
        return right


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class TrainedNetwork(Contender):
    """A trained network of a comparison: how it was trained, and its result.

    Examples
    --------
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> (trained,) = inklings.compare(["softmax"], split, quick=True).trained_networks
    >>> trained.title, trained.model.input_shape
    ('softmax', (20, 20, 1))
    """

    plan: Plan
    fitted: FitResult
    result: Result
    split: Split = field(repr=False)
    peak_memory: int = 0
    """Peak memory of the process in bytes when training ended; 0 if unknown."""
    storage_problem: str = ""
    """Why its run could not be stored; empty if it was, or if there is no store."""
    run: str = ""
    """The id of its run; empty if there is no store."""

    @property
    def title(self) -> str:
        """Name and variant: ``"mlp (dropout)"``."""
        return self.plan.title

    @property
    def interrupted(self) -> bool:
        """Whether its training was interrupted."""
        return self.fitted.stop_reason is StopReason.INTERRUPTED

    @cached_property
    def model(self) -> Model:
        """The network as a model, ready to use."""
        return Model.from_fit(self.fitted, self.split)

    @cached_property
    def temperature(self) -> float:
        """The temperature that a model of it is given when it is saved, chosen on the split's validation images."""
        return temperature_of(calibrate(self.model, self.split.validation))

    @property
    def bytes(self) -> int:
        """Its parameters, in bytes."""
        return sum(array.nbytes for array in self.fitted.parameters.values())

    @checks_call(DataError)
    def predict_proba(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return the class probabilities of images, shape (n, classes)."""
        return self.model.predict_proba(images, prepared=True)


def trained_network_of(run: Run, split: Split) -> TrainedNetwork:
    """Return a finished run as a trained network of a comparison on this split."""
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
    # A run keeps the engine's name alone: what it computed in follows from the recipe.
    fitted = FitResult(
        run.network,
        run.recipe,
        run.parameters,
        run.history,
        StopReason(run.stop_reason),
        f"{run.facts['engine']}, {run.recipe.dtype}",
        run.message,
        split=split,
    )
    return TrainedNetwork(run.plan, fitted, result, split, run=run.id)


def stored_network(store: RunStore, plan: Plan, split: Split, engine: str) -> TrainedNetwork | None:
    """Return the newest finished run of this plan, split and engine, or None."""
    # Newest first, as the store returns them.
    for run in store.runs():
        # One that was interrupted is trained anew: its weights are not what the plan gives.
        ended = run.stop_reason not in (RUNNING, StopReason.INTERRUPTED) and "test" in run.results
        # By content, not by path: the same images may lie elsewhere, and other images there.
        same_images = all(
            run.facts[kind]["fingerprint"] == found
            for kind, found in (("data", split.dataset.fingerprint), ("split", split.fingerprint))
        )
        # By engine too: two engines agree up to rounding, and are compared as different.
        if ended and same_images and run.facts["engine"] == engine and run.plan == plan:
            return trained_network_of(run, split)
    return None
