import numpy as np
import pytest

from inklings import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    MaxPool2D,
    Network,
    NetworkError,
)
from inklings.networks import Initializer

END = (Flatten(), Dense(4, "softmax"))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv2D(5, 3, "same"), (7, 6, 5)),
        (Conv2D(5, 3, "valid"), (5, 4, 5)),
        (Conv2D(5, (3, 2), "valid", (2, 1)), (3, 5, 5)),
        (Conv2D(5, 3, "same", 2), (4, 3, 5)),
        (MaxPool2D(2), (3, 3, 3)),
        (MaxPool2D(2, padding="same"), (4, 3, 3)),
        (MaxPool2D(3, 1), (5, 4, 3)),
        (GlobalPool(), (3,)),
        (Flatten(), (126,)),
        (Dropout(0.5), (7, 6, 3)),
        (BatchNorm(), (7, 6, 3)),
        (Activation("relu"), (7, 6, 3)),
    ],
)
def test_each_layer_gives_its_shape(layer, shape):
    network = Network((7, 6, 3), (layer, *END))
    assert network.table()[0].output_shape == shape


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Dense(4, "softmax"),), r"layer 1 \(dense_1\): Dense expects a vector .*found \(7, 6, 3\); put Flatten"),
        ((Flatten(), Conv2D(3), *END), r"layer 2 \(conv2d_1\): Conv2D expects an image .*found \(126,\)"),
        ((Conv2D(3, 7, "valid"), *END), r"a window of 7 x 7 expects an image at least as large, found \(7, 6, 3\)"),
        ((Flatten(), Dense(4, "softmax"), Dense(4)), r"layer 2 \(dense_1\) is a softmax, expected only in the last"),
        ((Conv2D(3),), r"the output has shape \(7, 6, 3\), expected a vector"),
        ((Flatten(), Dense(1, "sigmoid")), "the last layer has 1 output, expected one per class"),
        ((), "the network has no layers"),
        ((Flatten, Dense(2)), "layer 1 is <class .*expected a layer such as Dense"),
    ],
)
def test_layers_that_do_not_fit_are_refused_with_their_place_and_shapes(layers, message):
    with pytest.raises(NetworkError, match=message):
        Network((7, 6, 3), layers)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(0), "Dense units is 0, expected a whole number of at least 1"),
        (lambda: Dense(3, "rleu"), "unknown activation 'rleu'; did you mean 'relu'"),
        (lambda: Conv2D(3, (3, 0)), "Conv2D kernel_size is 0"),
        (lambda: Conv2D(3, (3,)), r"Conv2D kernel_size is \(3,\), expected a number or \(height, width\)"),
        (lambda: Conv2D(3, "3"), "Conv2D kernel_size is '3'"),
        (lambda: Conv2D(3, padding="full"), "unknown padding 'full'"),
        (lambda: MaxPool2D((2, 2, 2)), "MaxPool2D pool_size"),
        (lambda: Dropout(1.0), "Dropout rate is 1.0"),
        (lambda: BatchNorm(momentum=1.0), "BatchNorm momentum is 1.0"),
        (lambda: Dense(3, weights="he_normal"), "Dense weights is 'he_normal', expected an Initializer such as"),
        (lambda: Conv2D(3, biases="zeros"), "Conv2D biases is 'zeros', expected an Initializer such as"),
        (
            lambda: Dense(3, biases=Initializer("he_normal")),
            "Dense biases are he_normal, which goes by a layer's inputs",
        ),
    ],
)
def test_an_impossible_layer_is_refused(make, message):
    with pytest.raises(NetworkError, match=message):
        make()


def test_the_counts_of_the_convolutional_experiment():
    pool = MaxPool2D(2, padding="same")
    layers = (Conv2D(32, 5), pool, Conv2D(64, 5), pool, Flatten(), Dense(1024), Dropout(0.5), Dense(10, "softmax"))
    network = Network((20, 20, 1), layers)
    parameters = (25 + 1) * 32 + (25 * 32 + 1) * 64 + (25 * 64 + 1) * 1024 + 1025 * 10
    assert network.parameter_count == sum(row.parameters for row in network.table()) == parameters
    multiplications = 400 * 32 * 25 + 100 * 64 * 25 * 32 + 1600 * 1024 + 10240
    assert 2 * multiplications < network.operations < 2.02 * multiplications


def test_running_averages_are_parameters_that_are_not_counted_as_trained():
    network = Network((2, 2, 1), (Flatten(), BatchNorm(), Dense(3)))
    assert network.parameter_count == 8 + 15
    assert set(network.parameter_shapes) - set(network.trainable_shapes) == {"batchnorm_1/mean", "batchnorm_1/variance"}


def test_parameters_that_do_not_belong_are_named():
    network = Network((2, 2, 1), (Flatten(), Dense(3)))
    good = {"dense_1/weights": np.zeros((4, 3)), "dense_1/biases": np.zeros(3)}
    for changed, message in (
        ({"dense_2/weights": np.zeros(3)}, "'dense_2/weights', which this network does not have"),
        ({"dense_1/biases": np.zeros(4)}, r"'dense_1/biases' has shape \(4,\), expected \(3,\)"),
        ({"dense_1/biases": np.full(3, np.inf)}, "'dense_1/biases' holds NaN or infinity"),
    ):
        with pytest.raises(NetworkError, match=message):
            network.check_parameters({**good, **changed})
    with pytest.raises(NetworkError, match="have no 'dense_1/weights'"):
        network.check_parameters({"dense_1/biases": np.zeros(3)})


def test_equal_networks_are_equal_and_can_be_keys():
    assert len({Network([6, 6, 1], list(END)), Network((6, 6, 1), END), Network((6, 7, 1), END)}) == 2


@pytest.mark.parametrize("shape", [(8.7, 8, 1), (8.0, 8, 1), ("8", 8, 1), 8])
def test_an_input_shape_of_anything_but_whole_numbers_is_refused(shape):
    with pytest.raises(NetworkError, match="whole numbers"):
        Network(shape, END)


def test_numpys_whole_numbers_make_a_shape():
    assert Network(np.array([8, 8, 1]), END) == Network((8, 8, 1), END)


@pytest.mark.parametrize("scale", [np.nan, np.inf])
def test_a_scale_of_initial_values_that_is_no_number_is_refused(scale):
    with pytest.raises(NetworkError, match="expected a finite number"):
        Initializer("uniform", scale)
