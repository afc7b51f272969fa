"""Images divided by their length, and images with red and blue swapped: noticed, and told what to do."""

import numpy as np
import pytest

from inklings import Dense, Flatten, Model, Network, Recipe, fit
from inklings.data import from_arrays, open_dataset
from inklings.errors import DataWarning

DIGITS = open_dataset("digits28")
X = np.round(np.clip(DIGITS.images[::5, :, :, 0], 0, 1) * 255)
Y = DIGITS.labels[::5]


def normalize(images, axis):
    """What keras.utils.normalize computes: x / norm, where the norm is not 0."""
    lengths = np.linalg.norm(images, axis=axis, keepdims=True)
    return images / np.where(lengths == 0, 1, lengths)


def model_of(images, labels):
    split = from_arrays(images, labels).split(seed=0)
    network = Network(split.train.image_shape, (Flatten(), Dense(split.train.class_count, "softmax")))
    return Model.from_fit(fit(network, Recipe(epochs=8, seed=0), split), split)


def accuracy(model, images, labels=Y):
    return float((np.argmax(model.predict_proba(images), axis=1) == labels).mean())


@pytest.fixture(scope="module")
def model():
    return model_of(X, Y)


def test_images_of_length_one_are_noticed_in_training_and_brought_to_full_ink():
    flat = normalize(X.reshape(len(X), -1), 1)
    with pytest.warns(DataWarning, match="each image has length 1, as keras.utils.normalize makes it"):
        dataset = from_arrays(flat, Y)
    np.testing.assert_allclose(dataset.images[..., 0], X / X.max(axis=(1, 2), keepdims=True), atol=1e-5)


@pytest.mark.filterwarnings("error::inklings.errors.DataWarning")
def test_images_that_only_look_like_it_are_left_alone():
    one_pixel = np.zeros((30, 8, 8), np.float32)
    one_pixel[np.arange(30), np.arange(30) % 8, np.arange(30) % 7] = 1
    from_arrays(one_pixel, np.arange(30) % 3)
    from_arrays(X / 255, Y)


def test_images_of_length_one_are_brought_to_those_of_training(model):
    expected = accuracy(model, X)
    with pytest.warns(DataWarning, match="each image has length 1"):
        found = accuracy(model, normalize(X.reshape(len(X), -1), 1))
    assert found > expected - 0.02


@pytest.mark.parametrize(("axis", "what"), [(1, "column"), (2, "row")])
def test_rows_and_columns_of_length_one_are_told_as_lost(model, axis, what):
    with pytest.warns(DataWarning, match=f"each {what} of pixels has length 1.*its shades are lost"):
        accuracy(model, normalize(X, axis))


@pytest.mark.filterwarnings("ignore::inklings.errors.DataWarning")
def test_what_was_trained_on_rows_of_length_one_says_where_others_come():
    rows = model_of(normalize(X, 2), Y)
    with pytest.warns(DataWarning, match="each row of pixels of the training images had length 1, but here"):
        accuracy(rows, X / 255)
    assert rows.interpretation.unit == "row"


def _coloured():
    """Skies: more blue than red, of two classes."""
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = generator.integers(0, 60, (120, 12, 12, 3)) + np.array([70, 110, 170])
    images[labels == 1, 3:9, 3:9] += np.array([10, 30, 20])
    return images.astype(np.uint8), labels


def test_red_and_blue_swapped_is_said():
    images, labels = _coloured()
    model = model_of(images, labels)
    with pytest.warns(DataWarning, match=r"more red than blue, where the training images have more blue: .* OpenCV"):
        model.predict(images[..., ::-1])


@pytest.mark.filterwarnings("error::inklings.errors.DataWarning")
def test_colours_that_are_as_in_training_or_merely_other_need_no_word():
    images, labels = _coloured()
    model = model_of(images, labels)
    model.predict(images)
    model.predict((images * 0.8).astype(np.uint8))
    # One class alone has other means, and so do greener images.
    model.predict(images[labels == 1])
    model.predict(np.clip(images.astype(int) + np.array([0, 60, 0]), 0, 255).astype(np.uint8))
