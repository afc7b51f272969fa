import numpy as np
import pytest

from inklings import Dense, Flatten, Model, Network, open_dataset, preset
from inklings.data.build import from_arrays
from inklings.errors import DataError, RunError
from inklings.models.ensemble import Ensemble, join_parameters
from inklings.networks import Conv2D, initial_parameters, network_from_plain
from inklings.web.browser_model import LARGEST_CHANGE, browser_model, smallest_browser_model
from inklings.web.page_images import choose_images
from opponents.conftest import fit_small, make_split

SHAPE = (6, 5, 1)
NETWORK = Network(SHAPE, (Conv2D(3, activation="relu"), Flatten(), Dense(2, "softmax")))


def model_of(network, seed=0, **about):
    return Model(network, initial_parameters(network, seed), ("ant", "bee"), **about)


def read(made):
    """Read the weights as the header says."""
    found = {}
    for place in made.header["weights"]:
        count = int(np.prod(place["shape"]))
        values = np.frombuffer(made.weights, np.dtype(place["dtype"]).newbyteorder("<"), count, place["offset"])
        found[place["name"]] = values.reshape(place["shape"]) * place.get("scale", 1)
    return found


def test_the_header_tells_what_a_page_needs():
    made = browser_model(model_of(NETWORK, training={"name": "mine", "accuracy": 0.9}), title="Beetles")
    assert network_from_plain(made.header["network"]) == NETWORK
    assert made.header["class_names"] == ["ant", "bee"]
    assert (made.header["title"], made.header["accuracy"]) == ("Beetles", 0.9)
    assert browser_model(model_of(NETWORK, training={"name": "mine"})).header["title"] == "mine"


def test_the_bytes_are_the_weights():
    model = model_of(NETWORK)
    found = read(browser_model(model))
    for name, values in model.parameters.items():
        np.testing.assert_array_equal(found[name], values.astype(np.float32))


def test_in_half_the_bytes_weights_are_right_to_a_65_thousandth_of_the_largest():
    model = model_of(NETWORK)
    made = browser_model(model, precision="int16")
    assert len(made.weights) < 0.6 * len(browser_model(model).weights)
    for name, values in read(made).items():
        expected = model.parameters[name]
        assert np.abs(values - expected).max() <= np.abs(expected).max() / 65_000 + 1e-7


def test_where_half_the_bits_would_change_answers_weights_keep_all():
    """One huge weight that no image reaches leaves no digits for the others."""
    model = model_of(NETWORK)
    parameters = {name: values.copy() for name, values in model.parameters.items()}
    parameters["dense_1/weights"][0] = 1e5
    images = np.random.default_rng(0).uniform(0, 1, (50, *SHAPE)).astype(np.float32)
    parameters["conv2d_1/weights"][..., 0] = -1
    parameters["conv2d_1/biases"][0] = -1
    spoilt = Model(NETWORK, parameters, ("ant", "bee"))
    dtypes = {
        name: {place["dtype"] for place in smallest_browser_model(each, images=images).header["weights"]}
        for name, each in (("as it is", model), ("spoilt", spoilt))
    }
    assert dtypes == {"as it is": {"float32", "int16"}, "spoilt": {"float32"}}


@pytest.mark.parametrize("name", ["mlp", "cnn2", "best"])
def test_in_half_the_bytes_the_presets_answers_stay(name):
    network = preset(name, (20, 20, 1), 10).network
    made = smallest_browser_model(Model(network, initial_parameters(network, 0), [str(k) for k in range(10)]))
    assert "int16" in {place["dtype"] for place in made.header["weights"]}
    assert LARGEST_CHANGE < 1e-3


def test_an_ensemble_is_all_its_members():
    members = join_parameters([initial_parameters(NETWORK, seed) for seed in range(2)])
    made = browser_model(Model(Ensemble(NETWORK, 2, 1.5), members, ("ant", "bee")))
    assert (made.header["members"], made.header["temperature"]) == (2, 1.5)
    np.testing.assert_array_equal(
        read(made)["member_2/dense_1/weights"], members["member_2/dense_1/weights"].astype("f4")
    )


def test_images_for_a_page_are_right_to_a_byte_and_come_from_the_right_parts():
    split = open_dataset("digits").split()
    made = choose_images(split, split.dataset.class_names, train=150)
    assert made.header["parts"] == {"train": 150, "validation": 300, "test": 200}
    count, low, high = 650, made.header["low"], made.header["high"]
    pixels = np.frombuffer(made.content, np.uint8, count * 400).reshape(count, 20, 20, 1) / 255 * (high - low) + low
    labels = np.frombuffer(made.content, "<u2", count, count * 400)
    for part, rows in (("train", slice(0, 150)), ("validation", slice(150, 450)), ("test", slice(450, 650))):
        own = getattr(split, part)
        for image, label in zip(pixels[rows][:10], labels[rows][:10], strict=True):
            nearest = int(np.abs(own.images - image).max((1, 2, 3)).argmin())
            assert np.abs(own.images[nearest] - image).max() <= (high - low) / 500
            assert own.labels[nearest] == label


def test_small_data_gives_what_it_has():
    images = np.random.default_rng(0).uniform(0, 1, (40, 4, 4, 1)).astype(np.float32)
    split = from_arrays(images, ["a", "b"] * 20).split()
    made = choose_images(split, ["b", "a", "c"])
    assert sum(made.header["parts"].values()) == 40
    # Numbered as the network's classes, whatever their order in the data.
    counts = np.bincount(np.frombuffer(made.content, "<u2", 40, 40 * 16), minlength=3)
    assert counts.tolist() == [20, 20, 0]
    with pytest.raises(DataError, match="b"):
        choose_images(split, ["a", "c"])


def test_an_opponent_is_refused_with_the_way_out():
    _, form, arrays = fit_small("knn")
    model = Model(form, arrays, make_split("ten").dataset.class_names, {"name": "knn"})
    with pytest.raises(RunError, match="knn is not a network, expected one: browsers can compute") as refused:
        browser_model(model)
    assert "export it to ONNX" in refused.value.hint
