"""Splits with fewer training images, or wrong labels on purpose."""

from itertools import pairwise

import numpy as np
import pytest

import inklings
from inklings.data.split import draw_some
from inklings.errors import DataError


@pytest.fixture(scope="module")
def digits():
    return inklings.open_dataset("digits")


def test_fewer_images_are_of_every_class_and_among_those_of_more(digits):
    whole, some, few = (digits.split(train=count) for count in (None, 500, 50))
    assert set(few.train_rows) < set(some.train_rows) < set(whole.train_rows)
    assert np.bincount(few.train.labels).tolist() == [5] * 10
    assert np.array_equal(few.test_rows, whole.test_rows)
    assert np.array_equal(few.validation_rows, whole.validation_rows)


def test_more_never_leaves_out_what_fewer_had():
    sizes = (6, 6, 2, 1)
    labels = np.repeat(np.arange(4), sizes)
    drawn = [set(draw_some(labels, np.arange(15), count, seed=3)) for count in range(1, 16)]
    assert all(fewer < more for fewer, more in pairwise(drawn))
    for count, some in enumerate(drawn, 1):
        exact = np.array(sizes) * count / 15
        assert (np.abs(np.bincount(labels[sorted(some)], minlength=4) - exact) <= 1).all()


def test_noise_changes_labels_of_training_images_alone(digits):
    plain, noisy = digits.split(train=1000), digits.split(train=1000, label_noise=0.3)
    assert (noisy.train.labels != plain.train.labels).sum() == 300
    assert np.array_equal(noisy.test.labels, plain.test.labels)
    assert np.array_equal(noisy.validation.labels, plain.validation.labels)
    assert noisy.dataset.fingerprint != plain.dataset.fingerprint
    assert "30% of the training images have a wrong label on purpose" in noisy.dataset.notes
    assert np.array_equal(noisy.train.labels, digits.split(train=1000, label_noise=0.3).train.labels)


@pytest.mark.parametrize("settings", [{"train": 0}, {"train": 10_000}, {"label_noise": 1.5}, {"label_noise": -0.1}])
def test_impossible_sizes_and_shares_are_refused(digits, settings):
    with pytest.raises(DataError, match=next(iter(settings))):
        digits.split(**settings)


def test_images_of_one_class_cannot_get_another_ones_label(digits):
    ones = digits.take(np.flatnonzero(digits.labels == 0))
    with pytest.raises(DataError, match="label_noise needs images of a second class"):
        ones.split(label_noise=0.1)
