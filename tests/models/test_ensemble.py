"""Several trainings of one network that classify together."""

import json

import numpy as np
import onnxruntime
import pytest
from scipy.special import softmax

from inklings import (
    Conv2D,
    DataError,
    Dense,
    Flatten,
    GlobalPool,
    InklingsError,
    MaxPool2D,
    Model,
    Network,
    NetworkError,
    load,
)
from inklings.export import to_onnx, write_script
from inklings.models.ensemble import Ensemble, join_parameters
from inklings.networks import initial_parameters
from inklings.storage import read_checksummed, write_checksummed

CLASSES = ("ant", "bee", "cat")
NETWORKS = {
    "softmax": Network((5, 4, 1), (Flatten(), Dense(6, "relu"), Dense(3, "softmax"))),
    "sigmoid": Network((5, 4, 1), (Flatten(), Dense(3, "sigmoid"))),
    "convolutions": Network(
        (5, 4, 1), (Conv2D(4, 3, "same", activation="relu"), MaxPool2D(2), GlobalPool(), Dense(3, "softmax"))
    ),
}


def drawn(network, members):
    """Parameters of each member, some way from zero."""
    return [
        {name: (values * 3).astype(np.float32) for name, values in initial_parameters(network, seed).items()}
        for seed in range(members)
    ]


def ensemble_of(network, members=3, temperature=1.0):
    return Model(Ensemble(network, members, temperature), join_parameters(drawn(network, members)), CLASSES)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((40, 5, 4, 1)).astype(np.float32)


@pytest.mark.parametrize("temperature", [1.0, 0.6, 2.0])
@pytest.mark.parametrize("kind", NETWORKS)
def test_its_probabilities_are_the_mean_of_its_members_in_python_and_in_onnx(kind, temperature, images):
    network = NETWORKS[kind]
    each = [Model(network, own, CLASSES).predict_proba(images, prepared=True) for own in drawn(network, 3)]
    mean = np.mean([one.astype(np.float64) for one in each], axis=0)
    expected = softmax(np.log(mean) / temperature, axis=1)
    model = ensemble_of(network, 3, temperature)
    assert model.predict_proba(images, prepared=True) == pytest.approx(expected, abs=1e-6)
    assert (model.predict(images, prepared=True, as_index=True) == mean.argmax(1)).all()
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString())
    assert session.run(None, {"images": images})[0] == pytest.approx(expected, abs=1e-5)


def test_it_is_the_same_after_it_was_saved(images, tmp_path):
    model = ensemble_of(NETWORKS["convolutions"], 4, 0.8)
    model.save(tmp_path / "four.inkling")
    again = load(tmp_path / "four.inkling")
    assert again.classifier == model.classifier
    found, expected = (each.predict_proba(images, prepared=True) for each in (again, model))
    assert (found == expected).all()


def test_features_are_the_first_members_and_logits_the_mean(images):
    network = NETWORKS["softmax"]
    each = [Model(network, own, CLASSES).features_and_logits(images) for own in drawn(network, 3)]
    features, logits = ensemble_of(network).features_and_logits(images)
    assert (features == each[0][0]).all()
    assert logits == pytest.approx(np.mean([own for _, own in each], axis=0), abs=1e-6)


def test_it_is_no_single_network(tmp_path):
    model = ensemble_of(NETWORKS["softmax"])
    for ask in (lambda: model.network, lambda: write_script(model, "torch", tmp_path / "three.py")):
        with pytest.raises(NetworkError, match="is an ensemble of 3 networks, expected one network"):
            ask()
    with pytest.raises(DataError, match="2 class names for an ensemble of 3 outputs"):
        Model(model.classifier, model.parameters, CLASSES[:2])


def spoil(values, **changes):
    values["ensemble"] |= changes


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda arrays, values: spoil(values, members=4), "member 4 of 4: the parameters have no 'dense_1/weights'"),
        (lambda arrays, values: spoil(values, members=2), "have 'member_3/dense_1/"),
        (lambda arrays, values: spoil(values, members=1), "members is 1, expected a whole number from 2 to 1000"),
        (lambda arrays, values: spoil(values, members=10**9), "expected a whole number from 2 to 1000"),
        (lambda arrays, values: spoil(values, members="three"), "members is 'three', expected a whole number"),
        (lambda arrays, values: spoil(values, temperature=0), "temperature is 0, expected 0.001 to 1000"),
        (lambda arrays, values: spoil(values, temperature=float("nan")), "temperature is nan, expected"),
        (lambda arrays, values: spoil(values, temperature="warm"), "temperature is 'warm', expected a number"),
        (lambda arrays, values: spoil(values, size=3), "the ensemble has 'size', expected network, members, temp"),
        (lambda arrays, values: values["ensemble"].pop("network"), "network"),
        (lambda arrays, values: values.update(ensemble=[]), "'ensemble' is [], expected a table"),
        (lambda arrays, values: arrays.update({"member_2/dense_1/biases": np.zeros(2)}), "member 2 of 3: the param"),
        (lambda arrays, values: arrays["member_3/dense_1/biases"].fill(np.nan), "holds NaN or infinity"),
        (lambda arrays, values: values.update(version=5), "is of the format's version 5, this Inklings reads up to 4"),
    ],
)
def test_a_file_that_holds_no_sound_ensemble_is_refused_in_a_sentence(change, problem, tmp_path):
    ensemble_of(NETWORKS["sigmoid"]).save(tmp_path / "three.inkling")
    arrays, values = read_checksummed(tmp_path / "three.inkling", "a saved model", InklingsError)
    arrays = {name: np.array(each) for name, each in arrays.items()}
    change(arrays, values)
    write_checksummed(tmp_path / "three.inkling", arrays, json.loads(json.dumps(values)))
    with pytest.raises(InklingsError) as refused:
        load(tmp_path / "three.inkling")
    assert problem in str(refused.value)
