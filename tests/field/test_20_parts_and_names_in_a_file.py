"""What a file says by the names of its arrays: parts, class names, identifiers, and what nothing uses."""

import numpy as np
import pytest
import scipy.io

from inklings import Model, fit, preset
from inklings.data import open_dataset
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def digits():
    bundled = open_dataset("digits28")
    rows = np.random.default_rng(0).permutation(5000)[:300]
    return np.round(bundled.images[rows, ..., 0] * 255).astype(np.uint8), bundled.labels[rows]


def holds(dataset, images, labels):
    np.testing.assert_allclose(dataset.images[..., 0], images / 255, atol=1e-6)
    assert [dataset.class_names[label] for label in dataset.labels] == [str(label) for label in labels]
    return True


@pytest.mark.parametrize(
    "names",
    [
        ("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels"),
        ("Xtr", "ytr", "Xval", "yval", "Xte", "yte"),
        ("trainX", "trainY", "devX", "devY", "testX", "testY"),
        ("x_train", "y_train", "x_valid", "y_valid", "x_test", "y_test"),
        ("X", "y", "X_val", "y_val", "X_test", "y_test"),
    ],
)
def test_three_parts_are_used_as_such(names, digits, tmp_path):
    images, labels = digits
    arrays = []
    for rows in (slice(150), slice(150, 250), slice(250, 300)):
        arrays += [images[rows], labels[rows, None].astype(np.uint8)]
    np.savez(tmp_path / "med.npz", **dict(zip(names, arrays, strict=True)))
    dataset = open_dataset(tmp_path / "med.npz")
    assert holds(dataset, images, labels)
    assert dataset.given_validation.tolist() == list(range(150, 250))
    assert dataset.given_test.tolist() == list(range(250, 300))
    split = dataset.split()
    assert tuple(len(part) for part in (split.train, split.validation, split.test)) == (150, 100, 50)


def test_several_labels_for_an_image_are_refused_as_such(digits, tmp_path):
    images, _ = digits
    several = np.random.default_rng(0).integers(0, 2, (300, 14))
    np.savez(tmp_path / "multi.npz", images=images, labels=several)
    with pytest.raises(DataError, match="rows with several ones: 300"):
        open_dataset(tmp_path / "multi.npz")


def test_a_contests_test_part_without_labels_is_left_out_with_a_word(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "contest.npz", x_train=images[:200], y_train=labels[:200], x_test=images[200:])
    with pytest.warns(DataWarning, match="the test part has no labels, and is not used: x_test"):
        dataset = open_dataset(tmp_path / "contest.npz")
    assert holds(dataset, images[:200], labels[:200])
    assert dataset.given_test is None


def test_what_is_not_used_is_named(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "more.npz", images=images, labels=labels, masks=images > 9, age=np.arange(7), version=3)
    with pytest.warns(DataWarning, match=r"not used: masks \(300, 28, 28\), age \(7,\)$"):
        dataset = open_dataset(tmp_path / "more.npz")
    assert holds(dataset, images, labels)


def test_arrays_that_differ_by_a_number_are_joined_in_its_order(digits, tmp_path):
    images, labels = digits
    parts = {1: slice(100), 2: slice(100, 150), 10: slice(150, 300)}
    arrays = {f"data_{number}": images[rows] for number, rows in parts.items()}
    together = {f"labels_{number}": labels[rows] for number, rows in parts.items()}
    np.savez(tmp_path / "several.npz", **dict(reversed(arrays.items())), **together)
    with pytest.warns(DataWarning, match="3 arrays were joined: data_1 to data_10"):
        assert holds(open_dataset(tmp_path / "several.npz"), images, labels)
    np.savez(tmp_path / "one.npz", **arrays, labels=labels)
    assert holds(open_dataset(tmp_path / "one.npz"), images, labels)


@pytest.mark.parametrize("first", [0, 1])
def test_class_names_in_the_file_are_used_from_the_label_that_they_begin_at(first, digits, tmp_path):
    images, labels = digits
    names = np.array([f"digit {number}" for number in range(10)])
    np.savez(tmp_path / "named.npz", images=images, labels=labels + first, class_names=names)
    assert holds(open_dataset(tmp_path / "named.npz"), images, names[labels])


def test_names_that_may_begin_at_0_or_1_are_used_with_a_word(digits, tmp_path):
    images, labels = digits
    some = (labels > 0) & (labels < 5)
    np.savez(tmp_path / "unclear.npz", images=images[some], labels=labels[some], class_names=np.array(list("abcdef")))
    with pytest.warns(DataWarning, match="counted from 0: the labels, 1 to 4, do not show it"):
        dataset = open_dataset(tmp_path / "unclear.npz")
    assert dataset.class_names == tuple("bcde")


