"""Flat rows that were cut into images of another shape than they show."""

import warnings

import numpy as np
import pytest
from PIL import Image

from inklings.data import from_arrays, open_dataset
from inklings.errors import DataWarning


@pytest.fixture(scope="module")
def digits():
    dataset = open_dataset("digits28")
    return np.round(dataset.images[:100, ..., 0] * 255).astype(np.uint8), dataset.labels[:100]


def resized(images, height, width):
    return np.stack([np.asarray(Image.fromarray(image).resize((width, height))) for image in images])


@pytest.mark.parametrize("column_major", [False, True])
@pytest.mark.parametrize(("height", "width", "cut"), [(18, 32, None), (32, 18, None), (28, 23, (23, 28))])
def test_rows_of_another_shape_are_said_to_be_with_the_option_that_takes_it(digits, height, width, cut, column_major):
    images, labels = digits
    oblong = resized(images, height, width)
    rows = (oblong.swapaxes(1, 2) if column_major else oblong).reshape(100, -1)
    with pytest.warns(DataWarning, match=rf"look like {height} x {width} \(shape={height}x{width} takes that\)"):
        from_arrays(rows, labels, shape=cut, column_major=column_major)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = from_arrays(rows, labels, shape=(height, width), column_major=column_major)
    np.testing.assert_allclose(dataset.images[..., 0], oblong / 255, atol=1e-6)


def test_rows_of_the_right_shape_are_passed_without_a_word(digits):
    images, labels = digits
    # Stripes along the rows are alike for a while further along, and not from row to row.
    level = np.tile(np.repeat(np.arange(28) % 4 < 2, 28) * 255, (100, 1)).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (100, 784), np.uint8)
    for rows in (images.reshape(100, -1), level + noise // 16, noise):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            from_arrays(rows, labels)
        assert not [warning for warning in said if "look like" in str(warning.message)]
