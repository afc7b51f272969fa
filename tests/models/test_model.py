import numpy as np
import pytest

from inklings import (
    Activation,
    Conv2D,
    DataError,
    Dense,
    Flatten,
    MaxPool2D,
    Model,
    Network,
    NetworkError,
    RunError,
    load,
)
from inklings.networks import initial_parameters

NETWORK = Network((6, 5, 1), (Conv2D(3, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(3, "softmax")))
NAMES = ("ant", "bee", "cat")
IMAGES = np.random.default_rng(0).random((7, 6, 5, 1), np.float32)


@pytest.fixture(scope="module")
def model():
    return Model(NETWORK, initial_parameters(NETWORK, 1), NAMES, {"test": 0.9}, {"invert": True})


def test_probabilities_are_those_of_the_most_probable_class(model):
    probabilities = model.predict_proba(IMAGES)
    assert probabilities.shape == (7, 3)
    assert probabilities.sum(1) == pytest.approx(np.ones(7), abs=1e-6)
    assert model.predict(IMAGES).tolist() == probabilities.argmax(1).tolist()


def test_images_may_lack_the_channel_or_be_rows(model):
    expected = model.predict_proba(IMAGES)
    for shape in ((7, 6, 5), (7, 30)):
        assert np.array_equal(model.predict_proba(IMAGES.reshape(shape)), expected)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[:, :5], r"images have shape \(7, 5, 5, 1\), expected \(n, 6, 5, 1\)"),
        (IMAGES[0], r"images have shape \(6, 5, 1\)"),
        (IMAGES[:0], "no images, expected at least one"),
        (np.full((1, 6, 5, 1), np.nan), "NaN or infinity"),
    ],
)
def test_images_that_do_not_fit_are_refused(model, images, message):
    with pytest.raises(DataError, match=message):
        model.predict(images)


def test_sigmoid_outputs_become_probabilities_even_where_all_are_zero():
    network = Network((1, 2, 1), (Flatten(), Dense(2, "linear"), Activation("sigmoid")))
    weights = {"dense_1/weights": np.eye(2), "dense_1/biases": np.zeros(2)}
    sure, unsure = Model(network, weights, ("a", "b")).predict_proba([[0, 0], [-1e4, -1e4]])
    assert sure.tolist() == unsure.tolist() == [0.5, 0.5]


def test_every_layers_output_can_be_looked_at(model):
    outputs = model.activations(IMAGES)
    assert {name: values.shape[1:] for name, values in outputs.items()} == {
        "conv2d_1": (6, 5, 3),
        "maxpool2d_1": (3, 2, 3),
        "flatten_1": (18,),
        "dense_1": (3,),
    }
    assert outputs["dense_1"] == pytest.approx(model.predict_proba(IMAGES), abs=1e-6)


def test_class_names_and_parameters_must_fit_the_network(model):
    with pytest.raises(DataError, match="2 class names for a network of 3 outputs"):
        Model(NETWORK, model.parameters, NAMES[:2])
    with pytest.raises(NetworkError, match="'conv2d_1/biases' has shape"):
        Model(NETWORK, {**model.parameters, "conv2d_1/biases": np.zeros(4)}, NAMES)


def test_a_saved_model_comes_back_the_same(model, tmp_path):
    model.save(tmp_path / "letters.inkling")
    again = load(tmp_path / "letters.inkling")
    assert np.array_equal(again.predict_proba(IMAGES), model.predict_proba(IMAGES))
    assert (again.network, again.class_names) == (NETWORK, NAMES)
    assert (again.training, again.preprocessing) == ({"test": 0.9}, {"invert": True})


def test_a_file_that_was_changed_cut_off_or_is_something_else_is_refused(model, tmp_path):
    path = tmp_path / "letters.inkling"
    model.save(path)
    content = path.read_bytes()
    for damaged in (content[:-1] + bytes([content[-1] ^ 1]), content[:-4], b"", b"PK\x03\x04" * 100):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match=str(path)):
            load(path)


def test_a_place_that_cannot_be_written_is_refused(model, tmp_path):
    with pytest.raises(RunError, match=r"cannot be written .*; choose another place"):
        model.save(tmp_path / "nowhere" / "letters.inkling")
