"""What a model keeps of an opponent answers as scikit-learn does, and is checked before it is used."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

import inklings
from export.test_graph import run
from inklings.data import Dataset
from inklings.errors import NetworkError, RunError
from inklings.export import to_onnx
from inklings.opponents import Opponent, fit_opponent
from inklings.opponents.decisions import compact, restore
from inklings.opponents.freeze import freeze
from inklings.opponents.frozen import frozen_from_plain
from inklings.opponents.support_vectors import count_votes, pair_values, pair_weights, scores_of_pairs
from inklings.opponents.transformers import GradientHistograms
from opponents.conftest import DATA

OTHERS = {
    "uniform neighbours": KNeighborsClassifier(4),
    "neighbours of scaled pixels": make_pipeline(StandardScaler(), KNeighborsClassifier(3, weights="distance")),
    "shallow forest": RandomForestClassifier(10, max_depth=4, max_leaf_nodes=9, random_state=0),
    "scaled logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
}
"""Estimators of the same kinds, put together otherwise."""


@pytest.mark.parametrize("data", DATA)
def test_every_named_one_answers_as_the_fitted_estimator(fit_named, splits, name, data):
    fitted, form, arrays = fit_named(name, data)
    kept = frozen_from_plain(json.loads(json.dumps(form.to_plain())))
    kept.check_parameters(arrays)
    images = splits[data].test.images
    found = kept.predictor(arrays).predict_proba(images)
    np.testing.assert_allclose(found, fitted.predict_proba(images), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(found.argmax(1), fitted.predict(images))
    if data == "colours":
        assert not found[:, 1].any()


@pytest.mark.parametrize("other", OTHERS)
def test_other_settings_and_pipelines_of_the_same_kinds_are_kept_too(splits, other):
    split = splits["ten"]
    fitted = fit_opponent(Opponent(other, OTHERS[other]), split)
    form, arrays = freeze(fitted, split.validation.images, split.dataset.image_shape)
    found = form.predictor(arrays).predict_proba(split.test.images)
    np.testing.assert_allclose(found, fitted.predict_proba(split.test.images), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (GaussianNB(), "GaussianNB"),
        (make_pipeline(MinMaxScaler(), LogisticRegression()), "MinMaxScaler"),
        (SVC(kernel="poly"), "SVC with kernel poly"),
        (KNeighborsClassifier(metric="manhattan"), "KNeighborsClassifier with weights uniform, metric manhattan"),
    ],
)
def test_what_has_no_safe_form_is_refused_in_one_line_with_the_way_out(splits, estimator, kind):
    split = splits["ten"]
    fitted = fit_opponent(Opponent("mine", estimator), split)
    with pytest.raises(RunError, match=f"mine cannot be saved: there is no safe form for a {kind}.*skops") as caught:
        freeze(fitted, split.validation.images, split.dataset.image_shape)
    assert "\n" not in str(caught.value)


def test_settings_beyond_what_a_file_may_hold_are_refused_as_well(splits):
    split = splits["ten"]
    fine = make_pipeline(GradientHistograms(split.dataset.image_shape, cells=2, directions=400), SVC(break_ties=True))
    fitted = fit_opponent(Opponent("fine", fine), split)
    with pytest.raises(RunError, match="fine cannot be saved: directions is 400, expected 1 to 360"):
        freeze(fitted, split.validation.images, split.dataset.image_shape)


def test_a_class_derived_from_a_known_one_is_refused_since_it_may_decide_otherwise(splits):
    class Bold(LogisticRegression):
        def predict_proba(self, rows):
            return np.round(super().predict_proba(rows))

    Bold.__module__ = "mine"
    fitted = fit_opponent(Opponent("bold", Bold(max_iter=300)), splits["ten"])
    with pytest.raises(RunError, match="no safe form for a Bold"):
        freeze(fitted, splits["ten"].validation.images, splits["ten"].dataset.image_shape)


def test_a_form_that_would_answer_differently_is_refused(splits):
    split = splits["ten"]
    fitted = fit_opponent(Opponent("mine", LogisticRegression(max_iter=300)), split)
    # As if scikit-learn kept its weights elsewhere in another version.
    fitted.estimator.predict_proba = lambda rows: np.full((len(rows), 10), 0.1)
    with pytest.raises(RunError, match="mine cannot be saved: what would be kept answers differently"):
        freeze(fitted, split.validation.images, split.dataset.image_shape)


def test_equally_near_neighbours_are_taken_in_the_order_of_the_training_images():
    images = np.zeros((6, 2, 2, 1), np.float32)
    images[:, 0, 0, 0] = [0.25, 0.75, 0.25, 0.75, 0.5, 0.5]
    data = Dataset(images, np.array([0, 1, 2, 0, 1, 2]), ("a", "b", "c"), given_test=[4], given_validation=[5])
    fitted = fit_opponent(Opponent("mine", KNeighborsClassifier(2)), data.split())
    form, arrays = freeze(fitted, data.images, (2, 2, 1))
    votes = replace(form, temperature=None)
    np.testing.assert_array_equal(votes.predictor(arrays).predict_proba(images[4:5]), [[0.5, 0.5, 0]])


def test_a_class_with_most_votes_keeps_the_largest_score_though_it_lost_once_by_more():
    # Of three classes each beats one: 0 beats 1 by 1, 2 beats 0 by 0.2, 1 beats 2 by 0.1.
    values = np.array([[1, -0.2, 0.1]])
    np.testing.assert_allclose(scores_of_pairs(values, 3), [[-0.1, -1, -0.2]])
    assert count_votes(values, 3).argmax() == 0


def test_machines_that_contradict_each_other_are_outvoted_in_onnx_as_well(fit_named, splits):
    _, form, arrays = fit_named("svm")
    biases = arrays["svm/biases"] + np.random.default_rng(0).normal(0, 1, 45)
    arrays, images = arrays | {"svm/biases": biases}, splits["ten"].test.images
    predictor = form.predictor(arrays)
    scores = predictor.features_and_logits(images)[1] * form.temperature
    assert (scores.max(1) < -1e-9).sum() > 10  # no class wins against all others
    made = to_onnx(inklings.Model(form, arrays, list("0123456789")))
    np.testing.assert_allclose(run(made, images), predictor.predict_proba(images), rtol=0, atol=1e-5)


def test_pixels_of_bytes_are_kept_as_bytes():
    pixels = np.arange(256, dtype=np.uint8).astype(np.float32).reshape(4, 64) / np.float32(255)
    assert compact(pixels).dtype == np.uint8
    np.testing.assert_array_equal(restore(compact(pixels)), pixels)
    others = pixels + np.float32(1e-4)
    assert compact(others) is others


def test_features_and_scores_are_there_for_the_measure_of_novelty(fit_named, splits, name):
    fitted, form, arrays = fit_named(name, "colours")
    images = splits["colours"].test.images
    features, logits = form.predictor(arrays).features_and_logits(images)
    assert np.isfinite(logits).all()
    np.testing.assert_array_equal(logits.argmax(1), fitted.predict(images))
    if name in ("hog-svm", "patches"):
        assert features.shape[0] == len(images)
        assert np.isfinite(features).all()
    else:
        assert features is None


def test_reading_and_predicting_load_no_scikit_learn(fit_named, splits, tmp_path):
    for name in ("hog-svm", "patches", "forest", "knn"):
        _, form, arrays = fit_named(name)
        inklings.Model(form, arrays, splits["ten"].dataset.class_names).save(tmp_path / f"{name}.inkling")
    np.save(tmp_path / "images.npy", splits["ten"].test.images[:5])
    code = """
