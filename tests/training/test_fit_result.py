"""From a training to something that can be used."""

import pickle

import numpy as np
import pytest

import inklings
from inklings import DataError, Model, fit, from_arrays, open_dataset, preset


@pytest.fixture(scope="module")
def bytes_on_paper():
    """Digits as scanners give them: bytes, dark on light."""
    digits = open_dataset("digits")
    pixels = np.round(255 * (1 - np.clip(digits.images[..., 0], 0, 1))).astype(np.uint8)
    return pixels, digits.labels


@pytest.fixture(scope="module")
def fitted(bytes_on_paper):
    pixels, labels = bytes_on_paper
    split = from_arrays(pixels[::4], labels[::4]).split()
    plan = preset("softmax", split.dataset.image_shape, 10)
    return fit(plan.network, plan.recipe.with_settings(steps=300), split)


def test_raw_pixels_are_treated_as_in_training(fitted, bytes_on_paper):
    pixels, labels = (each[1::4] for each in bytes_on_paper)
    assert (fitted.predict(pixels) == labels).mean() > 0.8
    assert (fitted.to_model().predict(pixels) == labels).mean() > 0.8
    assert (fitted.predict(fitted.split.test) == fitted.split.test.labels).mean() > 0.8


def test_a_pickled_result_leaves_the_images_behind(fitted, bytes_on_paper):
    again = pickle.loads(pickle.dumps(fitted))
    assert again.split is None
    with pytest.raises(DataError, match=r"a split is needed, and this result has none.*fitted\.to_model\(split\)"):
        again.to_model()
    pixels = bytes_on_paper[0][1::4]
    expected = fitted.predict(pixels)
    for known in (fitted.split, fitted.split.dataset, fitted.to_model().preparation):
        assert np.array_equal(again.to_model(known).predict(pixels), expected)


def test_a_model_of_parameters_from_anywhere_has_its_preparation(fitted, bytes_on_paper):
    pixels = bytes_on_paper[0][1::4]
    names = [f"digit {name}" for name in range(10)]
    preparation = fitted.to_model().preparation
    model = Model.from_parameters(fitted.network, fitted.parameters, preparation, names)
    by_hand = Model(fitted.network, fitted.parameters, names, preprocessing=preparation.to_plain())
    for made in (model, by_hand):
        assert np.array_equal(made.predict(pixels, as_index=True), fitted.predict(pixels))
        assert made.class_names == tuple(names)
    with pytest.raises(DataError, match=r"preprocessing is of type Preparation.*from_parameters"):
        Model(fitted.network, fitted.parameters, names, preprocessing=preparation)


def test_a_complete_model_is_measured_as_a_saved_run_is(fitted, tmp_path):
    model = fitted.to_model(complete=True)
    model.save(tmp_path / "digits.inkling")
    loaded = inklings.load(tmp_path / "digits.inkling")
    right = loaded.predict(fitted.split.test) == fitted.split.test.labels
    assert loaded.training["accuracy"] == right.mean()
    assert loaded.training["n"] == len(right)
    assert "calibration" in loaded.training
    assert loaded.novelty is not None


def test_a_model_becomes_an_onnx_graph(fitted):
    graph = fitted.to_model().to_onnx()
    assert "0 to 255, dark on light" in graph.graph.doc_string


def test_one_s_own_stop_is_told_by_its_name(fitted):
    def good_enough(record):
        return record.epoch == 1

    result = fit(fitted.network, fitted.recipe, fitted.split, callbacks=[good_enough])
    assert result.stopped_by == "good_enough"
    assert repr(result).startswith("<FitResult: stopped by good_enough after 1 epoch")
