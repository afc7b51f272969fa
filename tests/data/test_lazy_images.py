"""What is larger than memory behaves as a plain array does. Most tests lower the sizes from which that begins."""

import tracemalloc

import numpy as np
import pytest

from inklings.data import Dataset, describe, from_arrays, open_dataset
from inklings.data.augment import Augmentation
from inklings.data.lazy_images import MAPPED, ImageStack
from inklings.errors import DataError

COUNT = 6_000


@pytest.fixture(scope="module")
def many(digits28):
    """6,000 digits as bytes, shape (n, 28, 28), and their labels: 500 bundled ones twelve times, each time shifted."""
    pixels = np.round(digits28.images[:500, ..., 0] * 255).astype(np.uint8)
    shifted = [np.roll(pixels, (down, right), (1, 2)) for down in range(-1, 2) for right in range(-2, 2)]
    return np.concatenate(shifted), np.tile(digits28.labels[:500], 12).astype(np.uint8)


@pytest.fixture
def lower_limits(monkeypatch):
    """Stacks from 1,337 images of 28 x 28 on, maps from 2,674 on, and goes through all in blocks of 334."""
    monkeypatch.setattr("inklings.data.lazy_images.LARGE", 1 << 22)
    monkeypatch.setattr("inklings.data.lazy_images.BLOCK", 1 << 20)
    for reader in ("idx", "numpy_file"):
        monkeypatch.setattr(f"inklings.data.readers.{reader}.MAPPED", 1 << 21)


@pytest.fixture
def paths(tmp_path, write_idx, many):
    """A pair of IDX files with 12,000 images, each of which is there twice."""
    write_idx(tmp_path / "many-images-idx3-ubyte", np.tile(many[0], (2, 1, 1)))
    write_idx(tmp_path / "many-labels-idx1-ubyte", np.tile(many[1], 2))
    return tmp_path / "many-images-idx3-ubyte"


ROWS = np.array([7, 5_999, 7, 3_000])


@pytest.mark.usefixtures("lower_limits")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"invert": True},
        {"column_major": True},
        {"size": 20},
        {"size": (14, 18), "invert": True, "column_major": True},
    ],
)
def test_images_of_a_large_set_are_those_of_a_small_one(options, many):
    pixels, labels = many
    large = from_arrays(pixels, labels, **options)
    small = from_arrays(pixels[:1000], labels[:1000], **options)
    assert isinstance(large.images, ImageStack)
    assert isinstance(small.images, np.ndarray)
    assert np.array_equal(large.images[:1000], small.images)
    assert large.images.shape == (COUNT, *small.images.shape[1:])
    assert large.notes == small.notes


@pytest.mark.usefixtures("lower_limits")
@pytest.mark.parametrize("scale", ["floats", "stretched", "colours"])
def test_other_pixels_than_grey_bytes_are_converted_alike(scale, many):
    pixels = many[0][:1500, ::2, ::2]
    change = {
        "floats": lambda x: x.astype(np.float64) / 255,
        "stretched": lambda x: (x.astype(np.float32) - 100) / 50,
        "colours": lambda x: np.stack([x, x, 255 - x], axis=-1),
    }[scale]
    repeated = np.tile(change(pixels), (4, 1, 1, 1)[: change(pixels[:1]).ndim])
    labels = np.tile(many[1][:1500], 4)
    large = from_arrays(repeated, labels, colour=False)
    small = from_arrays(change(pixels), many[1][:1500], colour=False)
    assert isinstance(large.images, ImageStack)
    assert isinstance(small.images, np.ndarray)
    assert np.array_equal(large.images[-1000:], small.images[-1000:])


@pytest.mark.usefixtures("lower_limits")
def test_rows_are_indexed_in_every_way_that_an_array_knows(many):
    stack = from_arrays(*many).images
    whole = np.asarray(stack)
    assert isinstance(stack, ImageStack)
    assert whole.shape == stack.shape == (COUNT, 28, 28, 1)
    assert whole.dtype == stack.dtype == np.float32
    assert len(stack) == COUNT
    for index in (3, -1, np.int64(8), slice(10, 90, 7), slice(-5, None), ROWS, np.arange(COUNT) % 900 == 1):
        assert np.array_equal(stack[index], whole[index])
    assert np.array_equal(stack[5:9, :, 3:8, 0], whole[5:9, :, 3:8, 0])
    assert np.array_equal(stack[5, :, 2], whole[5, :, 2])
    assert np.array_equal(stack[..., 0], whole[..., 0])
    assert np.array_equal(stack[None, 5], whole[None, 5])
    assert np.array_equal(stack[ROWS, ROWS % 28], whole[ROWS, ROWS % 28])
    assert np.mean(stack) == pytest.approx(whole.mean(dtype=np.float64))
    assert (stack.min(), stack.max()) == (whole.min(), whole.max())
    with pytest.raises(IndexError):
        stack[COUNT]


