from dataclasses import replace

import numpy as np
import pytest

from inklings import Dense, Flatten, Model, Network
from inklings.data import Dataset
from inklings.errors import DataError

LABELS = np.array([0, 1, 0])


def make(images=None, labels=LABELS, names=("a", "b")):
    return Dataset(np.zeros((3, 4, 5, 1), np.float32) if images is None else images, labels, names, "here")


def test_a_dataset_knows_its_shape_and_its_classes():
    dataset = make()
    assert len(dataset) == 3
    assert dataset.image_shape == (4, 5, 1)
    assert dataset.class_count == 2
    assert dataset.class_sizes.tolist() == [2, 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_image_with_nan_or_infinity_is_named(bad):
    images = np.zeros((3, 4, 5, 1))
    images[1:, 2, 2] = bad
    with pytest.raises(DataError, match=r"here: image 1 \(of 2 such\) holds NaN or infinity"):
        make(images)


@pytest.mark.parametrize(
    ("images", "labels", "names", "message"),
    [
        (np.zeros((3, 4, 5)), LABELS, "ab", r"shape \(3, 4, 5\), expected \(n, height, width, 1 or 3\)"),
        (np.zeros((3, 4, 5, 2)), LABELS, "ab", "expected .n, height, width, 1 or 3"),
        (np.zeros((0, 4, 5, 1)), LABELS[:0], "ab", "no images"),
        (np.zeros((2, 4, 5, 1)), LABELS, "ab", r"2 images but labels of shape \(3,\)"),
        (np.zeros((3, 4, 5, 1)), LABELS, "a", "labels run from 0 to 1, expected 0 to 0"),
        (np.zeros((3, 4, 5, 1)), LABELS - 1, "ab", "labels run from -1 to 0"),
        (np.zeros((3, 4, 5, 1)), LABELS * 0, "a", "all 3 images have the one class 'a'"),
    ],
)
def test_what_is_not_a_usable_set_is_refused(images, labels, names, message):
    with pytest.raises(DataError, match=message):
        make(images, labels, tuple(names))


def test_the_fingerprint_follows_pixels_labels_and_names_and_nothing_else():
    images = np.zeros((3, 4, 5, 1), np.float32)
    changed = images.copy()
    changed[0, 0, 0] = 0.5
    same = Dataset(images, LABELS, ("a", "b"), "elsewhere", ["another note"])
    assert make().fingerprint == same.fingerprint
    others = [make(changed), make(labels=1 - LABELS), make(names=("a", "c")), make(images.reshape(3, 5, 4, 1))]
    assert len({make().fingerprint, *(other.fingerprint for other in others)}) == 5


@pytest.mark.parametrize(
    ("reserved", "message"),
    [
        ({"given_test": [3]}, "do not fit, expected each a whole number from 0 to 2, once"),
        ({"given_test": [-1]}, "do not fit"),
        ({"given_validation": [True, False, True]}, "do not fit"),
        ({"given_test": [1, 1]}, "row 1 is set apart twice"),
        ({"given_test": [0, 2], "given_validation": [2]}, "row 2 is set apart twice"),
    ],
)
def test_rows_that_cannot_be_set_apart_are_refused(reserved, message):
    with pytest.raises(DataError, match=f"here: .*{message}"):
        replace(make(), **{part: np.array(rows) for part, rows in reserved.items()})


def test_taking_rows_keeps_the_classes():
    part = make().take(np.array([2, 1]))
    assert part.labels.tolist() == [0, 1]
    assert part.class_names == ("a", "b")


def test_a_part_may_have_images_of_one_class_only():
    part = make().take(np.array([0, 2]))
    assert part.class_sizes.tolist() == [2, 0]


def test_a_dataset_and_a_split_have_a_repr_of_one_line():
    assert repr(make()) == "<Dataset here: 3 images of 4 x 5 x 1, 2 classes>"
    split = make(np.zeros((20, 4, 5, 1), np.float32), np.arange(20) % 2).split(test=4, validation=6)
    assert repr(split) == "<Split of here: 10 training, 6 validation, 4 test images, seed 0>"


def test_weights_stay_with_their_images():
    images, labels = np.zeros((3, 2, 2, 1)), [0, 1, 0]
    plain, weighted = (Dataset(images, labels, ["a", "b"], weights=weights) for weights in (None, [0.0, 1.5, 2.0]))
    assert weighted.take(np.array([2, 1])).weights.tolist() == [2.0, 1.5]
    assert plain.take(np.array([2, 1])).weights is None
    assert plain.fingerprint != weighted.fingerprint


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ([1.0, 2.0], "3 images but weights of shape"),
        ([1, -2, 1], "weight of image 1 is -2"),
        ([1, 1, np.nan], "2 is nan"),
    ],
)
def test_impossible_weights_are_refused(weights, found):
    with pytest.raises(DataError, match=found):
        Dataset(np.zeros((3, 2, 2, 1)), [0, 1, 0], ["a", "b"], weights=weights)


@pytest.mark.parametrize(
    "rows", [[10**9], [-4], "a", [1.5], np.zeros((2, 2), int), np.ones(9, bool), [], 1, None, [2**70]]
)
def test_rows_that_are_not_there_are_refused(rows):
    with pytest.raises(DataError, match=r"rows|no images"):
        make().take(rows)


@pytest.mark.parametrize("rows", [[2, 0], (2, 0), [-1, 0], slice(None, None, -2), np.array([2, 0], np.uint8)])
def test_rows_are_selected_as_of_an_array(rows):
    part, whole = make().take(rows), make()
    np.testing.assert_array_equal(part.images, whole.images[[2, 0]])
    assert part.labels.tolist() == whole.labels[[2, 0]].tolist()


@pytest.mark.parametrize(
    ("names", "expected"), [(("7", "9"), [7, 9, 7]), (("07", "9"), ["07", "9", "07"]), (("a", "b"), ["a", "b", "a"])]
)
def test_labels_are_named_as_a_model_answers(names, expected):
    few = Dataset(np.eye(3, 4).reshape(3, 2, 2, 1), [0, 1, 0], names)
    assert few.named_labels.tolist() == expected
    network = Network(few.image_shape, (Flatten(), Dense(2, "softmax")))
    weights = {"dense_1/weights": np.zeros((4, 2)), "dense_1/biases": np.zeros(2)}
    assert Model.from_parameters(network, weights, few).predict(few).dtype == few.named_labels.dtype
