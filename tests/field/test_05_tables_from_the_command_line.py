"""Tables with columns that are neither pixels nor labels, by the command line, in training and afterwards."""

import csv

import numpy as np
import pytest

from cli.conftest import answer  # noqa: F401 - a fixture
from inklings import open_dataset


@pytest.fixture
def tables(tmp_path):
    """A table to learn from, of digits that are not square, among other columns; some labels are missing."""
    digits = open_dataset("digits28")
    rows = np.concatenate([np.flatnonzero(digits.labels == digit)[:24] for digit in range(10)])
    pixels = np.round(digits.images[rows, 2:26, 5:23, 0] * 255).astype(int).reshape(240, 24 * 18)
    header = [f"pixel{number}" for number in range(24 * 18)]
    labels = ["NA" if row % 60 == 7 else f"digit {digit}" for row, digit in enumerate(digits.labels[rows])]
    with (tmp_path / "train.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "age", "label", "writer", *header])
        writer.writerows(
            [f"a{row}", row % 90, label, f"w{row % 4}", *image]
            for row, (label, image) in enumerate(zip(labels, pixels, strict=True))
        )
    with (tmp_path / "test.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "age", "writer", *header])
        writer.writerows([f"t{row}", row % 90, f"w{row % 4}", *image] for row, image in enumerate(pixels[::24]))
    return pixels, labels


READING = "--shape 24x18 --skip age --skip writer --drop-missing"


def test_columns_images_and_shapes_are_told_by_options(answer, tables):  # noqa: F811
    code, _, err = answer("data show train.csv --shape 24x18")
    assert code == 3
    assert "4 of 240 images have no label (image a7, a67, a127 ...)" in err
    assert err.endswith("try --drop-missing\n")
    code, out, err = answer(f"data show train.csv {READING}")
    assert code == 0
    assert "236 of 24 x 18, grey" in out
    assert "note: 4 of 240 images have no label, and are left out" in err
    code, _, err = answer("data show train.csv --skip nobody")
    assert code == 3
    assert "has no column 'nobody', found id, age, label, writer" in err


def test_a_run_opens_its_table_again_as_it_was_read(answer, tables, tmp_path):  # noqa: F811
    code, _, err = answer(f"train softmax --data train.csv {READING} --epochs 20 --save m.inkling -q")
    assert code == 0, err
    run = next((tmp_path / "inklings-runs").iterdir()).name
    code, _, err = answer(f"report {run} --out report")
    assert code == 0, err
    code, out, err = answer(f"evaluate m.inkling train.csv {READING}")
    assert code == 0, err
    assert "accuracy" in out


def test_a_table_to_be_answered_keeps_its_identifiers_and_takes_no_text_for_labels(answer, tables, tmp_path):  # noqa: F811
    code, _, err = answer(f"train softmax --data train.csv {READING} --epochs 60 --save m.inkling -q")
    assert code == 0, err
    code, _, err = answer("predict m.inkling test.csv --out answers.csv")
    assert code == 0, err
    assert "labels are" not in err
    assert "columns 'age', 'writer' are neither pixels nor labels" in err
    with (tmp_path / "answers.csv").open(newline="") as file:
        answers = list(csv.DictReader(file))
    assert [row["id"] for row in answers] == [f"t{number}" for number in range(10)]
    assert sum(row["label"] == f"digit {number}" for number, row in enumerate(answers)) >= 8


def test_where_the_labels_were_found_is_said_with_the_option_that_overrules(answer, tmp_path):  # noqa: F811
    rows = np.random.default_rng(0).integers(20, 255, (30, 16))
    np.savetxt(tmp_path / "bare.csv", np.column_stack([np.arange(30) % 3, rows]), "%d", ",")
    code, _, err = answer("data show bare.csv")
    assert code == 0
    assert "note: labels are column '0', the first of 17: 3 whole numbers from 0 to 2 (--labels NAME overrides)" in err
