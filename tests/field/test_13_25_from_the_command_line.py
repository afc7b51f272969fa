"""Images without labels answered, and test data that lack a class or name it otherwise, by the command line."""

import csv
import json
import struct

import numpy as np
import pytest
from PIL import Image

from cli.conftest import answer  # noqa: F401 - a fixture
from inklings import load, open_dataset

UNMEASURED = (
    "note: the model has no measure of novelty: whatever it is shown, noise too, it answers with one of its classes\n"
)
"""Of models that learnt from few images."""


@pytest.fixture(scope="module")
def digits():
    dataset = open_dataset("digits28")
    return np.round(dataset.images[..., 0] * 255).astype(np.uint8), dataset.labels


def some(digits, first, last, classes=10):
    """The same number of images of each class."""
    pixels, labels = digits
    rows = np.concatenate([np.flatnonzero(labels == k)[first:last] for k in range(classes)])
    return pixels[rows], labels[rows]


def write_table(path, pixels, labels=None):
    headings = ([] if labels is None else ["label"]) + [f"pixel{k}" for k in range(784)]
    rows = pixels.reshape(len(pixels), -1)
    table = rows if labels is None else np.column_stack([labels, rows])
    np.savetxt(path, table, "%d", ",", header=",".join(headings), comments="")


@pytest.fixture
def contest(answer, tmp_path, digits):  # noqa: F811
    """A table to learn from, dark ink on light paper, and the images to answer in several formats."""
    pixels, labels = some(digits, 0, 40)
    write_table(tmp_path / "train.csv", 255 - pixels, labels)
    asked = 255 - some(digits, 40, 46)[0]
    write_table(tmp_path / "test.csv", asked)
    np.save(tmp_path / "test.npy", asked)
    np.savez(tmp_path / "test.npz", X=asked)
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", *asked.shape)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(header + asked.tobytes())
    code, _, err = answer("train softmax --data train.csv --steps 300 --save m.inkling --row-major -q")
    assert (code, err.count("images were inverted")) == (0, 1)
    return asked, np.repeat(np.arange(10), 6)


def read(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_a_contest_s_table_is_answered_in_its_own_two_columns(answer, contest, tmp_path):  # noqa: F811
    asked, labels = contest
    typed = "predict m.inkling test.csv --out answers.csv --columns ImageId,Label --first-id 1"
    code, out, err = answer(typed)
    assert (code, err) == (0, UNMEASURED)
    assert "answers.csv, 60 images" in out
    heading, *rows = read(tmp_path / "answers.csv")
    assert heading == ["ImageId", "Label"]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 61)]
    assert np.mean([int(row[1]) for row in rows] == labels) > 0.7
    model = load(tmp_path / "m.inkling")
    assert [row[1] for row in rows] == [model.class_names[k] for k in model.predict(asked)]


def test_a_sample_of_answers_in_another_form_is_named_with_the_options_for_it(answer, contest, tmp_path):  # noqa: F811
    (tmp_path / "sample_submission.csv").write_text("ImageId,Label\n1,0\n2,0\n")
    options = "--columns ImageId,Label --first-id 1"
    _, _, err = answer("predict m.inkling test.csv --out answers.csv")
    assert f"note: sample_submission.csv has the columns ImageId,Label, and begins with 1: {options} writes that" in err
    _, _, err = answer(f"predict m.inkling test.csv --out answers.csv {options}")
    assert "sample_submission" not in err


@pytest.mark.parametrize("name", ["test.npy", "test.npz", "t10k-images-idx3-ubyte"])
def test_arrays_are_answered_as_the_table_is(answer, contest, tmp_path, name):  # noqa: F811
    answer("predict m.inkling test.csv --out table.csv --probabilities")
    code, _, err = answer(f"predict m.inkling {name} --out arrays.csv --probabilities")
    assert (code, err) == (0, UNMEASURED)
    assert read(tmp_path / "arrays.csv") == read(tmp_path / "table.csv")
    heading, first, *_ = read(tmp_path / "table.csv")
    assert heading == ["id", "label", "probability", *(f"probability_{k}" for k in range(10))]
    assert float(first[2]) == max(map(float, first[3:]))
    assert sum(map(float, first[3:])) == pytest.approx(1, abs=1e-4)
    answer(f"predict m.inkling {name} --out answers.json")
    found = json.loads((tmp_path / "answers.json").read_text())
    assert [each["prediction"] for each in found] == [row[1] for row in read(tmp_path / "table.csv")[1:]]
    assert found[0]["id"] == "0"


