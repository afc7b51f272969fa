"""What a trained classifier does: predict, show how its losses went, and become a Model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from inklings.data.interpretation import Interpretation
from inklings.estimators.check_inputs import as_images, describe_preparation, read_rows, warn_of_other_range
from inklings.estimators.engine_choice import engine_to_predict
from inklings.estimators.plan_from_params import refusals
from inklings.estimators.typical_image import TypicalImage
from inklings.models import Model
from inklings.models.network_predictor import probabilities
from inklings.networks import Network, Parameters
from inklings.training.history import History
from inklings.training.recipe import Recipe


class FittedNetwork:
    """What ``fit`` leaves behind, by scikit-learn's custom under names that end in ``_``, and what is done with it."""

    engine: str

    classes_: NDArray[Any]
    scaling_: Interpretation
    typical_: TypicalImage
    image_shape_: tuple[int, int, int]
    network_: Network
    recipe_: Recipe
    parameters_: Parameters
    history_: History
    engine_: str
    n_iter_: int

    def predict_proba(self, X: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the probability of each class, shape (n, classes), in the order of ``classes_``."""
        check_is_fitted(self, "network_")
        rows = read_rows(self, X)
        warn_of_other_range(rows, self.scaling_)
        self.typical_.warn_of_other(
            rows, self.image_shape_, lambda some: self._predict_rows(some).argmax(1), len(self.classes_)
        )
        return self._predict_rows(rows)

    def _predict_rows(self, rows: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        """Return the probabilities of rows of features that were checked."""
        images = as_images(rows, self.image_shape_, self.scaling_)
        engine = engine_to_predict(self.engine, self.network_, len(images))
        with np.errstate(all="ignore"):  # what comes of an overflow is refused below
            outputs = engine.predict(self.network_, self.parameters_, images)
        with refusals():
            return probabilities(self.network_, self.parameters_, outputs)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each image, shape (n,)."""
        # The first of equals, as everywhere here.
        numbers = self.predict_proba(X).argmax(1)
        classes: NDArray[Any] = self.classes_[numbers]
        return classes

    @property
    def loss_curve_(self) -> list[float]:
        """The training loss after each epoch."""
        return [record.train_loss for record in self.history_[1:]]

    @property
    def validation_loss_curve_(self) -> list[float]:
        """The validation loss after each epoch; NaN without validation images."""
        return [record.validation_loss for record in self.history_[1:]]

    def to_model(self) -> Model:
        """Return the trained network as a Model, which can be saved, exported and inspected."""
        check_is_fitted(self, "network_")
        training = {"recipe": self.recipe_.to_dict(), "epochs": self.n_iter_, "engine": self.engine_}
        names = [str(name) for name in self.classes_]
        preprocessing = describe_preparation(self.image_shape_, self.scaling_)
        return Model(self.network_, self.parameters_, names, training, preprocessing)