def test_emnists_mapping_names_the_letters(digits, tmp_path):
    images, labels = digits
    part = {"images": images.swapaxes(1, 2).reshape(300, -1), "labels": labels[:, None] + 1}
    mapping = np.array([[number, 64 + number, 96 + number] for number in range(1, 11)])
    scipy.io.savemat(tmp_path / "letters.mat", {"dataset": {"train": part, "test": part, "mapping": mapping}})
    dataset = open_dataset(tmp_path / "letters.mat")
    assert holds(dataset, np.concatenate([images, images]), ["ABCDEFGHIJ"[label] for label in [*labels, *labels]])


@pytest.mark.parametrize(
    "vectors",
    [
        {"set": np.repeat([1.0, 2.0, 3.0], 100)},
        {"split": np.repeat(["train", "valid", "test"], 100)},
        {"train_idx": np.arange(100), "val_idx": np.arange(100, 200), "test_idx": np.arange(200, 300)},
        {"is_val": np.repeat([0, 1, 0], 100), "is_test": np.repeat([0, 0, 1], 100)},
    ],
)
def test_vectors_that_put_images_into_parts_are_followed(vectors, digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "sets.npz", images=images, labels=labels, **vectors)
    with pytest.warns(DataWarning, match="100 images for validation and 100 images for testing are reserved"):
        dataset = open_dataset(tmp_path / "sets.npz")
    assert holds(dataset, images, labels)
    assert dataset.given_validation.tolist() == list(range(100, 200))
    assert dataset.given_test.tolist() == list(range(200, 300))


def test_images_that_are_not_marked_to_train_on_are_to_test_on(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "birds.npz", images=images, labels=labels, is_train=np.arange(300) % 3 > 0)
    with pytest.warns(DataWarning, match=r"100 images for testing are reserved \(is_train\)"):
        dataset = open_dataset(tmp_path / "birds.npz")
    assert dataset.given_test.tolist() == list(range(0, 300, 3))


def test_row_numbers_from_matlab_count_from_1(digits, tmp_path):
    images, labels = digits
    content = {"fea": np.moveaxis(images, 0, -1), "gnd": labels[:, None], "testIdx": np.arange(201, 301)[:, None]}
    scipy.io.savemat(tmp_path / "faces.mat", content)
    assert open_dataset(tmp_path / "faces.mat").given_test.tolist() == list(range(200, 300))


def test_coarse_and_fine_labels_are_a_question_for_the_user(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "two.npz", images=images, fine_labels=labels, coarse_labels=labels // 5)
    with pytest.raises(DataError, match=r"several variables could be the labels: fine_labels .*, coarse_labels"):
        open_dataset(tmp_path / "two.npz")
    assert holds(open_dataset(tmp_path / "two.npz", labels="coarse_labels"), images, labels // 5)


def test_labels_that_only_their_length_tells_are_named(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "ages.npz", images=images, age=labels)
    with pytest.warns(DataWarning, match="the labels were taken from age, which fits"):
        assert holds(open_dataset(tmp_path / "ages.npz"), images, labels)
    np.savez(tmp_path / "plain.npz", images, labels)
    assert not any("taken from" in note for note in open_dataset(tmp_path / "plain.npz").notes)


@pytest.mark.parametrize("needed", [False, True])
def test_pickled_arrays_are_named_and_refused_only_where_they_are_needed(needed, digits, tmp_path):
    images, labels = digits
    held = {"labels" if needed else "metadata": labels.astype(object), "images": images}
    np.savez(tmp_path / "objects.npz", **held, **({} if needed else {"labels": labels}))
    if needed:
        with pytest.raises(DataError, match=r"labels.* holds pickled Python objects"):
            open_dataset(tmp_path / "objects.npz")
        return
    with pytest.warns(DataWarning, match=r"not used: metadata .pickled Python objects"):
        assert holds(open_dataset(tmp_path / "objects.npz"), images, labels)


def test_numbers_that_an_hdf5_file_itself_names_are_classes_of_these_names(tmp_path):
    h5py = pytest.importorskip("h5py")
    images = np.random.default_rng(0).integers(0, 255, (30, 8, 8)).astype(np.uint8)
    named = h5py.enum_dtype({"cat": 3, "dog": 1, "owl": 7}, basetype="i1")
    with h5py.File(tmp_path / "animals.h5", "w") as file:
        file["images"] = images
        file.create_dataset("labels", data=np.tile([1, 3, 7], 10), dtype=named)
    dataset = open_dataset(tmp_path / "animals.h5")
    assert [dataset.class_names[label] for label in dataset.labels] == ["dog", "cat", "owl"] * 10


def test_of_a_contest_s_file_the_part_without_labels_is_answered(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "contest.npz", x_train=images[:250], y_train=labels[:250], x_test=images[250:])
    dataset = open_dataset(tmp_path / "contest.npz")
    split, plan = dataset.split(), preset("softmax", dataset.image_shape, 10)
    model = Model.from_fit(fit(plan.network, plan.recipe, split), split)
    found = model.predict_file(tmp_path / "contest.npz")
    np.testing.assert_allclose(found.probabilities, model.predict_proba(images[250:]), atol=1e-5)
