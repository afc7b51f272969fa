import csv
import json
import shutil

import numpy as np
import pytest

import inklings as package

WRONG = np.arange(15, 1000, 50)


def read_rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def wrong_digits(tmp_path):
    """Digits in a file: 20 labels wrong, the first image twice, and one blank."""
    digits = package.open_dataset("digits").take(np.arange(0, 5000, 5))
    images, labels = np.array(digits.images[..., 0]), digits.labels.copy()
    labels[WRONG] = (labels[WRONG] + 5) % 10
    images[50], labels[50] = images[0], labels[0]
    images[60] = 0
    np.savez(tmp_path / "mine.npz", images=images, labels=labels)
    return tmp_path / "mine.npz"


@pytest.fixture(scope="module")
def checked_once(tmp_path_factory):
    return tmp_path_factory.mktemp("checked")


@pytest.fixture
def checked(answer, tmp_path, wrong_digits, checked_once):
    """What `inklings data check` prints of these digits; its page and its table are in the folder ``checked``."""
    printed = checked_once / "printed.txt"
    if not printed.exists():
        code, out, _ = answer("data", "check", "mine.npz", "--out", "checked")
        assert code == 0
        shutil.copytree(tmp_path / "checked", checked_once / "checked")
        printed.write_text(out)
    shutil.copytree(checked_once / "checked", tmp_path / "checked", dirs_exist_ok=True)
    return printed.read_text()


def test_a_data_set_is_checked_and_trained_without_what_was_found(answer, tmp_path, checked):
    assert "labels that are likely wrong" in checked
    rows = read_rows(tmp_path / "checked" / "findings.csv")
    flagged = {int(row["row"]) for row in rows if row["kind"] == "label"}
    assert len(flagged & set(WRONG.tolist())) >= 16
    assert {row["row"]: row["kind"] for row in rows}["50"] == "copy"
    assert "blank" in {row["row"]: row["kind"] for row in rows}["60"]
    page = (tmp_path / "checked" / "check.html").read_text()
    assert page.count("<img") >= 20
    assert "looks like" in page

    code, _, err = answer(
        "train",
        "softmax",
        "--data",
        "mine.npz",
        "--epochs",
        "2",
        "--without",
        "checked/findings.csv",
        "-q",
        "--save",
        "m.inkling",
    )
    assert code == 0, err
    assert "left out, as checked/findings.csv says" in err
    (stored,) = (tmp_path / "inklings-runs").glob("*/run.json")
    facts = json.loads(stored.read_text())
    removed = facts["data"]["options"]["without"]["removed"]
    assert set(removed) == {int(row["row"]) for row in rows if row["action"] == "remove"}
    # The table may change; the run's images stay what they were.
    (tmp_path / "checked" / "findings.csv").unlink()
    assert answer("runs", "save", stored.parent.name, "again.inkling")[0] == 0
    code, out, err = answer("evaluate", "m.inkling", "mine.npz", "--json")
    assert code == 0
    assert json.loads(out)["n"] == facts["split"]["test"]


