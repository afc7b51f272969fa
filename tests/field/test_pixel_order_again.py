"""A trained model is given pixels stored in another order, or with channels apart: they are the same pixels to it."""

import struct
import warnings

import numpy as np
import pytest
from scipy.io import savemat

from inklings import fit, load, open_dataset
from inklings.data import from_arrays
from inklings.data.interpretation import Interpretation
from inklings.data.notes import decisions
from inklings.data.raw import RawArrays, ReadOptions
from inklings.errors import DataError, DataWarning
from inklings.evaluation.evaluate import evaluate_model
from inklings.models import Model
from inklings.models.data_file import open_as_trained, predict_file
from inklings.models.raw_images import apply_again
from inklings.training import named_plan

pytestmark = pytest.mark.filterwarnings("ignore::inklings.errors.DataWarning")


@pytest.fixture(scope="module")
def digits():
    dataset = open_dataset("digits")
    rows = np.arange(0, 5000, 5)
    return np.round(np.clip(dataset.images[rows, ..., 0], 0, 1) * 255).astype(np.uint8), dataset.labels[rows]


def learn(dataset):
    plan = named_plan("softmax", dataset.image_shape, dataset.class_count)
    plan = plan.with_recipe(epochs=30) if plan.recipe.steps is None else plan.with_recipe(steps=200)
    split = dataset.split(seed=0)
    return Model.from_fit(fit(plan.network, plan.recipe, split, engine="numpy"), split)


def by_columns(pixels):
    return pixels.swapaxes(1, 2).reshape(len(pixels), -1)


def measure(model, path, **options):
    dataset = open_as_trained(model, path, ReadOptions(**options))
    return evaluate_model(model, dataset).accuracy, decisions(dataset.notes)


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


