"""The images of data files are held against what a network learnt, as pictures are."""

import csv
import json
import struct

import numpy as np
import pytest

from cli.conftest import answer  # noqa: F401 - a fixture
from inklings import Model, load
from inklings.errors import RunError
from inklings.storage import read_checksummed, write_checksummed

DIGITS, NOISE = 40, 20


@pytest.fixture(scope="module")
def asked(digits28):
    """Digits that the network never saw, as bytes, and after them noise."""
    digits = np.round(255 * digits28.test.images[:DIGITS, ..., 0]).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (NOISE, 28, 28), np.uint8)
    return np.concatenate([digits, noise])


@pytest.fixture
def files(trained, asked, tmp_path):
    trained.save(tmp_path / "m.inkling")
    rows = asked.reshape(len(asked), -1)
    headings = ",".join(f"pixel{number}" for number in range(rows.shape[1]))
    np.savetxt(tmp_path / "asked.csv", rows, "%d", ",", header=headings, comments="")
    np.savez(tmp_path / "asked.npz", X=asked)
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", *asked.shape)
    (tmp_path / "asked-images-idx3-ubyte").write_bytes(header + asked.tobytes())
    return tmp_path


def read(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("name", ["asked.csv", "asked.npz", "asked-images-idx3-ubyte"])
def test_each_kind_of_file_has_the_scores_of_its_images(name, trained, asked, files):
    found = trained.predict_file(files / name)
    expected = trained.score_novelty(asked)
    np.testing.assert_allclose(found.novelty, expected, rtol=1e-6)
    np.testing.assert_array_equal(found.familiar, expected <= trained.novelty.threshold)
    assert found.familiar[:DIGITS].mean() > 0.9
    assert not found.familiar[DIGITS:].any()


def test_a_table_on_the_screen_and_json_mark_what_is_not_familiar(trained, files, answer):  # noqa: F811
    code, out, _ = answer("predict m.inkling asked.npz")
    expected = trained.predict_file(files / "asked.npz")
    assert code == 0
    assert out.count("not like what it learnt") == (~expected.familiar).sum() >= NOISE
    code, out, err = answer("predict m.inkling asked.npz --json")
    found = json.loads(out)
    assert [each["familiar"] for each in found] == expected.familiar.tolist()
    assert [each["novelty"] for each in found] == expected.novelty.tolist()
    assert f"{(~expected.familiar).sum()} of {len(found)} are not like what it learnt" in err


def test_a_csv_says_beside_the_class_whether_the_image_is_familiar(trained, files, answer):  # noqa: F811
    expected = trained.predict_file(files / "asked.csv")
    assert answer("predict m.inkling asked.csv --out answers.csv --probabilities")[0] == 0
    heading, *rows = read(files / "answers.csv")
    assert heading[:5] == ["id", "label", "probability", "familiar", "novelty"]
    assert heading[5] == "probability_0"
    assert [row[1] for row in rows] == expected.labels
    assert [row[3] == "yes" for row in rows] == expected.familiar.tolist()
    np.testing.assert_allclose([float(row[4]) for row in rows], expected.novelty, rtol=1e-5)


def test_columns_that_were_asked_for_hold_classes_alone(trained, files, answer):  # noqa: F811
    code, _, err = answer("predict m.inkling asked.csv --out answers.csv --columns ImageId,Label --first-id 1")
    heading, *rows = read(files / "answers.csv")
    assert (code, heading) == (0, ["ImageId", "Label"])
    assert [row[1] for row in rows] == trained.predict_file(files / "asked.csv").labels
    # A contest takes no other word for a class: who sends it in is told.
    assert "are not like what it learnt; the class is a guess" in err


def test_a_model_without_a_measure_answers_as_before(trained, files, answer):  # noqa: F811
    bare = Model(trained.network, trained.parameters, trained.class_names, {}, trained.preprocessing)
    bare.save(files / "bare.inkling")
    found = bare.predict_file(files / "asked.npz")
    assert (found.novelty, found.familiar) == (None, None)
    assert answer("predict bare.inkling asked.npz --out answers.csv")[0] == 0
    assert read(files / "answers.csv")[0] == ["id", "label", "probability"]


def test_a_file_with_an_earlier_measure_is_read_as_one_without(trained, tmp_path):
    """Versions before measured pixels alone: their arrays do not fit, and the model is as good as ever."""
    trained.save(tmp_path / "new.inkling")
    arrays, values = read_checksummed(tmp_path / "new.inkling", "a saved model", RunError)
    earlier = {name.replace("novelty/appearance", "novelty/pixels"): array for name, array in arrays.items()}
    write_checksummed(tmp_path / "old.inkling", earlier, values)
    model = load(tmp_path / "old.inkling")
    assert model.novelty is None
    assert model.parameters.keys() == trained.parameters.keys()
