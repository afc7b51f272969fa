"""Any network as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from inklings.arguments import refuses_unknown
from inklings.data.augment import Augmentation
from inklings.errors import EstimatorError
from inklings.estimators.base import BaseClassifier
from inklings.estimators.plan_from_params import Choice
from inklings.networks import Layer, Network
from inklings.training.callbacks import AnyCallback
from inklings.training.schedule import Schedule

_NESTED = "network_settings__"
_SETTINGS = {"hidden_units": "hidden_units", "hidden_layer_sizes": "hidden_units", "dropout": "dropout"}
"""What is likely to be passed as a parameter, and the setting of a preset that it is."""


@refuses_unknown(EstimatorError, **{name: f"network_settings={{'{own}': ...}}" for name, own in _SETTINGS.items()})
class NetworkClassifier(BaseClassifier):
    """A scikit-learn classifier of images: any network, trained with any recipe.

    Parameters
    ----------
    network : str, Network or list of layers
        Name of a preset, a network, or layers of which the last has one output per class.
    network_settings : dict, optional
        Settings of a preset, such as ``{"dropout": True}`` for ``mlp``. In searches each is a parameter of its own:
        ``network_settings__hidden_units``.
    image_shape : (height, width) or (height, width, channels), optional
        Shape of the image in each row of X. By default the network's own; else that of X if it has more than two axes;
        else, for a network with convolutions or poolings, a square with one channel; else ``(1, features, 1)``.
    optimiser, learning_rate, schedule, momentum, weight_decay, batch_size, epochs, steps, loss, reduction, \
label_smoothing, l1, l2, regularise, augmentation, early_stopping
        As in :class:`inklings.Recipe`. None stands for the value in the preset's recipe; for a network of your own, for
        the default of Recipe, with the loss that suits the last activation. ``epochs`` replaces a preset's steps.
    class_weight : dict or "balanced", optional
        Weight of each class, or weights in inverse proportion to the sizes of the classes.
    validation_fraction : float or int, optional
        Validation images to set aside, stratified by class: a fraction or a number of images. None for none.
    warm_start : bool
        Whether :meth:`fit` starts from the parameters of the fit before. The state of the optimiser is new.
    random_state : int, RandomState or None
        Seed of the initial weights, the validation images, shuffling, augmentation and dropout.
    engine : {"auto", "native", "reproducible", "numpy", "jax"}
        The engine. ``auto`` is ``native`` where that was compiled at installation, else ``numpy``: in float64 for
        little work (up to some 4e9 operations in training, 2e9 in prediction), else in float32.
    verbose : bool or int
        Whether to show how training goes on: a bar on a terminal or in a notebook, else a line now and then.
    callbacks : sequence of Callback or callable, optional
        What watches training, and may stop it, as in :func:`inklings.fit`; :meth:`partial_fit` is one epoch each time.

    Attributes
    ----------
    classes_ : array, shape (classes,)
    n_features_in_ : int
        Values per image.
    feature_names_in_ : array of str
        Defined if X had column names.
    scaling_ : Interpretation
        How the values of X are scaled: not at all up to 32, above as pixels are.
    image_shape_ : (height, width, channels)
    network_ : Network
    recipe_ : Recipe
        That of the last training.
    parameters_ : dict of str to array
    history_ : tuple of EpochRecord
        Training and validation loss and accuracy, epoch by epoch; the first record is before training.
    loss_curve_, validation_loss_curve_ : list of float
        The losses of ``history_`` after each epoch.
    n_iter_ : int
        Epochs trained.
    engine_ : str
        What computed: ``"native, float64"``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = NetworkClassifier("mlp", epochs=5, random_state=0).fit(X[:1000] / 16, y[:1000])
    >>> classifier.score(X[1000:] / 16, y[1000:]) > 0.8
    True
    """

    def __init__(
        self,
        network: str | Network | Sequence[Layer] = "cnn2",
        *,
        network_settings: Mapping[str, Any] | None = None,
        image_shape: tuple[int, ...] | None = None,
        optimiser: str | None = None,
        learning_rate: float | None = None,
        schedule: Schedule | None = None,
        momentum: float | None = None,
        weight_decay: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        steps: int | None = None,
        loss: str | None = None,
        reduction: str | None = None,
        label_smoothing: float | None = None,
        l1: float | None = None,
        l2: float | None = None,
        regularise: str | None = None,
        augmentation: Augmentation | None = None,
        early_stopping: int | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        validation_fraction: float | int | None = 0.1,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        engine: str = "auto",
        verbose: bool | int = False,
        callbacks: Sequence[AnyCallback] | None = None,
    ) -> None:
        # Stored unchecked, as scikit-learn asks: clones and searches set them later, and only `fit` needs them right.
        self.network = network
        self.network_settings = network_settings
        self.image_shape = image_shape
        self.optimiser = optimiser
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.steps = steps
        self.loss = loss
        self.reduction = reduction
        self.label_smoothing = label_smoothing
        self.l1 = l1
        self.l2 = l2
        self.regularise = regularise
        self.augmentation = augmentation
        self.early_stopping = early_stopping
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state
        self.engine = engine
        self.verbose = verbose
        self.callbacks = callbacks

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters; ``deep`` with each setting of the preset as ``network_settings__NAME``."""
        parameters: dict[str, Any] = super().get_params(deep)
        settings = self.network_settings if deep and isinstance(self.network_settings, Mapping) else {}
        return parameters | {_NESTED + name: value for name, value in settings.items()}

    def set_params(self, **parameters: Any) -> Self:  # noqa: ANN401 - as scikit-learn has it
        """Set parameters; ``network_settings__NAME`` sets one setting of the preset, as grids of searches do."""
        nested = {name: parameters.pop(name) for name in list(parameters) if name.startswith(_NESTED)}
        super().set_params(**parameters)
        if nested:
            settings = {name.removeprefix(_NESTED): value for name, value in nested.items()}
            # A new dict: clones share the old one.
            self.network_settings = {**(self.network_settings or {}), **settings}
        return self

    def _hint_of(self, name: str) -> str:
        return f"did you mean '{_NESTED}{_SETTINGS[name]}'?" if name in _SETTINGS else ""

    def _choice(self, classes: int) -> tuple[Choice, Mapping[str, Any]]:
        return self.network, self.network_settings or {}
