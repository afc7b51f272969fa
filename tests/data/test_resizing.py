"""Many images are resized as each of them alone, and never more than fit."""

import numpy as np
import pytest
from PIL import Image

from inklings.data.resizing import resize
from inklings.errors import DataError


def test_many_images_are_resized_as_each_alone(digits28):
    pixels = digits28.images
    resized = resize(pixels, (50, 40))
    assert resized.shape == (5000, 50, 40, 1)
    assert resized.flags.c_contiguous
    for number in (0, 2049, 4999):
        picture = Image.fromarray(pixels[number, ..., 0])
        alone = np.asarray(picture.resize((40, 50), Image.Resampling.BICUBIC))
        assert np.array_equal(resized[number, ..., 0], alone)


def test_images_larger_than_any_memory_are_refused_with_a_size_that_fits(digits28):
    with pytest.raises(
        DataError, match=r"5,000 images of 40000 x 20000 take 48000.0 GB .* at most \d+ x \d+"
    ) as refused:
        resize(digits28.images, (40_000, 20_000))
    height, width = map(int, str(refused.value).partition("at most ")[2].partition(",")[0].split(" x "))
    assert height == pytest.approx(2 * width, abs=2)
    assert 1 <= height < 40_000
