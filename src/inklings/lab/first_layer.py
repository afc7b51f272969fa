"""The first layer's weights as small pictures, one for each filter or unit."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.networks import Conv2D, Dense, Network, Parameters

MOST = 32
"""Pictures that are sent; of more units, the first."""
GREY = 128
"""A weight of 0; what is lighter is positive."""


def first_layer_pictures(network: Network, parameters: Parameters) -> dict[str, Any] | None:
    """Return the weights of the first layer that has some, in grey values; None where they are not pictures.

    Returns
    -------
    dict or None
        ``shape``: [n, height, width, channels]; ``values``: whole numbers from 0 to 255, of which 128 is a weight of 0
        and the ends are the largest weight of all.
    """
    for name, layer, shape in network.walk():
        if isinstance(layer, Conv2D):
            # (height, width, channels, filters) to (filters, height, width, channels): one picture after the other.
            return _scale(np.moveaxis(parameters[f"{name}/weights"], -1, 0)[:MOST])
        if isinstance(layer, Dense):
            return _dense(network, parameters[f"{name}/weights"], prod(shape))
        if layer.parameters(shape) or layer.output_shape(shape) not in (shape, (prod(shape),)):
            return None  # what comes after it no longer lies as the pixels do
    return None


def _dense(network: Network, weights: NDArray[Any], inputs: int) -> dict[str, Any] | None:
    # Behind a pooling, the inputs are no longer one per pixel.
    if inputs != prod(network.input_shape):
        return None
    # (inputs, units): a column is a unit, and Flatten goes row by row, so it folds back into an image.
    return _scale(weights.T[:MOST].reshape(-1, *network.input_shape))


def _scale(weights: NDArray[Any]) -> dict[str, Any]:
    """Return weights as grey values, on one scale for all, so that those that matter stand out."""
    largest = max(float(np.abs(weights).max()), 1e-12)
    values = np.clip(np.rint(GREY + weights * (127 / largest)), 0, 255).astype(np.uint8)
    return {"shape": list(values.shape), "values": values.ravel().tolist()}
