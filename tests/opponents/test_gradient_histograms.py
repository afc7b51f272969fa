"""Histograms of gradients, against the paper's description written out pixel by pixel."""

from math import atan2, floor, hypot, pi, sqrt

import numpy as np
import pytest
from sklearn.base import clone

from inklings.opponents.transformers import GradientHistograms


def by_hand(image, cells, directions):
    """Dalal and Triggs' steps for one grey image, one pixel, one cell and one direction at a time."""
    height, width = image.shape
    at = lambda row, column: image[row, column] if 0 <= row < height and 0 <= column < width else 0.0  # noqa: E731
    votes = np.zeros((cells, cells, directions))
    for row in range(height):
        for column in range(width):
            across, down = at(row, column + 1) - at(row, column - 1), at(row + 1, column) - at(row - 1, column)
            place = (atan2(down, across) % (2 * pi)) * directions / (2 * pi) - 0.5
            first = floor(place)
            y, x = (row + 0.5) * cells / height - 0.5, (column + 0.5) * cells / width - 0.5
            for direction, near in ((first, first + 1 - place), (first + 1, place - first)):
                for cell_row in (floor(y), floor(y) + 1):
                    for cell_column in (floor(x), floor(x) + 1):
                        if 0 <= cell_row < cells and 0 <= cell_column < cells:
                            share = (1 - abs(y - cell_row)) * (1 - abs(x - cell_column))
                            votes[cell_row, cell_column, direction % directions] += near * share * hypot(across, down)
    blocks = []
    for row in range(cells - 1):
        for column in range(cells - 1):
            block = votes[row : row + 2, column : column + 2].ravel()
            block = np.minimum(block / sqrt((block**2).sum() + 1e-4), 0.2)
            blocks.append(block / sqrt((block**2).sum() + 1e-4))
    return np.concatenate(blocks)


@pytest.mark.parametrize(("height", "width", "cells", "directions"), [(20, 20, 5, 12), (9, 14, 3, 8), (28, 28, 4, 9)])
def test_features_are_those_computed_pixel_by_pixel(height, width, cells, directions):
    images = np.random.default_rng(0).random((3, height, width, 1), np.float32)
    found = GradientHistograms((height, width, 1), cells, directions).transform(images.reshape(3, -1))
    expected = np.stack([by_hand(image[..., 0].astype(np.float64), cells, directions) for image in images])
    assert found.shape == (3, (cells - 1) ** 2 * 4 * directions)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_contrast_of_a_stroke_does_not_matter_and_a_blank_image_is_all_zero():
    image = np.zeros((1, 20, 20), np.float32)
    image[0, 4:16, 9:11] = 1
    histograms = GradientHistograms((20, 20, 1))
    bright, faint, blank = (histograms.transform((scale * image).reshape(1, -1)) for scale in (1, 0.5, 0))
    np.testing.assert_allclose(bright, faint, atol=0.02)
    assert not blank.any()


def test_of_three_channels_the_steepest_counts():
    grey = np.random.default_rng(1).random((2, 10, 10, 1), np.float32)
    colour = np.concatenate([0.1 * grey, grey, 0.3 * grey], axis=3)
    one = GradientHistograms((10, 10, 1), 3).transform(grey.reshape(2, -1))
    three = GradientHistograms((10, 10, 3), 3).transform(colour.reshape(2, -1))
    np.testing.assert_allclose(one, three, atol=1e-6)


def test_many_images_are_described_as_each_alone():
    images = np.random.default_rng(2).random((1100, 64), np.float32)
    histograms = clone(GradientHistograms((8, 8, 1), 3))
    np.testing.assert_array_equal(histograms.transform(images)[1000:1003], histograms.transform(images[1000:1003]))
