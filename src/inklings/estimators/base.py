"""What both classifiers do: from X and y to a trained network, and from X to answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from inklings.data import Split
from inklings.errors import EstimatorError, TrainingDivergedError
from inklings.estimators.engine_choice import engine_to_predict, engine_to_train
from inklings.estimators.history import continue_history
from inklings.estimators.plan_from_params import RECIPE_SETTINGS, Choice, build_plan, find_image_shape, refusals
from inklings.estimators.validation import (
    Pixels,
    as_images,
    encode,
    find_classes,
    read_rows,
    read_training,
    read_weights,
)
from inklings.estimators.validation_split import make_split
from inklings.models import Model
from inklings.models.model import probabilities
from inklings.networks import Network, Parameters
from inklings.training import PRESETS, History, Plan, Recipe, Schedule, StopReason, fit, preset
from inklings.training.recipe import FULL_BATCH_OPTIMISERS


def _takes_steps(classifier: BaseClassifier) -> bool:
    """Whether the optimiser takes a step a batch: one that reads all images cannot go on with others."""
    network = getattr(classifier, "network", None)
    usual = preset(network, (8, 8, 1), 2).recipe if network in PRESETS else Recipe()
    return (classifier.optimiser or usual.optimiser) not in FULL_BATCH_OPTIMISERS


class BaseClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A network as scikit-learn has its classifiers; a subclass says which network."""

    optimiser: str | None
    image_shape: Any
    class_weight: Mapping[Any, float] | str | None
    validation_fraction: float | int | None
    warm_start: bool
    random_state: Any
    engine: str

    classes_: NDArray[Any]
    image_shape_: tuple[int, int, int]
    network_: Network
    recipe_: Recipe
    parameters_: Parameters
    history_: History
    engine_: str
    _state: Parameters

    def _choice(self, classes: int) -> tuple[Choice, Mapping[str, Any]]:
        """Give the network for so many classes and, for a preset, its settings."""
        raise NotImplementedError

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train on labelled images.

        Parameters
        ----------
        X : array, shape (n, features), (n, height, width) or (n, height, width, channels)
            Taken as it is, in float32: scale it before, if it is far from 0 to 1.
        y : array, shape (n,)
            Text or numbers that name classes.
        sample_weight : array, shape (n,), optional
            How much each image's loss counts. Where the recipe's reduction is a mean, weights are relative to their
            own mean. Losses and accuracies that are measured count images.
        X_val, y_val : arrays, optional
            Images to watch in place of a ``validation_fraction`` of X.

        Raises
        ------
        EstimatorError
            A parameter, X or y cannot be used; it is a ValueError.
        TrainingDivergedError
            The loss became NaN or infinite, or all was lost otherwise.
        """
        again = self.warm_start and hasattr(self, "network_")
        rows, labels, given = read_training(self, X, y, reset=not again)
        classes = find_classes(labels)
        if again and not np.array_equal(classes, self.classes_):
            raise EstimatorError(
                f"y has the classes {classes.tolist()}, a warm start expects those before: {self.classes_.tolist()}"
            )
        self.classes_ = classes
        if not again:
            self._begin(given)
        validation = self._read_validation(X_val, y_val)
        self._train(rows, encode(labels, classes), sample_weight, validation, self.validation_fraction)
        return self

    @available_if(_takes_steps)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Go through labelled images once, from where the last call left, the optimiser's memory included.

        No images are set aside, and the learning rate stays the same throughout.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array, shape (classes,), optional
            All classes that there will ever be; needed in the first call.
        """
        first = not hasattr(self, "network_")
        if first and classes is None:
            raise EstimatorError("the first call of partial_fit expects all classes, found none given", "pass classes")
        rows, labels, given = read_training(self, X, y, reset=first)
        if classes is not None:
            found = find_classes(np.asarray(classes))
            if not first and not np.array_equal(found, self.classes_):
                raise EstimatorError(f"classes is {found.tolist()}, expected those before: {self.classes_.tolist()}")
            self.classes_ = found
        if first:
            self._begin(given)
        if self.class_weight == "balanced":
            raise EstimatorError("class_weight is 'balanced', partial_fit does not see all images", "give a dict")
        once = {"epochs": 1, "steps": None, "early_stopping": None, "schedule": Schedule()}
        self._train(rows, encode(labels, self.classes_), sample_weight, None, None, once)
        return self

    def _begin(self, given: tuple[int, ...]) -> None:
        """Forget what was learnt, and find the network for rows of such a shape."""
        network, settings = self._choice(len(self.classes_))
        self.image_shape_ = find_image_shape(given, self.image_shape, network, settings)
        self._random = check_random_state(self.random_state)
        self.history_ = ()
        self.__dict__.pop("parameters_", None)

    def _plan(self, y: NDArray[np.int64], changed: Mapping[str, Any]) -> Plan:
        """Give the network with its recipe, changed as the parameters say."""
        classes = len(self.classes_)
        plan = build_plan(*self._choice(classes), self.image_shape_, classes)
        asked = {name: getattr(self, name) for name in RECIPE_SETTINGS if getattr(self, name) is not None}
        if "epochs" in asked:  # in place of the preset's steps
            asked.setdefault("steps", None)
        weights = None
        if self.class_weight is not None:
            found = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[y])
            weights = tuple(found.tolist())
        seed = int(self._random.randint(2**31 - 1))
        with refusals():
            return plan.with_recipe(**{**asked, **changed, "class_weights": weights, "seed": seed})

    def _train(
        self,
        X: Pixels,
        y: NDArray[np.int64],
        sample_weight: ArrayLike | None,
        validation: tuple[Pixels, NDArray[np.int64]] | None,
        fraction: float | int | None,
        changed: Mapping[str, Any] | None = None,
    ) -> None:
        plan = self._plan(y, changed or {})
        weights = read_weights(sample_weight, X, y, all_classes=not changed)
        with refusals():
            split = make_split(
                as_images(X, self.image_shape_),
                y,
                [str(name) for name in self.classes_],
                weights,
                relative=plan.recipe.reduction == "mean",
                validation=validation,
                fraction=fraction,
                seed=plan.recipe.seed,
            )
        self._fit(plan, split, onward=bool(changed))

    def _fit(self, plan: Plan, split: Split, onward: bool) -> None:
        """Train; ``onward`` with the same engine and the optimiser's state as before, if it is the same optimiser."""
        start = getattr(self, "parameters_", None)
        known = onward and start is not None
        name = self.engine_.split(",")[0] if known and self.engine == "auto" else self.engine
        engine = engine_to_train(name, plan.network, plan.recipe, split)
        same = known and (engine.name, plan.recipe.optimiser) == (self.engine_.split(",")[0], self.recipe_.optimiser)
        state = self._state if same else None
        with refusals():
            fitted = fit(plan.network, plan.recipe, split, engine=engine, start=start, state=state, catch_signals=False)
        if fitted.ending is StopReason.DIVERGED:
            raise TrainingDivergedError(fitted.message)
        self.network_, self.recipe_, self.parameters_ = plan.network, plan.recipe, fitted.parameters
        self.history_ = continue_history(self.history_, fitted.history)
        self.n_iter_ = self.history_[-1].epoch
        self.engine_, self._state = fitted.engine, fitted.state

    def _read_validation(
        self, X_val: ArrayLike | None, y_val: ArrayLike | None
    ) -> tuple[Pixels, NDArray[np.int64]] | None:
        if (X_val is None) != (y_val is None):
            raise EstimatorError("one of X_val and y_val is given, expected both or neither")
        if X_val is None or y_val is None:
            return None
        rows, labels, _ = read_training(self, X_val, y_val, reset=False)
        return as_images(rows, self.image_shape_), encode(labels, self.classes_)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.floating[Any]]:
        """Give each class's probability, shape (n, classes), in the order of ``classes_``."""
        check_is_fitted(self, "network_")
        images = as_images(read_rows(self, X), self.image_shape_)
        engine = engine_to_predict(self.engine, self.network_, len(images))
        return probabilities(self.network_, engine.predict(self.network_, self.parameters_, images))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Give the most probable class of each image, shape (n,)."""
        numbers = self.predict_proba(X).argmax(1)
        classes: NDArray[Any] = self.classes_[numbers]
        return classes

    @property
    def loss_curve_(self) -> list[float]:
        """The training images' loss after each epoch."""
        return [row.train_loss for row in self.history_[1:]]

    @property
    def validation_loss_curve_(self) -> list[float]:
        """The validation images' loss after each epoch; NaN without validation images."""
        return [row.validation_loss for row in self.history_[1:]]

    def to_model(self) -> Model:
        """Give the trained network as a Model, which can be saved, exported and looked into."""
        check_is_fitted(self, "network_")
        training = {"recipe": self.recipe_.to_dict(), "epochs": self.n_iter_, "engine": self.engine_}
        names = [str(name) for name in self.classes_]
        return Model(self.network_, self.parameters_, names, training)
