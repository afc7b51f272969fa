"""Labs, and small images for them."""

import numpy as np
import pytest

from lab_process import start_lab


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """A hundred and twenty images of three classes that are easily told apart, as a file."""
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    labels = np.arange(120) % 3
    images = random.integers(0, 60, (120, 8, 8)).astype(np.uint8)
    for label in range(3):
        images[labels == label, 1 + 2 * label : 3 + 2 * label, 1:7] += 180
    np.savez(folder / "bars.npz", images=images, labels=labels)
    return folder / "bars.npz"


@pytest.fixture(scope="session")
def lab(tmp_path_factory, small_data, trained_once):
    """A lab with a trained model and small images; tests that share it leave it as it was."""
    folder = tmp_path_factory.mktemp("lab")
    model = trained_once[0] / "digits.inkling"
    found = start_lab(folder, str(model), "--data", str(small_data))
    yield found
    code, _, err = found.stop()
    assert code == 0, err


@pytest.fixture
def own_lab(tmp_path, small_data):
    """Start labs of a test's own; they are ended with it."""
    started = []

    def start(*arguments):
        started.append(start_lab(tmp_path, *(arguments or ("--data", str(small_data)))))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


DENSE = {
    "layers": [
        {"layer": "Flatten"},
        {"layer": "Dense", "units": 6, "activation": "relu"},
        {"layer": "Dense", "units": "classes", "activation": "softmax"},
    ]
}
"""A network that learns the small images at once."""


@pytest.fixture
def dense():
    return DENSE


@pytest.fixture(scope="session")
def slow():
    """A network that takes a millisecond for a step, so that the most epochs that are allowed take minutes."""
    hidden = [{"layer": "Dense", "units": units, "activation": "relu"} for units in (6, 2000, 1000)]
    return {"layers": [{"layer": "Flatten"}, *hidden, {"layer": "Dense", "units": "classes", "activation": "softmax"}]}
