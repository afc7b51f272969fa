"""An opponent: a classifier that is not a network, trained and measured on the same split as networks are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call, refuses_unknown
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images
from inklings.data.parts import Split
from inklings.errors import RecipeError
from inklings.opponents.scores import class_scores
from inklings.opponents.temperature import (
    HARDLY_ANY,
    HARDLY_ANY_NEIGHBOUR,
    choose_significant_temperature,
    choose_temperature,
    choose_temperature_of_neighbours,
    soften,
    votes_as_logits,
)
from inklings.reprs import short_repr

_VOTING = {
    "RandomForestClassifier": HARDLY_ANY,
    "ExtraTreesClassifier": HARDLY_ANY,
    "KNeighborsClassifier": HARDLY_ANY_NEIGHBOUR,
}
"""Whose probabilities are votes, and what a class without any counts as: trees are unsure even where they are always
right, and a few neighbours that agree say 1 where they are often wrong."""


@refuses_unknown(RecipeError)
@dataclass(frozen=True, eq=False)
class Opponent:
    """A scikit-learn classifier with a name, and settings to choose among.

    Parameters
    ----------
    name : str
        What tables call it.
    estimator : classifier
        Any scikit-learn classifier or pipeline, not yet fitted; it is given rows of pixels, shape
        ``(n, height * width * channels)``, paper 0 and ink 1.
    grid : mapping of str to sequence, optional
        Settings of the estimator to try, as in ``GridSearchCV``; the combination with the highest accuracy on the
        validation images is kept, the first of equal ones.

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifier
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> opponent = inklings.Opponent("ridge", RidgeClassifier(), {"alpha": [1.0, 10.0]})
    >>> inklings.compare([opponent], split).results[0].is_network
    False
    """

    name: str
    estimator: Any
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise RecipeError(f"an opponent's name is {self.name!r}, expected one for tables", found=self.name)
        if isinstance(self.estimator, type):
            kind = self.estimator.__name__
            raise RecipeError(f"the opponent '{self.name}' is the class {kind}, expected a classifier", f"try {kind}()")
        for needed in ("fit", "predict"):
            if not hasattr(self.estimator, needed):
                raise RecipeError(
                    f"the opponent '{self.name}' has no method '{needed}', expected a scikit-learn classifier"
                )

    @property
    def title(self) -> str:
        """Its name, as a network's plan has a title."""
        return self.name

    @property
    def may_draw(self) -> bool:
        """Whether fitting it again may give something else.

        It does not where all parts are scikit-learn's or our own and none has a random state; of others nothing is
        known. A random state may be there and matter to nothing, as a support vector machine's.
        """
        settings = self.estimator.get_params() if hasattr(self.estimator, "get_params") else {}
        if any(name.endswith("random_state") and value is not None for name, value in settings.items()):
            return True
        parts = [self.estimator, *(value for value in settings.values() if hasattr(value, "fit") or callable(value))]
        return any(type(part).__module__.partition(".")[0] not in ("sklearn", "inklings") for part in parts)


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class FittedOpponent:
    """An opponent after training.

    Parameters
    ----------
    opponent : Opponent
    estimator : classifier
        Fitted with the chosen settings on the training images.
    settings : mapping of str to object
        The chosen ones; empty if there was nothing to choose.
    tried : tuple of (settings, accuracy)
        Every combination of the grid with its accuracy on the validation images.
    class_count : int
        The data set's classes; the training images may lack some, and the estimator then knows fewer.
    temperature : float or None
        Divides the estimator's scores, of forests and neighbours the logarithms of their votes, before they become
        probabilities; None if its own are probabilities already.
    seconds, search_seconds : float
        Fitting with the chosen settings; fitting and validating all combinations.

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifier
    >>> import inklings
    >>> from inklings.opponents import fit_opponent
    >>> split = inklings.open_dataset("digits").split()
    >>> opponent = inklings.Opponent("ridge", RidgeClassifier(), {"alpha": [1.0, 10.0]})
    >>> fitted = fit_opponent(opponent, split)
    >>> fitted.settings in ({"alpha": 1.0}, {"alpha": 10.0}), len(fitted.tried)
    (True, 2)
    """

    opponent: Opponent
    estimator: Any
    settings: Mapping[str, Any]
    tried: tuple[tuple[Mapping[str, Any], float], ...]
    class_count: int
    temperature: float | None
    seconds: float
    search_seconds: float

    def predict_proba(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return class probabilities, shape (n, classes); images have shape (n, height, width, channels)."""
        rows = as_rows(images)  # (n, pixels)
        with _calling(self.opponent):  # there may be more neighbours than there are training images, say
            if self.temperature is None:
                columns = np.asarray(self.estimator.predict_proba(rows))
            elif (least := _least_share(self.estimator)) is not None:
                columns = soften(votes_as_logits(self.estimator.predict_proba(rows), least), self.temperature)
            else:
                columns = soften(class_scores(self.estimator, rows), self.temperature)
        # A column per class that the estimator saw: one that the training images lack would shift all others.
        probabilities = np.zeros((len(rows), self.class_count), columns.dtype)
        probabilities[:, np.asarray(self.estimator.classes_, np.int64)] = columns
        return probabilities

    def predict(self, images: Images) -> NDArray[np.int64]:
        """Return the estimator's own predictions, shape (n,); of a few kinds they are not always the most probable."""
        with _calling(self.opponent):
            predicted: NDArray[np.int64] = np.asarray(self.estimator.predict(as_rows(images)), np.int64)
        return predicted


@checks_call(RecipeError, opponent=Opponent, split=Split)
def fit_opponent(opponent: Opponent, split: Split) -> FittedOpponent:
    """Fit an opponent on the training images, with the settings that do best on the validation images.

    The test images are not looked at. The fit with the chosen settings is kept, and not repeated with the validation
    images added: networks do not learn from those either.

    Parameters
    ----------
    opponent : Opponent
    split : Split
        With validation images, if there is something to choose or to calibrate.

    Raises
    ------
    RecipeError
        The estimator cannot be fitted, or there are no validation images to choose by.

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifier
    >>> import inklings
    >>> from inklings.opponents import fit_opponent
    >>> split = inklings.open_dataset("digits").split()
    >>> opponent = inklings.Opponent("ridge", RidgeClassifier(), {"alpha": [1.0, 10.0]})
    >>> fit_opponent(opponent, split).predict_proba(split.test.images[:3]).shape
    (3, 10)
    """
    from sklearn.model_selection import ParameterGrid

    try:
        combinations: list[dict[str, Any]] = list(ParameterGrid(dict(opponent.grid)))
    except (ValueError, TypeError) as error:
        raise _refuse(opponent, error) from error
    if len(combinations) > 1 and not len(split.validation_rows):
        raise RecipeError(
            f"{opponent.name} chooses among {len(combinations)} settings on validation images, and there are none",
            "split with some, or name an opponent without a grid",
        )
    start, best, tried = perf_counter(), None, []
    for settings in combinations:
        estimator, seconds = _fit(opponent, settings, split.train)
        accuracy = _accuracy(opponent, estimator, split.validation) if len(combinations) > 1 else float("nan")
        tried.append((settings, accuracy))
        # Only the best fit is kept: a forest or a support vector machine can take as much memory as the images.
        # Later combinations must be better, not as good: of equal ones the first is kept.
        if best is None or accuracy > best[0]:
            best = accuracy, estimator, settings, seconds
    assert best is not None, "a grid has at least the combination of nothing"
    _, estimator, settings, seconds = best
    with _calling(opponent):
        temperature = _temperature(estimator, split.validation if len(split.validation_rows) else None)
    classes, took = split.dataset.class_count, perf_counter() - start
    return FittedOpponent(opponent, estimator, settings, tuple(tried), classes, temperature, seconds, took)


def as_rows(images: Images) -> NDArray[np.float32]:
    """Return images as rows of pixels, shape (n, height * width * channels)."""
    return np.asarray(images, np.float32).reshape(len(images), -1)


def _least_share(estimator: Any) -> float | None:  # noqa: ANN401 - scikit-learn's
    """Return what a class without a vote counts as, where its probabilities are votes; None where they are not."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    return _VOTING.get(type(last).__name__) if type(last).__module__.startswith("sklearn.") else None


def _fit(opponent: Opponent, settings: Mapping[str, Any], train: Dataset) -> tuple[Any, float]:
    from sklearn.base import clone

    with _calling(opponent):
        estimator, rows = clone(opponent.estimator), as_rows(train.images)
        start = perf_counter()
        estimator.set_params(**settings).fit(rows, train.labels)
    if not hasattr(estimator, "classes_"):
        raise RecipeError(f"{opponent.name} knows no classes once it is fitted, expected a scikit-learn classifier")
    return estimator, perf_counter() - start


@contextmanager
def _calling(opponent: Opponent) -> Iterator[None]:
    """Turn whatever an estimator raises into one line: anyone may have written it, so that may be anything."""
    try:
        yield
    except Exception as error:
        raise _refuse(opponent, error) from error


def _refuse(opponent: Opponent, error: Exception) -> RecipeError:
    words = " ".join(str(error).split())[:200]
    if isinstance(error, MemoryError):
        words = "not enough memory"
    elif not isinstance(error, ValueError | TypeError):  # these speak for themselves
        words = f"{type(error).__name__}{': ' * bool(words)}{words}"
    return RecipeError(f"{opponent.name} cannot be fitted: {words}")


def _accuracy(opponent: Opponent, estimator: Any, part: Dataset) -> float:  # noqa: ANN401 - scikit-learn's
    with _calling(opponent):
        return float((estimator.predict(as_rows(part.images)) == part.labels).mean())


def _temperature(estimator: Any, validation: Dataset | None) -> float | None:  # noqa: ANN401 - scikit-learn's
    """Return what makes probabilities of scores or of votes; None where an estimator's own are taken."""
    least = _least_share(estimator)
    if hasattr(estimator, "predict_proba") and least is None:
        return None
    # A class that training lacked has no score, and so no loss.
    known = np.zeros(0, np.int64)
    if validation is not None:
        known = np.flatnonzero(np.isin(validation.labels, estimator.classes_))
    if validation is None or not len(known):
        return None if least == HARDLY_ANY else 1.0
    rows = as_rows(validation.images[known])
    # Labels as places among the classes that the estimator knows, which its columns are in the order of.
    labels = np.searchsorted(estimator.classes_, validation.labels[known])
    if least is None:
        return choose_temperature(class_scores(estimator, rows), labels)
    votes = np.asarray(estimator.predict_proba(rows))
    if least == HARDLY_ANY_NEIGHBOUR:
        return choose_temperature_of_neighbours(votes, labels)
    return choose_significant_temperature(votes_as_logits(votes, least), labels)
