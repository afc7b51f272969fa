"""Digits without end where a number is expected: an identifier or a mistake in the file, never one of ours."""

import json

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.notes import decisions
from inklings.data.readers.class_list import order_classes, read_class_list
from inklings.errors import DataError


def test_an_index_of_twenty_digits_is_refused_by_its_line(tmp_path):
    path = tmp_path / "pairs.libsvm"
    path.write_text("1 1:3 4:5\n2 2:3 99999999999999999999:5\n1 1:3\n")
    with pytest.raises(DataError, match=r"line 2 holds the index 99999999999999999999, expected 0 to 4,294,967,296"):
        open_dataset(path)


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_key_of_many_digits_in_a_list_of_classes_is_an_identifier(digits, tmp_path):
    path = tmp_path / "label_map.json"
    keys = ["7" * digits, "6" * digits]
    path.write_text(json.dumps(dict(zip(keys, ["cat", "dog"], strict=True))))
    assert order_classes(sorted(keys), read_class_list(path)) == ({keys[0]: 0, keys[1]: 1}, ["cat", "dog"])


def _folders(path, names):
    for name in names:
        (path / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.full((8, 8), 20 * number + 40 * int(name), np.uint8)).save(path / name / f"{number}.png")


@pytest.mark.parametrize("file", ["classes.txt", "classes.json"])
def test_a_list_of_digits_in_another_order_gives_the_classes_that_order(file, tmp_path):
    _folders(tmp_path, "0123")
    listed = ["3", "1", "0", "2"]
    (tmp_path / file).write_text(json.dumps(listed) if file.endswith("json") else "\n".join(listed))
    dataset = open_dataset(tmp_path, invert=False)
    assert dataset.class_names == ("3", "1", "0", "2")
    shown = {
        dataset.class_names[label]: image.min() for label, image in zip(dataset.labels, dataset.images, strict=True)
    }
    assert shown["3"] == pytest.approx(160 / 255)


def test_numbers_that_may_be_names_or_places_are_said_to_be_either(tmp_path):
    _folders(tmp_path / "pictures", "0123")
    (tmp_path / "pictures" / "classes.txt").write_text("1\n2\n3\n4")
    dataset = open_dataset(tmp_path / "pictures")
    assert dataset.class_names == tuple("0123")
    said = "classes.txt is not used: whether '1' is a class's name in it or its number cannot be told"
    assert said in decisions(dataset.notes)
    (tmp_path / "arrays").mkdir()
    np.save(tmp_path / "arrays" / "X.npy", np.arange(8 * 64).reshape(8, 8, 8) % 251)
    np.save(tmp_path / "arrays" / "y.npy", np.arange(8) % 4)
    (tmp_path / "arrays" / "classes.txt").write_text("3\n1\n0\n2")
    dataset = open_dataset(tmp_path / "arrays")
    assert dataset.class_names == tuple("0123")
    assert any("whether '0' is a class's name in it or its number" in note for note in decisions(dataset.notes))


def test_a_table_of_labels_takes_the_last_column_as_minus_one(tmp_path):
    (tmp_path / "scans").mkdir()
    for number in range(6):
        Image.fromarray(np.full((8, 8), 30 * number, np.uint8)).save(tmp_path / "scans" / f"{number}.png")
    rows = [f"{number}.png;x{number % 3};{'ab'[number % 2]}" for number in range(6)]
    (tmp_path / "labels.csv").write_text("\n".join(["sep=;", "file;writer;kind", *rows]))
    assert open_dataset(tmp_path, labels="-1").class_names == ("a", "b")
    with pytest.raises(DataError, match="several columns could be the labels: writer, kind"):
        open_dataset(tmp_path)


def test_parts_that_leave_nothing_to_train_on_are_said_and_not_used(tmp_path):
    for number in range(12):
        Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
    rows = [f"{number}.png,{'ab'[number % 2]},{'val' if number < 4 else 'test'}" for number in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,split", *rows]))
    dataset = open_dataset(tmp_path)
    assert dataset.given_test is None
    assert any("no image to train on (4 for validation and 8 for testing): its parts are not used" in note
               for note in decisions(dataset.notes))  # fmt: skip