def test_a_model_of_data_mended_by_one_table_is_evaluated_by_another_on_its_test_images_alone(
    answer, tmp_path, checked
):
    lines = (tmp_path / "checked" / "findings.csv").read_text().splitlines()
    (tmp_path / "other.csv").write_text("\n".join([*lines[:1], *lines[3:]]) + "\n")
    common = ("--data", "mine.npz", "--without", "checked/findings.csv", "--epochs", "1", "-q", "--save", "m.inkling")
    assert answer("train", "softmax", *common)[0] == 0
    (stored,) = (tmp_path / "inklings-runs").glob("*/run.json")
    tested = json.loads(stored.read_text())["split"]["test"]
    code, out, _ = answer("evaluate", "m.inkling", "mine.npz", "--without", "other.csv", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["n"] == tested
    assert any("trained on this data set" in note for note in found["notes"])


def test_what_mending_changes_is_measured_on_the_same_test_images(answer, checked):
    code, out, _ = answer(
        "compare",
        "softmax",
        "--quick",
        "-q",
        "--data",
        "mine.npz",
        "--and-without",
        "checked/findings.csv",
        "--out",
        "r",
    )
    assert code == 0
    assert "mending the training images" in out
    assert "tested on the same 250 images of each split" in out
    for refused, typed in (("--until-sure", ""), ("--margin", "1 --repeats 2"), ("--vary", "split --repeats 2")):
        code, _, err = answer(f"compare softmax --data mine.npz --and-without checked/findings.csv {refused} {typed}")
        assert code == 2
        assert f"--and-without goes with --repeats, not with {refused}" in err
    both = ("--data", "mine.npz", "--without", "checked/findings.csv")
    assert "are both given" in answer("compare", "softmax", *both, "--and-without", "checked/findings.csv")[2]
    code, _, err = answer("compare", "softmax", "--quick", "-q", "--and-without", "checked/findings.csv")
    assert code == 3
    assert "--and-without checked/findings.csv is of other data" in err


def test_a_model_that_is_often_wrong_leaves_nothing_out(answer, tmp_path):
    """Squares that differ in colour alone: outlines say nothing about their labels."""
    random = np.random.default_rng(0)
    labels = np.arange(120) % 4
    images = random.integers(150, 256, (120, 16, 16, 3)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = random.integers(1, 7, 2)
        image[row : row + 7, column : column + 7] = [(200, 0, 0), (0, 180, 0), (0, 0, 200), (180, 180, 0)][label]
    np.savez(tmp_path / "colours.npz", images=images, labels=labels)
    code, out, _ = answer("data", "check", "colours.npz", "--out", "checked", "-q")
    assert code == 0
    assert "labels that are in doubt" in out
    assert "which sees outlines and no colours," in out
    with (tmp_path / "checked" / "findings.csv").open() as file:
        assert {row["action"] for row in csv.DictReader(file)} == {"keep"}


def test_findings_are_printed_as_json(answer, wrong_digits):
    _, out, _ = answer("data", "check", "mine.npz", "--json", "-q")
    found = json.loads(out)
    assert found["images"] == 1000
    assert found["counts"]["label"] >= 16


@pytest.mark.parametrize(("per_class", "classes"), [(3, 2), (3, 4), (1, 5)])
def test_few_images_are_checked_without_judging_their_labels(answer, tmp_path, per_class, classes):
    random = np.random.default_rng(0)
    np.savez(
        tmp_path / "few.npz",
        images=random.integers(0, 255, (per_class * classes, 9, 9, 3)).astype(np.uint8),
        labels=np.arange(per_class * classes) % classes,
    )
    code, out, _ = answer("data", "check", "few.npz", "-q")
    assert code == 0
    assert "too few to learn" in out
    assert "likely wrong" not in out


def test_equal_images_under_several_labels_are_said(answer, tmp_path):
    np.savez(
        tmp_path / "same.npz",
        images=np.full((12, 8, 8), 9, np.uint8) * np.eye(8, dtype=np.uint8),
        labels=np.arange(12) % 2,
    )
    code, out, _ = answer("data", "check", "same.npz", "-q")
    assert code == 0
    assert "12 are there under several labels" in out


def test_files_of_a_folder_are_named(answer, tmp_path):
    from PIL import Image

    random = np.random.default_rng(0)
    for name in ("cats, small", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(random.integers(0, 255, (12, 12, 3)).astype(np.uint8)).save(
                tmp_path / "pets" / name / f"{number}.png"
            )
    first = (tmp_path / "pets" / "dogs" / "0.png").read_bytes()
    (tmp_path / "pets" / "cats, small" / "2.png").write_bytes(first)
    code, _, _ = answer("data", "check", "pets", "--colour", "-q", "--out", "c")
    assert code == 0
    rows = read_rows(tmp_path / "c" / "findings.csv")
    assert {(row["name"], row["label"]) for row in rows if row["kind"] == "conflict"} == {
        ("cats, small/2.png", "cats, small"),
        ("dogs/0.png", "dogs"),
    }
