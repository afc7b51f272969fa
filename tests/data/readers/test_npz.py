import io
import pickle
import zipfile

import numpy as np
import pytest

from inklings.data import open_dataset
from inklings.errors import DataError


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_images_and_labels_under_their_usual_names_are_read(save, tmp_path, pixels, labels, digits28):
    save(tmp_path / "some.npz", images=pixels, labels=labels)
    dataset = open_dataset(tmp_path / "some.npz")
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)
    assert np.array_equal(dataset.labels, digits28.labels[:300])


def test_other_names_are_found_by_shape_or_named(tmp_path, pixels, labels):
    np.savez(tmp_path / "some.npz", alpha=labels, beta=pixels, gamma=np.arange(7))
    assert len(open_dataset(tmp_path / "some.npz")) == 300
    np.savez(tmp_path / "two.npz", alpha=labels, again=labels, beta=pixels)
    with pytest.raises(DataError, match=r"several variables could be the labels: alpha .*, again"):
        open_dataset(tmp_path / "two.npz")
    assert len(open_dataset(tmp_path / "two.npz", labels="again")) == 300


@pytest.mark.parametrize(
    "names",
    [("x_train", "y_train", "x_test", "y_test"), ("train_images", "train_labels", "test_images", "test_labels")],
)
def test_training_and_test_arrays_are_one_set_with_the_test_images_set_aside(names, tmp_path, pixels, labels):
    arrays = (pixels[:200], labels[:200], pixels[200:], labels[200:])
    np.savez(tmp_path / "mnist.npz", **dict(zip(names, arrays, strict=True)))
    dataset = open_dataset(tmp_path / "mnist.npz")
    assert np.array_equal(dataset.given_test, np.arange(200, 300))
    assert np.array_equal(dataset.labels, labels)


def test_text_labels_name_the_classes(tmp_path):
    np.savez(tmp_path / "pets.npz", x=np.zeros((3, 4, 4)), y=np.array(["dog", "cat", "dog"]))
    assert open_dataset(tmp_path / "pets.npz").class_names == ("cat", "dog")


def test_arrays_in_column_order_are_read_as_what_they_are(tmp_path, pixels, labels, digits28):
    np.savez(tmp_path / "fortran.npz", x=np.asfortranarray(pixels), y=labels)
    assert np.allclose(open_dataset(tmp_path / "fortran.npz").images, digits28.images[:300], atol=1e-6)


@pytest.mark.parametrize("name", ["y.npy", "labels.npy"])
def test_an_npy_file_finds_its_labels_beside_it(name, tmp_path, pixels, labels, digits28):
    np.save(tmp_path / "X.npy", pixels)
    np.save(tmp_path / name, labels)
    assert np.allclose(open_dataset(tmp_path / "X.npy").images, digits28.images[:300], atol=1e-6)


def test_labels_of_an_npy_file_can_be_named_beside_it_or_elsewhere(tmp_path, pixels, labels):
    np.save(tmp_path / "X.npy", pixels)
    np.save(tmp_path / "answers.npy", labels)
    for name in ("answers.npy", str(tmp_path / "answers.npy")):
        assert np.array_equal(open_dataset(tmp_path / "X.npy", labels=name).labels, labels)
    with pytest.raises(DataError, match=r"X.npy: no labels, expected a file y.npy or labels.npy beside it"):
        open_dataset(tmp_path / "X.npy")


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize("name", ["trap.npz", "X.npy"])
def test_pickled_objects_are_refused_and_never_opened(name, tmp_path, labels):
    objects = np.array([Trap()] * 300, object)
    np.save(tmp_path / "y.npy", labels)
    if name == "X.npy":
        np.save(tmp_path / name, objects, allow_pickle=True)
    else:
        np.savez(tmp_path / name, x=objects, y=labels)
    with pytest.raises(DataError, match=r"holds pickled Python objects, which can run any code"):
        open_dataset(tmp_path / name)


def test_a_bare_pickle_is_refused_and_never_opened(tmp_path):
    (tmp_path / "data.pkl").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataError, match=r"data.pkl: is a Python pickle, which can run any code and is never opened"):
        open_dataset(tmp_path / "data.pkl")


def claim(shape):
    """The bytes of an NPY file whose header promises more than there is."""
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return content.getvalue() + bytes(8)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2**32, 1), "claims 32.0 GiB, expected at most 4 GiB"),
        ((2**62, 2**62), "GiB, expected at most 4 GiB"),
        ((100, 100), "8 bytes of content, expected 80,000"),
        ((-1, -1), "expected"),
    ],
)
def test_a_header_that_claims_what_is_not_there_is_refused_before_anything_is_allocated(shape, message, tmp_path):
    np.save(tmp_path / "y.npy", np.arange(4))
    (tmp_path / "X.npy").write_bytes(claim(shape))
    with pytest.raises(DataError, match=message):
        open_dataset(tmp_path / "X.npy")
    with zipfile.ZipFile(tmp_path / "both.npz", "w") as archive:
        archive.writestr("x.npy", claim(shape))
        archive.write(tmp_path / "y.npy", "y.npy")
    with pytest.raises(DataError, match=message):
        open_dataset(tmp_path / "both.npz")


def test_a_zip_of_other_things_is_read_as_what_it_holds(tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("cat/1.png", b"")
    with pytest.raises(DataError, match=r"photos.zip/cat/1.png: is empty"):
        open_dataset(tmp_path / "photos.zip")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y": np.arange(5)}, "no images"),
        ({"x": np.ones((5, 4))}, "no labels"),
        ({"x": np.ones((5, 4)), "y": np.arange(6)}, "5 images .* but 6 labels"),
        ({"x": np.ones((0, 4)), "y": np.arange(0)}, "no labels|no images"),
        ({"x": np.full((5, 4), np.inf), "y": np.arange(5)}, "holds NaN or infinity"),
        ({"x": np.ones((5, 4)), "y": np.zeros(5)}, "the one class"),
    ],
)
def test_files_without_usable_images_and_labels_are_refused(arrays, message, tmp_path):
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(DataError, match=rf"bad.npz: .*({message})"):
        open_dataset(tmp_path / "bad.npz")
