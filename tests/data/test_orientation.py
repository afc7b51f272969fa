import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from inklings.data import from_arrays, open_dataset
from inklings.data.notes import Decision
from inklings.errors import DataWarning


def by_columns(images):
    return images.swapaxes(1, 2).reshape(len(images), -1)


def by_rows(images):
    return images.reshape(len(images), -1)


@pytest.fixture(scope="module")
def letters():
    """Printed letters of two sizes at several places, shape (156, 28, 28)."""
    images, names = [], []
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for size, shift in ((16, -1), (18, 0), (20, 1), (22, 2), (17, 3), (21, -2)):
            image = Image.new("L", (28, 28))
            font = ImageFont.load_default(size)
            ImageDraw.Draw(image).text((14 + shift, 14), letter, fill=255, font=font, anchor="mm")
            images.append(np.asarray(image))
            names.append(letter)
    return np.stack(images), names


@pytest.mark.parametrize("flatten", [by_rows, by_columns])
def test_digits_come_out_upright_whichever_way_they_are_stored(flatten, pixels, labels, digits28):
    dataset = from_arrays(flatten(pixels), labels)
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)
    order = "column-major" if flatten is by_columns else "row-major"
    assert any(
        note.startswith(f"pixels are {order}") and "are classified as their digit" in note for note in dataset.notes
    )


def test_digits_on_light_paper_are_detected_too(pixels, labels, digits28):
    assert np.allclose(from_arrays(by_columns(255 - pixels), labels).images, digits28.images[:300], atol=1e-6)


def cannot_tell(dataset):
    return [note for note in dataset.notes if "pixels are taken as row-major" in note and isinstance(note, Decision)]


def test_a_few_digits_among_other_classes_are_no_evidence(pixels, labels):
    names = [str(label) if label < 4 else f"other {label}" for label in labels]
    dataset = from_arrays(by_columns(pixels), names)
    assert np.allclose(dataset.images[..., 0], pixels.swapaxes(1, 2) / 255, atol=1e-6)
    assert cannot_tell(dataset)


def test_digits_in_whole_images_that_lie_on_their_side_are_kept_and_it_is_said(pixels, labels):
    with pytest.warns(DataWarning, match=r"look transposed .*, and are kept .column_major=True turns"):
        dataset = from_arrays(pixels.swapaxes(1, 2), labels)
    assert np.allclose(dataset.images[..., 0], pixels.swapaxes(1, 2) / 255, atol=1e-6)


@pytest.mark.parametrize("flatten", [by_rows, by_columns])
def test_letters_are_never_turned_by_their_shape(flatten, letters):
    images, names = letters
    dataset = from_arrays(flatten(images), names)
    assert np.array_equal(dataset.images, from_arrays(flatten(images), names, column_major=False).images)
    assert cannot_tell(dataset)


def test_wide_drawings_of_two_classes_are_not_turned():
    images = np.zeros((100, 28, 28), np.uint8)
    images[:, 10:18, 3:25] = 255
    images[::2, 12:16, 5:23] = 0
    rows, labels = by_rows(images), np.arange(100) % 2
    assert np.allclose(from_arrays(rows, labels).images[..., 0], images / 255, atol=1e-6)
    assert np.allclose(from_arrays(images, labels).images[..., 0], images / 255, atol=1e-6)
    assert cannot_tell(from_arrays(rows, labels))
    assert not any("column_major" in note for note in from_arrays(images, labels).notes)


@pytest.mark.parametrize("flatten", [by_rows, by_columns])
def test_the_user_overrides_the_pixels(flatten, pixels, labels):
    rows = flatten(pixels)
    straight = from_arrays(rows, labels, column_major=False)
    turned = from_arrays(rows, labels, column_major=True)
    assert np.allclose(straight.images[..., 0], rows.reshape(-1, 28, 28) / 255, atol=1e-6)
    assert np.array_equal(turned.images, straight.images.swapaxes(1, 2))


@pytest.mark.parametrize("turn", [False, True])
def test_pixels_without_evidence_are_left_as_they_are(turn):
    images = np.random.default_rng(0).random((200, 12, 12)) * 0.4
    images = images.swapaxes(1, 2) if turn else images
    dataset = from_arrays(by_rows(images), np.arange(200) % 10)
    assert np.allclose(dataset.images[..., 0], images, atol=1e-6)
    assert cannot_tell(dataset)


def test_digits_with_shuffled_labels_are_no_evidence(pixels, labels):
    shuffled = np.random.default_rng(1).permutation(labels)
    named = [f"{label}" if label < 8 else "many" for label in shuffled]
    dataset = from_arrays(by_rows(pixels), named)
    assert np.allclose(dataset.images[..., 0], pixels / 255, atol=1e-6)


def test_other_handwriting_of_8_by_8_pixels_is_detected_too():
    from sklearn.datasets import load_digits

    other = load_digits()
    straight = from_arrays(other.data, other.target).images
    turned = from_arrays(by_columns(other.images), other.target).images
    assert np.allclose(straight[..., 0], other.images / 16, atol=1e-6)
    assert np.array_equal(straight, turned)


def test_the_whole_bundled_set_is_detected_too():
    digits = open_dataset("digits")
    again = from_arrays(by_columns(digits.images[..., 0]), digits.labels)
    assert np.array_equal(again.images, digits.images)