def test_images_of_several_files_keep_apart(answer, contest, tmp_path):  # noqa: F811
    assert answer("predict m.inkling test.csv test.npy --out answers.csv --row-major")[0] == 0
    found = [row[0] for row in read(tmp_path / "answers.csv")[1:]]
    assert found == [f"{file}:{row}" for file in ("test.csv", "test.npy") for row in range(60)]
    assert answer("predict m.inkling test.csv --out answers.csv --row-major")[0] == 0
    assert [row[0] for row in read(tmp_path / "answers.csv")[1:]] == [str(row) for row in range(60)]


def test_other_pixels_than_in_training_are_said(answer, contest, tmp_path):  # noqa: F811
    asked, labels = contest
    np.save(tmp_path / "light.npy", 255 - asked)
    code, _, err = answer("predict m.inkling light.npy --out light.csv")
    assert code == 0
    assert "note: the border is dark, where that of the training images was light" in err
    assert "--as-found" in err
    answer("predict m.inkling light.npy --out anew.csv --as-found")
    answer("predict m.inkling test.npy --out right.csv")
    anew, right = ([row[1] for row in read(tmp_path / name)] for name in ("anew.csv", "right.csv"))
    assert anew == right
    np.savez(tmp_path / "light.npz", X=255 - asked, y=labels)
    wrong = json.loads(answer("evaluate m.inkling light.npz --json")[1])
    assert wrong["accuracy"] < 0.2
    assert any("the border is dark" in note for note in wrong["notes"])
    np.savez(tmp_path / "dark.npz", X=asked, y=labels)
    expected = np.mean(np.array(right[1:]) == labels.astype(str))
    for typed in ("light.npz --as-found", "light.npz --no-invert", "dark.npz"):
        assert json.loads(answer(f"evaluate m.inkling {typed} --json")[1])["accuracy"] == pytest.approx(expected)


def test_what_cannot_be_written_is_refused_before_anything_is_read(answer, contest):  # noqa: F811
    for typed, code, said in [
        ("--out answers.txt", 3, "ends in .csv or .json"),
        ("--out nowhere/answers.csv", 3, "there is no folder nowhere"),
        ("--out a.csv --columns ImageId", 3, "--columns is 'ImageId', expected two or three names"),
        ("--columns ImageId,Label", 2, "add --out FILE.csv"),
    ]:
        found, out, err = answer(f"predict m.inkling test.csv {typed}")
        assert (found, out, said in err) == (code, "", True), err
    assert answer("predict m.inkling train.csv nothing.csv --out a.csv")[0] == 3


def test_a_table_without_labels_is_not_called_damaged(answer, contest):  # noqa: F811
    code, _, err = answer("evaluate m.inkling test.npy")
    assert (code, "no labels" in err, "damaged" in err) == (3, True, False)


def test_many_pictures_keep_their_order_and_what_is_none_is_counted(answer, contest, tmp_path):  # noqa: F811
    asked, _ = contest
    (tmp_path / "scans" / "more").mkdir(parents=True)
    for number, pixels in enumerate(asked):
        Image.fromarray(pixels).save(tmp_path / "scans" / ("more" if number % 2 else "") / f"{number:02}.png")
    (tmp_path / "scans" / "zz.png").write_text("no picture")
    (tmp_path / "scans" / "._00.png").write_text("what a Mac leaves")
    code, _, err = answer("predict m.inkling scans --out answers.csv")
    assert code == 3
    assert err.splitlines()[-1] == "inklings: 1 of 61 were not classified"
    heading, *rows = read(tmp_path / "answers.csv")
    assert heading == ["picture", "label", "probability"]
    names = [row[0] for row in rows]
    assert len(names) == 60
    assert names == sorted(names)
    own = {name: answer(f"predict m.inkling {name} --json")[1] for name in names[:40:13]}
    for name, found in own.items():
        assert json.loads(found)[0]["prediction"] == dict(row[:2] for row in rows)[name]


@pytest.fixture
def three(answer, tmp_path, digits):  # noqa: F811
    """Folders of three classes to learn from."""
    save_folders(tmp_path / "train", digits, "012", 0, 30)
    assert answer("train softmax --data train --steps 200 --save m.inkling -q")[0] == 0
    return tmp_path


def save_folders(root, digits, names, first, last):
    pixels, labels = digits
    for k, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for row in np.flatnonzero(labels == k)[first:last]:
            Image.fromarray(pixels[row]).save(root / name / f"{row}.png")


