"""An opponent in a comparison: fitted on the same training images as the networks, and evaluated on the same others."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data import Dataset, Split
from inklings.data.lazy_images import Images
from inklings.evaluation.statistics import wilson_interval
from inklings.experiments.results import Result
from inklings.experiments.trained import Contender
from inklings.opponents import OPPONENTS, STRONGEST, FittedOpponent, Opponent, fit_opponent, named_opponent


@dataclass(frozen=True, eq=False)
class TrainedOpponent(Contender):
    """A fitted opponent of a comparison, and its result."""

    fitted: FittedOpponent
    result: Result
    split: Split = field(repr=False)
    predicted: NDArray[np.int64] = field(repr=False)
    """The predicted class of each test image, from which the result was measured."""

    @property
    def title(self) -> str:
        """Its name."""
        return self.fitted.opponent.title

    @cached_property
    def bytes(self) -> int:
        """What scikit-learn keeps of it, pickled, in bytes; 0 if it cannot be pickled."""
        try:
            return len(pickle.dumps(self.fitted.estimator))
        except (pickle.PicklingError, AttributeError, TypeError):  # a lambda within a pipeline, say
            return 0

    def predict_proba(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return the class probabilities of images, shape (n, classes)."""
        return self.fitted.predict_proba(images)

    @property
    def answers(self) -> NDArray[np.int64]:
        """The predicted class of each test image, shape (n,)."""
        return self.predicted

    @property
    def settings(self) -> str:
        """The chosen settings, and among what they were chosen, in words."""
        grid = self.fitted.opponent.grid
        if not grid:
            return "nothing to choose"
        chosen = ", ".join(f"{name} {value} of {_list(grid[name])}" for name, value in self.fitted.settings.items())
        return f"{chosen}, by accuracy on the validation images"


def choose_opponents(contenders: Sequence[Any] | None, data: Dataset, *, seed: int, quick: bool) -> list[Opponent]:
    """Return the opponents among what a comparison was asked for, in order; the strongest if it was left open.

    Parameters
    ----------
    contenders : sequence or None
        Names, plans and opponents.
    data : Dataset
    seed : int
        Random state of the named ones, and of whatever in a user's own estimator has none.
    quick : bool
        Whether to leave out the choice of settings, which takes most of the time.
    """
    # The second one takes some seconds to learn its patches, a quick comparison's whole time.
    asked = (STRONGEST[:1] if quick else STRONGEST) if contenders is None else contenders
    found = [
        _with_random_state(each, seed)
        if isinstance(each, Opponent)
        else named_opponent(each, data.image_shape, seed=seed)
        for each in asked
        if is_opponent(each)
    ]
    return [replace(each, grid={}) for each in found] if quick else found


def _with_random_state(opponent: Opponent, seed: int) -> Opponent:
    """Return it with a random state wherever its estimator leaves that open, so that it can be repeated."""
    from sklearn.base import clone

    settings = opponent.estimator.get_params() if hasattr(opponent.estimator, "get_params") else {}
    open_states = [name for name, value in settings.items() if name.endswith("random_state") and value is None]
    if not open_states:
        return opponent
    return replace(opponent, estimator=clone(opponent.estimator).set_params(**dict.fromkeys(open_states, seed)))


def is_opponent(contender: object) -> bool:
    """Whether something to compare is an opponent, or the name of one."""
    return isinstance(contender, Opponent) or (isinstance(contender, str) and contender in OPPONENTS)


def train_opponent(opponent: Opponent, split: Split) -> TrainedOpponent:
    """Fit an opponent and evaluate it on each part of a split; the test images are used here and nowhere else."""
    fitted = fit_opponent(opponent, split)
    parts = split.train, split.validation, split.test
    predicted = [fitted.predict(part.images) if len(part) else part.labels for part in parts]
    train, validation, test = (
        float((found == part.labels).mean()) if len(part) else float("nan")
        for found, part in zip(predicted, parts, strict=True)
    )
    images = len(split.test)
    interval = wilson_interval(round(test * images), images)
    seconds = round(fitted.search_seconds, 3)
    result = Result(opponent.name, "", 0, train, validation, test, interval, 0, seconds, is_network=False)
    return TrainedOpponent(fitted, result, split, predicted[2])


def _list(values: Sequence[Any]) -> str:
    return "/".join(map(str, values))
