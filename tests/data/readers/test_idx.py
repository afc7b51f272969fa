import gzip
import struct

import numpy as np
import pytest

from inklings.data import open_dataset
from inklings.errors import DataError

FOUR = (
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", slice(0, 200)),
    ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", slice(200, 300)),
)


@pytest.fixture
def write_four(tmp_path, write_idx, pixels, labels):
    def write(rename):
        for images, classes, rows in FOUR:
            write_idx(tmp_path / rename(images), pixels[rows])
            write_idx(tmp_path / rename(classes), labels[rows])
        return tmp_path

    return write


@pytest.fixture
def pair(tmp_path, write_idx, pixels, labels):
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", pixels)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", labels)
    return tmp_path


@pytest.mark.parametrize(
    "rename", [str, "{}.gz".format, lambda name: name.replace("-idx", ".idx"), "emnist-digits-{}".format]
)
def test_mnists_four_files_are_one_set_with_its_test_images_set_aside(rename, write_four, digits28):
    dataset = open_dataset(write_four(rename))
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)
    assert np.array_equal(dataset.labels, digits28.labels[:300])
    assert np.array_equal(dataset.split(validation=50).test_rows, np.arange(200, 300))


def test_plain_and_compressed_copies_side_by_side_are_read_once(write_four):
    write_four(str)
    assert len(open_dataset(write_four("{}.gz".format))) == 300


def test_a_folder_with_one_pair_is_that_pair(pair):
    dataset = open_dataset(pair)
    assert len(dataset) == 300
    assert dataset.given_test is None


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"])
def test_either_file_of_a_pair_finds_the_other(name, pair, digits28):
    assert np.array_equal(open_dataset(pair / name).labels, digits28.labels[:300])


def test_labels_under_another_name_can_be_named(tmp_path, write_idx, pixels, labels):
    write_idx(tmp_path / "pictures", pixels)
    write_idx(tmp_path / "answers", labels)
    with pytest.raises(DataError, match=r"pictures: no labels, .*labels="):
        open_dataset(tmp_path / "pictures")
    assert len(open_dataset(tmp_path / "pictures", labels="answers")) == 300
    with pytest.raises(DataError, match=r"expected the file nothing"):
        open_dataset(tmp_path / "pictures", labels="nothing")


@pytest.mark.parametrize("dtype", ["int16", "int32", "float32"])
def test_other_types_than_bytes_are_read(dtype, tmp_path, write_idx, pixels, labels, digits28):
    write_idx(tmp_path / "images-idx3", pixels.astype(dtype))
    write_idx(tmp_path / "labels-idx1", labels)
    assert np.allclose(open_dataset(tmp_path).images, digits28.images[:300], atol=1e-6)


def test_coloured_images_have_four_axes(tmp_path, write_idx):
    images = np.arange(4 * 5 * 6 * 3, dtype=np.uint8).reshape(4, 5, 6, 3) % 255
    write_idx(tmp_path / "images-idx4", images)
    write_idx(tmp_path / "labels-idx1", np.array([0, 1, 0, 1], np.uint8))
    assert open_dataset(tmp_path).image_shape == (5, 6, 3)


def test_a_pair_whose_lengths_differ_is_refused_by_name(pair, write_idx, labels):
    write_idx(pair / "train-labels-idx1-ubyte.gz", labels[:299])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: 300 images but 299 labels in train-labels"):
        open_dataset(pair)


def test_a_folder_with_images_and_no_labels_is_refused(pair):
    (pair / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"no labels, expected a file train-labels-idx1-ubyte beside it"):
        open_dataset(pair)


def test_a_folder_with_labels_and_no_images_is_refused(pair):
    (pair / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"no images, found only labels"):
        open_dataset(pair)


def test_a_folder_with_many_pairs_asks_for_one(write_four, write_idx, pixels, labels):
    folder = write_four(str)
    write_idx(folder / "more-images-idx3-ubyte", pixels)
    write_idx(folder / "more-labels-idx1-ubyte", labels)
    with pytest.raises(DataError, match=r"3 files of images .*expected one, or one to train and one to test"):
        open_dataset(folder)
    assert len(open_dataset(folder, images="more-images-idx3-ubyte")) == 300


def test_training_and_test_images_of_different_sizes_are_refused(write_four, write_idx, pixels):
    folder = write_four(str)
    write_idx(folder / "t10k-images-idx3-ubyte", pixels[200:, :20])
    with pytest.raises(DataError, match=r"training images of \(28, 28\) and test images of \(20, 28\)"):
        open_dataset(folder)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_tiny_file_that_claims_gigabytes_is_refused_before_it_is_read(compress, pair):
    claim = struct.pack(">HBB3I", 0, 8, 3, 200_000, 4096, 4096)
    (pair / "train-images-idx3-ubyte.gz").write_bytes(compress(claim))
    with pytest.raises(DataError, match=r"the header claims 3,125.0 GiB, expected at most 4 GiB"):
        open_dataset(pair)


def test_a_file_with_too_much_in_it_is_refused(pair, pixels):
    path = pair / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"\0"))
    with pytest.raises(DataError, match=r"more than 235,200 bytes of content, expected 235,200 for 300 x 28 x 28"):
        open_dataset(pair)


def written(path, values, code):
    head = struct.pack(">HBB", 0, code, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(head + values.tobytes())


@pytest.mark.parametrize(("code", "kind"), [(0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")])
@pytest.mark.parametrize("which", ["images", "labels"])
def test_numbers_with_their_lowest_byte_first_are_refused_and_others_are_read(
    code, kind, which, tmp_path, pixels, labels
):
    files = {"images": tmp_path / "train-images-idx3-ubyte", "labels": tmp_path / "train-labels-idx1-ubyte"}
    right = {"images": pixels[:100], "labels": labels[:100].astype(np.uint8)}
    for order in "><":
        for name, values in right.items():
            of_kind = values.astype(f"{order}{kind}") if name == which else values
            written(files[name], of_kind, code if name == which else 8)
        if order == ">":
            assert np.allclose(open_dataset(tmp_path).images[..., 0], pixels[:100] / 255, atol=1e-6)
            continue
        with pytest.raises(DataError, match="lowest byte first, expected the highest first"):
            open_dataset(tmp_path)
