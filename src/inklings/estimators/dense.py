"""Dense networks as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from inklings.arguments import refuses_unknown
from inklings.data.augment import Augmentation
from inklings.engines.objective import ACTIVATION_OF_LOSS
from inklings.errors import EstimatorError
from inklings.estimators.base import BaseClassifier
from inklings.estimators.plan_from_params import Choice, refusals
from inklings.networks import Dense, Dropout, Flatten, Layer
from inklings.training.callbacks import AnyCallback
from inklings.training.recipe import Recipe
from inklings.training.schedule import Schedule


@refuses_unknown(EstimatorError)
class DenseClassifier(BaseClassifier):
    """A scikit-learn classifier with fully connected layers: a short form of NetworkClassifier.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int
        Number of units of each hidden layer; empty for softmax regression.
    activation : str
        Activation of the hidden layers: one of ``inklings.networks.ACTIVATIONS`` except softmax.
    dropout : float
        Dropout rate of every hidden layer.
    epochs : int
        By default as many as in scikit-learn's MLPClassifier and more than in a Recipe, since small data sets make few
        steps per epoch.
    optimiser, learning_rate, schedule, momentum, weight_decay, batch_size, steps, loss, reduction, label_smoothing, \
l1, l2, regularise, augmentation, early_stopping
        As in :class:`inklings.Recipe`; None stands for its default.
    class_weight, validation_fraction, warm_start, random_state, engine, verbose, callbacks
        As in :class:`NetworkClassifier`, which also documents the attributes.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = DenseClassifier((50,), epochs=20, random_state=0).fit(X[:1000] / 16, y[:1000])
    >>> classifier.score(X[1000:] / 16, y[1000:]) > 0.8
    True
    """

    image_shape = None

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (100,),
        *,
        activation: str = "relu",
        dropout: float = 0.0,
        optimiser: str | None = None,
        learning_rate: float | None = None,
        schedule: Schedule | None = None,
        momentum: float | None = None,
        weight_decay: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = 200,
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
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
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

    def _choice(self, classes: int) -> tuple[Choice, Mapping[str, Any]]:
        sizes: Any = self.hidden_layer_sizes
        with refusals():
            layers: list[Layer] = [Flatten()]
            # A number alone is one hidden layer, as scikit-learn takes it too.
            for units in sizes if isinstance(sizes, Iterable) else (sizes,):
                layers.append(Dense(units, self.activation))
                if self.dropout:
                    layers.append(Dropout(self.dropout))
            layers.append(Dense(classes, ACTIVATION_OF_LOSS.get(self.loss or Recipe.loss, "softmax")))
        return layers, {}
