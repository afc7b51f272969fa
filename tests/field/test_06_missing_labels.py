"""Labels of which some are missing, as each tool writes it: they were once a class of their own."""

import numpy as np
import pytest
from PIL import Image

import inklings
from inklings import DenseClassifier
from inklings.data import open_dataset
from inklings.data.notes import decisions
from inklings.errors import DataError

WORDS = ["NaN", "nan", "None", "NA", "N/A", "n/a", "<NA>", "null", "NULL", "NaT", "?", "", "#N/A"]
WITHOUT = [row for row in range(24) if row % 8 != 3]


def write(path, word, names, header=True):
    pixels = np.random.default_rng(0).integers(0, 200, (24, 16))
    pixels[:, 0] = 255
    labels = [word if row % 8 == 3 else names[row % 3] for row in range(24)]
    lines = ["label," + ",".join(f"p{column}" for column in range(16))] if header else []
    lines += [f"{label},{','.join(map(str, row))}" for label, row in zip(labels, pixels, strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return pixels


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("names", [["zero", "one", "two"], ["0", "1", "2"]])
@pytest.mark.parametrize("word", WORDS)
def test_a_word_for_missing_is_no_class_in_a_table(word, names, header, tmp_path):
    pixels = write(tmp_path / "some.csv", word, names, header)
    with pytest.raises(DataError, match=r"3 of 24 images have no label \(image 3, 11, 19\)"):
        open_dataset(tmp_path / "some.csv", invert=False)
    dataset = open_dataset(tmp_path / "some.csv", invert=False, column_major=False, drop_missing=True)
    assert np.allclose(dataset.images.reshape(21, 16), pixels[WITHOUT] / 255)
    assert [dataset.class_names[label] for label in dataset.labels] == [names[row % 3] for row in WITHOUT]
    assert any("3 of 24 images have no label, and are left out" in note for note in decisions(dataset.notes))


MISSING = [
    ["cat", None] * 6,
    ["cat", float("nan"), "dog"] * 4,
    [1.0, float("nan"), 2.0] * 4,
    [True, False, None] * 4,
    ["cat", "NA", "dog"] * 4,
]


@pytest.mark.parametrize("labels", MISSING)
def test_missing_labels_of_arrays_are_counted_and_left_out_where_asked(labels):
    images = np.random.default_rng(0).random((12, 8, 8))
    array = np.array(labels, object)
    with pytest.raises(DataError, match=r"of 12 images have no label"):
        inklings.from_arrays(images, array)
    if len(set(map(str, labels))) > 2:
        dataset = inklings.from_arrays(images, array, drop_missing=True)
        assert dataset.class_names in (("cat", "dog"), ("1", "2"), ("False", "True"))


@pytest.mark.parametrize("labels", MISSING)
def test_a_classifier_counts_missing_labels(labels):
    X = np.random.default_rng(0).random((12, 64))
    with pytest.raises(ValueError, match=r"y lacks \d+ of 12 labels, the first is y\[\d\] = "):
        DenseClassifier((4,), epochs=2).fit(X, np.array(labels, object))


def test_a_classifier_refuses_text_mixed_with_numbers():
    X = np.random.default_rng(0).random((12, 64))
    with pytest.raises(ValueError, match="y mixes numbers and text, expected one of them"):
        DenseClassifier((4,), epochs=2).fit(X, np.array(["cat", 1, 2] * 4, object))


def test_a_folder_called_none_is_a_class(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 200, (12, 8, 8)).astype(np.uint8)
    for number, image in enumerate(pixels):
        folder = tmp_path / "hands" / ("none", "left", "NA")[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    dataset = open_dataset(tmp_path / "hands")
    assert dataset.class_names == ("NA", "left", "none")
    assert dataset.class_sizes.tolist() == [4, 4, 4]
