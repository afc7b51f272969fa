"""Batches of images that lie on their side are said to, by what the network was taught; they are never turned."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from cli.conftest import answer  # noqa: F401 - a fixture
from inklings.data.raw import ReadOptions
from inklings.errors import DataWarning
from inklings.models.data_file import open_as_trained, predict_file

SAID = "look more like what the network learnt with rows and columns swapped"


@pytest.fixture
def model(trained):
    """A model that has looked at no image yet: once twenty were upright, it looks at no other."""
    return replace(trained)


@pytest.fixture(scope="module")
def upright(digits28):
    """Digits that the network never saw, as bytes."""
    return np.round(255 * digits28.test.images[:120, ..., 0]).astype(np.uint8)


@pytest.fixture(scope="module")
def lying(upright):
    return np.ascontiguousarray(upright.swapaxes(1, 2))


@pytest.mark.parametrize("shape", [(-1, 28, 28), (-1, 784), (-1, 28, 28, 1)])
def test_transposed_arrays_are_said_and_kept(model, lying, shape):
    with pytest.warns(DataWarning, match=rf"images: \d+ of 100 {SAID}, and were taken as they are"):
        predicted = model.predict(lying.reshape(shape))
    kept = model.predict(lying[..., np.newaxis] / np.float32(255), prepared=True)
    np.testing.assert_array_equal(predicted, kept)


@pytest.mark.parametrize(
    ("axes", "said", "way_out"),
    [
        ((1,), "upside down", r"images\[:, ::-1\]"),
        ((2,), "mirrored", r"images\[:, :, ::-1\]"),
        ((1, 2), "turned by 180 degrees", r"images\[:, ::-1, ::-1\]"),
    ],
)
def test_images_that_run_backwards_are_said_to(model, upright, tmp_path, axes, said, way_out):
    backwards = np.ascontiguousarray(np.flip(upright, axes))
    with pytest.warns(DataWarning, match=rf"on average they look {said}, .* taken as they are \({way_out} turns"):
        model.predict(backwards)
    np.save(tmp_path / "images.npy", backwards)
    notes = predict_file(model, tmp_path / "images.npy").notes
    assert any(f"on average they look {said}" in note for note in notes)
    np.save(tmp_path / "images.npy", upright)
    assert not any("on average" in note for note in predict_file(model, tmp_path / "images.npy").notes)


@pytest.mark.filterwarnings("error::inklings.errors.DataWarning")
def test_upright_few_and_repeated_images_are_not_said_to_be_transposed(model, upright, lying):
    few = [upright[row : row + size] for size in (1, 2, 5, 10) for row in range(0, 40, size)]
    for images in (*few, np.repeat(lying[3:4], 60, axis=0), upright):
        replace(model).predict(images / np.float32(255))


def test_few_transposed_images_are_said_where_they_show_it(model, lying):
    said = {5: 0, 15: 0}
    for size in said:
        for row in range(0, 120, 15):
            with warnings.catch_warnings(record=True) as issued:
                warnings.simplefilter("always")
                replace(model).predict(lying[row : row + size] / np.float32(255))
            said[size] += any("with rows and columns swapped, and w" in str(each.message) for each in issued)
    # Of 2,500 single ones one in ten shows it, of fives two in three: at least two of eight here.
    assert said[5] >= 2
    assert said[15] >= 6


def test_images_are_looked_at_until_enough_were_upright(model, upright, lying, monkeypatch):
    looked = []
    monkeypatch.setattr("inklings.models.transposed.find_transposed", lambda _, images: looked.append(len(images)))
    own = replace(model)
    for images in (upright[:12], upright[12:19], upright[19:20], upright, lying):
        own.predict(images / np.float32(255))
    assert looked == [12, 7, 1]


def test_a_file_of_transposed_images_is_said_to_be_unless_the_user_decided(model, lying, upright, tmp_path):
    np.savez(tmp_path / "lying.npz", X=lying)
    np.savez(tmp_path / "upright.npz", X=upright)
    assert not [note for note in model.predict_file(tmp_path / "upright.npz").notes if SAID in note]
    found = model.predict_file(tmp_path / "lying.npz")
    assert len([note for note in found.notes if SAID in note]) == 1
    for column_major in (True, False):
        decided = model.predict_file(tmp_path / "lying.npz", ReadOptions(column_major=column_major))
        assert not [note for note in decided.notes if SAID in note]
        if column_major:
            expected = model.predict_file(tmp_path / "upright.npz").probabilities
            np.testing.assert_array_equal(decided.probabilities, expected)
        else:
            np.testing.assert_array_equal(decided.probabilities, found.probabilities)


def test_labelled_images_are_said_to_be_transposed_once(model, digits28, lying, tmp_path):
    np.savez(tmp_path / "ten.npz", X=lying, y=digits28.test.labels[: len(lying)])
    few = digits28.test.labels[: len(lying)] < 4
    np.savez(tmp_path / "four.npz", X=lying[few], y=digits28.test.labels[: len(lying)][few])
    for name in ("ten.npz", "four.npz"):  # ten digits are known by their labels, a few of them by the network alone
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notes = open_as_trained(model, tmp_path / name).notes
        assert len([note for note in notes if SAID in note or "look transposed" in note]) == 1


def test_the_command_line_names_its_options(model, lying, tmp_path, answer):  # noqa: F811
    model.save(tmp_path / "m.inkling")
    np.savez(tmp_path / "lying.npz", X=lying)
    code, _, err = answer("predict m.inkling lying.npz")
    assert code == 0
    assert f"{SAID}, and were read as they are (--column-major turns them, --row-major says that they are right)" in err


def issued_by(model, images):
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        model.predict(images / np.float32(255))
    return [str(each.message) for each in issued if "rows and columns swapped" in str(each.message)]


def test_the_mean_shows_it_once_others_were_upright_and_without_a_measure(trained, model, upright, lying):
    assert issued_by(model, upright) == []
    for one in (model, replace(trained, novelty=None)):
        (said,) = issued_by(one, lying)
        assert said.startswith("images: on average they look more like what the network learnt from with rows and")
        assert issued_by(one, lying[:10]) == issued_by(one, upright[10:40]) == []


def test_images_of_one_class_are_not_said_to_lie_by_their_mean(trained, digits28):
    plain = replace(trained, novelty=None)
    for label in range(10):
        images = np.round(255 * digits28.test.images[digits28.test.labels == label][:60, ..., 0])
        assert issued_by(plain, images) == []
        assert issued_by(plain, images[:1].repeat(60, axis=0)) == []
