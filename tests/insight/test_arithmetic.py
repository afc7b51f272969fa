"""One output at a time, against sums by hand and against every engine's outputs."""

import numpy as np
import pytest

from handmade import model_of
from inklings import Conv2D, DataError, Dense, Flatten, MaxPool2D, Network, NetworkError
from inklings.engines import get_engine
from inklings.insight.arithmetic import output_sum, pooling_choice
from inklings.insight.members import layer_outputs
from inklings.networks import initial_parameters

RANDOM = np.random.default_rng(0)
LAYERS = (
    Conv2D(3, (3, 2), "same", 2, "tanh"),
    MaxPool2D(2, 1, "same"),
    Conv2D(2, 2, "valid", 1, "relu"),
    Flatten(),
    Dense(4, "elu"),
    Dense(2, "softmax"),
)
NETWORK = Network((7, 6, 2), LAYERS)
VALUES = {name: value + 0.1 * RANDOM.normal(size=value.shape) for name, value in initial_parameters(NETWORK, 3).items()}
IMAGE = RANDOM.random((7, 6, 2)).astype(np.float32)
ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda z: max(z, 0),
    "elu": lambda z: z if z > 0 else np.expm1(z),
}


def test_a_patch_times_a_kernel_is_what_one_reckons_by_hand():
    network = Network((3, 3, 1), (Conv2D(1, 2, "valid", activation="relu"), Flatten(), Dense(2, "softmax")))
    values = initial_parameters(network, 0)
    values |= {"conv2d_1/weights": np.reshape([1, 2, 3, -4], (2, 2, 1, 1)), "conv2d_1/biases": [0.5]}
    image = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    found = output_sum(model_of(network, values), image, "conv2d_1", 0, 1, 0)
    assert found.patch[..., 0].tolist() == [[3, 4], [6, 7]]
    assert found.weights[..., 0].tolist() == [[1, 2], [3, -4]]
    assert found.products[..., 0].tolist() == [[3, 8], [18, -28]]
    assert found.before_activation == 1.5
    assert (found.bias, found.activation, found.output) == (0.5, "relu", 1.5)
    assert (found.top, found.left) == (1, 0)
    assert found.inside.all()


def test_over_the_border_lies_padding_that_is_told_apart():
    network = Network((2, 2, 1), (Conv2D(1, 3), Flatten(), Dense(2, "softmax")))
    values = initial_parameters(network, 0) | {"conv2d_1/weights": np.ones((3, 3, 1, 1))}
    found = output_sum(model_of(network, values), [[1, 2], [3, 4]], "conv2d_1", 0, 0, 1)
    assert (found.top, found.left) == (-1, 0)
    assert found.patch[..., 0].tolist() == [[0, 0, 0], [1, 2, 0], [3, 4, 0]]
    assert found.inside[..., 0].tolist() == [[False, False, False], [True, True, False], [True, True, False]]
    assert found.output == 10


@pytest.mark.parametrize("engine", ["numpy", "native", "jax"])
@pytest.mark.parametrize("layer", ["conv2d_1", "conv2d_2", "dense_1"])
def test_every_output_is_the_sum_that_each_engine_has(layer, engine):
    if engine == "jax":
        pytest.importorskip("jax")
    model = model_of(NETWORK, VALUES)
    expected = get_engine(engine).activations(NETWORK, model.parameters, IMAGE[np.newaxis])[layer][0]
    for place in np.ndindex(expected.shape):
        *where, unit = place
        found = output_sum(model, IMAGE, layer, unit, *where)
        assert found.output == pytest.approx(expected[place], abs=1e-5)
        assert ACTIVATIONS[found.activation](found.before_activation) == pytest.approx(found.output, abs=1e-5)


def test_of_a_softmax_the_sum_is_the_logit():
    model = model_of(NETWORK, VALUES)
    sums = [output_sum(model, IMAGE, "dense_2", unit) for unit in (0, 1)]
    powers = np.exp([each.before_activation for each in sums])
    np.testing.assert_allclose([each.output for each in sums], powers / powers.sum(), rtol=1e-5)


@pytest.mark.parametrize("engine", ["numpy", "native", "jax"])
def test_a_pooling_window_keeps_the_pixel_that_it_says(engine):
    if engine == "jax":
        pytest.importorskip("jax")
    model = model_of(NETWORK, VALUES)
    found = get_engine(engine).activations(NETWORK, model.parameters, IMAGE[np.newaxis])
    before, after = found["conv2d_1"][0], found["maxpool2d_1"][0]
    for row, column, channel in np.ndindex(after.shape):
        choice = pooling_choice(model, IMAGE, "maxpool2d_1", row, column, channel)
        assert choice.output == pytest.approx(after[row, column, channel], abs=1e-6)
        assert before[choice.row, choice.column, channel] == pytest.approx(choice.output, abs=1e-6)
        assert 0 <= choice.row - choice.top < 2
        assert 0 <= choice.column - choice.left < 2


def test_padding_never_wins_and_of_equals_the_first_does():
    network = Network((3, 3, 1), (MaxPool2D(2, 2, "same"), Flatten(), Dense(2, "softmax")))
    model = model_of(network, initial_parameters(network, 0))
    image = np.array([[-1, -1, -5], [-1, -1, -6], [-7, -8, -9]])
    first = pooling_choice(model, image, "maxpool2d_1", 0, 0, 0)
    assert (first.row, first.column, first.output) == (0, 0, -1)
    corner = pooling_choice(model, image, "maxpool2d_1", 1, 1, 0)
    assert (corner.row, corner.column, corner.output) == (2, 2, -9)
    np.testing.assert_array_equal(corner.window, [[-9, np.nan], [np.nan, np.nan]])


def test_what_goes_through_begins_with_the_image_and_ends_with_the_answer():
    model = model_of(NETWORK, VALUES)
    found = layer_outputs(model, IMAGE)
    assert list(found) == ["input", *NETWORK.names]
    np.testing.assert_array_equal(found["input"], IMAGE[np.newaxis])
    np.testing.assert_allclose(found["dense_2"], model.predict_proba(IMAGE[np.newaxis], prepared=True), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: output_sum(m, IMAGE, "conv2d_1", 3, 0, 0), DataError, "unit 3, expected 0 to 2"),
        (lambda m: output_sum(m, IMAGE, "conv2d_1", 0, 4, 0), DataError, "row 4, expected 0 to 3"),
        (lambda m: output_sum(m, IMAGE, "conv2d_1", 0, 0, -1), DataError, "column -1, expected 0 to 2"),
        (lambda m: output_sum(m, IMAGE, "dense_1", 0, 1), DataError, "row 1, expected 0 to 0"),
        (lambda m: output_sum(m, IMAGE, "maxpool2d_1", 0), NetworkError, "no products; these do: conv2d_1, conv2d_2"),
        (lambda m: pooling_choice(m, IMAGE, "conv2d_1", 0, 0, 0), NetworkError, "no pixel; these do: maxpool2d_1"),
        (lambda m: output_sum(m, IMAGE, "conv", 0), NetworkError, "no layer 'conv'"),
        (lambda m: output_sum(m, np.stack([IMAGE, IMAGE]), "dense_1", 0), DataError, "2 images, expected one"),
    ],
)
def test_what_is_not_there_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(model_of(NETWORK, VALUES))
