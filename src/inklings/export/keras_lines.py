"""A network in the words of Keras 3."""

from __future__ import annotations

from typing import Any

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
)
from inklings.networks.window import Pair, Window, in_short

SCRIPT = '''"""<title>. Trained by Inklings, rebuilt in Keras.

    python <script> images.npy
"""

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

CLASSES = <classes>
KINDS = ("weights", "biases", "scale", "shift", "mean", "variance")  # in the order of each layer's weights


def build():
    """Make the network, and give it its weights."""
    network = keras.Sequential([
        keras.Input(<shape>),
<layers>
    ])
    weights = np.load(Path(__file__).with_name("<weights>"))
    for layer in network.layers:
        names = [f"{layer.name}/{kind}" for kind in KINDS]
        layer.set_weights([weights[name] for name in names if name in weights])
    return network


def prepare(images):
    """Turn raw pixels into the network's input. <raw>."""
<prepare>


def predict(images):
    """Return each class's probability for prepared images: <images>, paper 0 and ink 1."""
    outputs = build().predict(images, verbose=0)
    return <probabilities>


if __name__ == "__main__":
    for row in predict(prepare(np.load(sys.argv[1]))):
        print(CLASSES[row.argmax()], f"{row.max():.1%}")
'''


def lines(network: Network) -> list[str]:
    """Write each layer."""
    return [line for name, layer, _ in network.walk() for line in _write(name, layer)]


def weights(network: Network, parameters: Parameters) -> dict[str, NDArray[Any]]:
    """Return the parameters; Keras has them in the same shapes."""
    return dict(parameters)


def _write(name: str, layer: Layer) -> list[str]:
    match layer:
        case Dense():
            settings = "" if layer.biases else ", use_bias=False"
            return _activated(f"layers.Dense({layer.units}", f'{settings}, name="{name}")', layer.activation)
        case Conv2D():
            bias = "" if layer.biases else ", use_bias=False"
            end = f'{_slide(layer.window, 1)}{bias}, name="{name}")'
            # Keras pads "same" by the same rule, TensorFlow's.
            return _activated(f"layers.Conv2D({layer.filters}, {in_short(layer.window.size)}", end, layer.activation)
        case MaxPool2D():
            size = in_short(layer.window.size)
            return [f"layers.MaxPooling2D({size}{_slide(layer.window, size)})"]
        case GlobalPool():
            return [f"layers.Global{'Average' if layer.kind == 'average' else 'Max'}Pooling2D()"]
        case Flatten():
            return ["layers.Flatten()"]
        case Dropout():
            return [f"layers.Dropout({layer.rate})"]
        case BatchNorm():
            return [f'layers.BatchNormalization(momentum={layer.momentum}, epsilon={layer.epsilon}, name="{name}")']
        case Activation():
            return _activated("", "", layer.function)
    raise NotImplementedError(type(layer).__name__)


def _slide(window: Window, usual: int | Pair) -> str:
    """Write stride and padding, the stride only where it is not the usual one."""
    # Keras's default is 1 for a convolution, and the window's own size for pooling.
    stride = in_short(window.stride)
    return (f", strides={stride}" if stride != usual else "") + f', padding="{window.padding}"'


def _activated(begin: str, end: str, activation: str) -> list[str]:
    """Write an activation into the layer before it where Keras has the same one."""
    before = [begin + end] if begin else []
    # Keras's leaky_relu by name has a slope of 0.2, not 0.01.
    if activation == "leaky_relu":
        return [*before, "layers.LeakyReLU(negative_slope=0.01)"]
    if not begin:
        return [f'layers.Activation("{activation}")']
    return [f'{begin}, activation="{activation}"{end}'] if activation != "linear" else before
