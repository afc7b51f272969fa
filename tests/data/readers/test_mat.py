import struct
import sys
import zlib

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from inklings.data import open_dataset
from inklings.errors import DataError, MissingDependencyError


@pytest.fixture
def course(pixels, labels):
    """What the course's file holds: column-major rows of floats, and 10 for the digit 0, as a column."""
    rows = (pixels / 255.0).swapaxes(1, 2).reshape(len(pixels), -1)
    return {"X": rows, "y": np.where(labels == 0, 10, labels)[:, None]}


def save(path, arrays, **options):
    scipy.io.savemat(path, arrays, **options)
    return path


def write_v73(path, arrays):
    """Write HDF5 as MATLAB does: a text of 512 bytes before it, axes in reverse, each variable's class noted."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=np.asarray(array).T, compression="gzip").attrs["MATLAB_class"] = b"double"
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return path


@pytest.mark.parametrize("options", [{}, {"do_compression": True}, {"format": "4"}])
def test_the_courses_file_comes_out_upright_with_label_10_as_0(options, tmp_path, course, digits28):
    dataset = open_dataset(save(tmp_path / "course.mat", course, **options))
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)
    assert np.array_equal(dataset.labels, digits28.labels[:300])
    assert dataset.class_names == tuple("0123456789")
    assert any("column-major" in note and "column_major=False overrides" in note for note in dataset.notes)
    assert any("label 10 stands for the digit 0" in note for note in dataset.notes)


def test_version_73_is_the_same(tmp_path, course, digits28):
    dataset = open_dataset(write_v73(tmp_path / "course.mat", course))
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)
    assert np.array_equal(dataset.labels, digits28.labels[:300])


def test_rows_in_row_major_order_are_detected_by_their_pixels(tmp_path, course, pixels, digits28):
    course["X"] = pixels.reshape(len(pixels), -1)
    dataset = open_dataset(save(tmp_path / "rows.mat", course))
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)


def test_the_user_overrides_the_detected_order(tmp_path, course, digits28):
    dataset = open_dataset(save(tmp_path / "course.mat", course), column_major=False)
    assert np.allclose(dataset.images, digits28.images[:300].swapaxes(1, 2), atol=1e-6)
    assert any("row-major, as requested" in note for note in dataset.notes)


def test_pixels_without_evidence_are_taken_as_matlab_stores_them(tmp_path):
    images = np.random.default_rng(0).random((20, 6, 6)) * 0.4
    rows = images.swapaxes(1, 2).reshape(20, -1)
    dataset = open_dataset(save(tmp_path / "noise.mat", {"X": rows, "y": np.arange(20) % 2}))
    assert np.allclose(dataset.images[..., 0], images, atol=1e-6)
    assert any("taken as column-major, as MATLAB stores them" in note for note in dataset.notes)


@pytest.mark.parametrize("write", [save, write_v73])
def test_coloured_images_with_the_number_last_are_read(write, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 7, 5, 3))
    images[0, 0, 0, 0] = 255
    path = write(tmp_path / "svhn.mat", {"X": np.moveaxis(images, 0, 3), "y": np.arange(1, 13)[:, None] % 10 + 1})
    dataset = open_dataset(path)
    assert np.allclose(dataset.images, images / 255, atol=1e-6)
    assert dataset.class_names[dataset.labels[8]] == "10", "the images show no digit 0"


def test_structs_are_looked_into_and_their_test_images_set_aside(tmp_path, pixels, labels):
    rows = pixels.swapaxes(1, 2).reshape(len(pixels), -1)
    parts = {
        "train": {"images": rows[:200], "labels": labels[:200, None]},
        "test": {"images": rows[200:], "labels": labels[200:, None]},
        "mapping": np.arange(20).reshape(10, 2),
    }
    dataset = open_dataset(save(tmp_path / "nested.mat", {"dataset": parts}))
    assert np.array_equal(dataset.given_test, np.arange(200, 300))
    assert np.allclose(dataset.images[..., 0], pixels / 255, atol=1e-6)


def test_text_labels_in_cells_and_in_rows_of_characters_name_the_classes(tmp_path):
    images = np.zeros((3, 4, 4))
    cells = np.array(["dog", "cat", "dog"], object)
    for name, labels in (("cells", cells), ("rows", np.array(["dog", "cat", "dog"]))):
        dataset = open_dataset(save(tmp_path / f"{name}.mat", {"X": images, "y": labels}))
        assert dataset.labels.tolist() == [1, 0, 1]
        assert dataset.class_names == ("cat", "dog")


def test_variables_under_any_names_are_found_by_shape(tmp_path, course, digits28):
    odd = {"gamma": course["X"], "delta": course["y"], "version": 3.0}
    assert len(open_dataset(save(tmp_path / "odd.mat", odd))) == 300


def test_several_candidates_are_listed_and_one_can_be_named(tmp_path, course, digits28):
    path = save(tmp_path / "two.mat", {"one": course["X"] / 2, "two": course["X"], "y": course["y"]})
    with pytest.raises(DataError, match=r"several variables could be the images: one \(300, 784\), two .*images="):
        open_dataset(path)
    assert np.allclose(open_dataset(path, images="two").images, digits28.images[:300], atol=1e-6)


def test_a_named_variable_that_is_not_there_is_refused_with_those_that_are(tmp_path, course):
    path = save(tmp_path / "course.mat", course)
    with pytest.raises(DataError, match=r"course.mat: holds no variable 'labels', found X \(300, 784\), y"):
        open_dataset(path, labels="labels")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y": np.arange(5)}, "no images, expected an array of 2 to 4 axes"),
        ({"X": np.eye(5, 4)}, "no labels, expected a vector"),
        ({"X": np.ones((5, 4)), "y": np.arange(6)}, "5 images .* but 6 labels"),
        ({"X": np.ones((5, 4)), "y": np.ones(5)}, "the one class '1'"),
        ({"X": np.full((5, 4), np.nan), "y": np.arange(5)}, "image 0 .of 5 such. holds NaN"),
        ({}, "without any variable"),
    ],
)
def test_files_without_usable_images_and_labels_are_refused(arrays, message, tmp_path):
    path = save(tmp_path / "bad.mat", arrays)
    with pytest.raises(DataError, match=rf"bad.mat: .*{message}"):
        open_dataset(path)


@pytest.mark.parametrize(
    ("what", "sound", "damaged"),
    [
        ("the type of the numbers", b"\x09\0\0\0\x80", b"\x0e\0\0\0\x80"),
        ("no type at all", b"\x09\0\0\0\x80", b"\xc8\0\0\0\x80"),
        (
            "a flag for an imaginary part that is not there",
            b"\x06\0\0\0\x08\0\0\0\x06\0",
            b"\x06\0\0\0\x08\0\0\0\x06\x08",
        ),
        (
            "text without dimensions",
            b"\x05\0\0\0\x08\0\0\0\x01\0\0\0\x03\0\0\0",
            b"\x05\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0",
        ),
        ("a dimension below 0", b"\x04\0\0\0\x04\0\0\0", b"\x04\0\0\0\xff\xff\xff\xff"),
    ],
)
@pytest.mark.parametrize("compress", [False, True])
def test_damage_that_would_end_the_process_is_refused(compress, what, sound, damaged, tmp_path):
    path = save(tmp_path / "bad.mat", {"X": np.eye(4), "y": np.array(["dog", "cat", "dog", "cat"], object)})
    content = path.read_bytes()
    assert sound in content
    content = content.replace(sound, damaged, 1)
    if compress:
        first = zlib.compress(content[128 : 128 + 184])
        content = content[:128] + struct.pack("<2I", 15, len(first)) + first + content[128 + 184 :]
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"bad.mat: variable [12] is damaged"):
        open_dataset(path)


def test_objects_and_sparse_matrices_beside_the_images_are_left_alone(tmp_path, course):
    course["S"] = scipy.sparse.eye_array(300, format="csc")
    assert len(open_dataset(save(tmp_path / "more.mat", course))) == 300


def test_every_kind_of_number_is_read(tmp_path):
    images = np.arange(64).reshape(4, 4, 4) % 60
    for dtype in ("u1", "i2", "u4", "f4", "f8", "i8"):
        path = save(tmp_path / f"{dtype}.mat", {"X": images.astype(dtype), "y": np.arange(4, dtype=dtype)})
        assert np.allclose(open_dataset(path, invert=False).images[..., 0], images / 59)


def test_version_73_without_h5py_says_what_to_install(tmp_path, course, monkeypatch):
    path = write_v73(tmp_path / "course.mat", course)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(
        MissingDependencyError,
        match=r"needs the package h5py, which is not installed; pip install 'inklings\[matlab73\]'",
    ):
        open_dataset(path)


def test_an_hdf5_file_that_claims_a_terabyte_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "hollow.mat"
    with h5py.File(path, "w") as file:
        file.create_dataset("X", (10**6, 10**6), "u1", chunks=(1000, 1000))
        file["y"] = np.arange(5)
    with pytest.raises(DataError, match=r"variable 'X' claims 931.3 GiB, expected at most 4 GiB"):
        open_dataset(path)


@pytest.mark.parametrize("way", ["link", "storage", "virtual"])
def test_arrays_that_lie_in_another_file_are_refused(way, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8)
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["y"] = np.array([0, 1, 0, 1])
        if way == "link":
            file["x"] = h5py.ExternalLink(str(secret), "x")
        elif way == "storage":
            file.create_dataset("x", (4, 8, 8), np.uint8, external=[(str(secret), 0, 256)])
        else:
            layout = h5py.VirtualLayout((4, 8, 8), np.uint8)
            layout[:] = h5py.VirtualSource(str(secret), "x", (4, 8, 8))
            file.create_virtual_dataset("x", layout)
    with pytest.raises(DataError, match=r"data.h5: '/?x' lies in another file, .*secret.h5, expected arrays in this"):
        open_dataset(path)


@pytest.mark.parametrize("target", ["/x", "/nowhere"])
def test_a_link_to_itself_or_to_nothing_is_told_as_that(target, tmp_path):
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = h5py.SoftLink(target)
    with pytest.raises(DataError, match=r"data.h5: 'x' leads to nothing, or to itself"):
        open_dataset(path)


def test_a_link_within_the_file_is_followed(tmp_path, pixels, labels):
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["images"] = pixels[:40]
        file["kept/y"] = labels[:40]
        file["labels"] = h5py.SoftLink("/kept/y")
    dataset = open_dataset(path, labels="labels")
    assert np.array_equal(dataset.labels, labels[:40])


def test_many_references_to_one_long_text_are_refused_at_once(tmp_path):
    path = tmp_path / "names.mat"
    with h5py.File(path, "w") as file:
        text = file.create_dataset("#refs#/a", data=np.full((1 << 22, 1), ord("a"), np.uint16), compression="gzip")
        text.attrs["MATLAB_class"] = np.bytes_(b"char")
        cell = file.create_dataset("names", (1, 40), h5py.ref_dtype)
        cell.attrs["MATLAB_class"] = np.bytes_(b"cell")
        for number in range(40):
            cell[0, number] = text.ref
    assert path.stat().st_size < 1 << 16
    with pytest.raises(
        DataError, match=r"holds a text of 4,194,304 letters in a cell, expected at most 65,536"
    ) as told:
        open_dataset(path)
    assert len(str(told.value)) < 300
