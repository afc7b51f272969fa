"""The network of a model that is one, and why another has no layers."""

from __future__ import annotations

from inklings.errors import NetworkError
from inklings.models.classifier import PredictingClassifier
from inklings.models.ensemble import Ensemble
from inklings.networks import Network


def network_of(classifier: Network | PredictingClassifier, name: str) -> Network:
    """Return what classifies, if it is one network.

    Parameters
    ----------
    classifier : Network, Ensemble or FrozenOpponent
    name : str
        What the model is called.

    Raises
    ------
    NetworkError
        It is an ensemble, or an opponent, which has no layers.
    """
    if isinstance(classifier, Network):
        return classifier
    if isinstance(classifier, Ensemble):
        raise NetworkError(
            f"{name} is an ensemble of {classifier.members} networks, expected one network",
            "predict, evaluate and ONNX work with it; `inklings runs save` makes a model of one member",
        )
    raise NetworkError(f"{name} is not a network and has no layers", "predict, evaluate and ONNX work without")
