"""A network's parameters: drawn from a seed, and those of one layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.errors import NetworkError
from inklings.networks.network import Network

Parameters = dict[str, NDArray[Any]]
"""A network's weights and biases, ``"layer_name/kind"`` to values: ``"dense_1/weights"``."""
Array = TypeVar("Array")


@checks_call(NetworkError)
def initial_parameters(network: Network, seed: int) -> Parameters:
    """Draw a network's initial parameters: the same from the same seed on every machine and for every engine.

    Parameters
    ----------
    network : Network
    seed : int
        Not negative.

    Returns
    -------
    dict of str to array of float64
        ``"layer_name/kind"`` to values.

    Examples
    --------
    >>> from inklings import Dense, Flatten, Network
    >>> from inklings.networks import initial_parameters
    >>> network = Network((20, 20, 1), (Flatten(), Dense(25, "sigmoid"), Dense(10, "sigmoid")))
    >>> {name: array.shape for name, array in initial_parameters(network, seed=0).items()}
    {'dense_1/weights': (400, 25), 'dense_1/biases': (25,), 'dense_2/weights': (25, 10), 'dense_2/biases': (10,)}
    """
    # The second number keeps these draws apart from those of shuffles, splits and augmentation with the same seed.
    # float64 in any engine, which rounds them: so engines of another precision start from the same point.
    random = np.random.default_rng([seed, 0x1417])
    return {
        f"{name}/{kind}": parameter.initializer.draw(random, parameter.shape)
        for name, layer, shape in network.walk()
        for kind, parameter in layer.parameters(shape).items()
    }


@checks_call(NetworkError)
def parameters_of(name: str, parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return the parameters of one layer, by kind.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters, parameters_of
    >>> parameters = initial_parameters(inklings.preset("mlp", (20, 20, 1), 10).network, seed=0)
    >>> parameters_of("dense_1", parameters)["weights"].shape
    (400, 800)
    """
    start = f"{name}/"
    return {key[len(start) :]: value for key, value in parameters.items() if key.startswith(start)}
