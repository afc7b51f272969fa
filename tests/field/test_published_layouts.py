"""Layouts in which data sets are published, rebuilt small: each is read rightly, or refused with the way out."""

import csv
import json

import numpy as np
import pytest
import scipy.io
from PIL import Image

from inklings.data import open_dataset
from inklings.data.notes import decisions
from inklings.data.raw import ReadOptions
from inklings.data.sources import read_source
from inklings.errors import DataError, DataWarning

DIGITS = open_dataset("digits28")
ROWS = np.random.default_rng(0).permutation(5000)[:120]
X = np.round(np.clip(DIGITS.images[ROWS, :, :, 0], 0, 1) * 255).astype(np.uint8)
Y = DIGITS.labels[ROWS]
TRAIN = 90
PIXELS = [f"pixel{number}" for number in range(784)]

pytestmark = pytest.mark.filterwarnings("ignore::inklings.errors.DataWarning")


def write_table(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows] if header else rows)
    return path


def write_png(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def check(dataset, images, labels):
    np.testing.assert_allclose(dataset.images[..., 0], images / 255, atol=1e-6)
    assert [dataset.class_names[label] for label in dataset.labels] == [str(label) for label in labels]


def labelled(rows):
    return [[Y[row], *X[row].ravel()] for row in rows]


def test_kannada_mnist_is_a_folder_of_a_contests_tables(tmp_path):
    write_table(tmp_path / "train.csv", ["label", *PIXELS], labelled(range(TRAIN)))
    write_table(tmp_path / "test.csv", ["id", *PIXELS], [[row, *X[row].ravel()] for row in range(TRAIN, 120)])
    write_table(tmp_path / "sample_submission.csv", ["id", "label"], [[row, 0] for row in range(30)])
    write_table(tmp_path / "Dig-MNIST.csv", ["label", *PIXELS], labelled(range(9)))
    dataset = open_dataset(tmp_path)
    check(dataset, X[:TRAIN], Y[:TRAIN])
    assert {
        "without labels, and so not used: test.csv",
        "not read, since their names say neither training, validation nor test: Dig-MNIST.csv",
        "1 file not read (.csv)",
    } <= set(decisions(dataset.notes))


def test_of_a_contest_s_tables_those_without_labels_are_answered(tmp_path):
    write_table(tmp_path / "train.csv", ["label", *PIXELS], labelled(range(TRAIN)))
    write_table(tmp_path / "test.csv", ["id", *PIXELS], [[row, *X[row].ravel()] for row in range(TRAIN, 120)])
    raw = read_source(tmp_path, ReadOptions(labelled=False))
    assert list(raw.names) == [str(row) for row in range(TRAIN, 120)]
    assert "with labels, and so not used: train.csv" in decisions(raw.notes)


def test_sign_language_mnist_has_a_folder_for_each_table_and_a_picture_beside_them(tmp_path):
    for name, rows in (("train", range(TRAIN)), ("test", range(TRAIN, 120))):
        write_table(tmp_path / f"sign_mnist_{name}" / f"sign_mnist_{name}.csv", ["label", *PIXELS], labelled(rows))
    write_png(tmp_path / "american_sign_language.PNG", X[0])
    dataset = open_dataset(tmp_path)
    check(dataset, X, Y)
    np.testing.assert_array_equal(dataset.given_test, np.arange(TRAIN, 120))
    assert "1 file not read (.png)" in decisions(dataset.notes)


def test_tables_of_emnist_hold_images_transposed(tmp_path):
    letters = np.arange(120) % 26 + 1
    rows = [[label, *image.T.ravel()] for label, image in zip(letters, X, strict=True)]
    dataset = open_dataset(write_table(tmp_path / "emnist-letters-train.csv", None, rows))
    check(dataset, X, letters)
    assert any("files of this name hold them transposed" in note for note in decisions(dataset.notes))
    # Of digits the pixels tell, and here they say that somebody turned them.
    rows = [[label, *image.ravel()] for label, image in zip(Y, X, strict=True)]
    check(open_dataset(write_table(tmp_path / "emnist-digits-upright.csv", None, rows)), X, Y)


def test_emnist_for_matlab_names_its_letters(tmp_path):
    def part(rows, labels):
        return {"images": X[rows].transpose(0, 2, 1).reshape(len(labels), -1), "labels": labels[:, None].astype(float)}

    letters = np.arange(120) % 26 + 1
    mapping = np.array([[number, 64 + number, 96 + number] for number in range(1, 27)])
    train, test = part(slice(TRAIN), letters[:TRAIN]), part(slice(TRAIN, 120), letters[TRAIN:])
    scipy.io.savemat(tmp_path / "emnist-letters.mat", {"dataset": {"train": train, "test": test, "mapping": mapping}})
    check(open_dataset(tmp_path / "emnist-letters.mat"), X, [chr(64 + letter) for letter in letters])


def test_kuzushiji_comes_as_pairs_of_npz_files(tmp_path):
    for name, rows in (("train", slice(TRAIN)), ("test", slice(TRAIN, 120))):
        np.savez_compressed(tmp_path / f"k49-{name}-imgs.npz", X[rows])
        np.savez_compressed(tmp_path / f"k49-{name}-labels.npz", Y[rows].astype(np.uint8))
    (tmp_path / "k49_classmap.csv").write_text("index,codepoint,char\n0,U+3042,a\n")
    dataset = open_dataset(tmp_path)
    check(dataset, X, Y)
    assert len(dataset.given_test) == 120 - TRAIN
    assert "1 file not read (.csv)" in decisions(dataset.notes)


def test_quick_draw_has_an_array_for_each_class_and_strokes_beside_them(tmp_path):
    for digit, name in enumerate(["ice cream", "cat", "t-shirt"]):
        np.save(tmp_path / f"full_numpy_bitmap_{name}.npy", X[digit == Y].reshape(-1, 784))
    strokes = tmp_path / "full_simplified_cat.ndjson"
    strokes.write_text('{"word":"cat","drawing":[[[1,2],[3,4]]]}\n' * 2)
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("cat", "ice cream", "t-shirt")
    np.testing.assert_allclose(
        dataset.images[..., 0], np.concatenate([X[digit == Y] for digit in (1, 0, 2)]) / 255, atol=1e-6
    )
    assert "1 file not read (.ndjson)" in decisions(dataset.notes)
    with pytest.raises(DataError, match="is a JSON file"):
        open_dataset(strokes)


def test_arff_is_refused_and_what_is_left_without_its_head_is_a_table(tmp_path):
    rows = "".join(",".join(map(str, [*image.ravel(), label])) + "\n" for image, label in zip(X, Y, strict=True))
    head = "% from OpenML\n@RELATION mnist_784\n" + "".join(f"@ATTRIBUTE {name} real\n" for name in PIXELS)
    for name in ("mnist_784.arff", "mnist_784.txt"):
        (tmp_path / name).write_text(f"{head}@ATTRIBUTE class {{0,1}}\n@DATA\n{rows}")
        with pytest.raises(DataError, match=r"is an ARFF file.*delete its lines up to @data and call it \.csv"):
            open_dataset(tmp_path / name)
    (tmp_path / "mnist_784.csv").write_text(rows)
    check(open_dataset(tmp_path / "mnist_784.csv"), X, Y)


def test_boxes_of_objects_are_no_labels_of_pictures(tmp_path):
    for number in range(4):
        write_png(tmp_path / "coco" / "images" / f"{number}.png", X[number])
        write_png(tmp_path / "labelme" / f"{number}.png", X[number])
        shapes = {"version": "5.0", "shapes": [{"label": "a", "points": [[1, 2]]}], "imagePath": f"{number}.png"}
        (tmp_path / "labelme" / f"{number}.json").write_text(json.dumps(shapes))
    found = {"images": [{"id": 0, "file_name": "0.png"}], "annotations": [{"image_id": 0, "category_id": 1}]}
    (tmp_path / "coco" / "instances.json").write_text(json.dumps(found))
    for data in ("coco", "coco/instances.json", "labelme", "labelme/0.json"):
        with pytest.raises(DataError, match=r"annotated objects .*cut the objects out"):
            open_dataset(tmp_path / data)


def test_cifars_table_of_training_labels_is_not_for_test_pictures_of_the_same_names(tmp_path):
    for number in range(40):
        write_png(tmp_path / "train" / f"{number + 1}.png", X[number])
    for number in range(10):
        write_png(tmp_path / "test" / f"{number + 1}.png", X[number + 40])
    write_table(tmp_path / "trainLabels.csv", ["id", "label"], [[row + 1, f"c{Y[row]}"] for row in range(40)])
    dataset = open_dataset(tmp_path)
    check(dataset, X[:40], [f"c{label}" for label in Y[:40]])
    assert any("10 pictures have no label and are not used: test/1.png" in note for note in dataset.notes)


def test_food_101_has_lists_of_its_parts_without_labels(tmp_path):
    for row in range(120):
        write_png(tmp_path / "images" / f"dish_{Y[row]}" / f"{row}.jpg.png", X[row])
    (tmp_path / "meta").mkdir()
    for name, rows in (("train", range(TRAIN)), ("test", range(TRAIN, 118))):
        (tmp_path / "meta" / f"{name}.txt").write_text("".join(f"dish_{Y[row]}/{row}.jpg\n" for row in rows))
    (tmp_path / "meta" / "classes.txt").write_text("".join(f"dish_{number}\n" for number in range(10)))
    dataset = open_dataset(tmp_path)
    held = {dataset.names[row] for row in dataset.given_test}
    assert held == {f"images/dish_{Y[row]}/{row}.jpg.png" for row in range(TRAIN, 118)}
    assert [dataset.class_names[label] for label in dataset.labels] == [name.split("/")[1] for name in dataset.names]
    said = decisions(dataset.notes)
    assert "the parts are those that meta/test.txt, meta/train.txt say" in said
    assert "2 pictures are in none of these lists, and are to train on" in said
    # Of a second fold, each picture is in a list again.
    for name, rows in (("train", range(30, 120)), ("test", range(30))):
        (tmp_path / "meta" / "fold").mkdir(exist_ok=True)
        (tmp_path / "meta" / "fold" / f"{name}.txt").write_text("".join(f"dish_{Y[row]}/{row}.jpg\n" for row in rows))
    dataset = open_dataset(tmp_path)
    assert dataset.given_test is None
    assert any("share pictures, and are not used as parts" in note for note in decisions(dataset.notes))


@pytest.mark.parametrize("folds", [1, 2])
def test_hasys_tables_of_a_fold_say_its_parts_beside_that_of_all_pictures(folds, tmp_path):
    for row in range(120):
        write_png(tmp_path / "pictures" / f"{row:03}.png", X[row])
    write_table(tmp_path / "labels.csv", ["path", "label"], [[f"pictures/{row:03}.png", Y[row]] for row in range(120)])
    for fold in range(folds):
        for name, rows in (("test", range(30 * fold, 30 * fold + 30)), ("train", range(120))):
            chosen = [row for row in rows if name == "test" or not 30 * fold <= row < 30 * fold + 30]
            path = tmp_path / "folds" / f"fold-{fold}" / f"{name}.csv"
            write_table(path, ["path", "label"], [[f"../../pictures/{row:03}.png", Y[row]] for row in chosen])
    dataset = open_dataset(tmp_path)
    if folds == 1:
        assert {dataset.names[row] for row in dataset.given_test} == {f"pictures/{row:03}.png" for row in range(30)}
    else:
        assert dataset.given_test is None
        assert any("share pictures, or leave some out, and are not used" in note for note in decisions(dataset.notes))


def test_omniglots_characters_of_one_number_are_said_to_be_one_class(tmp_path):
    for alphabet in ("Greek", "Latin"):
        for character in range(2):
            for number in range(3):
                write_png(tmp_path / alphabet / f"character{character}" / f"{number}.png", X[number + 3 * character])
    with pytest.warns(DataWarning, match="2 classes are several folders of the same name each, such as Greek/characte"):
        dataset = open_dataset(tmp_path, labels="by-folder=2")
    assert dataset.class_names == ("character0", "character1")


def test_a_folder_called_like_a_known_data_set_is_not_mistaken_in_silence(tmp_path, monkeypatch):
    for row in range(20):
        write_png(tmp_path / "digits" / str(Y[row]) / f"{row}.png", X[row])
    monkeypatch.chdir(tmp_path)
    with pytest.warns(DataWarning, match=r"data set 'digits'; what has that name here is read as \./digits"):
        assert len(open_dataset("digits")) == 5000
    assert len(open_dataset("./digits")) == 20
    assert len(open_dataset((tmp_path / "digits").relative_to(tmp_path))) == 20


@pytest.mark.parametrize("record", ["train_log.csv", "training_history.csv"])
def test_a_record_of_a_training_beside_arrays_or_pictures_is_no_table_of_images(record, tmp_path):
    (tmp_path / "arrays").mkdir()
    np.save(tmp_path / "arrays" / "X_train.npy", X)
    np.save(tmp_path / "arrays" / "y_train.npy", Y)
    for name, kind in (("a", 0), ("b", 1), ("b", 2)):
        write_png(tmp_path / "pictures" / name / f"{kind}.png", X[kind])
    for folder in ("arrays", "pictures"):
        (tmp_path / folder / record).write_text("epoch,loss\n1,0.7\n2,0.5\n")
    check(open_dataset(tmp_path / "arrays"), X, Y)
    check(open_dataset(tmp_path / "pictures"), X[:3], ["a", "b", "b"])
