"""The last hidden layer: what a network makes of an image before it decides among the classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.engines import Engine
from inklings.networks import Flatten, Network, Parameters
from inklings.networks.parameters import parameters_of

Floats = NDArray[np.floating[Any]]
FeaturesAndLogits = Callable[[Images], tuple[Floats | None, Floats]]


def network_of_features(network: Network) -> Network | None:
    """Return the part of a network before its last layer with weights, with a vector as output.

    None if no layer with weights comes before: the features would be the pixels again.
    """
    # Weights alone: a batch normalisation behind the last dense layer is part of how it decides.
    *earlier, last = network.weight_names()
    if not earlier:
        return None
    place = network.names.index(last.partition("/")[0])
    # All that comes before, an activation or dropout right before the last layer included.
    layers = network.layers[:place]
    shapes = [shape for _, _, shape in network.walk()]
    # What goes into the last weights is what this part puts out.
    before = shapes[place]
    # Scaled to length 1, as novelty scales features, a single number would keep nothing but its sign.
    if np.prod(before) < 2:
        return None
    return Network(network.input_shape, layers if len(before) == 1 else (*layers, Flatten()))


def features_and_logits(engine: Engine, network: Network, parameters: Parameters) -> FeaturesAndLogits:
    """Return a function from images to the last hidden layer's outputs and the logits.

    Parameters
    ----------
    engine : Engine
    network : Network
    parameters : dict of str to array

    Returns
    -------
    callable
        ``images -> (features, logits)``, of shapes (n, features) and (n, classes); features are None for a network
        without a hidden layer.
    """
    part = network_of_features(network)
    if part is None:
        logits = engine.reader(network.without_last_activation, parameters)
        return lambda images: (None, logits(images))
    features = engine.reader(part, {name: parameters[name] for name in part.parameter_shapes})
    # The last layer by name, not the last that has weights: behind it something else may follow.
    last = parameters_of(network.names[-1], parameters)
    if "weights" not in last or last["weights"].ndim != 2:
        logits = engine.reader(network.without_last_activation, parameters)
        return lambda images: (features(images), logits(images))
    # One pass does for both where the last layer is dense: its product is all that is missing.
    weights, biases = np.asarray(last["weights"], np.float32), np.asarray(last.get("biases", 0), np.float32)

    def read(images: Images) -> tuple[Floats, Floats]:
        values = features(images)
        return values, values @ weights + biases

    return read
