"""From training to answers, as a user types it."""

import json

import numpy as np
import pytest
from PIL import Image

from inklings import Dense, Flatten, Model, Network, load, open_dataset
from inklings.cli.sample_answers import describe_sample
from inklings.networks import initial_parameters
from inklings.reprs import percent


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits28")


@pytest.fixture
def saved(digits_model):
    return digits_model


def draw(digits, path, rows=(0,)):
    ink = np.concatenate([np.pad(digits.images[row, ..., 0], 6) for row in rows], axis=1)
    Image.fromarray((255 * (1 - np.clip(ink, 0, 1))).astype(np.uint8)).resize((120 * len(rows), 120)).save(path)


def test_a_network_is_trained_saved_and_reads_pictures(answer, saved, trained_once, digits):
    assert "model        digits.inkling" in trained_once[1]
    (saved / "folder").mkdir()
    draw(digits, saved / "one.png", [10])
    draw(digits, saved / "folder" / "two.png", [20])
    (saved / "bad.png").write_text("no picture")
    code, out, err = answer("predict", "digits.inkling", "one.png", "bad.png", "folder", "--json", "--stages", "looks")
    assert code == 3
    assert err.startswith("inklings: bad.png: not a valid picture")
    assert err.splitlines()[1:] == ["inklings: 1 of 3 were not classified"]
    found = json.loads(out)
    assert [each["picture"] for each in found] == ["one.png", "folder/two.png"]
    assert sum(found[0]["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert [found[0][old] for old in ("answer", "sure")] == [found[0][new] for new in ("prediction", "confident")]
    assert sorted(path.name for path in (saved / "looks").iterdir()) == ["one-stages.png", "two-stages.png"]
    code, out, _ = answer("predict", "digits.inkling", "one.png")
    assert code == 0
    assert "one.png" in out
    assert f"{percent(found[0]['probability'])}" in out


def test_a_model_whose_weights_are_too_large_is_refused_in_one_line(answer, saved, digits):
    draw(digits, saved / "one.png", [10])
    sound = load(saved / "digits.inkling")
    network = Network(sound.network.input_shape, (Flatten(), Dense(8, "relu"), Dense(8, "relu"), Dense(10, "softmax")))
    parameters = initial_parameters(network, 0)
    huge = {name: np.sign(values) * np.float32(1e30) for name, values in parameters.items()}
    Model(network, huge, sound.class_names, sound.training, sound.preprocessing).save(saved / "huge.inkling")
    for command in (
        ("predict", "huge.inkling", "one.png"),
        ("read", "one.png", "--model", "huge.inkling"),
        ("evaluate", "huge.inkling", "digits"),
    ):
        code, out, err = answer(*command)
        assert (code, out) in ((3, ""), (4, ""))
        *notes, refusal = err.splitlines()
        assert all(note.startswith("note: ") for note in notes)
        assert refusal.startswith("inklings: the outputs are NaN or infinite for ")


def test_a_page_is_read_with_boxes(answer, saved, digits):
    draw(digits, saved / "page.png", [10, 600, 1100])
    code, out, _ = answer("read", "page.png", "--json", "--boxes", "boxes.png")
    found = json.loads(out)
    assert code == 0
    assert len(found["characters"]) == len(found["lines"][0]) == 3
    assert found["marks"] == found["characters"]
    lefts = [mark["box"][0] for mark in found["characters"]]
    assert lefts == sorted(lefts)
    with Image.open(saved / "boxes.png") as drawn:
        assert drawn.size == (360, 120)


def test_evaluation_reads_only_what_was_not_learnt_from(answer, saved):
    code, out, err = answer("evaluate", "digits.inkling", "digits", "--json")
    found = json.loads(out)
    assert (code, found["n"]) == (0, 1250)
    assert "only the 1,250 test images" in err
    assert found["accuracy"] == pytest.approx(load(saved / "digits.inkling").training["accuracy"])
    assert json.loads(answer("evaluate", "digits.inkling", "digits", "--json", "--all")[1])["n"] == 5000
    code, out, _ = answer("evaluate", "digits.inkling", "digits")
    assert code == 0
    assert "95 % interval" in out
    assert "most often confused with" in out


def test_a_file_that_changed_since_training_may_hold_what_was_learnt_from(answer, tmp_path, digits):
    """The fingerprint is another then, and with it goes the knowledge of which images were test images."""
    few = digits.take(np.arange(0, 5000, 10))
    np.savez(tmp_path / "mine.npz", images=few.images, labels=few.labels)
    assert answer("train", "softmax", "--data", "mine.npz", "--steps", "20", "-q", "--save", "mine.inkling")[0] == 0
    assert "only the 125 test images" in answer("evaluate", "mine.inkling", "mine.npz")[2]
    np.savez(tmp_path / "mine.npz", images=few.images[:-1], labels=few.labels[:-1])
    code, out, err = answer("evaluate", "mine.inkling", "mine.npz", "--json")
    assert (code, json.loads(out)["n"]) == (0, 499)
    assert "some that it learnt from may be among these" in " ".join(err.split())
    np.savez(tmp_path / "others.npz", images=few.images[:-1], labels=few.labels[:-1])
    assert "learnt from" not in answer("evaluate", "mine.inkling", "others.npz")[2]


def test_other_images_are_resized_and_other_classes_refused(answer, saved, digits):
    np.savez(saved / "letters.npz", images=digits.images[:100], labels=np.array(["x", "y"] * 50))
    code, _, err = answer("evaluate", "digits.inkling", "letters.npz")
    assert code == 3
    assert "'0', '1', '2'" in err
    assert "'x', 'y'" in err
    rows = np.arange(0, 5000, 50)
    np.savez(saved / "own.npz", images=digits.images[rows] * 0.9, labels=digits.labels[rows])
    code, out, err = answer("evaluate", "digits.inkling", "own.npz", "--json")
    assert (code, json.loads(out)["n"]) == (0, 100)
    assert "28 x 28 were resized to the network's 20 x 20" in err


def test_a_stored_run_is_saved_too(answer, saved):
    code, _, _ = answer("runs", "save", "softmax", "again.inkling", "--target-accuracy", "0.9", "--pictures", "whole")
    assert code == 0
    one, other = load(saved / "digits.inkling"), load(saved / "again.inkling")
    assert all(np.array_equal(one.parameters[name], other.parameters[name]) for name in one.parameters)
    assert one.training == other.training
    assert (one.preparation.kind, other.preparation.kind) == ("character", "whole")


def test_bad_input_is_one_line_before_anything_is_trained(answer, tmp_path):
    for arguments, code, said in [
        (("train", "softmax", "--save", "nowhere/x.inkling"), 7, "there is no folder nowhere"),
        (("train", "softmax", "--save", "."), 7, "is a folder"),
        (("train", "softmax", "--save", "x.inkling", "--target-accuracy", "1.5"), 2, "1.5 is not in the range"),
        (("read", "page.png"), 7, "digits.inkling: no such file"),
        (("predict", "none.inkling", "x.png"), 7, "none.inkling: no such file"),
        (("predict", "none.inkling"), 2, "missing PICTURE"),
    ]:
        found, _, err = answer(*arguments)
        assert (found, said in err, len(err.splitlines())) == (code, True, 1), err
    assert not list(tmp_path.iterdir())


def test_of_a_folder_of_tables_one_is_to_be_named(answer, saved):
    (saved / "contest").mkdir()
    for name in ("sample.csv", "test.csv", "train.csv.gz"):
        (saved / "contest" / name).write_text("id,pixels\n")
    code, out, err = answer("predict", "digits.inkling", "contest")
    assert (code, out) == (3, "")
    assert "contest: holds 3 tables (sample.csv, test.csv, train.csv.gz) and no pictures" in err
    assert err.endswith("tables are taken one at a time: name a file, such as contest/test.csv\n")


def test_headings_of_a_sample_are_offered_as_a_shell_takes_them(tmp_path):
    (tmp_path / "sample_submission.csv").write_text("Image Id,Label\n0,0\n")
    assert "--columns 'Image Id,Label' writes that" in describe_sample(tmp_path / "test.csv", [], "0")
