"""One temperature for a model's probabilities, chosen on validation images."""

from dataclasses import replace
from math import log

import numpy as np
import onnxruntime
import pytest
from scipy.special import log_softmax
from scipy.special import softmax as softmax_of

from inklings import Activation, BatchNorm, Conv2D, Dataset, Dense, Flatten, GlobalPool, MaxPool2D, Model, Network
from inklings.evaluation.evaluate import evaluate_model
from inklings.evaluation.temperature import calibrate, temperature_of
from inklings.export import to_onnx
from inklings.models.ensemble import Ensemble, join_parameters
from inklings.networks import initial_parameters
from inklings.opponents.temperature import temper

CLASSES = ("ant", "bee", "cat")


def draw(count, sharpness, seed=0):
    """A network whose logits are the pixels times ``sharpness``, and images with labels drawn from their softmax."""
    random = np.random.default_rng(seed)
    images = random.normal(size=(count, 1, 3, 1)).astype(np.float32) * 2
    chances = softmax_of(images.reshape(count, 3), axis=1)
    labels = (random.random((count, 1)) > chances.cumsum(1)).sum(1).clip(0, 2)
    network = Network((1, 3, 1), (Flatten(), Dense(3, "softmax")))
    weights = {"dense_1/weights": np.eye(3, dtype=np.float32) * sharpness, "dense_1/biases": np.zeros(3, np.float32)}
    return Model(network, weights, CLASSES), Dataset(images, labels, CLASSES, "drawn")


@pytest.mark.parametrize("sharpness", [0.4, 2.5])
def test_the_temperature_undoes_what_logits_were_multiplied_by(sharpness):
    model, images = draw(3000, sharpness)
    found = calibrate(model, images)
    assert temperature_of(found) == pytest.approx(sharpness, rel=0.06)
    assert (found.predict(images) == model.predict(images)).all()
    told = found.training["calibration"]["expected_calibration_error"]
    assert told["after"] < 0.03 < 0.06 < told["before"]


def test_an_ensemble_has_one_temperature_for_the_mean_of_its_members():
    model, images = draw(3000, 2.5)
    other = {name: values * np.float32(1.1) for name, values in model.parameters.items()}
    both = Model(Ensemble(model.network, 2), join_parameters([model.parameters, other]), CLASSES)
    found = calibrate(both, images)
    assert found.classifier.temperature == temperature_of(found) == pytest.approx(2.6, rel=0.08)
    assert found.parameters is both.parameters
    assert (found.predict(images) == both.predict(images)).all()
    assert evaluate_model(found, images).error_before == pytest.approx(
        evaluate_model(both, images).reliability.expected_calibration_error, abs=1e-3
    )


def test_it_has_the_highest_posterior_of_all_on_a_grid():
    model, images = draw(400, 2.0)
    logits = images.images.reshape(400, 3) * 2.0
    grid = np.exp(np.linspace(-2, 2, 4001))
    likelihoods = [log_softmax(logits / each, axis=1)[np.arange(400), images.labels].sum() for each in grid]
    posterior = np.array(likelihoods) - np.log(grid) ** 2 / (2 * log(2) ** 2)
    assert temperature_of(calibrate(model, images)) == pytest.approx(grid[posterior.argmax()], rel=2e-3)


def test_a_network_that_is_calibrated_already_is_left_alone():
    model, images = draw(1000, 1.0)
    found = calibrate(model, images)
    assert (temperature_of(found), found.parameters) == (1, model.parameters)
    assert "significantly" in found.training["calibration"]["reason"]


def test_one_that_gets_all_validation_images_right_is_not_made_certain_of_everything():
    model, images = draw(200, 2.0)
    right = replace(images, labels=model.predict(images, as_index=True))
    assert temperature_of(calibrate(model, right)) > 0.1


@pytest.mark.parametrize("count", [1, 49])
def test_few_validation_images_choose_nothing_and_that_is_said(count):
    model, images = draw(100, 3.0)
    found = calibrate(model, images.take(np.arange(count)))
    assert found.parameters is model.parameters
    assert found.training["calibration"] == {
        "temperature": 1.0,
        "images": count,
        "reason": f"{count} validation images, expected at least 50",
    }


HEADS = {
    "dense": (Flatten(), Dense(4, "relu"), Dense(3, "softmax")),
    "without biases": (Flatten(), Dense(3, "softmax", biases=None)),
    "an activation of its own": (Flatten(), Dense(3), Activation("softmax")),
    "convolution and pooling": (Conv2D(3, 1, activation="relu"), MaxPool2D(2), GlobalPool(), Activation("softmax")),
    "batch normalisation last": (Flatten(), Dense(3), BatchNorm(), Activation("softmax")),
}


@pytest.mark.parametrize("layers", HEADS.values(), ids=HEADS)
def test_every_engine_and_graph_computes_what_a_softmax_of_divided_logits_gives(layers):
    network = Network((4, 4, 1), layers)
    random = np.random.default_rng(3)
    images = random.random((300, 4, 4, 1)).astype(np.float32)
    drawn = initial_parameters(network, 0)
    weights = {name: (values * 4 + 0.3).astype(np.float32) for name, values in drawn.items()}
    model = Model(network, weights, CLASSES)
    before = model.predict_proba(images, prepared=True)
    labels = random.integers(3, size=300)  # chance, which asks for a temperature far above 1
    found = calibrate(model, Dataset(images, labels, CLASSES, "drawn"))
    temperature = temperature_of(found)
    assert temperature > 1.2
    expected = softmax_of(np.log(before.astype(np.float64)) / temperature, axis=1)
    assert found.predict_proba(images, prepared=True) == pytest.approx(expected, abs=2e-6)
    session = onnxruntime.InferenceSession(to_onnx(found, input="prepared").SerializeToString())
    assert session.run(None, {"images": images})[0] == pytest.approx(expected, abs=1e-5)
    back = temper(found.predict_proba(images, prepared=True), 1 / temperature)
    assert back == pytest.approx(before, abs=1e-5)


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ((Flatten(), Dense(3, "sigmoid")), "its outputs are sigmoid, expected softmax"),
        ((Flatten(), Dense(3, "tanh"), Activation("softmax")), "layer dense_1 ends in tanh"),
    ],
)
def test_where_no_layer_multiplies_the_logits_the_probabilities_stay(layers, reason):
    network = Network((1, 3, 1), layers)
    weights = {"dense_1/weights": np.eye(3, dtype=np.float32) * 9, "dense_1/biases": np.zeros(3, np.float32)}
    _, images = draw(400, 1.0)
    wrong = replace(images, labels=(images.labels + 1) % 3)
    found = calibrate(Model(network, weights, CLASSES), wrong)
    assert (temperature_of(found), found.parameters) == (1, weights)
    assert reason in found.training["calibration"]["reason"]


def test_an_evaluation_says_what_the_error_was_before():
    model, images = draw(2000, 3.0)
    report = evaluate_model(calibrate(model, images), images)
    assert report.error_before == pytest.approx(
        evaluate_model(model, images).reliability.expected_calibration_error, abs=1e-3
    )
    assert report.reliability.expected_calibration_error < 0.03 < report.error_before
    plain = report.to_plain()["calibration"]
    assert (plain["temperature"], plain["expected_calibration_error_before"]) == (
        report.temperature,
        report.error_before,
    )
    assert evaluate_model(model, images).to_plain()["calibration"]["expected_calibration_error_before"] is None
