"""A Recipe: every choice about training except the network itself."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import caller_stacklevel, checks_call, refuses_unknown
from inklings.data.augment import Augmentation
from inklings.engines import Objective
from inklings.engines.objective import ACTIVATION_OF_LOSS, REDUCTIONS
from inklings.errors import RecipeError
from inklings.networks import Network
from inklings.serialise import did_you_mean, from_plain, to_plain
from inklings.synonyms import meant_within
from inklings.training.recipe_values import as_class_weights, as_number, as_whole, check_choice, refusal
from inklings.training.schedule import Schedule

FULL_BATCH_OPTIMISERS = ("bfgs", "lbfgs", "cg")
STEP_OPTIMISERS = ("sgd", "momentum", "nesterov", "adam", "adamw")
OPTIMISERS = FULL_BATCH_OPTIMISERS + STEP_OPTIMISERS
"""Their names, as a recipe takes them."""
USED_BY: dict[str, tuple[str, ...]] = {
    "learning_rate": STEP_OPTIMISERS,
    "schedule": STEP_OPTIMISERS,
    "momentum": ("momentum", "nesterov"),
    "weight_decay": ("adamw",),
    "batch_size": STEP_OPTIMISERS,
    "order_seed": STEP_OPTIMISERS,
}
"""Settings that only some optimisers use, and which ones do."""
RENAMED = {"penalise": "regularise"}
"""Earlier names of settings, which files and callers may still use."""
REGULARISED = ("all", "hidden")
OPTIONAL = ("steps", "early_stopping", "order_seed")
CHOICES: dict[str, Collection[str]] = {
    "optimiser": OPTIMISERS,
    "loss": ACTIVATION_OF_LOSS,
    "reduction": REDUCTIONS,
    "regularise": REGULARISED,
}
# Infinity is refused by `< np.inf`, and so is NaN, of which every comparison is false.
_AT_LEAST_0 = (lambda number: 0 <= number < np.inf, "of at least 0")
# Below 1: momentum would never forget, and of a label nothing would be left.
_BELOW_1 = (lambda number: 0 <= number < 1, "of at least 0 and below 1")
RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "learning_rate": (lambda number: 0 < number < np.inf, "above 0"),
    "weight_decay": _AT_LEAST_0,
    "l1": _AT_LEAST_0,
    "l2": _AT_LEAST_0,
    "momentum": _BELOW_1,
    "label_smoothing": _BELOW_1,
}


@refuses_unknown(RecipeError)
@dataclass(frozen=True)
class Recipe:
    """How to train a network; the defaults suit most small ones.

    Parameters
    ----------
    optimiser : str
        ``bfgs``, ``lbfgs``, ``cg`` use all images in every iteration, in float64; ``sgd``, ``momentum``, ``nesterov``,
        ``adam``, ``adamw`` take one step per batch.
    learning_rate : float
        Initial learning rate. The full-batch optimisers do not use it: a line search finds their step lengths.
    schedule : Schedule
        How the learning rate changes over the steps.
    momentum : float
        Momentum coefficient (``momentum`` and ``nesterov`` only).
    weight_decay : float
        Decoupled weight decay (``adamw`` only): the fraction of each weight that a step takes off it, times
        ``learning_rate``. Biases do not decay.
    batch_size : int
        Images per step. Every epoch is shuffled anew, and a short last batch is dropped.
    epochs : int
        Passes over the training images; iterations of a full-batch optimiser.
    steps : int, optional
        Instead of epochs: stop after this many steps, even within an epoch. The steps of a full-batch optimiser are its
        iterations.
    loss, reduction, label_smoothing
        See :class:`inklings.engines.Objective`.
    l1, l2 : float
        Strength of the penalties ``l1 * sum |w|`` and ``l2 * sum w^2``, which are added to the batch's loss.
    regularise : {"all", "hidden"}
        Which layers' weights the penalties apply to: all, or all but the last layer's. Biases are never penalised.
    class_weights : "balanced" or tuple of float, optional
        Weight of each class in the loss; ``balanced`` is ``n / (classes * images of the class)``.
    augmentation : Augmentation
        Random changes to the training images, drawn anew in every epoch.
    early_stopping : int, optional
        Patience: stop once the validation loss has not fallen for this many epochs, and keep the best epoch's weights.
        Not given: train to the end and keep the last weights.
    seed : int
        Seed of the initial weights, shuffling, augmentation and dropout.
    order_seed : int, optional
        Seed of shuffling, augmentation and dropout, where it is not that of the initial weights: with the same ``seed``
        and another ``order_seed``, training starts from the same weights and sees the images in another order.

    Examples
    --------
    >>> from inklings import Recipe
    >>> recipe = Recipe("adamw", epochs=30, early_stopping=5)
    >>> recipe.with_settings(learning_rate=3e-4).learning_rate
    0.0003
    >>> Recipe("adm")
    Traceback (most recent call last):
        ...
    inklings.errors.RecipeError: optimiser 'adm' is unknown; did you mean 'adam'?
    """

    optimiser: str = "adam"
    learning_rate: float = 1e-3
    schedule: Schedule = Schedule()
    momentum: float = 0.9
    weight_decay: float = 0.01
    batch_size: int = 50
    epochs: int = 20
    steps: int | None = None
    loss: str = "crossentropy"
    reduction: str = "mean"
    label_smoothing: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    regularise: str = "all"
    class_weights: str | tuple[float, ...] | None = None
    augmentation: Augmentation = Augmentation()
    early_stopping: int | None = None
    seed: int = 0
    order_seed: int | None = None

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            check_choice(name, getattr(self, name), known)
        for name, kind in (("schedule", Schedule), ("augmentation", Augmentation)):
            if not isinstance(getattr(self, name), kind):
                raise refusal(name, getattr(self, name), f"{kind.__name__}(...)")
        # Numbers of NumPy's, as a search over settings passes them, become Python's own, which JSON can hold.
        for name in ("batch_size", "epochs", "steps", "early_stopping", "seed", "order_seed"):
            least = 0 if name in ("seed", "order_seed") else 1
            if not (name in OPTIONAL and getattr(self, name) is None):
                self._become(name, as_whole(name, getattr(self, name), least))
        for name, (fits, expected) in RANGES.items():
            self._become(name, as_number(name, getattr(self, name), fits, expected))
        self._become("class_weights", as_class_weights("class_weights", self.class_weights))

    def _become(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the only way to set a field of a frozen dataclass

    @property
    def is_full_batch(self) -> bool:
        """Whether each iteration uses all training images."""
        return self.optimiser in FULL_BATCH_OPTIMISERS

    @property
    def dtype(self) -> str:
        """What it is trained in: ``"float64"`` by a full-batch optimiser, else ``"float32"``.

        Near a minimum, a line search compares objectives that differ by less than float32 resolves.
        """
        return "float64" if self.is_full_batch else "float32"

    @property
    def seed_of_order(self) -> int:
        """The seed that shuffling, augmentation and dropout have."""
        return self.seed if self.order_seed is None else self.order_seed

    @checks_call(RecipeError)
    def uses(self, setting: str) -> bool:
        """Return whether a setting has any effect, given the others.

        Examples
        --------
        >>> Recipe("adam").uses("momentum"), Recipe("nesterov").uses("momentum")
        (False, True)
        """
        if setting == "epochs":
            return self.steps is None
        if setting == "regularise":
            return self.l1 > 0 or self.l2 > 0
        return self.optimiser in USED_BY.get(setting, OPTIMISERS)

    @checks_call(RecipeError)
    def objective(self, network: Network, labels: NDArray[np.int64]) -> Objective:
        """Return what this recipe minimises on a network; ``labels`` are those of the training images.

        Raises
        ------
        RecipeError
            The network's last activation does not suit the loss, the class weights do not match the classes, or a
            full-batch optimiser would have to minimise an objective that is random.
        """
        # Without penalties no weights are named, so that `regularise` alone does not make another objective.
        penalised = network.weight_names(hidden_only=self.regularise == "hidden") if self.l1 or self.l2 else ()
        objective = Objective(
            loss=self.loss,
            reduction=self.reduction,
            l1=self.l1,
            l2=self.l2,
            penalised=penalised,
            label_smoothing=self.label_smoothing,
            class_weights=self._weights_of_classes(labels, network.output_count),
        )
        objective.check(network)
        if self.is_full_batch:
            self._check_repeatable(network)
        return objective

    def _check_repeatable(self, network: Network) -> None:
        """Refuse for a full-batch optimiser whatever makes the objective differ between two evaluations."""
        found = ""
        if network.has_dropout:
            found = "a network with Dropout"
        # Shapes differ where there is more than what gradients change: BatchNorm's running averages.
        elif network.parameter_shapes != network.trainable_shapes:
            found = "a network with BatchNorm, whose running averages are updated by steps on batches alone"
        elif self.augmentation:
            found = "augmentation"
        if found:
            raise RecipeError(
                f"{self.optimiser} expects the same objective at every iteration, found {found}",
                "leave it out, or use an optimiser such as adam",
                setting="optimiser",
                found=self.optimiser,
                expected=STEP_OPTIMISERS,
            )

    def _weights_of_classes(self, labels: NDArray[np.int64], classes: int) -> tuple[float, ...] | None:
        if self.class_weights is None or isinstance(self.class_weights, tuple):
            return self.class_weights
        # A class without training images has no loss to weigh: any finite weight will do.
        sizes = np.bincount(labels, minlength=classes)
        # n / (classes * images of the class), so that the mean weight over images is 1 where no class is empty.
        return tuple((len(labels) / (classes * np.maximum(sizes, 1))).tolist())

    @checks_call(RecipeError)
    def with_settings(self, **settings: Any) -> Recipe:  # noqa: ANN401 - any setting
        """Return a copy with some settings changed; an unknown one is refused with the nearest known one.

        A number of epochs replaces one of steps, and the other way round.

        Examples
        --------
        >>> Recipe(steps=1000).with_settings(epochs=3).steps is None
        True
        """
        settings = _current_names(settings)
        names = [field.name for field in fields(self)]
        for name in settings:
            if name not in names:
                raise RecipeError(f"the recipe has no setting '{name}'", did_you_mean(name, names))
        # Else a preset that counts steps would go on counting them, whatever number of epochs is asked for.
        if settings.get("epochs") is not None:
            settings.setdefault("steps", None)
        return replace(self, **settings)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for JSON; those that equal their default are left out."""
        settings: dict[str, Any] = to_plain(self)
        return settings

    @classmethod
    @checks_call(RecipeError)
    def from_dict(cls, settings: Mapping[str, Any]) -> Recipe:
        """Make a recipe of plain values; a RecipeError names an unknown key, or a value of the wrong kind."""
        return from_plain(cls, _current_names(settings), "the recipe", RecipeError)


IN_A_RECIPE: Mapping[str, str] = meant_within((each.name for each in fields(Recipe)), "Recipe({}=...)")
IN_A_PLAN: Mapping[str, str] = meant_within((each.name for each in fields(Recipe)), "plan.with_recipe({}=...)")
"""Where the settings of a recipe are given, for functions that others expect to take them."""


def _current_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Replace earlier names of settings, and warn of each."""
    for earlier in RENAMED.keys() & settings.keys():
        renamed = f"the recipe's setting '{earlier}' is now '{RENAMED[earlier]}'"
        warnings.warn(renamed, FutureWarning, stacklevel=caller_stacklevel())
    return {RENAMED.get(name, name): value for name, value in settings.items()}
