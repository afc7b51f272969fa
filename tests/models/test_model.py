import copy
import pickle
from dataclasses import replace

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
from inklings.engines import get_engine
from inklings.models.network_predictor import NetworkPredictor
from inklings.networks import initial_parameters

NETWORK = Network((6, 5, 1), (Conv2D(3, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(3, "softmax")))
NAMES = ("ant", "bee", "cat")
IMAGES = np.random.default_rng(0).random((7, 6, 5, 1), np.float32)


@pytest.fixture(scope="module")
def model():
    return Model(NETWORK, initial_parameters(NETWORK, 1), NAMES, {"test": 0.9}, {"invert": True})


@pytest.mark.parametrize("copied", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy, copy.copy])
def test_a_model_in_use_is_pickled_and_copied(model, copied):
    # As joblib, Dask and processes that are spawned do.
    before = model.predict_proba(IMAGES)
    model.features_and_logits(IMAGES)
    assert (copied(model).predict_proba(IMAGES) == before).all()


def test_probabilities_are_those_of_the_most_probable_class(model):
    probabilities = model.predict_proba(IMAGES)
    assert probabilities.shape == (7, 3)
    assert probabilities.sum(1) == pytest.approx(np.ones(7), abs=1e-6)
    assert model.predict(IMAGES, as_index=True).tolist() == probabilities.argmax(1).tolist()
    assert model.predict(IMAGES).tolist() == [NAMES[place] for place in probabilities.argmax(1)]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["3", "-1", "12"], int),
        (["007", "1", "2"], str),
        (["--1", "1", "2"], str),
        (["1.0", "2.0", "3.0"], str),
        (["9" * 30, "1", "2"], str),
        (["\u0663", "1", "2"], str),
    ],
)
def test_names_that_are_whole_numbers_are_predicted_as_numbers(model, names, kind):
    expected = [kind(names[place]) for place in model.predict(IMAGES, as_index=True)]
    assert replace(model, class_names=names).predict(IMAGES).tolist() == expected


def test_images_may_lack_the_channel_or_be_rows(model):
    expected = model.predict_proba(IMAGES)
    for shape in ((7, 6, 5), (7, 30)):
        assert np.array_equal(model.predict_proba(IMAGES.reshape(shape)), expected)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[:, :5], r"images have shape \(7, 5, 5, 1\), expected \(n, 6, 5, 1\)"),
        (IMAGES[0], r"images have shape \(6, 5, 1\)"),
        (IMAGES[:0], r"no images .*expected at least one"),
        (np.full((1, 6, 5, 1), np.nan), "NaN or infinity"),
    ],
)
def test_images_that_do_not_fit_are_refused(model, images, message):
    with pytest.raises(DataError, match=message):
        model.predict(images)


def test_nan_far_down_in_many_images_is_told_by_its_image(model, monkeypatch):
    monkeypatch.setattr("inklings.data.lazy_images.BLOCK", 2 * IMAGES[0].nbytes)
    images = IMAGES.copy()
    images[5, 2, 3] = np.nan
    with pytest.raises(DataError, match=r"image 5 \(of 1 such\) holds NaN or infinity"):
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
    again = Model.load(tmp_path / "letters.inkling")
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


def with_large_weights(size=1e30):
    """A network whose hidden layer is near the largest float32, so that the next layer's sums are inf - inf."""
    network = Network((28, 28, 1), (Flatten(), Dense(8, "relu"), Dense(8, "relu"), Dense(3, "softmax")))
    signs = np.random.default_rng(0)
    parameters = {
        name: np.where(signs.random(values.shape) < 0.5, -size, size).astype(np.float32)
        for name, values in initial_parameters(network, 0).items()
    }
    return network, parameters


@pytest.mark.parametrize("engine", ["numpy", "native", "jax"])
@pytest.mark.parametrize("last", ["softmax", "sigmoid"])
def test_outputs_that_are_no_numbers_are_refused_whichever_engine_computes(engine, last, monkeypatch):
    monkeypatch.setattr(NetworkPredictor, "_engine", property(lambda predictor: get_engine(engine, dtype="float32")))
    network, parameters = with_large_weights()
    network = Network(network.input_shape, (*network.layers[:-1], Dense(3, last)))
    found = r"NaN or infinite for 2 of 2 images: the values of 'dense_1/weights', up to 1e\+30"
    with pytest.raises(NetworkError, match=found):
        Model(network, parameters, NAMES).predict(np.ones((2, 28, 28)))


def test_a_saved_model_of_huge_weights_is_refused_when_it_is_asked(tmp_path):
    Model(*with_large_weights(), NAMES).save(tmp_path / "huge.inkling")
    huge = load(tmp_path / "huge.inkling")
    for ask in (huge.predict, huge.predict_proba):
        with pytest.raises(NetworkError, match="the outputs are NaN or infinite for 1 of 1 images"):
            ask(np.ones((1, 28, 28)))


def test_large_weights_that_leave_the_outputs_sound_are_no_reason_to_refuse():
    assert Model(*with_large_weights(1e6), NAMES).predict_proba(np.ones((1, 28, 28))).sum() == pytest.approx(1)
