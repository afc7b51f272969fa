"""Small images that are quick to learn: each class has a dot of its own place, in noise."""

import numpy as np
import pytest

from inklings import Dataset, Dense, Dropout, Flatten, Network, open_dataset
from inklings.engines import native
from inklings.training import Recipe

ENGINES = ("numpy", "jax", *(["native"] if native.is_available() else []))


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture(scope="session")
def dots():
    return make_dots


def make_dots(count=200, classes=3, channels=1, noise=0.4, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    images = random.normal(0, noise, (count, 6, 6, channels)).astype(np.float32)
    images[np.arange(count), labels, labels] += 1
    return Dataset(images, labels, [f"class {label}" for label in range(classes)], "dots")


@pytest.fixture(scope="session")
def split():
    """110 training, 40 validation and 50 test images of three classes."""
    return make_dots().split()


@pytest.fixture(scope="session")
def digits():
    """The experiments' split of the bundled digits."""
    return open_dataset("digits").split()


@pytest.fixture(scope="session")
def network():
    return Network((6, 6, 1), (Flatten(), Dropout(0.1), Dense(12, "relu"), Dropout(0.3), Dense(3, "softmax")))


@pytest.fixture(scope="session")
def plain():
    """A network without Dropout, which full-batch optimisers take too."""
    return Network((6, 6, 1), (Flatten(), Dense(8, "tanh"), Dense(3, "softmax")))


@pytest.fixture(scope="session")
def recipe():
    """Eleven steps an epoch on ``split``."""
    return Recipe("nesterov", 0.05, batch_size=10, epochs=4, seed=5)