import sys
import numpy as np
import inklings
for path in sys.argv[2:]:
    print(*inklings.load(path).predict(np.load(sys.argv[1]), prepared=True))
assert not {"sklearn", "joblib", "skops"} & {name.split(".")[0] for name in sys.modules}
"""
    files = sorted(map(str, tmp_path.glob("*.inkling")))
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "images.npy"), *files], capture_output=True, text=True, check=True
    )
    expected = [inklings.load(file).predict(splits["ten"].test.images[:5], prepared=True).tolist() for file in files]
    assert [[int(word) for word in line.split()] for line in done.stdout.splitlines()] == expected


def changed(arrays, name, value):
    found = {key: np.array(each) for key, each in arrays.items()}
    if value is None:
        del found[name]
    elif callable(value):
        found[name] = value(found[name])
    else:
        found[name].flat[value[0]] = value[1]
    return found


@pytest.mark.parametrize(
    ("name", "array", "value", "message"),
    [
        ("logistic", "linear/weights", None, "have no 'linear/weights'"),
        (
            "logistic",
            "linear/weights",
            lambda a: a[:, 1:],
            r"weights' has shape \(10, 89\), expected \(10, 90\)",
        ),
        ("logistic", "linear/biases", (0, np.nan), "'linear/biases' holds NaN"),
        ("logistic", "linear/biases", lambda a: a.astype(np.int64), "'linear/biases' holds int64, expected numbers"),
        ("knn", "neighbours/labels", (0, 10), "'neighbours/labels' holds 0 to 10, expected 0 to 9"),
        ("knn", "neighbours/labels", (0, -1), "'neighbours/labels' holds -1 to 9"),
        ("knn", "neighbours/rows", lambda a: a[:0], "'neighbours/rows' has shape"),
        ("svm", "svm/counts", (0, 1000), "'svm/counts' holds"),
        ("svm", "svm/counts", lambda a: a - 1, "'svm/counts' sum to"),
        ("svm", "svm/vectors", (0, np.inf), "'svm/vectors' holds NaN or infinity"),
        ("hog-svm", "svm/coefficients", lambda a: a[:-1], "'svm/coefficients' has shape"),
        ("patches", "scaler/scale", (0, 0.0), "'scaler/scale' holds 0.0, expected numbers above 0"),
        ("patches", "patches/whitening", lambda a: a[:, :-1], "'patches/whitening' has shape"),
        ("forest", "trees/feature", (0, 90), "'trees/feature' holds -1 to 90, expected -1 to 89"),
        ("forest", "trees/left", (0, 0), "'trees/left' lead backwards or out of a tree"),
        ("forest", "trees/right", (0, 10**6), "'trees/right' lead backwards or out of a tree"),
        ("forest", "trees/first", lambda a: a[::-1], "'trees/first' are not the beginnings"),
        ("forest", "trees/leaf", (-1, 10**6), "'trees/leaf' holds"),
        ("forest", "trees/values", lambda a: a * 2, "are not probabilities of leaves"),
        ("forest", "trees/values", lambda a: a - a[::-1] + 0.1, "are not probabilities of leaves"),
        ("forest", "trees/biases", (0, 0.5), "are not probabilities of leaves"),
        ("boosting", "trees/threshold", (0, -np.inf), "'trees/threshold' holds NaN"),
        ("boosting", "trees/first", lambda a: a[:-1], "59 trees, expected as many for each of 10 classes"),
        ("boosting", "trees/values", lambda a: a.repeat(2, axis=1), "'trees/values' has shape"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(fit_named, name, array, value, message):
    _, form, arrays = fit_named(name)
    with pytest.raises(NetworkError, match=message):
        form.check_parameters(changed(arrays, array, value))


def test_an_array_too_many_is_refused(fit_named):
    _, form, arrays = fit_named("logistic")
    with pytest.raises(NetworkError, match="'code', which this opponent does not know"):
        form.check_parameters(arrays | {"code": np.zeros(1)})


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("svm", {"decision": {"kind": "support vectors", "gamma": -1.0}}, "gamma is -1.0"),
        (
            "svm",
            {"decision": {"kind": "support vectors", "gamma": "os.system"}},
            "gamma is 'os.system'",
        ),
        ("svm", {"decision": {"kind": "suport vectors"}}, "did you mean 'support vectors'"),
        ("svm", {"decision": ["trees"]}, "'decision' is .* expected a table with a 'kind'"),
        ("hog-svm", {"features": {"kind": "histograms", "cells": 10**9, "directions": 12}}, "cells is 1000000000"),
        ("hog-svm", {"features": {"kind": "histograms", "cells": 5}}, "no 'directions'"),
        ("patches", {"features": {"kind": "patches", "side": 60, "parts": 2}}, "do not fit into"),
        ("knn", {"decision": {"kind": "neighbours", "count": 10**6}}, "count is 1000000"),
        ("knn", {"known": [3, 1]}, "known is"),
        ("knn", {"known": [0, 10]}, "known is"),
        ("knn", {"input_shape": [10**6, 10**6, 3]}, "input_shape is"),
        ("svm", {"temperature": 0.0}, "temperature is 0.0"),
        ("svm", {"temperature": 1e-320}, "temperature is 1e-320, expected 0.001 to 1000"),
        ("svm", {"temperature": None}, "temperature is None, expected 0.001 to 1000"),
        ("svm", {"known": [3]}, "known is .* expected at least two"),
        ("boosting", {"known": [3]}, "known is .* expected at least two"),
        ("knn", {"temperature": 0.0}, "temperature is 0.0, expected 0.001 to 1000"),
        ("forest", {"temperature": 0.0}, "temperature is 0.0, expected 0.001 to 1000"),
        ("svm", {"module": "os"}, "unknown setting 'module'"),
    ],
)
def test_settings_that_do_not_fit_are_refused(fit_named, name, change, message):
    _, form, arrays = fit_named(name)
    with pytest.raises(NetworkError, match=message):
        frozen_from_plain({**form.to_plain(), **change}).check_parameters(arrays)


def test_numbers_too_large_to_compute_with_are_refused_at_prediction(fit_named, splits):
    _, form, arrays = fit_named("logistic")
    huge = changed(arrays, "linear/weights", lambda a: np.where(a > 0, 3e38, -3e38).astype(np.float32))
    with pytest.raises(NetworkError, match=r"the scores are NaN or infinite for .* images"):
        form.predictor(huge).predict_proba(splits["ten"].test.images)


def test_pairs_have_the_values_of_each_vectors_weights_in_them():
    random, counts = np.random.default_rng(0), np.array([3, 0, 5, 2])
    coefficients, kernel = random.normal(size=(3, 10)), random.random((7, 10))
    expected = kernel @ pair_weights(coefficients, counts)
    np.testing.assert_allclose(pair_values(kernel, coefficients, counts), expected, atol=1e-12)


def test_the_scores_of_many_classes_take_no_memory_for_classes_times_pairs():
    """One image of 1,500 classes: as dense matrices, which class is in which pair alone would take 27 GB."""
    values = np.random.default_rng(0).normal(size=(1, 1500 * 1499 // 2))
    scores = scores_of_pairs(values, 1500)
    assert scores.shape == (1, 1500)
    assert scores.argmax() == count_votes(values, 1500).argmax()
