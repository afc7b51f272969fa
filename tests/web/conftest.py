"""A small network of each kind of layer that the page explains, trained for a moment on the bundled digits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inklings import open_dataset
from inklings.models.model import Model
from inklings.networks import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network
from inklings.training import Recipe, fit


@pytest.fixture(scope="session")
def split():
    return open_dataset("digits").split(seed=0)


@pytest.fixture(scope="session")
def small_model(split):
    layers = (
        Conv2D(6, 5, activation="relu"),
        MaxPool2D(2, padding="same"),
        Conv2D(8, 3, activation="relu"),
        MaxPool2D(2),
        Flatten(),
        Dense(40, activation="relu"),
        Dropout(0.2),
        Dense(10, activation="softmax"),
    )
    network = Network(split.dataset.image_shape, layers)
    recipe = replace(Recipe(), optimiser="adam", learning_rate=3e-3, batch_size=50, epochs=4, seed=1)
    return Model.from_fit(fit(network, recipe, split), split)
