"""Dividing a network's logits by a number, in its parameters: what computes it need not know.

The last layer with parameters makes the logits ``x w + b``, so dividing ``w`` and ``b`` divides them. What may follow
it before the last activation (rectifiers, pooling, flattening) maps a positive multiple to that multiple.
"""

from __future__ import annotations

import numpy as np

from inklings.errors import NetworkError
from inklings.networks.layers import BatchNorm
from inklings.networks.network import Network
from inklings.networks.parameters import Parameters

# Activations with f(a x) = a f(x) for every a > 0: what comes in divided comes out divided. elu, sigmoid and tanh bend.
_KEEP_MULTIPLES = ("linear", "relu", "leaky_relu")
_MULTIPLY = ("weights", "biases")
# Its mean and variance are those of what comes in, which stays as it was.
_MULTIPLY_IN_NORM = ("scale", "shift")


def divide_logits(network: Network, parameters: Parameters, divisor: float) -> Parameters:
    """Return parameters with which a network's logits are divided by a number.

    Parameters
    ----------
    network : Network
    parameters : dict of str to array
    divisor : float
        Positive.

    Returns
    -------
    dict of str to array
        The last layer's divided in float64 and rounded once, all others the same arrays.

    Raises
    ------
    NetworkError
        No layer's parameters multiply the logits: a bounded activation comes after the last that has some.
    """
    divided = {
        name: (np.asarray(parameters[name], np.float64) / divisor).astype(parameters[name].dtype)
        for name in _multipliers(network)
    }
    return {**parameters, **divided}


def _multipliers(network: Network) -> list[str]:
    """Return the names of the parameters that the logits are proportional to, together."""
    logits = network.without_last_activation
    # From the end: the last layer with parameters is divided, and what lies behind it passes multiples on.
    for name, layer, shape in reversed(list(logits.walk())):
        if layer.output_activation not in _KEEP_MULTIPLES:
            raise NetworkError(
                f"layer {name} ends in {layer.output_activation}, expected no activation but the last after the "
                "last weights: the logits are not a multiple of any layer's parameters"
            )
        own = layer.parameters(shape)
        if own:
            kinds = _MULTIPLY_IN_NORM if isinstance(layer, BatchNorm) else _MULTIPLY
            return [f"{name}/{kind}" for kind in kinds if kind in own]
    raise NetworkError("the network has no weights, expected a layer that makes the logits")
