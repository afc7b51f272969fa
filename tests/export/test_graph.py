import json

import numpy as np
import onnx
import onnxruntime
import pytest

from export.conftest import NETWORKS, images_for, model_of
from inklings.export import to_onnx
from inklings.models.preparation import Preparation
from inklings.pages.page_image import Page


def run(made, images):
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(["probabilities"], {"images": images})
    return answer


@pytest.mark.parametrize("count", [1, 6])
def test_the_runtime_answers_as_the_model_does(network, count):
    model, images = model_of(network), images_for(network, count)
    np.testing.assert_allclose(run(to_onnx(model), images), model.predict_proba(images), atol=1e-5)


def test_sigmoids_that_are_all_zero_give_equal_shares():
    network = NETWORKS["sigmoids at the end"]
    model = model_of(network)
    model.parameters["dense_1/biases"][:] = -1e4
    images = images_for(network)
    assert run(to_onnx(model), images) == pytest.approx(np.full((6, 4), 0.25))
    assert model.predict_proba(images) == pytest.approx(np.full((6, 4), 0.25))


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
        np.testing.assert_allclose(answer, model.predict_proba(seen[np.newaxis]), atol=1e-5)
