"""Label 10 is the digit 0 where the images are digits, and a tenth class where they are not."""

import numpy as np
import pytest

from inklings.data import from_arrays, open_dataset
from inklings.errors import DataWarning


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits28").take(np.arange(400))


def test_digits_with_10_for_0_are_digits_again(digits):
    with pytest.warns(DataWarning, match="label 10 stands for the digit 0"):
        dataset = from_arrays(digits.images, np.where(digits.labels == 0, 10, digits.labels))
    assert dataset.class_names == tuple("0123456789")
    assert np.array_equal(dataset.labels, digits.labels)


def test_digits_under_shifted_labels_keep_label_10(digits):
    dataset = from_arrays(digits.images, digits.labels + 1)
    assert dataset.class_names == tuple(map(str, range(1, 11)))
    assert any("label 10 is a class of its own" in note for note in dataset.notes)


def test_the_tenth_of_ten_textures_is_no_zero():
    random = np.random.default_rng(0)
    images = random.random((200, 16, 16)) * 0.4
    assert from_arrays(images, np.arange(200) % 10 + 1).class_names[-1] == "10"


def test_ten_without_the_others_stays_ten(digits):
    rows = np.isin(digits.labels, (0, 1, 2))
    labels = np.where(digits.labels == 0, 10, digits.labels)[rows]
    assert from_arrays(digits.images[rows], labels).class_names == ("1", "2", "10")
