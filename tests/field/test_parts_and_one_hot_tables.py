"""Layouts in which a part, or a column, means something else than its neighbours: each read as meant, or said."""

import numpy as np
import pytest
from PIL import Image

from inklings.data import from_arrays, open_dataset
from inklings.data.build import build_dataset
from inklings.data.notes import decisions
from inklings.data.raw import ReadOptions
from inklings.data.readers.joining import join_train_and_test
from inklings.errors import DataError

DIGITS = open_dataset("digits28")
PIXELS = np.round(np.clip(DIGITS.images[::25, :, :, 0], 0, 1) * 255).astype(np.uint8)
LABELS = DIGITS.labels[::25]
TRAIN = 150
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def save_parts(path, train, test, labels=LABELS):
    np.savez(path, x_train=train, y_train=labels[:TRAIN], x_test=test, y_test=labels[TRAIN:])
    return open_dataset(path)


def save_pictures(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        Image.fromarray(PIXELS[row]).save(folder / f"{row:04}.png")


def assert_named_as_meant(dataset, names=None):
    """Each picture, called by its row, has that row's label."""
    assert len(dataset) == len(LABELS)
    for name, label in zip(dataset.names, dataset.labels, strict=True):
        row = int(str(name).rsplit("/", 1)[-1].removesuffix(".png"))
        expected = LABELS[row]
        assert dataset.class_names[label] == (names[expected] if names else str(expected))


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0)])
def test_parts_of_different_ranges_are_each_brought_to_0_to_1(low, high, tmp_path):
    scaled = (PIXELS[:TRAIN] / 255 * (high - low) + low).astype(np.float32)
    dataset = save_parts(tmp_path / "a.npz", scaled, PIXELS[TRAIN:])
    np.testing.assert_allclose(dataset.images[..., 0], PIXELS / 255, atol=1e-5)
    said = f"training images {low:g} to 1, test images 0 to 255"
    assert any(said in note for note in decisions(dataset.notes))


