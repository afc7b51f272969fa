"""Networks that have every layer and every option between them, with weights that show where one is mixed up."""

import numpy as np
import pytest

from inklings import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    MaxPool2D,
    Model,
    Network,
    from_arrays,
    open_dataset,
    preset,
)
from inklings.models.preparation import Preparation
from inklings.networks import initial_parameters
from inklings.networks.layer import ACTIVATIONS
from inklings.training import PRESETS

END = Dense(4, "softmax")
NETWORKS = {
    **{name: preset(name, (20, 20, 1), 10).network for name in PRESETS},
    "dropout": preset("mlp", (8, 8, 1), 4, hidden_units=9, dropout=True).network,
    "no biases": Network(
        (7, 6, 3),
        (Conv2D(5, 3, biases=None), Flatten(), Dense(6, "relu", biases=None), Dense(4, "sigmoid", biases=None)),
    ),
    "valid": Network((9, 8, 2), (Conv2D(3, (3, 2), "valid", (2, 1), "tanh"), MaxPool2D((2, 3), 1), Flatten(), END)),
    "uneven borders": Network((9, 10, 2), (Conv2D(3, 4, "same", 3), MaxPool2D(3, 2, "same"), Flatten(), END)),
    "same pooling": Network((5, 7, 1), (MaxPool2D(2, padding="same"), Conv2D(2, 2, "same"), Flatten(), END)),
    "average": Network((6, 6, 2), (Conv2D(5, 3, activation="relu"), GlobalPool("average"), END)),
    "maximum": Network((6, 6, 2), (Conv2D(5, 3, activation="elu"), GlobalPool("max"), END)),
    "normalised": Network(
        (6, 5, 3),
        (
            BatchNorm(),
            Conv2D(4, 3),
            BatchNorm(0.5, 0.1),
            Activation("relu"),
            Flatten(),
            BatchNorm(),
            Dense(7),
            BatchNorm(),
            Activation("leaky_relu"),
            Dropout(0.3),
            END,
        ),
    ),
    **{
        name: Network((4, 4, 1), (Conv2D(3, 3, activation=name), Flatten(), Dense(5, name), Activation(name), END))
        for name in ACTIVATIONS
        if name != "softmax"
    },
    "activation at the end": Network((4, 4, 1), (Flatten(), Dense(4), Activation("softmax"))),
    "sigmoids at the end": Network((4, 4, 1), (Flatten(), Dense(4), Activation("sigmoid"))),
}


def model_of(network, preprocessing=None):
    random = np.random.default_rng(7)
    parameters = {
        # Away from what layers begin with: zeros for biases and ones for variances would hide a mistake.
        name: (value + random.uniform(0.1, 0.4, value.shape) * (1 if value.ndim == 1 else 0)).astype(np.float32)
        for name, value in initial_parameters(network, 3).items()
    }
    names = [f"class {number}" for number in range(network.output_count)]
    told = {"name": "made up", "variant": "", "accuracy": 0.9, "interval": [0.88, 0.92], "n": 1250}
    return Model(network, parameters, names, told, preprocessing or {})


def images_for(network, count=6):
    return np.random.default_rng(1).normal(0.3, 0.6, (count, *network.input_shape)).astype(np.float32)


INK = np.round(open_dataset("digits28").images[:60, 2:26, 4:24] * 255).astype(np.uint8)
RAW = {
    "bytes": (INK, {}),
    "dark on light": (255 - INK, {}),
    "-1 to 1": (INK / 127.5 - 1, {}),
    "signed bytes": (INK.copy().view(np.int8), {}),
    "outliers": (np.where(np.arange(INK.size).reshape(INK.shape) % 7919 == 0, 1e6, INK / 255.0), {}),
    "column-major": (255 - INK.swapaxes(1, 2), {"column_major": True}),
    "colours mixed": (np.repeat(INK, 3, axis=3) // np.array([1, 2, 3]), {"colour": False}),
    "resized": (255 - INK, {"size": (12, 10)}),
    "resized on its side": (INK.swapaxes(1, 2), {"size": (12, 10), "column_major": True}),
    "of length one": (INK / np.sqrt(np.square(INK, dtype=np.float64).sum((1, 2, 3), keepdims=True)), {}),
    "as it is": (INK / np.float32(255), {}),
}
"""Pixels as training data hold them, and how they were read."""


def trained_on(kind):
    """A model of such data, with the raw pixels and the images that became of them."""
    raw, options = RAW[kind]
    dataset = from_arrays(raw, np.arange(60) % 4, **options)
    network = Network(dataset.image_shape, (Conv2D(4, 3, activation="relu"), Flatten(), END))
    return model_of(network, Preparation.of(dataset).to_plain()), raw, dataset.images


@pytest.fixture(params=NETWORKS)
def network(request):
    return NETWORKS[request.param]
