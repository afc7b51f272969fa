import gzip
import shutil

import h5py
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import scipy.io
from PIL import Image

import inklings.data
from inklings.data import open_dataset
from inklings.errors import DataError, InklingsError


def test_an_unknown_name_is_answered_with_the_known_and_the_nearest():
    with pytest.raises(
        DataError, match=r"no data set and no file is called 'digit', known .* digits, digits28, mnist, .*; did you"
    ):
        open_dataset("digit")
    with pytest.raises(DataError, match=r"'somewhere/else.csv'.*give the path of data in a known format: MATLAB, "):
        open_dataset("somewhere/else.csv")


def test_every_public_name_is_there():
    assert all(hasattr(inklings.data, name) for name in inklings.data.__all__)


def test_empty_files_and_folders_are_refused(tmp_path):
    (tmp_path / "none.csv").touch()
    with pytest.raises(DataError, match=r"none.csv: is empty \(0 bytes\)"):
        open_dataset(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"no pictures, found none.csv, expected .*; if one of the files"):
        open_dataset(tmp_path)


def test_a_single_picture_and_unknown_bytes_are_refused(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "one.png")
    (tmp_path / "odd.bin").write_bytes(b"\1\0\2\0\3\0")
    with pytest.raises(DataError, match=r"one.png: is a single picture \(4 x 4 pixels\), .*\(or their size: tile\)$"):
        open_dataset(tmp_path / "one.png")
    with pytest.raises(DataError, match=r"odd.bin: begins with bytes 01 00 02 00 03 00, expected MATLAB"):
        open_dataset(tmp_path / "odd.bin")


def write_mat(folder, images, labels):
    scipy.io.savemat(folder / "d.mat", {"X": images, "y": labels}, do_compression=True)
    return folder / "d.mat"


def write_plain_mat(folder, images, labels):
    scipy.io.savemat(folder / "d.mat", {"X": images, "y": labels})
    return folder / "d.mat"


def write_mat4(folder, images, labels):
    scipy.io.savemat(folder / "d.mat", {"X": images.reshape(len(images), -1), "y": labels}, format="4")
    return folder / "d.mat"


def write_hdf5(folder, images, labels):
    with h5py.File(folder / "d.mat", "w") as file:
        file.create_dataset("X", data=images, compression="gzip", fletcher32=True)
        file["y"] = labels
    return folder / "d.mat"


def write_npz(folder, images, labels):
    np.savez_compressed(folder / "d.npz", x=images, y=labels)
    return folder / "d.npz"


def write_npy(folder, images, labels):
    np.save(folder / "d.npy", images)
    np.save(folder / "y.npy", labels)
    return folder / "d.npy"


def write_parquet(folder, images, labels):
    table = pyarrow.table({"image": [image.ravel().tolist() for image in images], "label": labels})
    pyarrow.parquet.write_table(table, folder / "d.parquet")
    return folder / "d.parquet"


WRITERS = [write_mat, write_plain_mat, write_mat4, write_hdf5, write_npz, write_npy, write_parquet]


@pytest.fixture(params=[*WRITERS, "idx", "idx.gz", "png"])
def sound(request, tmp_path, write_idx, pixels, labels):
    """A path of one file, of each kind in turn, and what opens it."""
    images, labels = pixels[:20], labels[:20]
    if callable(request.param):
        path = request.param(tmp_path, images, labels)
        return path, path
    if request.param == "png":
        for row, label in enumerate(labels):
            (tmp_path / str(label)).mkdir(exist_ok=True)
            Image.fromarray(images[row]).save(tmp_path / str(label) / f"{row}.png")
        return tmp_path / str(labels[0]) / "0.png", tmp_path
    suffix = request.param.removeprefix("idx")
    write_idx(tmp_path / f"d-images-idx3{suffix}", images)
    write_idx(tmp_path / f"d-labels-idx1{suffix}", labels)
    return tmp_path / f"d-images-idx3{suffix}", tmp_path / f"d-images-idx3{suffix}"


def one_line(error):
    assert "\n" not in str(error)
    assert len(str(error)) < 700
    return True


def test_a_file_cut_off_anywhere_is_refused_in_one_line(sound):
    path, opened = sound
    assert len(open_dataset(opened)) == 20
    whole = path.read_bytes()
    cuts = {0, 1, 3, 7, 20, 64, 127, 128, 140, 600, *np.linspace(0, len(whole) - 1, 40).astype(int).tolist()}
    for cut in sorted(cut for cut in cuts if cut < len(whole)):
        path.write_bytes(whole[:cut])
        if path.suffix == ".png" and cut >= len(whole) - 4:
            continue  # all that is missing is the sum over the mark of the end
        with pytest.raises(DataError) as caught:
            open_dataset(opened)
        assert one_line(caught.value)


def test_a_file_with_flipped_bytes_is_read_or_refused_in_one_line(sound):
    path, opened = sound
    whole = path.read_bytes()
    random = np.random.default_rng(1)
    places = np.concatenate([np.arange(0, min(len(whole), 200), 3), random.integers(0, len(whole), 60)])
    refused = 0
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= int(random.integers(1, 256))
        path.write_bytes(damaged)
        try:
            open_dataset(opened)
        except InklingsError as error:
            refused += one_line(error)
    assert refused > 0


@pytest.mark.parametrize("sound", [write_mat, write_hdf5, write_npz, "idx.gz", "png"], indirect=True)
def test_compressed_content_that_changed_is_noticed(sound):
    path, opened = sound
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0x55
    path.write_bytes(damaged)
    with pytest.raises(DataError):
        open_dataset(opened)


@pytest.mark.parametrize("write", [write for write in WRITERS if write is not write_mat4])
def test_a_file_is_known_by_its_content_under_any_name(write, tmp_path, pixels, labels):
    path = write(tmp_path, pixels[:20], labels[:20])
    for name in ("noname", "wrong.csv"):
        shutil.copy(path, tmp_path / name)
        assert len(open_dataset(tmp_path / name)) == 20


def test_compressed_files_other_than_idx_and_csv_are_refused(tmp_path, pixels, labels):
    path = write_npz(tmp_path, pixels[:20], labels[:20])
    (tmp_path / "d.npz.gz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=r"is compressed by gzip, expected only IDX, CSV and TAR"):
        open_dataset(tmp_path / "d.npz.gz")


@pytest.mark.parametrize("shape", ["14x28", (14, 28), [14, 28], np.array([14, 28])])
def test_sizes_are_two_numbers_or_text_as_on_the_command_line(shape, tmp_path):
    np.savez(tmp_path / "wide.npz", x=np.random.default_rng(0).random((6, 14 * 28)), y=[0, 1] * 3)
    assert open_dataset(tmp_path / "wide.npz", shape=shape).image_shape == (14, 28, 1)
    assert open_dataset(tmp_path / "wide.npz", shape=shape, size="7x9").image_shape == (7, 9, 1)


@pytest.mark.parametrize("option", ["shape", "grid", "tile"])
@pytest.mark.parametrize("value", ["x", "9" * 5000, (14,), 3.5, (0, 3), ["a", "b"], {1: 2}])
def test_what_is_not_a_size_is_refused(option, value, tmp_path):
    with pytest.raises(DataError, match=option):
        open_dataset(tmp_path, **{option: value})


def test_arrays_in_place_of_a_path_are_told_where_arrays_go():
    with pytest.raises(DataError, match=r"of type ndarray, expected a name or a path; .*from_arrays"):
        open_dataset(np.zeros((3, 4, 4)))
