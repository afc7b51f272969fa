"""What a model classifies by, and what computes its answers: all that a model asks of it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.networks import Network, Parameters

Floats = NDArray[np.floating[Any]]


class Classifier(Protocol):
    """The form of what classifies, without its numbers: a :class:`Network`, an ensemble's or an opponent's form."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images."""

    @property
    def output_count(self) -> int:
        """Number of classes."""

    def check_parameters(self, parameters: Parameters) -> None:
        """Raise a NetworkError that names a parameter which does not fit."""


class Predictor(Protocol):
    """A classifier with its numbers; images are prepared, shape (n, height, width, channels)."""

    def predict_proba(self, images: Images) -> Floats:
        """Return class probabilities, shape (n, classes)."""

    def features_and_logits(self, images: Images) -> tuple[Floats | None, Floats]:
        """Return what is decided by, shape (n, features), None for the pixels themselves, and scores per class."""


class PredictingClassifier(Classifier, Protocol):
    """A classifier that makes its own predictor; a network leaves that to an engine."""

    def to_plain(self) -> dict[str, Any]:
        """Return its form as plain values, for JSON."""

    def predictor(self, parameters: Parameters) -> Predictor:
        """Return what computes with these numbers."""


def predictor_of(classifier: Network | PredictingClassifier, parameters: Parameters) -> Predictor:
    """Return what computes a classifier's answers: the one place where networks and others are told apart."""
    if isinstance(classifier, Network):
        from inklings.models.network_predictor import NetworkPredictor

        return NetworkPredictor(classifier, parameters)
    return classifier.predictor(parameters)
