"""The graph of each opponent answers as its model does, and so as scikit-learn does."""

import numpy as np
import pytest

from export.test_graph import run
from inklings import Model, NetworkError, from_arrays
from inklings.experiments.to_model import opponent_to_model
from inklings.experiments.trained_opponent import train_opponent
from inklings.export import to_onnx, write_script
from inklings.opponents import OPPONENTS, named_opponent
from opponents.conftest import DATA, fit_small, make_split


@pytest.mark.parametrize("name", OPPONENTS)
@pytest.mark.parametrize("data", DATA)
def test_the_runtime_answers_as_the_fitted_estimator(name, data):
    fitted, form, arrays = fit_small(name, data)
    split = make_split(data)
    made = to_onnx(Model(form, arrays, split.dataset.class_names))
    images = split.test.images
    np.testing.assert_allclose(run(made, images), fitted.predict_proba(images), rtol=0, atol=1e-5)
    np.testing.assert_allclose(run(made, images[:1]), fitted.predict_proba(images[:1]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1), (1e-4, -1)])
def test_edges_of_every_direction_and_blank_images_are_described_alike(place):
    _, form, arrays = fit_small("hog-svm")
    rows, columns = np.mgrid[-1:1:10j, -1:1:9j]
    ramp = (0.5 + 0.4 * (place[0] * rows + place[1] * columns)).astype(np.float32)
    images = np.stack([ramp, np.zeros_like(ramp), np.full_like(ramp, 0.7)])[..., np.newaxis]
    model = Model(form, arrays, make_split("ten").dataset.class_names)
    np.testing.assert_allclose(run(to_onnx(model), images), model.predict_proba(images, prepared=True), atol=1e-5)


def test_raw_pixels_are_prepared_inside():
    random = np.random.default_rng(0)
    raw = random.integers(150, 256, (120, 12, 10)).astype(np.uint8)
    raw[np.arange(120), 3:9, 2 + 3 * (np.arange(120) % 2)] = 0
    split = from_arrays(raw, np.arange(120) % 2).split(seed=0)
    model = opponent_to_model(train_opponent(named_opponent("logistic", (12, 10, 1)), split))
    made = to_onnx(model, input="raw")
    expected = model.predict_proba(raw)
    assert expected.argmax(1).tolist() == (np.arange(120) % 2).tolist()
    np.testing.assert_allclose(run(made, raw[..., np.newaxis].astype(np.float32)), expected, atol=1e-5)


def test_scripts_are_of_networks_alone(tmp_path):
    _, form, arrays = fit_small("knn")
    model = Model(form, arrays, make_split("ten").dataset.class_names, {"name": "knn"})
    with pytest.raises(NetworkError, match="knn is not a network and has no layers; predict, evaluate and ONNX work"):
        write_script(model, "torch", tmp_path / "net.py")
    assert not list(tmp_path.iterdir())