def test_test_data_may_lack_a_class(answer, three, digits):  # noqa: F811
    save_folders(three / "test", digits, "01", 30, 38)
    code, out, err = answer("evaluate m.inkling test --json")
    found = json.loads(out)
    assert (code, found["n"]) == (0, 16)
    assert found["accuracy"] > 0.8
    assert err == "note: no images of '2': 2 of the model's 3 classes\n"
    assert found["confusion"]["classes"] == ["0", "1", "2"]
    save_folders(three / "one", digits, "0", 30, 38)
    assert json.loads(answer("evaluate m.inkling one --json")[1])["classes"][0]["images"] == 8


def test_classes_that_the_model_does_not_know_are_refused_with_the_way_out(answer, three, digits):  # noqa: F811
    for names, said in [
        (("0", "one", "2"), "'one' may be the model's '1': rename the labels"),
        (("0", "001", "2"), "'001' and '1' differ by leading zeros alone: rename one"),
        (("0", "1", "8"), "the model does not know '8'"),
    ]:
        save_folders(three / "".join(names), digits, names, 30, 34)
        code, out, err = answer("evaluate", "m.inkling", "".join(names))
        assert (code, out) == (3, "")
        assert said in err
        assert "damaged" not in err


def test_numbers_are_classes_by_position_only_if_that_is_said(answer, tmp_path, digits):  # noqa: F811
    save_folders(tmp_path / "train", digits, ("zebra", "ant", "Mole"), 0, 30)
    answer("train softmax --data train --steps 200 --save m.inkling -q")
    pixels, labels = some(digits, 30, 36, 3)
    np.savez(tmp_path / "numbers.npz", X=pixels, y=labels)
    code, _, err = answer("evaluate m.inkling numbers.npz")
    assert code == 3
    assert "try --class-names Mole,ant,zebra" in err
    found = json.loads(answer("evaluate m.inkling numbers.npz --class-names zebra,ant,Mole --json")[1])
    assert found["accuracy"] > 0.8
    save_folders(tmp_path / "case", digits, ("zebra", "ant", "mole"), 30, 34)
    assert "'mole' and 'Mole' differ by case alone" in answer("evaluate m.inkling case")[2]


def test_decisions_are_said_by_every_command_and_kept(answer, tmp_path, digits):  # noqa: F811
    pixels, labels = some(digits, 0, 40)
    np.savez(tmp_path / "paper.npz", X=255 - pixels, y=labels)
    said = "images were inverted, since their background was light"
    for typed in (
        "train softmax --data paper.npz --steps 20 -q",
        "compare softmax --data paper.npz --quick -q --out report",
        "learning-curve softmax --data paper.npz --steps 5 -q",
        "data show paper.npz --out examples.png",
    ):
        code, out, err = answer(typed)
        assert (code, err.count(f"note: {said}"), (out + err).count(said)) == (0, 1, 1), (typed, out, err)
    shown = answer("runs show softmax")[1]
    assert said in shown
    assert "--no-invert keeps them" in shown
    assert said in (tmp_path / "report" / "report.html").read_text()
    (run,) = (tmp_path / "inklings-runs").iterdir()
    data = json.loads((run / "run.json").read_text())["data"]
    assert [said in note for note in data["decisions"]] == [True]
    assert data["interpretation"]["inverted"] is True


def test_column_major_pixels_are_read_so_again(answer, tmp_path, digits):  # noqa: F811
    pixels, labels = some(digits, 0, 40)
    asked, expected = some(digits, 40, 46)
    lying = [images.swapaxes(1, 2).reshape(len(images), -1) for images in (pixels, asked)]
    np.savez(tmp_path / "train.npz", X=lying[0], y=labels)
    np.savez(tmp_path / "test.npz", X=lying[1], y=expected)
    np.savez(tmp_path / "upright.npz", X=asked.reshape(len(asked), -1), y=expected)
    answer("train softmax --data train.npz --column-major --steps 300 --save m.inkling -q")
    found = json.loads(answer("evaluate m.inkling test.npz --json")[1])
    assert found["accuracy"] > 0.7
    assert json.loads(answer("evaluate m.inkling upright.npz --row-major --json")[1])["accuracy"] == found["accuracy"]
    _, out, err = answer("evaluate m.inkling upright.npz --json")
    assert json.loads(out)["accuracy"] < 0.5
    assert "note: the images look transposed" in err
    assert "--row-major" in err
