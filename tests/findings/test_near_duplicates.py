import io

import numpy as np
import pytest
from PIL import Image

import inklings
from inklings.data import Dataset
from inklings.findings.described import describe_images
from inklings.findings.near_duplicates import copies, find_near_duplicates


@pytest.fixture(scope="module")
def some():
    return inklings.open_dataset("digits").take(np.arange(0, 5000, 10))


def as_jpeg(image, quality):
    file = io.BytesIO()
    Image.fromarray((np.clip(image[..., 0], 0, 1) * 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file), np.float32)[..., np.newaxis] / 255


def near_of(dataset):
    described = describe_images(dataset)
    return find_near_duplicates(described.thumbnails, dataset.labels, copies(described.hashes))


def joined(dataset, images, labels):
    return Dataset(np.concatenate([dataset.images, images]), np.append(dataset.labels, labels), dataset.class_names)


@pytest.mark.parametrize("change", ["jpeg", "contrast", "noise"])
def test_an_image_that_was_saved_again_is_found(some, change):
    rows = np.arange(3, 500, 50)
    found = some.images[rows]
    if change == "jpeg":
        found = np.stack([as_jpeg(image, 75) for image in found])
    elif change == "contrast":
        found = 0.7 * found + 0.1
    else:
        found = found + np.random.default_rng(0).normal(0, 0.02, found.shape)
    near = near_of(joined(some, found, some.labels[rows]))
    pairs = set(zip(near.first.tolist(), near.second.tolist(), strict=True))
    made = {(int(row), 500 + number) for number, row in enumerate(rows)}
    assert len(pairs & made) >= 9
    assert len(pairs - made) <= 1


def test_strokes_that_different_people_wrote_are_not_the_same(some):
    assert len(near_of(some)) == 0


def test_exact_copies_are_named_by_the_first():
    assert copies(np.array([7, 5, 7, 7], np.uint64)).tolist() == [0, 1, 0, 0]


def test_equal_blank_and_few_images_have_no_neighbours():
    images = np.zeros((6, 8, 8, 1), np.float32)
    images[3:, 2:5, 2:5] = 1
    assert len(near_of(Dataset(images, [0, 1, 0, 1, 0, 1], ("a", "b")))) == 0
