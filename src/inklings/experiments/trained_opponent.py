"""An opponent in a comparison: fitted on the same training images as the networks, and evaluated on the same others."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images, spread_rows, take_rows
from inklings.data.parts import Split
from inklings.errors import DataError, RunError
from inklings.evaluation.statistics import wilson_interval
from inklings.experiments.results import Result
from inklings.experiments.trained import Contender
from inklings.opponents import OPPONENTS, STRONGEST, FittedOpponent, Opponent, fit_opponent, named_opponent
from inklings.opponents.freeze import freeze
from inklings.opponents.frozen import FrozenOpponent, FrozenPredictor
from inklings.reprs import short_repr
from inklings.synonyms import hints_attributes

_COMPARED = 100  # images that a kept opponent's answers are held against scikit-learn's for


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a fitted opponent: its form and its arrays."""

    form: FrozenOpponent
    arrays: dict[str, NDArray[Any]]


@hints_attributes(model="inklings.experiments.opponent_to_model(trained)")
@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class TrainedOpponent(Contender):
    """A fitted opponent of a comparison, and its result.

    Parameters
    ----------
    opponent : Opponent
    chosen : mapping of str to object
        The chosen settings.
    kept : Kept or FittedOpponent
        What answers: what a model keeps of it, or the estimator itself where that has no safe form.
    result : Result
    split : Split
    test_probabilities : array, shape (n, classes)
        Of the test images.
    predicted : array of int64, shape (n,)
        The predicted class of each test image, from which the result was measured.
    refusal : RunError or None
        Why there is no safe form.
    storage_problem : str
        Why it could not be stored; empty if it was, or if there is no store.

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifier
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> opponent = inklings.Opponent("ridge", RidgeClassifier(), {"alpha": [1.0, 10.0]})
    >>> (trained,) = inklings.compare([opponent], split).opponents
    >>> trained.title, trained.test_probabilities.shape
    ('ridge', (1250, 10))
    """

    opponent: Opponent
    chosen: Mapping[str, Any]
    kept: Kept | FittedOpponent
    result: Result
    split: Split = field(repr=False)
    test_probabilities: NDArray[np.floating[Any]] = field(repr=False)
    predicted: NDArray[np.int64] = field(repr=False)
    refusal: RunError | None = None
    storage_problem: str = ""

    @property
    def title(self) -> str:
        """Its name."""
        return self.opponent.title

    @cached_property
    def bytes(self) -> int:
        """Its arrays, in bytes; of what has no safe form its estimator, pickled, or 0 if it cannot be."""
        if isinstance(self.kept, Kept):
            return sum(array.nbytes for array in self.kept.arrays.values())
        try:
            return len(pickle.dumps(self.kept.estimator))
        except (pickle.PicklingError, AttributeError, TypeError):  # a lambda within a pipeline, say
            return 0

    @checks_call(DataError)
    def predict_proba(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return the class probabilities of images, shape (n, classes)."""
        return self._answering.predict_proba(images)

    @cached_property
    def _answering(self) -> FittedOpponent | FrozenPredictor:
        return self.kept.form.predictor(self.kept.arrays) if isinstance(self.kept, Kept) else self.kept

    @cached_property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """The class probabilities of each test image, shape (n, classes)."""
        return self.test_probabilities

    @property
    def answers(self) -> NDArray[np.int64]:
        """The predicted class of each test image, shape (n,)."""
        return self.predicted

    @property
    def settings(self) -> str:
        """The chosen settings, and among what they were chosen, in words."""
        grid = self.opponent.grid
        if not grid:
            return "nothing to choose"
        # A step's name, "svc" of "svc__C", is of how a pipeline is written down, and says nothing to people.
        named = [(name.rpartition("__")[2], name, value) for name, value in self.chosen.items()]
        if all(len(values) == 1 for values in grid.values()):
            return ", ".join(f"{short} {value}" for short, _, value in named) + ", none to choose among"
        chosen = ", ".join(f"{short} {value} of {_list(grid[name])}" for short, name, value in named)
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
        Whether to take the first settings of each grid: to choose among them takes most of the time.
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
    if not quick:
        return found
    # One setting each, the first: the rest of a grid takes most of the time.
    return [replace(each, grid={name: tuple(values)[:1] for name, values in each.grid.items()}) for each in found]


def _with_random_state(opponent: Opponent, seed: int) -> Opponent:
    """Return it with a random state wherever its estimator leaves that open, so that it can be repeated."""
    from sklearn.base import clone

    settings = opponent.estimator.get_params() if hasattr(opponent.estimator, "get_params") else {}
    # Only what is open: a state that a user chose stays.
    open_states = [name for name, value in settings.items() if name.endswith("random_state") and value is None]
    if not open_states:
        return opponent
    return replace(opponent, estimator=clone(opponent.estimator).set_params(**dict.fromkeys(open_states, seed)))


def is_opponent(contender: object) -> bool:
    """Whether something to compare is an opponent, or the name of one."""
    return isinstance(contender, Opponent) or (isinstance(contender, str) and contender in OPPONENTS)


def train_opponent(opponent: Opponent, split: Split) -> TrainedOpponent:
    """Fit an opponent and evaluate it on each part of a split; the test images are used here and nowhere else.

    It is evaluated as a model keeps it, where it has a safe form.
    """
    fitted = fit_opponent(opponent, split)
    kept, refusal = _keep(fitted, split)
    parts = [_predict(kept, part) for part in (split.train, split.validation, split.test)]
    train, validation, test = (accuracy for _, _, accuracy in parts)
    images = len(split.test)
    # An accuracy is a whole number of images, which rounding gives back.
    interval = wilson_interval(round(test * images), images)
    seconds = round(fitted.search_seconds, 3)
    result = Result(opponent.name, "", 0, train, validation, test, interval, 0, seconds, is_network=False)
    return TrainedOpponent(opponent, fitted.settings, kept, result, split, *parts[2][:2], refusal)


def restore_opponent(
    opponent: Opponent, chosen: Mapping[str, Any], kept: Kept, result: Result, split: Split
) -> TrainedOpponent:
    """Return an opponent that was fitted, evaluated and kept before."""
    return TrainedOpponent(opponent, chosen, kept, result, split, *_predict(kept, split.test)[:2])


def _keep(fitted: FittedOpponent, split: Split) -> tuple[Kept | FittedOpponent, RunError | None]:
    # Not the test images, though only two computations of the same are compared: they are used once, to evaluate.
    part = split.validation
    seen = take_rows(part.images, spread_rows(len(part), _COMPARED))[:]
    try:
        return Kept(*freeze(fitted, seen, split.dataset.image_shape)), None
    except RunError as refusal:
        return fitted, refusal


def _predict(kept: Kept | FittedOpponent, part: Dataset) -> tuple[NDArray[np.floating[Any]], NDArray[np.int64], float]:
    """Return a part's probabilities, predictions and accuracy."""
    if isinstance(kept, Kept):
        probabilities = kept.form.predictor(kept.arrays).predict_proba(part.images)
        predicted: NDArray[np.int64] = probabilities.argmax(1)
    else:
        # Of an estimator itself its own `predict`, which need not be the most probable class, as of an SVC.
        probabilities, predicted = kept.predict_proba(part.images), kept.predict(part.images)
    return probabilities, predicted, float((predicted == part.labels).mean())


def _list(values: Sequence[Any]) -> str:
    return "/".join(map(str, values))
