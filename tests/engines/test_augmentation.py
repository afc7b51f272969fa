"""Every engine augments images as SciPy does it in data/warps.py."""

import numpy as np
import pytest

from inklings import Conv2D, Dense, Flatten, Network
from inklings.data.augment import Augmentation
from inklings.data.lazy_images import ImageStack
from inklings.engines import Objective, get_engine
from inklings.networks import initial_parameters
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import Recipe

SHAPE = (13, 11, 2)
NETWORKS = {
    "dense": Network(SHAPE, (Flatten(), Dense(4, "softmax"))),
    "convolutional": Network(SHAPE, (Conv2D(3, 3, "same"), Flatten(), Dense(4, "softmax"))),
}
AUGMENTATIONS = {
    "affine": Augmentation(shift=2, rotate=20, scale=0.2, shear=10, flip=0.5),
    "elastic": Augmentation(elastic=1.5),
    "far outside": Augmentation(shift=40, rotate=180),
    "stroke": Augmentation(stroke=1.0),
    "erase": Augmentation(erase=0.6),
    "all": Augmentation(2, 20, 0.2, 10, 1.5, 0.7, 0.4, 0.5),
}


def train(engine, network, images, warps, rows=(0, 16), dtype="float64", threads=2):
    computing = get_engine(engine, dtype=dtype)
    if engine == "native":
        computing.threads = threads
    session = computing.session(
        network, Objective(), build_optimiser(Recipe("sgd")), initial_parameters(network, 1), seed=0
    )
    order = np.arange(*rows).reshape(2, -1)
    labels = np.arange(len(images)) % 4
    losses = session.train(images, labels, order, np.full(2, 0.5), 0, lambda: False, None, warps)
    return losses, session.parameters


def images_of(count=24):
    return np.random.default_rng(0).random((count, *SHAPE), np.float32)


def check_close(found, expected, tolerance):
    np.testing.assert_allclose(found[0], expected[0], atol=tolerance)
    for name, value in expected[1].items():
        np.testing.assert_allclose(found[1][name], value, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("augmentation", AUGMENTATIONS.values(), ids=AUGMENTATIONS)
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_training_on_changed_images_is_training_on_images_changed_beforehand(engine, network, augmentation):
    images = images_of()
    warps = augmentation.draw(images.shape, np.random.default_rng(7))
    found, expected = train(engine, network, images, warps), train(engine, network, warps.apply(images), None)
    check_close(found, expected, 2e-6)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_float32_is_as_close_as_its_digits(threads):
    images, network = images_of(), NETWORKS["convolutional"]
    warps = AUGMENTATIONS["all"].draw(images.shape, np.random.default_rng(7))
    found = train("native", network, images, warps, dtype="float32", threads=threads)
    check_close(found, train("numpy", network, images, warps), 2e-5)


def test_images_that_are_read_part_by_part_are_changed_as_those_in_memory(monkeypatch):
    images, network = images_of(), NETWORKS["dense"]
    warps = AUGMENTATIONS["all"].draw(images.shape, np.random.default_rng(7))
    expected = train("native", network, images, warps)
    monkeypatch.setattr("inklings.engines.batches.WHOLE", 1)
    monkeypatch.setattr("inklings.engines.batches.PART", 1)
    stack = ImageStack(images)
    check_close(train("native", network, stack, warps), expected, 1e-9)
