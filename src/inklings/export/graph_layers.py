"""Each layer as ONNX's operators, which act on what the layer before has left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.networks import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    MaxPool2D,
    Parameters,
)
from inklings.networks.initializer import Shape

if TYPE_CHECKING:
    from inklings.export.graph import Graph

CHANNELS_LAST = [0, 2, 3, 1]


def _dense(graph: Graph, name: str, layer: Dense, parameters: Parameters, shape: Shape) -> None:
    _weigh(graph, "MatMul" if layer.biases is None else "Gemm", name, parameters, parameters["weights"])
    graph.activate(layer.activation)


def _conv2d(graph: Graph, name: str, layer: Conv2D, parameters: Parameters, shape: Shape) -> None:
    settings = {"strides": layer.window.stride, "pads": _pads(layer, shape)}
    # From (height, width, channels, filters) to ONNX's (filters, channels, height, width).
    _weigh(graph, "Conv", name, parameters, parameters["weights"].transpose(3, 2, 0, 1), **settings)
    graph.activate(layer.activation)


def _weigh(
    graph: Graph,
    operator: str,
    name: str,
    parameters: Parameters,
    weights: NDArray[Any],
    **settings: Any,  # noqa: ANN401 - attributes of any kind
) -> None:
    others = [graph.hold(f"{name}/weights", weights.astype(np.float32))]
    if "biases" in parameters:
        others.append(graph.hold(f"{name}/biases", parameters["biases"].astype(np.float32)))
    graph.add(operator, *others, **settings)


def _maxpool2d(graph: Graph, name: str, layer: MaxPool2D, parameters: Parameters, shape: Shape) -> None:
    window = layer.window
    graph.add("MaxPool", kernel_shape=window.size, strides=window.stride, pads=_pads(layer, shape))


def _pads(layer: Conv2D | MaxPool2D, shape: Shape) -> list[int]:
    (top, bottom), (left, right) = layer.window.border(shape)
    # ONNX names all beginnings before all ends.
    return [top, left, bottom, right]


def _globalpool(graph: Graph, name: str, layer: GlobalPool, parameters: Parameters, shape: Shape) -> None:
    graph.add("GlobalAveragePool" if layer.kind == "average" else "GlobalMaxPool")
    graph.add("Flatten")


def _flatten(graph: Graph, name: str, layer: Flatten, parameters: Parameters, shape: Shape) -> None:
    if len(shape) == 3:
        graph.add("Transpose", perm=CHANNELS_LAST)  # channels last, as the weights behind it have them
        graph.add("Flatten")


def _batchnorm(graph: Graph, name: str, layer: BatchNorm, parameters: Parameters, shape: Shape) -> None:
    kinds = ("scale", "shift", "mean", "variance")
    held = [graph.hold(f"{name}/{kind}", parameters[kind].astype(np.float32)) for kind in kinds]
    graph.add("BatchNormalization", *held, epsilon=layer.epsilon)


def _activation(graph: Graph, name: str, layer: Activation, parameters: Parameters, shape: Shape) -> None:
    graph.activate(layer.function)


ADD_LAYER: dict[type[Layer], Callable[[Graph, str, Any, Parameters, Shape], None]] = {
    Dense: _dense,
    Conv2D: _conv2d,
    MaxPool2D: _maxpool2d,
    GlobalPool: _globalpool,
    Flatten: _flatten,
    Dropout: lambda graph, name, layer, parameters, shape: None,  # does nothing once training is over
    BatchNorm: _batchnorm,
    Activation: _activation,
}
"""By the kind of layer: ``add(graph, name, layer, its own parameters, the shape that goes into it)``."""
