import numpy as np
import pytest

from specimens import NETWORKS, OBJECTIVES


@pytest.fixture(params=NETWORKS.values(), ids=NETWORKS.keys())
def network(request):
    return request.param


@pytest.fixture(params=OBJECTIVES.values(), ids=OBJECTIVES.keys())
def settings(request):
    return request.param


@pytest.fixture(scope="session")
def stripes():
    """120 images of 6 x 6 in three classes, told apart by where their bright stripe is."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 120)
    images = random.normal(size=(120, 6, 6, 1)).astype(np.float32) * 0.3
    images[np.arange(120), 2 * labels] += 1
    return images, labels
