import tracemalloc

import numpy as np
import pytest

from inklings.data import describe, from_arrays, open_dataset
from inklings.data.augment import Augmentation
from inklings.data.lazy_images import ImageStack

COUNT = 60_000


@pytest.fixture(scope="module")
def many(digits28):
    """60,000 digits as bytes, shape (n, 28, 28), and their labels: the bundled ones twelve times, each time shifted."""
    pixels = np.round(digits28.images[..., 0] * 255).astype(np.uint8)
    shifted = [np.roll(pixels, (down, right), (1, 2)) for down in range(-1, 2) for right in range(-2, 2)]
    return np.concatenate(shifted), np.tile(digits28.labels, 12).astype(np.uint8)


@pytest.fixture
def paths(tmp_path, write_idx, many):
    """A pair of IDX files with 120,000 images, more than is read at once, of which each stands there twice."""
    write_idx(tmp_path / "many-images-idx3-ubyte", np.tile(many[0], (2, 1, 1)))
    write_idx(tmp_path / "many-labels-idx1-ubyte", np.tile(many[1], 2))
    return tmp_path / "many-images-idx3-ubyte"


ROWS = np.array([7, 59_999, 7, 30_000])


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
    small = from_arrays(pixels[:4000], labels[:4000], **options)
    assert isinstance(large.images, ImageStack)
    assert isinstance(small.images, np.ndarray)
    assert np.array_equal(large.images[:4000], small.images)
    assert large.images.shape == (COUNT, *small.images.shape[1:])
    assert large.notes == small.notes


@pytest.mark.parametrize("scale", ["floats", "stretched", "colours"])
def test_other_pixels_than_grey_bytes_are_made_alike(scale, many):
    pixels = many[0][:45_000, ::2, ::2]
    change = {
        "floats": lambda x: x.astype(np.float64) / 255,
        "stretched": lambda x: (x.astype(np.float32) - 100) / 50,
        "colours": lambda x: np.stack([x, x, 255 - x], axis=-1),
    }[scale]
    repeated = np.tile(change(pixels), (4, 1, 1, 1)[: change(pixels[:1]).ndim])
    labels = np.tile(many[1][:45_000], 4)
    large = from_arrays(repeated, labels, colour=False)
    small = from_arrays(change(pixels), many[1][:45_000], colour=False)
    assert isinstance(large.images, ImageStack)
    assert np.array_equal(large.images[-2000:], small.images[-2000:])


def test_rows_are_had_in_every_way_that_an_array_knows(many):
    stack = from_arrays(*many).images
    whole = np.asarray(stack)
    assert whole.shape == stack.shape == (COUNT, 28, 28, 1)
    assert whole.dtype == stack.dtype == np.float32
    assert len(stack) == COUNT
    for index in (3, -1, np.int64(8), slice(10, 90, 7), slice(-5, None), ROWS, np.arange(COUNT) % 9_000 == 1):
        assert np.array_equal(stack[index], whole[index])
    assert np.array_equal(stack[5:9, :, 3:8, 0], whole[5:9, :, 3:8, 0])
    assert np.array_equal(stack[5, :, 2], whole[5, :, 2])
    assert np.mean(stack) == pytest.approx(whole.mean(dtype=np.float64))
    assert (stack.min(), stack.max()) == (whole.min(), whole.max())
    with pytest.raises(IndexError):
        stack[COUNT]


def test_parts_of_a_split_are_rows_of_the_whole(many):
    dataset = from_arrays(*many)
    split = dataset.split(seed=3)
    assert split.crossing_duplicates == from_arrays(*many, size=(28, 28)).split(seed=3).crossing_duplicates
    for part, rows in ((split.train, split.train_rows), (split.test, split.test_rows)):
        assert np.array_equal(part.images[ROWS % len(rows)], dataset.images[rows[ROWS % len(rows)]])
        assert np.array_equal(part.labels, dataset.labels[rows])
    again = split.train.take(np.array([5, 2]))
    assert np.array_equal(again.images[:], dataset.images[split.train_rows[[5, 2]]])


def test_fingerprint_and_summary_are_those_of_the_plain_array(many):
    from inklings.data import Dataset

    large = from_arrays(*many)
    plain = Dataset(np.asarray(large.images), large.labels, large.class_names, large.source, large.notes)
    assert isinstance(plain.images, np.ndarray)
    assert large.fingerprint == plain.fingerprint
    assert describe(large).mean == pytest.approx(describe(plain).mean, rel=1e-5)
    assert describe(large).greatest == describe(plain).greatest


def test_images_that_stand_there_twice_are_counted(paths):
    split = open_dataset(paths).split(test=1000, validation=1000, seed=0)
    assert 1900 < split.crossing_duplicates <= 2000


def test_a_large_file_is_mapped_and_60000_images_cost_no_copy(paths, many):
    open_dataset("digits")  # what is loaded on the way is loaded before
    tracemalloc.start()
    dataset = open_dataset(paths)
    split = dataset.split(test=60_000, validation=1000, seed=0)
    batch = split.train.images[np.arange(0, 50_000, 1000)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert batch.shape == (50, 28, 28, 1)
    assert np.array_equal(dataset.images[ROWS], many[0][ROWS][..., None] / np.float32(255))
    as_floats = 4 * 120_000 * 28 * 28
    assert peak < as_floats / 4


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_file_of_numpys_is_mapped_too(order, tmp_path, many):
    np.save(tmp_path / "many.npy", np.asarray(np.tile(many[0], (2, 1, 1)), order=order))
    np.save(tmp_path / "y.npy", np.tile(many[1], 2))
    tracemalloc.start()
    dataset = open_dataset(tmp_path / "many.npy")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120_000 * 28 * 28 / 2
    assert np.array_equal(dataset.images[ROWS], many[0][ROWS][..., None] / np.float32(255))


def test_changes_at_random_are_those_of_the_plain_array(many):
    pixels = many[0][:45_000]
    stack = from_arrays(pixels, many[1][:45_000]).images
    changes = Augmentation(shift=2)
    moved = changes.apply(stack, np.random.default_rng(0))
    first = changes.apply(stack[:1000], np.random.default_rng(0))
    assert np.array_equal(moved[:1000], first)


def test_a_cut_off_large_file_is_refused(paths):
    content = paths.read_bytes()
    paths.write_bytes(content[:-1])
    from inklings.errors import DataError

    with pytest.raises(DataError, match=r"94,079,999 bytes of content, expected 94,080,000 for 120000 x 28 x 28"):
        open_dataset(paths)