@pytest.mark.parametrize(
    "changed",
    [lambda pixels: (pixels - 33.3) / 78.6, lambda pixels: pixels.astype(np.int8)],
    ids=["standardised", "signed"],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_part_of_another_kind_of_values_is_brought_to_0_to_1_by_itself(changed, first, tmp_path):
    parts = PIXELS[:TRAIN], PIXELS[TRAIN:]
    parts = (changed(parts[0]), parts[1]) if first else (parts[0], changed(parts[1]))
    dataset = save_parts(tmp_path / "a.npz", *parts)
    np.testing.assert_allclose(dataset.images[..., 0], PIXELS / 255, atol=0.02)
    assert any("the values of its parts differ" in note for note in decisions(dataset.notes))


def test_tables_of_parts_are_each_brought_to_0_to_1(tmp_path):
    header = ",".join(["label", *(f"pixel{number}" for number in range(784))])
    for name, rows, times in (("train", slice(0, TRAIN), 1), ("test", slice(TRAIN, None), 1 / 255)):
        table = np.column_stack([LABELS[rows], times * PIXELS[rows].reshape(-1, 784)])
        np.savetxt(tmp_path / f"{name}.csv", table, "%.6g", ",", header=header, comments="")
    dataset = open_dataset(tmp_path)
    np.testing.assert_allclose(dataset.images[..., 0], PIXELS / 255, atol=1e-4)
    assert any("training images 0 to 255, test images 0 to 1" in note for note in decisions(dataset.notes))


def test_parts_of_one_range_stay_together_though_one_is_fainter(tmp_path):
    faint = PIXELS[TRAIN:] // 4
    dataset = save_parts(tmp_path / "a.npz", PIXELS[:TRAIN], faint)
    np.testing.assert_allclose(dataset.images[TRAIN:, ..., 0], faint / 255, atol=1e-6)


def test_a_class_of_the_test_part_alone_is_said(tmp_path):
    """As where one part counts its labels from 0, the other from 1."""
    shifted = np.concatenate([LABELS[:TRAIN], LABELS[TRAIN:] + 1])
    found = decisions(save_parts(tmp_path / "a.npz", PIXELS[:TRAIN], PIXELS[TRAIN:], shifted).notes)
    assert "class '10' has no image among those to learn from: check that all parts are labelled alike" in found
    found = decisions(save_parts(tmp_path / "b.npz", PIXELS[:TRAIN], PIXELS[TRAIN:]).notes)
    assert not any("to learn from" in note for note in found)


def test_one_hot_columns_beside_file_names_are_classes(tmp_path):
    """As Roboflow writes them: a table in each part, a blank before each name."""
    for part, rows in (("train", range(TRAIN)), ("valid", range(TRAIN, len(LABELS)))):
        save_pictures(tmp_path / part, rows)
        lines = [f"{row:04}.png, " + ", ".join(str(int(LABELS[row] == each)) for each in range(10)) for row in rows]
        (tmp_path / part / "_classes.csv").write_text("\n".join(["filename, " + ", ".join(WORDS), *lines]) + "\n")
    dataset = open_dataset(tmp_path)
    assert_named_as_meant(dataset, WORDS)
    assert len(dataset.split(seed=0).validation) == len(LABELS) - TRAIN


def test_several_classes_of_a_picture_are_asked_about(tmp_path):
    save_pictures(tmp_path, range(4))
    table = "filename,cat,dog\n0000.png,1,1\n0001.png,1,0\n0002.png,0,1\n0003.png,1,0\n"
    (tmp_path / "_classes.csv").write_text(table)
    with pytest.raises(DataError, match="several columns could be the labels: cat, dog"):
        open_dataset(tmp_path)


def test_lists_called_train_and_val_are_parts(tmp_path):
    """As Caffe has them: all pictures in one folder, a list for each part."""
    save_pictures(tmp_path / "images", range(len(LABELS)))
    for name, rows in (("train.txt", range(TRAIN)), ("val.txt", range(TRAIN, len(LABELS)))):
        (tmp_path / name).write_text("".join(f"images/{row:04}.png {LABELS[row]}\n" for row in rows))
    dataset = open_dataset(tmp_path)
    assert_named_as_meant(dataset)
    assert len(dataset.split(seed=0).validation) == len(LABELS) - TRAIN


def test_a_few_columns_of_other_things_are_no_images(tmp_path):
    """The table of a set of pictures holds numbers, and lengths of petals are no pixels either."""
    rows = "".join(f"1,{row},{row % 10 + 1},{row % 10},{WORDS[row % 10]}\n" for row in range(50))
    (tmp_path / "set.csv").write_text("suite_id,sample_id,code,value,character\n" + rows)
    with pytest.raises(DataError, match="no images, found columns suite_id, sample_id, code, value, character"):
        open_dataset(tmp_path / "set.csv")
    rows = "".join(f"{row % 5}.1,3.5,1.{row % 9},0.2,{WORDS[row % 3]}\n" for row in range(50))
    (tmp_path / "iris.csv").write_text("sepal_length,sepal_width,petal_length,petal_width,species\n" + rows)
    with pytest.raises(DataError, match="no images"):
        open_dataset(tmp_path / "iris.csv")
    assert open_dataset(tmp_path / "iris.csv", shape=(2, 2)).image_shape == (2, 2, 1)


@pytest.mark.parametrize("words", [("False", "True"), ("FALSE", "TRUE"), ("0.0", "1.0")])
@pytest.mark.parametrize("separator", [",", ";"])
def test_one_hot_words_are_classes_beside_pictures_and_beside_pixels(tmp_path, words, separator):
    """As pandas writes what its get_dummies returns."""
    one_hot = [[words[int(label == each)] for each in range(10)] for label in LABELS]
    rows = [[f"{row:04}.png", *one_hot[row]] for row in range(len(LABELS))]
    save_pictures(tmp_path / "pictures", range(len(LABELS)))
    table = "\n".join(map(separator.join, [["file", *WORDS], *rows]))
    (tmp_path / "pictures" / "labels.csv").write_text(table)
    assert_named_as_meant(open_dataset(tmp_path / "pictures"), WORDS)
    rows = [[*map(str, pixels.ravel()), *one_hot[row]] for row, pixels in enumerate(PIXELS)]
    header = [*(f"pixel{number}" for number in range(784)), *WORDS]
    (tmp_path / "pixels.csv").write_text("\n".join(map(separator.join, [header, *rows])))
    dataset = open_dataset(tmp_path / "pixels.csv")
    np.testing.assert_allclose(dataset.images[..., 0], PIXELS / 255, atol=1e-5)
    assert [dataset.class_names[label] for label in dataset.labels] == [WORDS[label] for label in LABELS]


@pytest.mark.parametrize("written", ["{}", "{}.png"])
@pytest.mark.parametrize("shift", [1, -1, 5])
def test_rows_that_number_pictures_otherwise_than_these_are_refused(tmp_path, shift, written):
    """Nearly every row then names a picture: the next one, or the one before."""
    save_pictures(tmp_path, range(10, 10 + 40))
    for path in tmp_path.iterdir():
        path.rename(tmp_path / f"{int(path.stem)}.png")
    rows = [f"{written.format(row + shift)},{LABELS[row]}" for row in range(10, 10 + 40)]
    (tmp_path / "labels.csv").write_text("\n".join(["id,label", *rows]))
    with pytest.raises(DataError, match=f"these are numbered from 10 to 49: every label would be {abs(shift)} off"):
        open_dataset(tmp_path)
    # Without the rows that name nothing, it is a table of some of the pictures.
    kept = [row for row in rows if 10 <= int(row.split(",")[0].removesuffix(".png")) < 50]
    (tmp_path / "labels.csv").write_text("\n".join(["id,label", *kept]))
    assert len(open_dataset(tmp_path)) == 40 - abs(shift)


def test_a_gap_in_the_numbers_shows_nothing(tmp_path):
    save_pictures(tmp_path, [*range(10, 30), *range(31, 50)])
    (tmp_path / "labels.csv").write_text("\n".join(f"{row:04}.png,{LABELS[row]}" for row in range(9, 49)))
    assert len(open_dataset(tmp_path)) == 38


@pytest.mark.parametrize(("mark", "others"), [(-1, range(4)), (255, range(4))])
def test_a_label_that_may_stand_for_none_is_said(mark, others):
    labels = np.array([mark if row % 7 == 0 else others[row % 4] for row in range(len(LABELS))])
    said = f"class '{mark}' beside 0 to 3 may mark images without a label: it is a class like any other"
    assert said in decisions(from_arrays(PIXELS, labels).notes)
    assert not any("may mark images" in note for note in decisions(from_arrays(PIXELS, LABELS).notes))


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ("unknown", "class 'unknown' is a word beside 10 numbers, and of 1 image: taken for a class all the same"),
        ("#DIV/0!", "class '#DIV/0!' is a word beside 10 numbers, and of 1 image: taken for a class all the same"),
        ("09", "classes '09' and '9' differ by leading zeros alone"),
    ],
)
def test_a_label_unlike_all_others_is_said(odd, said):
    labels = [odd if row == 77 else str(label) for row, label in enumerate(LABELS)]
    assert said in decisions(from_arrays(PIXELS, labels).notes)
    half = [odd if row % 2 else str(label) for row, label in enumerate(LABELS)]
    assert not any("is a word" in note for note in decisions(from_arrays(PIXELS, half).notes))


def test_a_part_that_lies_on_its_side_is_said():
    said = "the test images look like those to learn from with rows and columns swapped: check how each were stored"
    for turned in (PIXELS[TRAIN:], PIXELS[TRAIN:].swapaxes(1, 2)):
        raw = join_train_and_test((PIXELS[:TRAIN], LABELS[:TRAIN]), (turned, LABELS[TRAIN:]), "digits")
        notes = decisions(build_dataset(raw, ReadOptions()).notes)
        assert (said in notes) == (not np.array_equal(turned, PIXELS[TRAIN:]))


def test_pieces_of_one_part_that_are_of_different_kinds_are_each_brought_to_0_to_1(tmp_path):
    middle = len(PIXELS) // 2
    first, second = PIXELS[:middle], PIXELS[middle:] / 255
    pieces = {"data_1": first, "labels_1": LABELS[:middle], "data_2": second, "labels_2": LABELS[middle:]}
    np.savez(tmp_path / "data.npz", **pieces)
    dataset = open_dataset(tmp_path / "data.npz")
    assert any("data_1 images 0 to 255, data_2 images 0 to 1" in note for note in decisions(dataset.notes))
    np.testing.assert_allclose(dataset.images[..., 0], PIXELS / 255, atol=1e-6)