@pytest.fixture(scope="module")
def sources(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    pixels, labels = digits
    savemat(folder / "columns.mat", {"X": by_columns(pixels), "y": np.where(labels == 0, 10, labels)[:, None]})
    np.savez(folder / "whole.npz", x=pixels, y=labels)
    np.savez(folder / "rows.npz", x=pixels.reshape(len(pixels), -1), y=labels)
    (folder / "emnist").mkdir()
    write_idx(folder / "emnist" / "emnist-digits-train-images-idx3-ubyte", pixels.swapaxes(1, 2))
    write_idx(folder / "emnist" / "emnist-digits-train-labels-idx1-ubyte", labels)
    return folder


def test_an_order_found_for_rows_is_not_that_of_whole_images(digits, sources):
    pixels, labels = digits
    model = learn(open_dataset(sources / "columns.mat"))
    assert (model.interpretation.transposed, model.interpretation.flat) == (True, True)
    assert measure(model, sources / "columns.mat")[0] > 0.8
    assert measure(model, sources / "whole.npz")[0] > 0.8
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        predicted = model.predict(pixels)
    assert (predicted == labels).mean() > 0.8
    assert ["whole images were taken as upright" in str(each.message) for each in issued] == [True]
    # Rows of the other order are taken as in training, and that they show it is said.
    accuracy, notes = measure(model, sources / "rows.npz")
    assert accuracy < 0.5
    assert any("the images look transposed" in note and "as in training" in note for note in notes)


def test_rows_without_labels_that_are_turned_as_matlab_s_were_are_said_to_be(digits, sources):
    pixels, labels = digits
    model = learn(open_dataset(sources / "columns.mat"))
    np.savetxt(sources / "rows.csv", pixels[:50].reshape(50, -1), fmt="%d", delimiter=",")
    found = predict_file(model, sources / "rows.csv")
    assert any("column-major, as in training (column_major=False" in note for note in found.notes)
    found = predict_file(model, sources / "rows.csv", ReadOptions(column_major=False))
    assert (np.array(found.labels) == labels[:50].astype(str)).mean() > 0.8
    assert not any("column-major" in note for note in found.notes)
    assert not any("column-major" in note for note in predict_file(model, sources / "columns.mat").notes)


def test_what_a_file_s_name_says_of_its_images_holds_for_a_model_too(digits, sources):
    model = learn(open_dataset(sources / "whole.npz"))
    assert (model.interpretation.transposed, model.interpretation.flat) == (False, False)
    accuracy, notes = measure(model, sources / "emnist")
    assert accuracy > 0.8
    assert any("files of this name hold them transposed" in note for note in notes)
    found = predict_file(model, sources / "emnist" / "emnist-digits-train-images-idx3-ubyte")
    assert (np.array(found.labels) == digits[1].astype(str)).mean() > 0.8
    assert any("files of this name hold them transposed" in note for note in found.notes)
    accuracy, notes = measure(model, sources / "columns.mat")
    assert accuracy > 0.8
    assert any("column-major" in note for note in notes)
    # No name and no format says it, but digits show that they lie.
    pixels, labels = digits
    np.savez(sources / "lying.npz", x=by_columns(pixels), y=labels)
    accuracy, notes = measure(model, sources / "lying.npz")
    assert accuracy > 0.8
    assert any("pixels are column-major" in note for note in notes)
    np.savez(sources / "turned.npz", x=pixels.swapaxes(1, 2), y=labels)
    accuracy, notes = measure(model, sources / "turned.npz")
    assert accuracy < 0.5
    assert any("the images look transposed" in note for note in notes)


def test_whole_images_turned_for_their_name_are_turned_elsewhere_with_a_word(digits, sources):
    model = learn(open_dataset(sources / "emnist"))
    assert (model.interpretation.transposed, model.interpretation.flat) == (True, False)
    accuracy, notes = measure(model, sources / "emnist")
    assert accuracy > 0.8
    assert notes == []
    found = predict_file(model, sources / "whole.npz")
    assert any("turned, as those of training were" in note for note in found.notes)
    accuracy, notes = measure(model, sources / "whole.npz")
    assert accuracy < 0.5
    assert any("the images look transposed" in note for note in notes)
    assert measure(model, sources / "whole.npz", column_major=False)[0] > 0.8


def test_a_model_of_an_earlier_version_applies_its_order_to_all(digits, tmp_path, sources):
    model = learn(open_dataset(sources / "columns.mat"))
    for name in ("flat", "planar", "ten_is_zero"):
        del model.preprocessing["interpretation"][name]
    model.save(tmp_path / "old.inkling")
    old = load(tmp_path / "old.inkling")
    assert (old.interpretation.flat, old.interpretation.transposed) == (None, True)
    assert measure(old, sources / "columns.mat")[0] > 0.8


def oblong(count=40):
    pixels = np.random.default_rng(0).integers(0, 60, (count, 4, 6)).astype(np.uint8)
    pixels[::2, 1] = 255
    pixels[1::2, :, 2] = 255
    return pixels, np.arange(count) % 2


def test_rows_of_oblong_images_stored_by_columns_are_the_images():
    pixels, labels = oblong()
    dataset = from_arrays(by_columns(pixels), labels, shape=(4, 6), column_major=True)
    np.testing.assert_allclose(dataset.images[..., 0], pixels / 255, atol=1e-6)
    again = apply_again(RawArrays(by_columns(pixels), None, "rows"), dataset.interpretation, (4, 6, 1))
    np.testing.assert_array_equal(again.images, dataset.images)


def test_oblong_rows_from_matlab_are_cut_as_it_stores_them(tmp_path):
    pixels, labels = oblong()
    savemat(tmp_path / "oblong.mat", {"X": by_columns(pixels), "y": labels[:, None] + 1})
    dataset = open_dataset(tmp_path / "oblong.mat", shape=(4, 6))
    np.testing.assert_allclose(dataset.images[..., 0], pixels / 255, atol=1e-6)
    model = learn(dataset)
    for as_found in (False, True):
        again = open_as_trained(model, tmp_path / "oblong.mat", as_found=as_found)
        np.testing.assert_array_equal(again.images, dataset.images)


def planar_rows(count, height, width):
    """Rows of three channels, one after the other: smooth ones, and one of noise."""
    generator = np.random.default_rng(0)
    pixels = np.zeros((count, height, width, 3))
    pixels[..., 0] = np.linspace(0, 200, width)
    pixels[..., 1], pixels[..., 2] = 30, 120
    pixels += generator.integers(0, 10, pixels.shape)
    pixels[5] = generator.integers(0, 256, pixels.shape[1:])
    pixels = pixels.astype(np.uint8)
    return pixels, np.moveaxis(pixels, 3, 1).reshape(count, -1)


@pytest.mark.parametrize("size", [(6, 10), (8, 8)])
def test_channels_are_taken_apart_as_in_training(size):
    pixels, rows = planar_rows(60, *size)
    dataset = from_arrays(rows, np.arange(60) % 2, shape=size)
    assert dataset.interpretation.planar is True
    np.testing.assert_allclose(dataset.images * dataset.interpretation.ink, pixels, atol=1e-3)
    kept = Interpretation.from_plain(dataset.interpretation.to_plain())
    np.testing.assert_array_equal(apply_again(RawArrays(rows, None, "rows"), kept, (*size, 3)).images, dataset.images)
    for row in (0, 5, 7):
        alone = apply_again(RawArrays(rows[row : row + 1], None, "one row"), kept, (*size, 3))
        np.testing.assert_allclose(alone.images[0] * alone.interpretation.ink, pixels[row], atol=1e-3)


def test_an_outlier_in_training_does_not_hide_another_range():
    generator = np.random.default_rng(0)
    pixels = np.zeros((200, 8, 8))
    pixels[:, 1:7, 1:7] = generator.integers(0, 2, (200, 6, 6)) * generator.integers(100, 256, (200, 6, 6))
    spoilt = pixels.copy()
    spoilt[3, 4, 4] = 1e6
    dataset = from_arrays(spoilt, np.arange(200) % 2)
    assert dataset.interpretation.clipped
    again = apply_again(RawArrays(spoilt, None, "the same"), dataset.interpretation, (8, 8, 1))
    np.testing.assert_array_equal(again.images, dataset.images)
    assert again.notes == ()
    deep = apply_again(RawArrays(pixels * 257, None, "16 bits"), dataset.interpretation, (8, 8, 1))
    np.testing.assert_allclose(deep.images[..., 0], pixels / 255, atol=0.01)
    assert any("where the training images held 0 to" in note for note in deep.notes)


def test_ten_stays_zero_where_a_few_classes_would_not_show_it(digits, sources, tmp_path):
    pixels, labels = digits
    dataset = open_dataset(sources / "columns.mat")
    assert dataset.interpretation.ten_is_zero
    kept = np.isin(labels, (8, 9, 0))
    names = np.where(labels == 0, 10, labels)[kept][:, None]
    savemat(tmp_path / "some.mat", {"X": by_columns(pixels[kept]), "y": names})
    accuracy, notes = measure(learn(dataset), tmp_path / "some.mat")
    assert accuracy > 0.8
    assert any("label 10 stands for the digit 0, as in training" in note for note in notes)


def test_a_data_set_with_a_name_takes_no_options_of_reading(sources):
    model = learn(open_dataset(sources / "whole.npz"))
    assert len(open_as_trained(model, "digits")) == 5000
    assert len(open_as_trained(model, "digits28", ReadOptions(size=20))) == 5000
    for options, more in [
        (ReadOptions(invert=True), {}),
        (ReadOptions(column_major=False), {}),
        (None, {"as_found": True}),
        (None, {"class_names": list("abcdefghij")}),
    ]:
        with pytest.raises(DataError, match="the data set 'digits' takes no option but size"):
            open_as_trained(model, "digits", options, **more)


def test_a_file_that_looks_prepared_is_not_answered_by_a_keyword(digits, tmp_path):
    pixels, labels = digits
    model = learn(from_arrays(255 - pixels, labels))
    np.savez(tmp_path / "prepared.npz", x=pixels / np.float32(255), y=labels)
    accuracy, notes = measure(model, tmp_path / "prepared.npz")
    assert accuracy > 0.8
    said = next(note for note in notes if "look prepared already" in note)
    assert "prepared=True" not in said
    assert "as_found=True" in said
    with pytest.warns(DataWarning, match="prepared=True says so"):
        model.predict(pixels / np.float32(255))
