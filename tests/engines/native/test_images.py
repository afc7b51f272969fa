"""Images of any kind are read as the same images would be that lie as the library wants them."""

import numpy as np
import pytest

from inklings import Conv2D, Dense, Flatten, Network
from inklings.data.lazy_images import ImageStack
from inklings.engines import Objective, get_engine
from inklings.networks import initial_parameters

NETWORK = Network((6, 5, 2), (Conv2D(4, 3, "same", 1, "relu"), Flatten(), Dense(3, "softmax")))
KINDS = {
    "transposed": lambda images: np.ascontiguousarray(images.transpose(3, 2, 1, 0)).transpose(3, 2, 1, 0),
    "every second": lambda images: np.repeat(images, 2, axis=0)[::2],
    "float64": lambda images: images.astype(np.float64),
    "stacked": lambda images: ImageStack(images, rows=np.arange(len(images))),
    "not to be written": lambda images: np.frombuffer(images.tobytes(), np.float32).reshape(images.shape),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_the_same_images_give_the_same(kind, data, begin, take):
    images, labels = data(NETWORK, 150)
    engine, parameters, other = get_engine("native"), initial_parameters(NETWORK, 0), kind(images)
    np.testing.assert_array_equal(
        engine.predict(NETWORK, parameters, other), engine.predict(NETWORK, parameters, images)
    )
    settings = NETWORK, Objective(), parameters
    assert engine.evaluate(*settings, other, labels) == engine.evaluate(*settings, images, labels)
    losses, expected = (take(begin(engine, NETWORK), each, labels) for each in (other, images))
    np.testing.assert_array_equal(losses, expected)


def test_labels_and_weights_of_other_kinds_are_taken_too(data, begin, take):
    images, labels = data(NETWORK)
    weights = np.random.default_rng(0).random(60).astype(np.float32)
    expected = take(begin(get_engine("native"), NETWORK), images, labels, weights=weights.astype(np.float64))
    found = take(begin(get_engine("native"), NETWORK), images, labels.astype(np.int32), weights=weights)
    np.testing.assert_array_equal(found, expected)


def test_no_image_at_all_gives_no_output():
    parameters = initial_parameters(NETWORK, 0)
    assert get_engine("native").predict(NETWORK, parameters, np.zeros((0, 6, 5, 2), np.float32)).shape == (0, 3)
