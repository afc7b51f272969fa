"""Images that others found on their side, or that we once turned: drawings of wide things, and letters by path."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from inklings.data import from_arrays, open_dataset
from inklings.errors import DataWarning


def draw_fish(label, random):
    """Something wider than tall, 28 x 28."""
    image = Image.new("L", (112, 112))
    width, height = random.uniform(60, 76), random.uniform(24, 34)
    x, y = 52 + random.uniform(-4, 4), 56 + random.uniform(-8, 8)
    box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    draw = ImageDraw.Draw(image)
    (draw.ellipse if label else draw.rectangle)(box, outline=255, width=6)
    return np.asarray(image.resize((28, 28), Image.Resampling.BOX))


@pytest.fixture(scope="module")
def drawings():
    random = np.random.default_rng(1)
    labels = np.arange(120) % 2
    return np.stack([draw_fish(label, random) for label in labels]), labels


@pytest.fixture(scope="module")
def letters():
    images = []
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for size in (18, 20, 22):
            image = Image.new("L", (28, 28))
            ImageDraw.Draw(image).text((14, 14), letter, 255, ImageFont.load_default(size), anchor="mm")
            images.append(np.asarray(image))
    return np.stack(images), np.repeat(np.arange(1, 27), 3).astype(np.uint8)


def write_idx(path, array):
    content = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(content))


def test_drawings_wider_than_tall_stay_upright_as_flat_rows(drawings, tmp_path):
    images, labels = drawings
    np.savez(tmp_path / "drawings.npz", X=images.reshape(len(images), -1), y=labels)
    with pytest.warns(DataWarning, match="pixels are taken as row-major.*column_major=True turns them"):
        dataset = open_dataset(tmp_path / "drawings.npz")
    np.testing.assert_allclose(dataset.images[..., 0], images / 255, atol=1e-6)


def test_drawings_wider_than_tall_stay_upright_as_whole_images(drawings):
    images, labels = drawings
    dataset = from_arrays(images, labels)
    np.testing.assert_allclose(dataset.images[..., 0], images / 255, atol=1e-6)
    assert not any("column_major" in note for note in dataset.notes)


@pytest.mark.parametrize("whole_folder", [True, False])
def test_emnists_letters_by_path_come_out_upright(letters, tmp_path, whole_folder):
    images, labels = letters
    for part in ("train", "test"):
        write_idx(tmp_path / f"emnist-letters-{part}-images-idx3-ubyte.gz", np.ascontiguousarray(images.swapaxes(1, 2)))
        write_idx(tmp_path / f"emnist-letters-{part}-labels-idx1-ubyte.gz", labels)
    path = tmp_path if whole_folder else tmp_path / "emnist-letters-train-images-idx3-ubyte.gz"
    with pytest.warns(DataWarning, match="images were turned, since files of this name hold them transposed"):
        dataset = open_dataset(path)
    np.testing.assert_allclose(dataset.images[: len(images), ..., 0], images / 255, atol=1e-6)
    assert dataset.interpretation.transposed
    kept = open_dataset(path, column_major=False)
    np.testing.assert_allclose(kept.images[: len(images), ..., 0], images.swapaxes(1, 2) / 255, atol=1e-6)


def test_letters_of_unknown_origin_are_kept_and_the_option_is_named(letters, tmp_path):
    images, labels = letters
    write_idx(tmp_path / "mine-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "mine-labels-idx1-ubyte.gz", labels)
    with pytest.warns(DataWarning, match="may be EMNIST's letters.*column_major=True turns them"):
        dataset = open_dataset(tmp_path)
    np.testing.assert_allclose(dataset.images[..., 0], images / 255, atol=1e-6)
