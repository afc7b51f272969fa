"""A network's answers, by the quickest engine there is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.engines import Engine, engine_name, get_engine
from inklings.errors import NetworkError
from inklings.models.last_hidden import FeaturesAndLogits, features_and_logits
from inklings.networks import Network, Parameters

Floats = NDArray[np.floating[Any]]
Reader = Callable[[NDArray[np.float32]], Floats]


class NetworkPredictor:
    """Computes with a network and its parameters.

    Parameters
    ----------
    network : Network
    parameters : dict of str to array
    """

    def __init__(self, network: Network, parameters: Parameters) -> None:
        self.network: Network = network
        self.parameters: Parameters = parameters

    def predict_proba(self, images: Images) -> Floats:
        """Return class probabilities, shape (n, classes); a NetworkError if an output is NaN or infinite."""
        return probabilities(self.network, self.parameters, self._outputs(images))

    def features_and_logits(self, images: Images) -> tuple[Floats | None, Floats]:
        """Return the last hidden layer's outputs, None for a network without one, and the logits."""
        return self._features(images)

    def activations(self, images: Images) -> dict[str, Floats]:
        """Return every layer's output, by the layer's name."""
        return self._engine.activations(self.network, self.parameters, images)

    @cached_property
    def _engine(self) -> Engine:
        # By its own name: a prediction needs no note on the slower engine where the native one is missing.
        return get_engine(engine_name())

    @cached_property
    def _features(self) -> FeaturesAndLogits:
        return features_and_logits(self._engine, self.network, self.parameters)

    @cached_property
    def _outputs(self) -> Reader:
        """A function from images to outputs, made when it is first needed."""
        reader = self._engine.reader(self.network, self.parameters)
        # C's library knows no warnings.
        return reader if self._engine.name == "native" else _without_warnings(reader)


def probabilities(
    network: Network, parameters: Parameters, outputs: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """Make probabilities of a network's outputs, shape (n, classes): sigmoids are divided by their sum.

    Raises
    ------
    NetworkError
        An output is NaN or infinite; names the largest of the parameters.
    """
    # A sum of squares in half a microsecond: NaN and infinity survive it, and only then it is looked which they are.
    if not isfinite(np.vdot(outputs, outputs)):
        _check_finite(parameters, outputs)
    if network.output_activation == "softmax":
        return outputs
    total = outputs.sum(1, keepdims=True)
    # Where all sigmoids are 0, each class is as likely as another.
    return np.where(total > 0, outputs / np.where(total > 0, total, 1), 1 / outputs.shape[1])


def _without_warnings(reader: Reader) -> Reader:
    """Leave out NumPy's warnings of an overflow: what comes of one is refused in a sentence."""

    def read(images: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        with np.errstate(all="ignore"):
            return reader(images)

    return read


def _check_finite(parameters: Parameters, outputs: NDArray[np.floating[Any]]) -> None:
    bad = ~np.isfinite(outputs).all(1)
    if bad.any():
        largest = max(parameters, key=lambda name: float(np.abs(parameters[name]).max(initial=0)))
        raise NetworkError(
            f"the outputs are NaN or infinite for {bad.sum():,} of {len(bad):,} images: the values of '{largest}', "
            f"up to {np.abs(parameters[largest]).max():.3g}, are too large to compute with",
            "train the network anew with a smaller learning rate",
        )
