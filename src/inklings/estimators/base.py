"""What both classifiers have in common: from X and y to a trained network; predictions are in ``fitted.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from inklings.arguments import is_flag
from inklings.callbacks.progress import Progress
from inklings.data.kind import kind_of_images
from inklings.data.parts import Split
from inklings.engines import get_engine
from inklings.errors import EstimatorError, TrainingDivergedError
from inklings.estimators.check_inputs import (
    Pixels,
    as_images,
    draw_from,
    encode,
    find_classes,
    find_scaling,
    look_at_border,
    read_training,
    read_weights,
    warn_if_nothing_was_learnt,
    weigh_classes,
)
from inklings.estimators.engine_choice import engine_to_train
from inklings.estimators.fitted import FittedNetwork
from inklings.estimators.named_parameters import NamedParameters
from inklings.estimators.plan_from_params import RECIPE_SETTINGS, Choice, build_plan, find_image_shape, refusals
from inklings.estimators.typical_image import TypicalImage
from inklings.estimators.validation_split import make_split
from inklings.networks import Parameters
from inklings.training.callbacks import AnyCallback
from inklings.training.data_facts import DataFacts
from inklings.training.fit import fit
from inklings.training.fit_result import StopReason
from inklings.training.history import History, continue_history
from inklings.training.interruption import interrupting_afterwards
from inklings.training.plans import Plan
from inklings.training.presets import PRESETS, preset
from inklings.training.recipe import FULL_BATCH_OPTIMISERS, Recipe
from inklings.training.schedule import Schedule


def _takes_steps(classifier: BaseClassifier) -> bool:
    """Return whether the optimiser takes one step per batch: only such a one can continue with other images."""
    network = getattr(classifier, "network", None)
    # A preset's recipe is the same for all images and classes. Layers are a list, which `in` cannot look up.
    usual = preset(network, (8, 8, 1), 2).recipe if isinstance(network, str) and network in PRESETS else Recipe()
    return (classifier.optimiser or usual.optimiser) not in FULL_BATCH_OPTIMISERS


class BaseClassifier(FittedNetwork, ClassifierMixin, NamedParameters):  # type: ignore[misc]  # scikit-learn has no types
    """A network as a scikit-learn classifier; a subclass says which network."""

    optimiser: str | None
    image_shape: Any
    class_weight: Mapping[Any, float] | str | None
    validation_fraction: float | int | None
    warm_start: bool
    random_state: Any
    engine: str
    verbose: bool | int
    callbacks: Sequence[AnyCallback] | None

    _state: Parameters

    def _choice(self, classes: int) -> tuple[Choice, Mapping[str, Any]]:
        """Return the network for a number of classes and, for a preset, its settings."""
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
            Used as it is, in float32, unless its values are as large as those of bytes (above 32, and, where some are
            below 0, with a root mean square above 8): these are divided by 255, or else stretched to 0 to 1, which
            is a DataWarning, here and in :meth:`predict`.
        y : array, shape (n,)
            Class labels, text or numbers.
        sample_weight : array, shape (n,), optional
            Weight of each image's loss. If the recipe's reduction is a mean, weights are relative to their own mean.
            The losses and accuracies of ``history_`` do not use them.
        X_val, y_val : arrays, optional
            Validation images, instead of a ``validation_fraction`` of X.

        Raises
        ------
        EstimatorError
            A parameter, X or y cannot be used; it is a ValueError.
        TrainingDivergedError
            Training diverged: the loss became NaN, infinite or absurd.
        KeyboardInterrupt
            Ctrl-C or a notebook's stop button ended it, after the batch at hand: what was learnt is kept.

        Warns
        -----
        TrainingWarning
            Training ended where it might as well guess: every image is given the most frequent class.
        """
        if not is_flag(self.warm_start):
            raise EstimatorError(f"is {self.warm_start!r}, expected True or False", setting="warm_start")
        again = self.warm_start and hasattr(self, "network_")
        rows, labels, given = read_training(self, X, y, reset=not again)
        classes = find_classes(labels)
        if again and not np.array_equal(classes, self.classes_):
            raise EstimatorError(
                f"y has the classes {classes.tolist()}, a warm start expects those before: {self.classes_.tolist()}"
            )
        self.classes_ = classes
        if not again:
            self._begin(given, rows)
        validation = self._read_validation(X_val, y_val)
        self._train(rows, encode(labels, classes), sample_weight, validation, self.validation_fraction)
        if self.class_weight is None and sample_weight is None:  # else guessing may be what was asked for
            warn_if_nothing_was_learnt(encode(labels, classes), self.history_[-1])
        return self

    @available_if(_takes_steps)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch, from where the last call stopped, with the optimiser's state as it was.

        There are no validation images, and the learning rate is constant.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array, shape (classes,), optional
            All classes that there will ever be; required in the first call.
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
            self._begin(given, rows)
        if self.class_weight == "balanced":
            raise EstimatorError("class_weight is 'balanced', but partial_fit does not see all images", "pass a dict")
        once = {"epochs": 1, "steps": None, "early_stopping": None, "schedule": Schedule()}
        self._train(rows, encode(labels, self.classes_), sample_weight, None, None, once)
        return self

    def _begin(self, given: tuple[int, ...], rows: Pixels) -> None:
        """Forget an earlier training, and find the scale of the values and the image shape for rows of such a shape."""
        # First: should anything fail from here on, nothing predicts with a part of each. Training would start from the
        # parameters, too.
        for name in ("network_", "parameters_"):
            self.__dict__.pop(name, None)
        self.scaling_, self.typical_ = find_scaling(rows), TypicalImage.of(rows)
        network, settings = self._choice(len(self.classes_))
        self.image_shape_ = find_image_shape(given, self.image_shape, network, settings)
        self.scaling_ = look_at_border(rows, given, self.image_shape_, self.scaling_)
        # Kept over several fits, each of which draws a seed from it: warm starts shuffle differently every time.
        self._random = draw_from(self.random_state)
        self.history_ = History()

    def _plan(self, y: NDArray[np.int64], changed: Mapping[str, Any]) -> Plan:
        """Return the network with its recipe, changed as the parameters say."""
        classes = len(self.classes_)
        kind = kind_of_images([str(name) for name in self.classes_], self.image_shape_[2])
        known = DataFacts(len(y), kind)  # those set aside for validation included, which are not divided off yet
        plan = build_plan(*self._choice(classes), self.image_shape_, classes, known)
        asked = {name: getattr(self, name) for name in RECIPE_SETTINGS if getattr(self, name) is not None}
        weights = None
        if self.class_weight is not None:
            # As an array in the order of classes_, which is also that of the outputs.
            found = weigh_classes(self.class_weight, self.classes_, self.classes_[y])
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
                as_images(X, self.image_shape_, self.scaling_),
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
        """Train; ``onward`` with the engine and the optimiser's state as before, if the optimiser is the same."""
        start = getattr(self, "parameters_", None)
        known = onward and start is not None
        before, _, dtype = self.engine_.partition(", ") if known else ("", "", "")
        if known and self.engine == "auto":
            # Chosen anew for other images it might be another engine, which could not use the optimiser's state, or the
            # same in float32, which would round it.
            engine = get_engine(before, dtype=dtype)
        else:
            engine = engine_to_train(self.engine, plan.network, plan.recipe, split)
        same = known and (engine.name, plan.recipe.optimiser) == (before, self.recipe_.optimiser)
        state = self._state if same else None
        with interrupting_afterwards() as interruption:
            with refusals():
                result = fit(
                    plan.network,
                    plan.recipe,
                    split,
                    engine=engine,
                    callbacks=self._watching(),
                    start=start,
                    state=state,
                    catch_signals=interruption is not None,
                )
            if result.stop_reason is StopReason.DIVERGED:
                raise result.error or TrainingDivergedError(result.message)
            self.network_, self.recipe_, self.parameters_ = plan.network, plan.recipe, result.parameters
            self.history_ = continue_history(self.history_, result.history)
            self.n_iter_: int = self.history_[-1].epoch
            self.engine_, self._state = result.engine, result.state

    def _watching(self) -> Sequence[AnyCallback]:
        """Return the callbacks, the progress among them if it is to be shown."""
        given = () if self.callbacks is None else self.callbacks
        if not self.verbose:
            return given
        # What is no list is left for training to refuse.
        return (Progress(type(self).__name__), *given) if isinstance(given, list | tuple) else given

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True  # (n, height, width)
        return tags

    def _read_validation(
        self, X_val: ArrayLike | None, y_val: ArrayLike | None
    ) -> tuple[Pixels, NDArray[np.int64]] | None:
        if (X_val is None) != (y_val is None):
            raise EstimatorError("one of X_val and y_val is given, expected both or neither")
        if X_val is None or y_val is None:
            return None
        rows, labels, _ = read_training(self, X_val, y_val, reset=False)
        return as_images(rows, self.image_shape_, self.scaling_), encode(labels, self.classes_)
