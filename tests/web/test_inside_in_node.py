"""The numbers that Inside shows are those of the network: held against NumPy's."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import inklings.web
from inklings.web.browser_model import browser_model

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")
MODULES = Path(inklings.web.__file__).parent / "static"


@pytest.fixture(scope="module")
def image(split):
    return split.test.images[list(split.test.labels).index(7)]


@pytest.fixture(scope="module")
def explained(small_model, image, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    made = browser_model(small_model)
    (folder / "header.json").write_text(json.dumps(made.header))
    (folder / "weights").write_bytes(made.weights)
    command = [
        NODE,
        Path(__file__).with_name("inside_in_node.mjs"),
        MODULES,
        folder / "header.json",
        folder / "weights",
    ]
    ran = subprocess.run(command, input=image.tobytes(), capture_output=True, timeout=120, check=True)
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def activations(small_model, image):
    """What NumPy's engine finds, the input first, by layer."""
    return {"input": image, **{name: values[0] for name, values in small_model.activations(image[np.newaxis]).items()}}


def station(explained, name):
    found = next(each for each in explained["found"] if each["name"] == name)
    return found["source"], zip(found["places"], found["pixels"], strict=True)


@pytest.mark.parametrize("name", ["conv2d_1", "conv2d_2"])
def test_patch_times_filter_and_bias_is_the_pixel_of_the_map(explained, activations, small_model, name):
    source, pixels = station(explained, name)
    weights, biases = (small_model.parameters[f"{name}/{kind}"] for kind in ("weights", "biases"))
    reach = weights.shape[0] // 2
    padded = np.pad(activations[source], ((reach, reach), (reach, reach), (0, 0)))
    for place, shown in pixels:
        row, column, map_ = place["row"], place["column"], place["map"]
        patch = padded[row : row + weights.shape[0], column : column + weights.shape[1]]
        kernel = weights[..., map_]
        np.testing.assert_allclose([value or 0 for value in shown["patch"]], patch[..., 0].ravel(), atol=1e-4)
        np.testing.assert_allclose(shown["kernel"], kernel[..., 0].ravel(), rtol=1e-6)
        np.testing.assert_allclose(shown["products"], (patch * kernel)[..., 0].ravel(), atol=1e-4)
        np.testing.assert_allclose(shown["sums"], (patch * kernel).sum((0, 1)), atol=1e-4)
        assert shown["before"] == pytest.approx((patch * kernel).sum() + biases[map_], abs=1e-4)
        assert shown["after"] == pytest.approx(max(0, shown["before"]), abs=1e-4)
        assert shown["after"] == pytest.approx(activations[name][row, column, map_], abs=1e-4)


@pytest.mark.parametrize("name", ["maxpool2d_1", "maxpool2d_2"])
def test_of_a_pooling_window_the_number_shown_as_kept_is_the_largest(explained, activations, name):
    source, pixels = station(explained, name)
    for place, shown in pixels:
        row, column, map_ = place["row"], place["column"], place["map"]
        window = activations[source][2 * row : 2 * row + 2, 2 * column : 2 * column + 2, map_]
        np.testing.assert_allclose([value for value in shown["patch"] if value is not None], window.ravel(), atol=1e-4)
        assert shown["patch"][shown["kept"]] == pytest.approx(window.max(), abs=1e-4)
        assert shown["after"] == pytest.approx(activations[name][row, column, map_], abs=1e-4)


def test_a_units_weights_times_what_comes_in_add_up_to_its_number(explained, activations, small_model):
    source, pixels = station(explained, "dense_1")
    for place, shown in pixels:
        weights = small_model.parameters["dense_1/weights"][:, place["map"]]
        np.testing.assert_allclose(shown["products"], weights * activations[source].ravel(), atol=1e-4)
        expected = weights @ activations[source].ravel() + small_model.parameters["dense_1/biases"][place["map"]]
        assert shown["before"] == pytest.approx(expected, abs=1e-3)
        assert shown["after"] == pytest.approx(activations["dense_1"][place["map"]], abs=1e-3)


def test_every_layers_activations_are_numpys(explained, activations):
    for name, values in explained["activations"]:
        if name in activations:
            np.testing.assert_allclose(values, np.ravel(activations[name]), atol=1e-3, err_msg=name)


def test_covering_what_is_blank_changes_nothing_and_covering_ink_makes_it_less_sure(explained, image):
    covered = np.reshape(explained["covered"], image.shape[:2])
    ink = image[..., 0] > 0.5
    assert covered[ink].mean() > 3 * abs(covered[~ink].mean())
    assert np.abs(covered[0, 0]) < 0.05
