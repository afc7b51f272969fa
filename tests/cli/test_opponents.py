"""Opponents on the command line: trained, saved, and used as networks are."""

import json

import numpy as np
import onnxruntime
import pytest
from PIL import Image

import inklings as package
from inklings.evaluation.evaluate import evaluate_model
from inklings.reprs import percent
from opponents.conftest import fit_small, make_split


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Digits of 10 x 10, dark on light, in bytes, and in a file."""
    digits = package.open_dataset("digits")
    path = tmp_path_factory.mktemp("data") / "small.npz"
    pixels = 255 - np.round(digits.images[:600, ::2, ::2, 0].clip(0, 1) * 255).astype(np.uint8)
    np.savez(path, images=pixels, labels=digits.labels[:600])
    return path


@pytest.fixture(scope="module")
def model_file(table, tmp_path_factory):
    """A model of the nearest neighbours, made by the command."""
    from click.testing import CliRunner

    from inklings.cli.train import train

    path = tmp_path_factory.mktemp("model") / "knn.inkling"
    done = CliRunner().invoke(train, ["knn", "--data", str(table), "--save", str(path), "--quiet"])
    assert done.exit_code == 0, done.output
    return path, done.output


def test_training_prints_what_was_chosen_and_the_accuracies(model_file):
    _, out = model_file
    lines = dict(line.split(None, 1) for line in out.splitlines() if len(line.split(None, 1)) == 2)
    assert lines["opponent"] == "knn"
    assert " of 1/3/5, by accuracy on the validation images" in lines["settings"]
    assert "95 % interval" in lines["test"]
    assert lines["familiar"].endswith("of the validation images are like what it learnt")
    assert lines["size"].endswith(" kB")


def test_the_saved_model_has_the_accuracy_that_was_printed(answer, model_file, table):
    path, out = model_file
    code, printed, err = answer("evaluate", path, table, "--json")
    assert code == 0
    assert "only the 150 test images of its split are used" in err
    report = json.loads(printed)
    assert f"test         {percent(report['accuracy'])}" in out
    assert report["n"] == 150
    assert "familiar" in report


def test_raw_pixels_are_treated_as_in_training(answer, model_file, table, tmp_path):
    path, _ = model_file
    with np.load(table) as held:
        raw = held["images"][:40]
    np.save(tmp_path / "raw.npy", raw)
    code, out, err = answer("predict", path, "raw.npy", "--json")
    assert (code, err) == (0, "")
    predicted = [int(row["prediction"]) for row in json.loads(out)]
    ink = (255 - raw) / np.float32(255)
    assert predicted == package.load(path).predict(ink, prepared=True).tolist()


def test_a_picture_is_classified_and_one_of_nothing_known_is_marked(answer, model_file, table, tmp_path):
    path, _ = model_file
    with np.load(table) as held:
        Image.fromarray(held["images"][3]).resize((60, 60), Image.Resampling.NEAREST).save(tmp_path / "digit.png")
        label = held["labels"][3]
    noise = np.random.default_rng(0).integers(0, 256, (60, 60)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    code, out, _ = answer("predict", path, "digit.png", "noise.png", "--json")
    digit, noise = json.loads(out)
    assert (code, digit["prediction"], digit["familiar"]) == (0, str(label), True)
    assert noise["familiar"] is False


def test_it_is_exported_to_onnx_and_not_to_a_script_of_layers(answer, model_file, table, tmp_path):
    path, _ = model_file
    assert answer("export", path, "knn.onnx", "--input", "raw")[0] == 0
    session = onnxruntime.InferenceSession(tmp_path / "knn.onnx")
    with np.load(table) as held:
        raw = held["images"][:20, ..., np.newaxis].astype(np.float32)
    (found,) = session.run(None, {"images": raw})
    np.testing.assert_allclose(found, package.load(path).predict_proba(raw), atol=1e-5)
    code, _, err = answer("export", path, "net.py", "--to", "keras")
    assert (code, err) == (
        4,
        "inklings: knn is not a network and has no layers; predict, evaluate and ONNX work without\n",
    )
    assert not (tmp_path / "net.py").exists()


def test_a_comparison_leaves_models_that_the_list_of_runs_names(answer, table, tmp_path):
    code, _, _ = answer("compare", "knn", "--data", table, "--quick", "--quiet", "--out", "report")
    (file,) = (tmp_path / "report" / "runs").iterdir()
    assert code == 0
    code, out, _ = answer("runs", "--runs", "report/runs")
    assert code == 0
    assert f"models of opponents, for predict, evaluate and export: {file.name}" in " ".join(out.split())
    assert answer("evaluate", file, table)[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("train knn --epochs 3", 2, "--epochs has no effect on knn: it is for networks; leave it out"),
        ("train knn --engine numpy", 2, "--engine has no effect on knn"),
        ("train knn --hidden-units 5", 2, "--hidden-units has no effect on knn"),
        ("train knn --dry-run", 2, "--dry-run has no effect on knn"),
        ("train knn --runs elsewhere", 2, "--runs has no effect on knn"),
        ("train hogsvm", 4, "no network or opponent is called 'hogsvm'; did you mean 'hog-svm'?"),
        ("train own", 4, "known are: softmax, naive, mlp, cnn1, cnn2, best, logistic, knn, forest"),
        ("learning-curve mlp hogsvm", 4, "no network or opponent is called 'hogsvm'; did you mean 'hog-svm'?"),
        ("train knn --save nowhere/knn.inkling", 7, "there is no folder nowhere"),
        ("networks show knn", 4, "knn is not a network and has no layers; to train it: inklings train knn"),
    ],
)
def test_what_makes_no_sense_for_an_opponent_is_said_in_one_line(answer, tmp_path, words, code, said):
    found, out, err = answer(words)
    assert (found, out, said in err, len(err.splitlines())) == (code, "", True, 1), err
    assert not list(tmp_path.iterdir())


def test_layers_are_asked_of_networks_alone(model_file):
    model = package.load(model_file[0])
    for ask in (lambda: model.network, lambda: model.activations(np.zeros((1, 10, 10)))):
        with pytest.raises(package.NetworkError, match="knn is not a network and has no layers"):
            ask()


@pytest.mark.parametrize("name", ["hog-svm", "forest"])
def test_a_file_that_was_altered_or_does_not_fit_is_refused_in_one_line(answer, name, tmp_path):
    from inklings.storage import write_checksummed

    _, form, arrays = fit_small(name)
    values = {"format": "inklings model", "version": 3, "opponent": form.to_plain(), "training": {}}
    values |= {"class_names": list("0123456789"), "preprocessing": {}}
    write_checksummed(tmp_path / "sound.inkling", arrays, values)
    split = make_split("ten")
    sound = package.load(tmp_path / "sound.inkling")
    assert evaluate_model(sound, split.test).images == len(split.test)

    content = bytearray((tmp_path / "sound.inkling").read_bytes())
    content[-100] ^= 1
    (tmp_path / "altered.inkling").write_bytes(content)
    last = list(arrays)[-1]
    write_checksummed(tmp_path / "unfit.inkling", {**arrays, last: arrays[last][:-1]}, values)
    for file, said in (("altered", "its content is not what was written"), ("unfit", "does not hold a usable model")):
        code, _, err = answer("predict", f"{file}.inkling", "sound.inkling")
        assert (code, said in err, len(err.splitlines())) == (7, True, 1), err


def test_what_an_opponent_does_not_see_in_colour_is_told_and_its_settings_are_in_plain_words(answer, tmp_path):
    random, labels = np.random.default_rng(0), np.arange(60) % 2
    images = random.random((60, 12, 12, 3), np.float32) * 0.3
    images[np.arange(60), :, :, labels] += 0.5
    np.savez(tmp_path / "colours.npz", images=images, labels=labels)
    code, out, err = answer("train", "hog-svm", "--data", "colours.npz", "--quiet")
    assert code == 0
    assert "note: hog-svm sees outlines and no colours; svm, forest and patches see colours" in err.splitlines()
    assert "svc" not in out
    assert "C 3.0 of 3.0/10.0, by accuracy on the validation images" in out
