"""Which images excite a unit, and what of them it sees."""

import numpy as np
import pytest

from handmade import linear_model, model_of
from inklings import Conv2D, DataError, Dense, Flatten, MaxPool2D, Network, NetworkError
from inklings.insight.exciting import most_exciting, receptive_field, silent_units
from inklings.insight.members import layer_outputs
from inklings.networks import initial_parameters

RANDOM = np.random.default_rng(0)
CORNERS = Network((8, 8, 1), (Conv2D(3, 2, "valid", activation="relu"), MaxPool2D(2), Flatten(), Dense(2, "softmax")))
"""Its first filter looks for a corner, its second for nothing, its third always says 1."""


@pytest.fixture(scope="module")
def corners():
    kernels = np.zeros((2, 2, 1, 3))
    kernels[..., 0, 0] = [[-1, -1], [-1, 1]]
    values = initial_parameters(CORNERS, 0) | {"conv2d_1/weights": kernels, "conv2d_1/biases": [0, -1, 1]}
    return model_of(CORNERS, values)


def test_a_unit_is_excited_most_by_the_images_with_the_largest_sum():
    images = RANDOM.random((20, 3, 3, 1)).astype(np.float32)
    weights = np.zeros((3, 3, 1, 2))
    weights[1, 1, 0, 0] = 1
    # The softmax keeps the order of the first class's logit, since the second's is 0.
    found = most_exciting(linear_model(weights), images, "dense_1", 0, 5)
    assert found.rows.tolist() == np.argsort(-images[:, 1, 1, 0])[:5].tolist()
    assert (np.diff(found.values) <= 0).all()
    assert found.boxes == [(0, 0, 3, 3)] * 5


def test_a_filter_is_excited_where_its_pattern_is(corners):
    images = np.zeros((4, 8, 8, 1), np.float32)
    images[2, 3:, 5:] = 0.5
    images[1, 6:, 1:] = 0.9
    found = most_exciting(corners, images, "conv2d_1", 0, 2)
    assert found.rows.tolist() == [1, 2]
    np.testing.assert_allclose(found.values, [0.9, 0.5])
    assert found.boxes == [(5, 0, 7, 2), (2, 4, 4, 6)]


def test_of_equal_ones_the_first_come_first_and_no_more_than_there_are():
    found = most_exciting(linear_model(np.ones((2, 2, 1, 2))), np.ones((3, 2, 2, 1)), "dense_1", 1, 9)
    assert found.rows.tolist() == [0, 1, 2]


def test_units_that_say_the_same_of_every_image_are_silent(corners):
    images = RANDOM.random((5, 8, 8, 1))
    assert silent_units(corners, images, "conv2d_1").tolist() == [1, 2]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2])
def test_nothing_outside_of_what_it_can_see_changes_an_output(padding, stride):
    layers = (Conv2D(2, 3, padding, stride, "tanh"), MaxPool2D(2, padding=padding), Conv2D(2, 2, padding, 1, "tanh"))
    network = Network((11, 9, 1), (*layers, Flatten(), Dense(2, "softmax")))
    model = model_of(network, initial_parameters(network, 0))
    image = RANDOM.random((11, 9, 1)).astype(np.float32)
    before = layer_outputs(model, image)["conv2d_2"][0]
    for row, column in np.ndindex(before.shape[:2]):
        top, left, bottom, right = receptive_field(network, 2, row, column)
        outside, all_of_it = RANDOM.random((11, 9, 1)).astype(np.float32), image + 1
        outside[top:bottom, left:right] = image[top:bottom, left:right]
        after = layer_outputs(model, np.stack([outside, all_of_it]))["conv2d_2"]
        np.testing.assert_allclose(after[0, row, column], before[row, column], atol=1e-6)
        # And the corners of what it sees do, if any input does: a pooling hides some.
        assert not np.allclose(after[1, row, column], before[row, column], atol=1e-6)


def test_what_is_not_there_is_refused(corners):
    images = np.zeros((2, 8, 8, 1))
    with pytest.raises(DataError, match="unit 3, expected 0 to 2"):
        most_exciting(corners, images, "conv2d_1", 3)
    with pytest.raises(DataError, match="0 images, expected at least 1"):
        most_exciting(corners, images, "conv2d_1", 0, 0)
    with pytest.raises(NetworkError, match="no layer 'conv2d_9'"):
        silent_units(corners, images, "conv2d_9")


@pytest.mark.parametrize(
    ("place", "row", "column", "box"),
    [
        (0, 0, 0, (0, 0, 2, 2)),  # a kernel of 3 x 3 in the corner: one row and one column of it lie outside
        (0, 4, 5, (3, 4, 6, 7)),
        (1, 2, 0, (3, 0, 7, 3)),  # rows 4 and 5, columns 0 and 1 of the maps
        (2, 1, 1, (1, 1, 7, 7)),  # of what was pooled, rows and columns 1 and 2: of the maps 2 to 5
        (2, 4, 3, (7, 5, 11, 9)),  # the border again
    ],
)
def test_what_an_output_sees_is_what_one_counts_by_hand(place, row, column, box):
    layers = (Conv2D(2, 3), MaxPool2D(2, padding="same"), Conv2D(2, 2), Flatten(), Dense(2, "softmax"))
    assert receptive_field(Network((11, 9, 1), layers), place, row, column) == box
