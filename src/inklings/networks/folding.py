"""Batch normalisations folded into the layers before them, which computes the same predictions with less work.

At inference a batch normalisation multiplies each channel by a constant and adds another. A convolution or dense layer
without activation before it can do so with its own weights and biases::

    scale (x w + b - mean) / d + shift  =  x (w scale / d) + (b - mean) scale / d + shift

with ``d = sqrt(variance + epsilon)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inklings.networks.image_layers import Conv2D
from inklings.networks.initializer import Initializer
from inklings.networks.layer import Layer
from inklings.networks.layers import Activation, BatchNorm, Dense
from inklings.networks.network import Network
from inklings.networks.parameters import Parameters, parameters_of


class Origin(NamedTuple):
    """What a layer of a folded network was made of.

    Parameters
    ----------
    layer : str
        The original layer's name.
    norm : str, optional
        That of the batch normalisation that was folded into it.
    epsilon : float
        That normalisation's.
    """

    layer: str
    norm: str | None = None
    epsilon: float = 0.0


@dataclass(frozen=True)
class FoldedNetwork:
    """A network whose batch normalisations were folded where they could be.

    Parameters
    ----------
    network : Network
        Equal to the original one in its predictions; the original itself if there was nothing to fold.
    origins : tuple of Origin
        One for each of its layers.
    """

    network: Network
    origins: tuple[Origin, ...]

    def parameters(self, original: Mapping[str, NDArray[Any]]) -> Parameters:
        """Return its parameters, made of the original's."""
        found: Parameters = {}
        # Without some layers the numbers in the others' names change, so each array moves to a name of its own.
        for name, origin in zip(self.network.names, self.origins, strict=True):
            own = parameters_of(origin.layer, original)
            if origin.norm is not None:
                own = _fold(own, parameters_of(origin.norm, original), origin.epsilon)
            found |= {f"{name}/{kind}": value for kind, value in own.items()}
        return found


# Networks are hashable, and every prediction and evaluation asks for it again.
@lru_cache(64)
def fold_batch_norms(network: Network) -> FoldedNetwork:
    """Fold each batch normalisation that comes after a convolution or dense layer without activation.

    An activation that follows becomes the layer's own. The parameters of the result are those of
    :meth:`FoldedNetwork.parameters`.
    """
    layers: list[Layer] = []
    origins: list[Origin] = []
    for name, layer in zip(network.names, network.layers, strict=True):
        before = layers[-1] if layers else None
        # With an activation in between it would not be linear: then the normalisation stays.
        if isinstance(before, Conv2D | Dense) and before.activation == "linear":
            has_norm = origins[-1].norm is not None
            # A second normalisation in a row stays a layer: the first one's biases would have to be folded again.
            if isinstance(layer, BatchNorm) and not has_norm:
                layers[-1] = replace(before, biases=Initializer("zeros"))  # the shift needs them, had it none
                origins[-1] = Origin(origins[-1].layer, name, layer.epsilon)
                continue
            # Behind a folded normalisation there is nothing left between product and activation.
            if isinstance(layer, Activation) and has_norm:
                layers[-1] = replace(before, activation=layer.function)
                continue
        layers.append(layer)
        origins.append(Origin(name))
    # The same object where nothing was folded: callers see by `is` that the parameters need no copy.
    unchanged = len(layers) == len(network.layers)
    return FoldedNetwork(network if unchanged else Network(network.input_shape, tuple(layers)), tuple(origins))


def _fold(own: Parameters, norm: Parameters, epsilon: float) -> Parameters:
    # In float64, so that the result is rounded once.
    scale, shift, mean, variance = (
        np.asarray(norm[kind], np.float64) for kind in ("scale", "shift", "mean", "variance")
    )
    factor = scale / np.sqrt(variance + epsilon)  # (outputs,), which is the last axis of both kinds of weights
    biases: NDArray[np.float64] = (np.asarray(own["biases"], np.float64) if "biases" in own else 0.0) - mean
    return {"weights": own["weights"] * factor, "biases": biases * factor + shift}
