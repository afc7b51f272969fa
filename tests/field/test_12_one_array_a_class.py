"""Arrays as people store them: one a class, labels in another file, a folder of files, and parts by name."""

import h5py
import numpy as np
import pytest
import scipy.io

from inklings import Model, from_arrays, preset
from inklings.data import open_dataset
from inklings.data.raw import ReadOptions
from inklings.errors import DataError, DataWarning
from inklings.models.data_file import predict_file
from inklings.networks import initial_parameters


@pytest.fixture(scope="module")
def digits():
    bundled = open_dataset("digits28")
    rows = np.random.default_rng(0).permutation(5000)[:300]
    return np.round(bundled.images[rows, ..., 0] * 255).astype(np.uint8), bundled.labels[rows]


@pytest.fixture(scope="module")
def colours(digits):
    images, _ = digits
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    return np.stack([padded, padded // 2, 255 - padded], axis=-1)


def holds(dataset, images, labels):
    np.testing.assert_allclose(dataset.images.reshape(images.shape), images / 255, atol=1e-6)
    assert [dataset.class_names[label] for label in dataset.labels] == [str(label) for label in labels]
    return True


def test_matlabs_train0_to_test9_are_ten_classes_and_two_parts(digits, tmp_path):
    images, labels = digits
    rows = images.reshape(len(images), -1)
    order = np.argsort(labels, kind="stable")
    train, test = (order[np.isin(order, part)] for part in (np.arange(200), np.arange(200, 300)))
    variables = {f"train{digit}": rows[train[labels[train] == digit]] for digit in range(10)}
    variables |= {f"test{digit}": rows[test[labels[test] == digit]] for digit in range(10)}
    scipy.io.savemat(tmp_path / "mnist_all.mat", variables)
    with pytest.warns(DataWarning, match="each of 10 arrays was taken as a class: 0, 1, 2"):
        dataset = open_dataset(tmp_path / "mnist_all.mat")
    assert holds(dataset, images[[*train, *test]], labels[[*train, *test]])
    assert dataset.given_test.tolist() == list(range(200, 300))


def test_an_npz_of_an_array_a_class_takes_the_classes_from_the_names(digits, tmp_path):
    images, _ = digits
    np.savez(tmp_path / "pets.npz", img_cat=images[:120], img_dog=images[120:])
    assert holds(open_dataset(tmp_path / "pets.npz"), images, ["cat"] * 120 + ["dog"] * 180)


@pytest.mark.parametrize(
    "names",
    [
        ("images", "masks"),
        ("data_1", "data_2"),
        ("x", "depth"),
        ("plate_00", "plate_01"),
        ("frames_1", "frames_2"),
        ("batches1", "batches2"),
    ],
)
def test_arrays_whose_names_are_not_classes_are_refused_without_labels(names, digits, tmp_path):
    images, _ = digits
    np.savez(tmp_path / "two.npz", **dict.fromkeys(names, images))
    with pytest.raises(DataError, match="no labels, expected a vector with one entry per image"):
        open_dataset(tmp_path / "two.npz")


def test_images_and_one_hot_rows_under_meaningless_names_are_no_classes(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "odd.npz", a=images.reshape(300, -1), b=np.eye(10)[labels])
    with pytest.raises(DataError, match="several variables could be the images"):
        open_dataset(tmp_path / "odd.npz")
    assert holds(open_dataset(tmp_path / "odd.npz", labels="b"), images, labels)


def test_a_folder_of_one_file_a_class_takes_the_classes_from_the_files(digits, tmp_path):
    images, _ = digits
    for number, name in enumerate(("apple", "ice cream", "t-shirt")):
        np.save(tmp_path / f"full_numpy_bitmap_{name}.npy", images[number * 100 : number * 100 + 100].reshape(100, -1))
    with pytest.warns(DataWarning, match="each of 3 arrays was taken as a class: apple, ice cream, t-shirt"):
        dataset = open_dataset(tmp_path)
    assert holds(dataset, images, ["apple"] * 100 + ["ice cream"] * 100 + ["t-shirt"] * 100)


def test_a_folder_of_one_array_for_each_image_takes_the_classes_from_the_folders(digits, tmp_path):
    images, _ = digits
    for number in range(20):
        folder = tmp_path / ("cat" if number < 10 else "dog")
        folder.mkdir(exist_ok=True)
        np.save(folder / f"{number}.npy", images[number])
    assert holds(open_dataset(tmp_path), images[:20], ["cat"] * 10 + ["dog"] * 10)


def test_a_folder_of_arrays_may_be_a_link_and_one_that_leads_back_ends(digits, tmp_path):
    for place in ("set/four", "elsewhere/nine"):
        (tmp_path / place).mkdir(parents=True)
        for row in range(3):
            np.save(tmp_path / place / f"{row}.npy", digits[0][row])
    (tmp_path / "set" / "nine").symlink_to(tmp_path / "elsewhere" / "nine")
    (tmp_path / "elsewhere" / "nine" / "back").symlink_to(tmp_path / "set")
    dataset = open_dataset(tmp_path / "set")
    assert dataset.class_names == ("four", "nine")
    assert dataset.class_sizes.tolist() == [3, 3]


@pytest.mark.parametrize("write", [np.save, np.savez])
def test_labels_of_an_npz_file_may_be_in_another_file(write, digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "imgs.npz", images)
    write(tmp_path / ("labels.npz" if write is np.savez else "labels.npy"), labels)
    name = next(path.name for path in tmp_path.iterdir() if path.name.startswith("labels"))
    assert holds(open_dataset(tmp_path / "imgs.npz", labels=name), images, labels)


def test_labels_may_be_lines_of_text(digits, tmp_path):
    images, labels = digits
    np.savez(tmp_path / "imgs.npz", images)
    (tmp_path / "labels.txt").write_text("label\n" + "\n".join(map(str, labels)))
    assert holds(open_dataset(tmp_path / "imgs.npz", labels=str(tmp_path / "labels.txt")), images, labels)
    texts = [f"digit\u2028{label}" for label in labels]
    (tmp_path / "labels.txt").write_bytes("\r\n".join(texts).encode())
    assert holds(open_dataset(tmp_path / "imgs.npz", labels=str(tmp_path / "labels.txt")), images, texts)


def test_labels_may_be_a_contests_table_in_the_order_of_the_images(digits, tmp_path):
    images, labels = digits
    np.save(tmp_path / "images.npy", images)
    rows = [f"{number},{label}" for number, label in enumerate(labels)]
    (tmp_path / "labels.csv").write_text("\n".join(["id,label", *rows]))
    assert holds(open_dataset(tmp_path / "images.npy", labels="labels.csv"), images, labels)
    (tmp_path / "labels.csv").write_text("\n".join(["id,label", *rows[::-1]]))
    with pytest.raises(DataError, match="several columns, expected one label per line, or the number of a row"):
        open_dataset(tmp_path / "images.npy", labels="labels.csv")


@pytest.mark.parametrize("name", ["Y.npy", "Labels.npy", "y.npy"])
def test_labels_beside_an_npy_file_are_found_in_any_case(name, digits, tmp_path):
    images, labels = digits
    np.save(tmp_path / "X.npy", images)
    np.save(tmp_path / name, np.eye(10)[labels])
    assert holds(open_dataset(tmp_path / "X.npy"), images, labels)
    assert holds(open_dataset(tmp_path), images, labels)


def save_parts(folder, pattern, images, labels):
    for part, rows in (("train", slice(200)), ("val", slice(200, 250)), ("test", slice(250, 300))):
        for what, array in (("x", images), ("y", labels)):
            path = folder / (pattern.format(part=part, what=what) + ".npy")
            path.parent.mkdir(exist_ok=True)
            np.save(path, array[rows])


@pytest.mark.parametrize("pattern", ["{what}_{part}", "{part}/{what}", "{part}{what}", "my_{part}_{what}"])
def test_a_folder_of_parts_is_one_set_with_its_parts_reserved(pattern, digits, tmp_path):
    images, labels = digits
    save_parts(tmp_path, pattern, images, labels)
    (tmp_path / "classes.txt").write_text("\n".join("abcdefghij"))
    dataset = open_dataset(tmp_path)
    assert holds(dataset, images, ["abcdefghij"[label] for label in labels])
    assert dataset.given_validation.tolist() == list(range(200, 250))
    assert dataset.given_test.tolist() == list(range(250, 300))


def test_the_training_file_alone_finds_its_own_labels(digits, tmp_path):
    images, labels = digits
    save_parts(tmp_path, "{what}_{part}", images, labels)
    assert holds(open_dataset(tmp_path / "x_test.npy"), images[250:], labels[250:])


def test_cifars_batches_for_matlab_are_joined_upright_and_named(colours, digits, tmp_path):
    _, labels = digits
    rows = np.moveaxis(colours, -1, 1).reshape(300, -1)
    for name, part in (
        ("data_batch_1", slice(150)),
        ("data_batch_2", slice(150, 250)),
        ("test_batch", slice(250, 300)),
    ):
        batch = {"data": rows[part], "labels": labels[part, None].astype(np.uint8), "batch_label": name}
        scipy.io.savemat(tmp_path / f"{name}.mat", batch)
    names = np.empty((10, 1), object)
    names[:, 0] = list("abcdefghij")
    scipy.io.savemat(tmp_path / "batches.meta.mat", {"label_names": names})
    dataset = open_dataset(tmp_path)
    assert holds(dataset, colours, ["abcdefghij"[label] for label in labels])
    assert dataset.given_test.tolist() == list(range(250, 300))
    assert holds(open_dataset(tmp_path / "data_batch_1.mat"), colours[:150], labels[:150])


@pytest.mark.parametrize(("kind", "names"), [("fine", "abcdefghij"), ("coarse", "vwxyz")])
def test_a_field_that_every_part_has_chooses_the_labels_and_their_names(kind, names, colours, digits, tmp_path):
    _, labels = digits
    rows = np.moveaxis(colours, -1, 1).reshape(300, -1)
    for part, of in (("train", slice(200)), ("test", slice(200, 300))):
        both = {"fine_labels": labels[of, None], "coarse_labels": labels[of, None] // 2}
        scipy.io.savemat(tmp_path / f"{part}.mat", {"data": rows[of], **both, "batch_label": part})
    lists = {"fine_label_names": list("abcdefghij"), "coarse_label_names": list("vwxyz")}
    scipy.io.savemat(tmp_path / "meta.mat", {name: np.array(texts, object)[:, None] for name, texts in lists.items()})
    dataset = open_dataset(tmp_path, labels=f"{kind}_labels")
    assert holds(dataset, colours, [names[label if kind == "fine" else label // 2] for label in labels])
    assert dataset.given_test.tolist() == list(range(200, 300))
    with pytest.raises(DataError, match="several variables could be the labels"):
        open_dataset(tmp_path)


def test_house_numbers_label_10_is_the_digit_0_by_the_files_name(colours, digits, tmp_path):
    _, labels = digits
    content = {"X": np.moveaxis(colours, 0, -1), "y": np.where(labels == 0, 10, labels)[:, None].astype(np.uint8)}
    scipy.io.savemat(tmp_path / "train_32x32.mat", content)
    with pytest.warns(DataWarning, match="label 10 is the digit 0"):
        dataset = open_dataset(tmp_path / "train_32x32.mat")
    assert holds(dataset, colours, labels)
    scipy.io.savemat(tmp_path / "products.mat", content)
    assert "10" in open_dataset(tmp_path / "products.mat").class_names


def test_an_array_for_each_image_beside_a_table_takes_its_labels(digits, tmp_path):
    images, labels = digits
    for row in range(30):
        np.save(tmp_path / f"scan_{row:03}.npy", images[row])
    with pytest.raises(
        DataError, match=r"30 arrays of one picture each and no labels, expected a folder .* or a table"
    ):
        open_dataset(tmp_path)
    rows = [f"scan_{row:03}.npy,class {labels[row]},{'test' if row >= 24 else 'train'}" for row in range(28)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,split", *rows]))
    with pytest.warns(DataWarning) as said:
        dataset = open_dataset(tmp_path)
    assert holds(dataset, images[:28], [f"class {label}" for label in labels[:28]])
    assert dataset.given_test.tolist() == list(range(24, 28))
    notes = " | ".join(str(each.message) for each in said)
    assert "each of 28 arrays was taken as one image, labelled by labels.csv" in notes
    assert "2 arrays have no label and are not used: scan_028.npy, scan_029.npy" in notes


@pytest.mark.filterwarnings("ignore::inklings.DataWarning")
def test_a_picture_is_not_answered_as_rows_of_pixels(digits, tmp_path):
    images, labels = digits
    dataset = from_arrays(images, labels)
    plan = preset("softmax", (28, 28, 1), 10)
    model = Model(plan.network, initial_parameters(plan.network, 0), dataset.class_names)
    large = [np.kron(image, np.ones((2, 2), np.uint8))[3:53, 3:53] for image in images[:6]]
    folder = tmp_path / "folder"
    folder.mkdir()
    for row, image in enumerate(large):
        np.save(folder / f"{row}.npy", image)
    # 50 rows of 50 pixels are no 50 images; of 49 they would have been images of 7 x 7.
    np.save(tmp_path / "one.npy", large[0][:, :49])
    with pytest.raises(DataError, match=r"\(50, 49\) and look like one picture.*image\[None\].*shape=HxW"):
        predict_file(model, tmp_path / "one.npy")
    assert len(predict_file(model, tmp_path / "one.npy", ReadOptions(shape=(7, 7))).names) == 50
    answers = predict_file(model, folder)
    assert answers.names == tuple(f"{row}.npy" for row in range(6))
    assert any("each of 6 arrays was taken as one image" in note for note in answers.notes)
    # Rows are rows, in whatever number and of whatever size.
    small = np.stack([image[4:24, 4:24].ravel() for image in images[:300]])
    np.save(tmp_path / "rows.npy", small)
    assert len(predict_file(model, tmp_path / "rows.npy").names) == 300


@pytest.mark.parametrize("one_each", [False, True])
def test_hdf5_holds_an_array_or_pictures_for_each_class(one_each, digits, tmp_path):
    images, _ = digits
    with h5py.File(tmp_path / "pets.h5", "w") as file:
        for name, rows in (("cat", range(8)), ("dog", range(8, 20))):
            if one_each:
                for row in rows:
                    file[f"{name}/{row:02}"] = images[row]
            else:
                file[name] = images[list(rows)]
    assert holds(open_dataset(tmp_path / "pets.h5"), images[:20], ["cat"] * 8 + ["dog"] * 12)


def test_hdf5_groups_are_parts_and_a_list_of_classes_names_them(digits, tmp_path):
    images, labels = digits
    with h5py.File(tmp_path / "usps.h5", "w") as file:
        for part, rows in (("train", slice(200)), ("test", slice(200, 300))):
            file[f"{part}/data"], file[f"{part}/target"] = images[rows].reshape(-1, 784) / 255, labels[rows]
        file["list_classes"] = np.array(list("abcdefghij"), "S1")
    dataset = open_dataset(tmp_path / "usps.h5")
    assert holds(dataset, images, ["abcdefghij"[label] for label in labels])
    assert dataset.given_test.tolist() == list(range(200, 300))
