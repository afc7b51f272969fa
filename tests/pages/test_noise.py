"""Noise is refused where a single character is expected; noisy pictures of characters are not."""

import numpy as np
import pytest

from inklings import open_dataset
from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.pages import normalise

NOISES = {
    "colours": lambda random, side: random.integers(0, 256, (side, side, 3), dtype=np.uint8),
    "grey": lambda random, side: random.integers(0, 256, (side, side), dtype=np.uint8),
    "normal": lambda random, side: np.clip(random.normal(128, 40, (side, side)), 0, 255).astype(np.uint8),
    "binary": lambda random, side: np.where(random.random((side, side)) < 0.3, 0, 255).astype(np.uint8),
}


@pytest.mark.parametrize("kind", NOISES)
def test_noise_is_refused(kind):
    random = np.random.default_rng(0)
    for side in (64, 100):
        for _ in range(2):
            with pytest.raises(DataError, match=r"looks like noise|no ink found|only specks"):
                normalise(NOISES[kind](random, side))


@pytest.fixture(scope="module")
def pictures():
    """Digits as photographs have them, 120 pixels of ink 40 on paper 235."""
    ink = resize(open_dataset("digits28").images[:30], (120, 120))[..., 0].clip(0, 1)
    paper = np.full((30, 200, 200), 235.0)
    paper[:, 40:160, 40:160] -= 195 * ink
    return paper


@pytest.mark.parametrize("deviation", [0, 20, 60])
def test_digits_on_noisy_paper_are_no_noise(pictures, deviation):
    random = np.random.default_rng(1)
    for picture in pictures[:4]:
        noisy = np.clip(picture + random.normal(0, deviation, picture.shape), 0, 255).astype(np.uint8)
        assert normalise(noisy).image.max() > 0.5


def test_small_digits_are_no_noise():
    from sklearn.datasets import load_digits

    digits28 = np.round(255 - 255 * open_dataset("digits28").images[:40, ..., 0].clip(0, 1)).astype(np.uint8)
    digits8 = (255 - load_digits().images[:40] * 15.9).astype(np.uint8)
    said = [refusal(picture) for picture in (*digits28, *digits8, *np.where(digits28 < 128, 0, 255).astype(np.uint8))]
    assert not [refused for refused in said if "noise" in refused]
    assert said.count("") > 110


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("side", [20, 64])
def test_slanting_strokes_of_a_pixel_are_no_noise(side, width):
    from PIL import Image, ImageDraw

    near, far = side // 5, side - side // 5
    falling, rising = [(near, near), (far, far)], [(near, far), (far, near)]
    for strokes in ([rising], [falling], [falling, rising]):
        picture = Image.new("L", (side, side), 255)
        for stroke in strokes:
            ImageDraw.Draw(picture).line(stroke, fill=0, width=width)
        assert refusal(np.asarray(picture)) == ""


def refusal(picture):
    try:
        normalise(picture)
    except DataError as error:
        return str(error)
    return ""
