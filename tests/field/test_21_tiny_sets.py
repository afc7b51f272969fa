"""A handful of pictures: trained on with an honest interval, or refused with what is too few."""

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.errors import DataError


@pytest.fixture
def make(tmp_path):
    """Save so many digits of each class in folders a, b, c."""
    dataset = open_dataset("digits28")

    def make(*sizes):
        for label, size in enumerate(sizes):
            folder = tmp_path / "abc"[label]
            folder.mkdir()
            for row in np.flatnonzero(dataset.labels == label)[:size]:
                Image.fromarray(np.round(dataset.images[row, ..., 0] * 255).astype(np.uint8)).save(
                    folder / f"{row}.png"
                )
        return tmp_path

    return make


@pytest.mark.parametrize("sizes", [(5, 5), (6, 6, 1), (60, 3)])
def test_few_pictures_are_all_read_under_their_own_labels(sizes, make):
    dataset = open_dataset(make(*sizes))
    assert np.bincount(dataset.labels).tolist() == list(sizes)


def test_each_part_of_a_split_of_ten_pictures_has_some(make):
    split = open_dataset(make(5, 5)).split()
    assert min(len(split.train), len(split.validation), len(split.test)) >= 1
    assert len(split.train) + len(split.validation) + len(split.test) == 10


def test_two_pictures_cannot_be_split_and_that_is_said(make):
    with pytest.raises(DataError, match=r"test is 0.25 of 2 images, which rounds to none"):
        open_dataset(make(1, 1)).split()
