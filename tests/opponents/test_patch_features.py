"""Features from typical patches: whitening, distances and sums, against definitions written out."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from inklings.opponents.patch_features import activations, normalise_patches, whitening_matrix
from inklings.opponents.transformers import PatchFeatures


@pytest.fixture(scope="module")
def stripes():
    """Images of upright or level stripes, 12 x 12, in a random place."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 300)
    images = np.zeros((300, 12, 12), np.float32)
    for image, label in zip(images, labels, strict=True):
        place = random.integers(2, 9)
        image[(slice(None), slice(place, place + 2)) if label else (slice(place, place + 2), slice(None))] = 1
    return images.reshape(300, -1) + random.normal(0, 0.05, (300, 144)).astype(np.float32), labels


def test_activations_are_the_papers_triangles():
    random = np.random.default_rng(1)
    patches, dictionary = random.normal(size=(40, 9)).astype(np.float32), random.normal(size=(7, 9)).astype(np.float32)
    distances = cdist(patches, dictionary)
    expected = np.maximum(0, distances.mean(1, keepdims=True) - distances)
    np.testing.assert_allclose(activations(patches, dictionary), expected, atol=1e-4)


def test_whitened_patches_are_uncorrelated():
    random = np.random.default_rng(2)
    patches = 30 * (random.normal(size=(5000, 6)) @ random.normal(size=(6, 6)))
    white = (patches - patches.mean(0)) @ whitening_matrix(patches - patches.mean(0))
    np.testing.assert_allclose(np.cov(white, rowvar=False), np.eye(6), atol=0.01)


def test_brightness_and_contrast_of_a_patch_do_not_matter_but_blank_ones_stay_blank():
    patch = np.random.default_rng(3).random((1, 36), np.float32)
    strong = normalise_patches(10 * patch + 3)
    np.testing.assert_allclose(np.corrcoef(strong, normalise_patches(patch))[0, 1], 1, atol=1e-5)
    assert np.abs(normalise_patches(np.full((1, 36), 0.7, np.float32))).max() < 1e-5


def test_upright_and_level_stripes_are_told_apart_linearly(stripes):
    from sklearn.linear_model import RidgeClassifier

    rows, labels = stripes
    features = PatchFeatures((12, 12, 1), 20, 4, 2).fit(rows[:200])
    classifier = RidgeClassifier().fit(features.transform(rows[:200]), labels[:200])
    assert features.transform(rows[:3]).shape == (3, 2 * 2 * 20)
    assert classifier.score(features.transform(rows[200:]), labels[200:]) > 0.97


def test_the_same_seed_learns_the_same_dictionary(stripes):
    one, other = (PatchFeatures((12, 12, 1), 10, 4).fit(stripes[0]).dictionary_ for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_images_smaller_than_a_patch_are_described_too():
    rows = np.random.default_rng(4).random((50, 16), np.float32)
    assert PatchFeatures((4, 4, 1), 8, 6, 2).fit(rows).transform(rows).shape == (50, 2 * 2 * 8)
