"""Blank images, images that are all alike, and one image under two labels: counted and named."""

import numpy as np
import pytest

from inklings.data import from_arrays
from inklings.data.notes import decisions
from inklings.data.suspicious import describe_suspicious
from inklings.errors import DataWarning


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (12, 6, 6)).astype(np.uint8)


def test_blank_images_are_counted_and_the_first_is_named(pixels):
    pixels[3], pixels[8] = 0, 200
    with pytest.warns(DataWarning, match=r"2 of 12 images are blank or nearly so \(the first is image 3\)"):
        from_arrays(pixels, np.arange(12) % 2, invert=False)


def test_a_class_of_blank_images_is_named(pixels):
    pixels[1::2] = 7
    notes = describe_suspicious(
        pixels[..., None], 255, np.arange(12) % 2, ("cat", "dog"), [f"{n}.png" for n in range(12)]
    )
    assert notes[0] == "6 of 12 images are blank or nearly so, all of class 'dog' among them (the first is 1.png)"


def test_images_that_are_all_alike_are_told(pixels):
    pixels[:] = pixels[0]
    assert "all 12 images are the same" in decisions(from_arrays(pixels, np.arange(12) % 2, invert=False).notes)


def test_all_blank_is_said_once(pixels):
    notes = describe_suspicious(0 * pixels[..., None], 1, np.arange(12) % 2, ("cat", "dog"))
    assert notes[0].startswith("all 12 images are blank")


def test_an_image_under_two_labels_is_named_with_both(pixels):
    pixels[9], pixels[5], pixels[11] = pixels[2], pixels[4], pixels[1]
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
    notes = describe_suspicious(pixels[..., None], 255, labels, ("cat", "dog"))
    # 1 and 11 have the same label; 2 and 9 do not, nor do 4 and 5.
    assert len(notes) == 1
    assert notes[0].startswith("2 images occur under several labels, such as image")
    assert "as 'cat' and" in notes[0]


def test_sound_images_are_passed_without_a_word(pixels):
    assert describe_suspicious(pixels[..., None], 255, np.arange(12) % 2, ("cat", "dog")) == []
