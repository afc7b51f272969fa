import json

import numpy as np
import pytest
from sklearn import metrics

from inklings import DataError, Dataset, Dense, Flatten, Model, Network
from inklings.evaluation.evaluate import evaluate_model

NETWORK = Network((2, 2, 1), (Flatten(), Dense(3, "softmax")))


@pytest.fixture(scope="module")
def model():
    random = np.random.default_rng(0)
    weights = {"dense_1/weights": random.normal(size=(4, 3)), "dense_1/biases": np.zeros(3)}
    return Model(NETWORK, weights, ("ant", "bee", "cat"), {"sure": {"threshold": 0.6}})


@pytest.fixture(scope="module")
def images():
    random = np.random.default_rng(1)
    return random.random((90, 2, 2, 1)).astype(np.float32)


def test_it_says_what_scikit_learn_says(model, images):
    labels = np.arange(90) % 3
    found = evaluate_model(model, Dataset(images, labels, model.class_names, "made up"))
    predicted = model.predict(images, as_index=True)
    assert found.accuracy == metrics.accuracy_score(labels, predicted)
    assert found.confusion.tolist() == metrics.confusion_matrix(labels, predicted, labels=range(3)).tolist()
    assert [each.recall for each in found.classes] == pytest.approx(
        metrics.recall_score(labels, predicted, average=None, zero_division=0)
    )
    sure = model.predict_proba(images).max(1) >= 0.6
    assert found.answered == (sure.mean(), pytest.approx((predicted == labels)[sure].mean()))
    plain = json.loads(json.dumps(found.to_plain(), allow_nan=False))
    assert (plain["n"], plain["accuracy"]) == (90, found.accuracy)
    assert plain["interval"][0] < plain["accuracy"] < plain["interval"][1]
    assert sum(each["images"] for each in plain["calibration"]["bins"]) == 90


def test_classes_may_come_in_another_order(model, images):
    labels = model.predict(images, as_index=True)
    other = ("cat", "ant", "bee")
    renumbered = np.array([other.index(model.class_names[label]) for label in labels])
    assert len(set(labels)) == 3
    assert evaluate_model(model, Dataset(images, renumbered, other, "made up")).accuracy == 1.0


def test_other_classes_are_refused_with_both_lists(model, images):
    other = Dataset(images, np.arange(90) % 2, ("ant", "dog"), "made up")
    with pytest.raises(DataError, match="'ant', 'bee', 'cat', the data's are 'ant', 'dog'"):
        evaluate_model(model, other)


def test_images_of_another_size_are_refused(model):
    with pytest.raises(DataError, match=r"images have shape \(3, 3, 1\), expected \(2, 2, 1\)"):
        evaluate_model(model, Dataset(np.zeros((3, 3, 3, 1), np.float32), np.arange(3), model.class_names, "made up"))
