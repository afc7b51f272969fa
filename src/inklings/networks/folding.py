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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.networks.initializer import Initializer
from inklings.networks.layer import Layer
from inklings.networks.layers import Activation, BatchNorm, Conv2D, Dense
from inklings.networks.network import Network, Parameters, parameters_of


@dataclass(frozen=True)
class FoldedNetwork:
    """A network whose batch normalisations were folded where they could be.

    Parameters
    ----------
    network : Network
        Equal to the original one in its predictions; the original itself if there was nothing to fold.
    sources : tuple of (str, str or None)
        For each of its layers the original's name, and that of the batch normalisation that was folded into it.
    epsilons : tuple of float
        Of those batch normalisations; 0 where there is none.
    """

    network: Network
    sources: tuple[tuple[str, str | None], ...]
    epsilons: tuple[float, ...]

    def parameters(self, original: Mapping[str, NDArray[Any]]) -> Parameters:
        """Return its parameters, made of the original's."""
        found: Parameters = {}
        for name, (source, norm), epsilon in zip(self.network.names, self.sources, self.epsilons, strict=True):
            own = parameters_of(source, original)
            if norm is not None:
                own = _fold(own, parameters_of(norm, original), epsilon)
            found |= {f"{name}/{kind}": value for kind, value in own.items()}
        return found


@lru_cache(64)
def fold_batch_norms(network: Network) -> FoldedNetwork:
    """Fold each batch normalisation that comes after a convolution or dense layer without activation.

    An activation that follows becomes the layer's own. The parameters of the result are those of
    :meth:`FoldedNetwork.parameters`.
    """
    layers: list[Layer] = []
    sources: list[tuple[str, str | None]] = []
    epsilons: list[float] = []
    for name, layer in zip(network.names, network.layers, strict=True):
        before = layers[-1] if layers else None
        if isinstance(before, Conv2D | Dense) and before.activation == "linear":
            has_norm = sources[-1][1] is not None
            if isinstance(layer, BatchNorm) and not has_norm:
                layers[-1] = replace(before, biases=Initializer("zeros"))
                sources[-1], epsilons[-1] = (sources[-1][0], name), layer.epsilon
                continue
            if isinstance(layer, Activation) and has_norm:
                layers[-1] = replace(before, activation=layer.function)
                continue
        layers.append(layer)
        sources.append((name, None))
        epsilons.append(0.0)
    unchanged = len(layers) == len(network.layers)
    return FoldedNetwork(
        network if unchanged else Network(network.input_shape, tuple(layers)), tuple(sources), tuple(epsilons)
    )


def _fold(own: Parameters, norm: Parameters, epsilon: float) -> Parameters:
    # In float64, so that the result is rounded once.
    scale, shift, mean, variance = (
        np.asarray(norm[kind], np.float64) for kind in ("scale", "shift", "mean", "variance")
    )
    factor = scale / np.sqrt(variance + epsilon)
    biases: NDArray[np.float64] = (np.asarray(own["biases"], np.float64) if "biases" in own else 0.0) - mean
    return {"weights": own["weights"] * factor, "biases": biases * factor + shift}
