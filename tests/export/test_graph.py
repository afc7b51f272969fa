import json

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from export.conftest import NETWORKS, RAW, images_for, model_of, trained_on
from inklings import DataError, Dense, Flatten, Model, Network, from_arrays, open_dataset
from inklings.export import to_onnx
from inklings.models.preparation import Preparation
from inklings.networks import initial_parameters
from inklings.pages.page_image import Page


def run(made, images):
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(["probabilities"], {"images": images})
    return answer


@pytest.mark.parametrize("count", [1, 6])
def test_the_runtime_answers_as_the_model_does(network, count):
    model, images = model_of(network), images_for(network, count)
    np.testing.assert_allclose(run(to_onnx(model), images), model.predict_proba(images, prepared=True), atol=1e-5)


def test_sigmoids_that_are_all_zero_give_equal_shares():
    network = NETWORKS["sigmoids at the end"]
    model = model_of(network)
    model.parameters["dense_1/biases"][:] = -1e4
    images = images_for(network)
    assert run(to_onnx(model), images) == pytest.approx(np.full((6, 4), 0.25))
    assert model.predict_proba(images, prepared=True) == pytest.approx(np.full((6, 4), 0.25))


def test_it_says_what_it_is_in_versions_that_runtimes_take():
    made = to_onnx(model_of(NETWORKS["mlp"]))
    assert (made.ir_version, made.opset_import[0].version) == (8, 18)
    onnx.checker.check_model(made, full_check=True)
    about = {entry.key: json.loads(entry.value) for entry in made.metadata_props}
    assert about["classes"][3] == "class 3"
    assert about["training"]["accuracy"] == 0.9
    assert [size.dim_param for size in made.graph.input[0].type.tensor_type.shape.dim][:1] == ["images"]


@pytest.mark.parametrize(("channels", "invert"), [(1, True), (1, False), (3, False)])
def test_whole_pictures_are_prepared_inside(channels, invert):
    name = "valid" if channels == 1 else "normalised"
    network = NETWORKS["same pooling"] if channels == 1 else NETWORKS[name]
    height, width, _ = network.input_shape
    preparation = Preparation("whole", (height, width), channels, invert)
    model = model_of(network, preparation.to_plain())
    made = to_onnx(model)
    for size in ((height, width), (31, 24)):
        pixels = np.random.default_rng(2).integers(0, 256, (*size, 3)).astype(np.uint8)
        seen = preparation.prepare(Page(pixels, size)).image
        answer = run(made, pixels[np.newaxis])
        np.testing.assert_allclose(answer, model.predict_proba(seen[np.newaxis], prepared=True), atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
def test_whole_pictures_are_prepared_in_front_of_dense_layers_too(channels):
    # No convolution stands between the resizing and the reshaping, which runtimes then take together.
    network = Network((12, 10, channels), (Flatten(), Dense(4, "softmax")))
    preparation = Preparation("whole", (12, 10), channels, True)
    model = model_of(network, preparation.to_plain())
    for size in ((12, 10), (31, 24)):
        pixels = np.random.default_rng(2).integers(0, 256, (*size, 3)).astype(np.uint8)
        seen = preparation.prepare(Page(pixels, size)).image
        answer = run(to_onnx(model), pixels[np.newaxis])
        np.testing.assert_allclose(answer, model.predict_proba(seen[np.newaxis], prepared=True), atol=1e-5)


@pytest.mark.parametrize("kind", RAW)
def test_raw_pixels_go_in_as_training_had_them(kind):
    model, raw, prepared = trained_on(kind)
    made = to_onnx(model, input="raw")
    expected = model.predict_proba(raw)
    np.testing.assert_allclose(expected, model.predict_proba(prepared, prepared=True), atol=1e-6)
    np.testing.assert_allclose(run(made, raw.astype(np.float32)), expected, atol=1e-5)
    np.testing.assert_allclose(run(to_onnx(model, input="prepared"), prepared), expected, atol=1e-5)


def test_what_goes_in_is_said_and_raw_by_default():
    model, *_ = trained_on("column-major")
    made = to_onnx(model)
    told = "raw pixels as the training data held them: 0 to 255, dark on light, columns before rows"
    assert made.graph.doc_string == f"images: {told}"
    assert made.graph.input[0].doc_string == told
    about = {entry.key: json.loads(entry.value) for entry in made.metadata_props}
    assert about["input"] == {"kind": "raw", "description": told}
    assert [size.dim_value for size in made.graph.input[0].type.tensor_type.shape.dim][1:] == [20, 24, 1]
    (given,) = to_onnx(trained_on("resized")[0]).graph.input
    assert [size.dim_param for size in given.type.tensor_type.shape.dim][1:3] == ["height", "width"]


@pytest.mark.filterwarnings("ignore::inklings.errors.DataWarning")  # dark on light is inverted
def test_arrays_of_0_to_1_go_in_as_predict_takes_them_and_pictures_as_pictures(tmp_path):
    pixels = np.random.default_rng(0).integers(150, 256, (12, 5, 6)).astype(np.uint8)
    for name in ("one", "other"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
    for number, each in enumerate(pixels):
        Image.fromarray(each).save(tmp_path / "pictures" / ("one", "other")[number % 2] / f"{number}.png")
    arrays = from_arrays(pixels / 255, np.arange(12) % 2)
    network = Network((5, 6, 1), (Flatten(), Dense(2, "softmax")))
    weights = initial_parameters(network, 0)
    for data, values in ((arrays, np.float32(pixels / 255)[..., None]), (open_dataset(tmp_path / "pictures"), None)):
        model = Model.from_parameters(network, weights, data)
        given = np.repeat(pixels[..., None], 3, axis=3) if values is None else values
        np.testing.assert_allclose(run(to_onnx(model), given), model.predict_proba(pixels / 255), atol=1e-5)


def test_an_input_that_is_not_to_be_had_is_refused():
    with pytest.raises(DataError, match="how its training images came from raw pixels was not kept"):
        to_onnx(model_of(NETWORKS["mlp"]), input="raw")
    with pytest.raises(DataError, match="cannot be pictures"):
        to_onnx(model_of(NETWORKS["mlp"]), input="pictures")
    with pytest.raises(DataError, match="input is 'bytes', expected one of: pictures, raw, prepared"):
        to_onnx(model_of(NETWORKS["mlp"]), input="bytes")
