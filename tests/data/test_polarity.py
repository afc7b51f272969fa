"""Dark ink and light ink, and images that do not show which they have."""

import numpy as np
import pytest

from inklings.data import from_arrays, open_dataset
from inklings.errors import DataWarning


@pytest.fixture(scope="module")
def digits():
    data = open_dataset("digits28").take(np.arange(200))
    return np.round(data.images[..., 0] * 255).astype(np.uint8), data.labels


def test_a_background_that_is_neither_is_kept_and_it_is_said(digits):
    pixels, labels = digits
    grey = (120 + pixels // 2).astype(np.uint8)
    with pytest.warns(DataWarning, match=r"cannot tell whether ink is dark or light, .*invert=True swaps"):
        dataset = from_arrays(grey, labels)
    assert not dataset.interpretation.inverted


def test_some_images_on_light_paper_are_counted(digits):
    pixels, labels = digits
    pixels = pixels.copy()
    pixels[:60] = 255 - pixels[:60]
    with pytest.warns(DataWarning, match="30% of the images have a light background and 70% a dark one"):
        from_arrays(pixels, labels)


def test_a_class_that_differs_by_its_background_is_named(digits):
    pixels, labels = digits
    pixels, names = pixels.copy(), np.where(labels == 3, "three", "other")
    pixels[labels == 3] = 255 - pixels[labels == 3]
    pixels[labels == 4] = 255 - pixels[labels == 4]
    with pytest.warns(DataWarning, match="light in class 'three', dark in 'other'"):
        from_arrays(pixels, names)


def test_photographs_in_colour_are_never_inverted_by_guess():
    light = np.random.default_rng(0).integers(180, 256, (10, 8, 8, 3)).astype(np.uint8)
    dataset = from_arrays(light, [0, 1] * 5)
    assert not dataset.interpretation.inverted
