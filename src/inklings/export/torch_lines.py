"""A network in the words of PyTorch."""

from __future__ import annotations

from typing import Any

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
    Network,
    Parameters,
    parameters_of,
)
from inklings.networks.initializer import Shape
from inklings.networks.window import in_short

SCRIPT = '''"""<title>. Trained by Inklings, rebuilt in PyTorch.

    python <script> images.npy
"""

import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn

CLASSES = <classes>


class Rows(nn.Module):
    """Lay an image out pixel after pixel, each with all its channels; nn.Flatten would go channel after channel."""

    def forward(self, images):
        return images.movedim(1, -1).flatten(1)


def build():
    """Make the network, and give it its weights."""
    network = nn.Sequential(OrderedDict(
<layers>
    ))
    weights = np.load(Path(__file__).with_name("<weights>"))
    network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()}, strict=True)
    return network.eval()


def prepare(images):
    """Turn raw pixels into the network's input. <raw>."""
<prepare>


@torch.inference_mode()
def predict(images):
    """Return each class's probability for prepared images: <images>, paper 0 and ink 1."""
    channels_second = torch.from_numpy(images).movedim(-1, 1)
    outputs = build()(channels_second).numpy()
    return <probabilities>


if __name__ == "__main__":
    for row in predict(prepare(np.load(sys.argv[1]))):
        print(CLASSES[row.argmax()], f"{row.max():.1%}")
'''
_ACTIVATIONS = {
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()",
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "softmax": "nn.Softmax(1)",
}
_KINDS = {
    "weights": "weight",
    "biases": "bias",
    "scale": "weight",
    "shift": "bias",
    "mean": "running_mean",
    "variance": "running_var",
}


def lines(network: Network) -> list[str]:
    """Write each layer with its name."""
    return [f"{key}={value}" for name, layer, shape in network.walk() for key, value in _write(name, layer, shape)]


def weights(network: Network, parameters: Parameters) -> dict[str, NDArray[Any]]:
    """Return the parameters as PyTorch has them: outputs first, then inputs, then a kernel's rows and columns."""
    found: dict[str, NDArray[Any]] = {}
    for name, layer, _ in network.walk():
        own = parameters_of(name, parameters)
        for kind, values in own.items():
            # (inputs, outputs) to (outputs, inputs), and (height, width, channels, filters) to (filters, channels,
            # height, width).
            # The last two axes first, whatever comes before them; vectors of biases and BatchNorm stay.
            turned = np.moveaxis(values, (-1, -2), (0, 1)) if kind == "weights" else values
            found[f"{name}.{_KINDS[kind]}"] = turned
        if isinstance(layer, BatchNorm):
            # PyTorch's own counter, which loading asks for by `strict`; nothing is computed with it.
            found[f"{name}.num_batches_tracked"] = np.array(0)
    return found


def _write(name: str, layer: Layer, shape: Shape) -> list[tuple[str, str]]:
    match layer:
        case Dense():
            bias = "" if layer.biases else ", bias=False"
            return [(name, f"nn.Linear({shape[0]}, {layer.units}{bias})"), *_activate(name, layer.activation)]
        case Conv2D():
            return [*_convolve(name, layer, shape), *_activate(name, layer.activation)]
        case MaxPool2D():
            size, stride = in_short(layer.window.size), in_short(layer.window.stride)
            pooling = (name, f"nn.MaxPool2d({size})" if stride == size else f"nn.MaxPool2d({size}, {stride})")
            # MaxPool2d pads both sides alike, and by half of the window at most.
            # A border of -inf, not 0: padding must never be the largest.
            border = _border(layer, shape)
            return (
                [(f"{name}_border", f"nn.ConstantPad2d({border}, -torch.inf)"), pooling] if any(border) else [pooling]
            )
        case GlobalPool():
            # Pooled to 1 x 1 whatever the size, (n, channels, 1, 1), then flattened to (n, channels).
            kind = "Avg" if layer.kind == "average" else "Max"
            return [(name, f"nn.Adaptive{kind}Pool2d(1)"), (f"{name}_rows", "nn.Flatten()")]
        case Flatten():
            # A vector is laid out already.
            return [(name, "Rows()")] if len(shape) == 3 else []
        case Dropout():
            return [(name, f"nn.Dropout({layer.rate})")]
        case BatchNorm():
            # PyTorch's momentum is the weight of the new batch, here it is that of the old average.
            settings = f"{shape[-1]}, eps={layer.epsilon}, momentum={round(1 - layer.momentum, 12)}"
            # Of images one mean a channel, over all pixels; of vectors one a number.
            return [(name, f"nn.BatchNorm{'2d' if len(shape) == 3 else '1d'}({settings})")]
        case Activation():
            return _activate(name, layer.function)
    raise NotImplementedError(type(layer).__name__)


def _convolve(name: str, layer: Conv2D, shape: Shape) -> list[tuple[str, str]]:
    left, right, top, bottom = _border(layer, shape)
    # Conv2d pads both sides alike; what does not go so, gets a layer of padding before it.
    even = (left, top) == (right, bottom)
    settings = [str(shape[2]), str(layer.filters), str(in_short(layer.window.size))]
    if layer.window.stride != (1, 1):
        settings.append(f"stride={in_short(layer.window.stride)}")
    if even and (top or left):
        settings.append(f"padding={in_short((top, left))}")
    if layer.biases is None:
        settings.append("bias=False")
    convolution = (name, f"nn.Conv2d({', '.join(settings)})")
    return [convolution] if even else [(f"{name}_border", f"nn.ZeroPad2d({(left, right, top, bottom)})"), convolution]


def _border(layer: Conv2D | MaxPool2D, shape: Shape) -> tuple[int, int, int, int]:
    """Return how many pixels go left, right, above and below, in PyTorch's order."""
    (top, bottom), (left, right) = layer.window.border(shape)
    return left, right, top, bottom


def _activate(name: str, activation: str) -> list[tuple[str, str]]:
    return [(f"{name}_{activation}", _ACTIVATIONS[activation])] if activation != "linear" else []