@pytest.mark.usefixtures("lower_limits")
def test_parts_of_a_split_are_rows_of_the_whole(many):
    dataset = from_arrays(*many)
    split = dataset.split(seed=3)
    plain = Dataset(np.asarray(dataset.images), dataset.labels, dataset.class_names)
    assert split.crossing_duplicates == plain.split(seed=3).crossing_duplicates
    for part, rows in ((split.train, split.train_rows), (split.test, split.test_rows)):
        assert np.array_equal(part.images[ROWS % len(rows)], dataset.images[rows[ROWS % len(rows)]])
        assert np.array_equal(part.labels, dataset.labels[rows])
    again = split.train.take(np.array([5, 2]))
    assert np.array_equal(again.images[:], dataset.images[split.train_rows[[5, 2]]])


@pytest.mark.usefixtures("lower_limits")
def test_fingerprint_and_summary_are_those_of_the_plain_array(many):
    large = from_arrays(*many)
    plain = Dataset(np.asarray(large.images), large.labels, large.class_names, large.source, large.notes)
    assert isinstance(large.images, ImageStack)
    assert isinstance(plain.images, np.ndarray)
    assert large.fingerprint == plain.fingerprint
    assert describe(large).mean == pytest.approx(describe(plain).mean, rel=1e-5)
    assert describe(large).greatest == describe(plain).greatest


@pytest.mark.usefixtures("lower_limits")
def test_images_that_shrink_are_read_by_the_size_of_their_raw_pixels(many):
    read = []
    stack = ImageStack(many[0][..., np.newaxis]).then(lambda raw: read.append(len(raw)) or raw[:, ::7, ::7])
    assert stack.max() == many[0][:, ::7, ::7].max()
    assert max(read) == 334


@pytest.mark.usefixtures("lower_limits")
def test_a_mapped_file_takes_lists_of_rows_and_counts_duplicates(paths):
    dataset = open_dataset(paths)
    assert np.array_equal(dataset.images[[7, -1]], dataset.images[np.array([7, 2 * COUNT - 1])])
    assert np.array_equal(dataset.images[[True] * 3 + [False] * (2 * COUNT - 3)], dataset.images[:3])
    assert dataset.images[[]].shape == (0, 28, 28, 1)
    split = dataset.split(test=1000, validation=1000, seed=0)
    part = np.empty(2 * COUNT, np.int64)
    for number, rows in enumerate((split.train_rows, split.validation_rows, split.test_rows)):
        part[rows] = number
    twins = np.roll(part, COUNT)
    assert split.crossing_duplicates == (twins < part).sum() > 1500


def test_a_large_file_is_mapped_and_60000_images_cost_no_copy(tmp_path, write_idx, many):
    open_dataset("digits")  # what is loaded on the way is loaded before
    pixels, labels = (np.concatenate([array] * 20) for array in many)
    assert pixels.nbytes > MAPPED
    write_idx(tmp_path / "many-images-idx3-ubyte", pixels)
    write_idx(tmp_path / "many-labels-idx1-ubyte", labels)
    tracemalloc.start()
    dataset = open_dataset(tmp_path)
    split = dataset.split(test=60_000, validation=1000, seed=0)
    batch = split.train.images[np.arange(0, 50_000, 1000)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert batch.shape == (50, 28, 28, 1)
    assert np.array_equal(dataset.images[ROWS], many[0][ROWS][..., None] / np.float32(255))
    as_floats = 4 * pixels.size
    assert peak < as_floats / 4


@pytest.mark.usefixtures("lower_limits")
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_file_of_numpys_is_mapped_too(order, tmp_path, many):
    np.save(tmp_path / "many.npy", np.asarray(np.tile(many[0], (2, 1, 1)), order=order))
    np.save(tmp_path / "y.npy", np.tile(many[1], 2))
    tracemalloc.start()
    dataset = open_dataset(tmp_path / "many.npy", column_major=False)  # orientation is detected on copies
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000 * 28 * 28 / 2
    assert np.array_equal(dataset.images[ROWS], many[0][ROWS][..., None] / np.float32(255))


@pytest.mark.usefixtures("lower_limits")
def test_random_changes_are_those_of_the_plain_array(many):
    stack = from_arrays(many[0][:1500], many[1][:1500]).images
    changes = Augmentation(shift=2)
    moved = changes.apply(stack, np.random.default_rng(0))
    plain = changes.apply(np.asarray(stack), np.random.default_rng(0))
    assert isinstance(stack, ImageStack)
    assert np.array_equal(moved, plain)


@pytest.mark.usefixtures("lower_limits")
def test_a_large_truncated_file_is_refused(paths):
    content = paths.read_bytes()
    paths.write_bytes(content[:-1])
    with pytest.raises(DataError, match=r"9,407,999 bytes of content, expected 9,408,000 for 12000 x 28 x 28"):
        open_dataset(paths)
