import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.errors import DataError


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits")


def test_digits_are_5000_small_grey_images_with_500_of_each_class(digits):
    assert digits.images.shape == (5000, 20, 20, 1)
    assert digits.images.dtype == np.float32
    assert digits.class_sizes.tolist() == [500] * 10
    assert digits.class_names == tuple("0123456789")


def test_digits_have_the_course_files_mean_and_its_overshooting_values(digits):
    # The course's file has about 0.132, -0.13 and 1.13.
    assert digits.images.mean() == pytest.approx(0.132, abs=0.001)
    assert digits.images.min() == pytest.approx(-0.13, abs=0.003)
    assert digits.images.max() == pytest.approx(1.13, abs=0.003)


def test_digits_equal_what_pillow_makes_of_each_original_alone(digits, digits28):
    for row in (0, 1234, 4999):
        original = Image.fromarray(digits28.images[row, :, :, 0])
        alone = np.asarray(original.resize((20, 20), Image.Resampling.BICUBIC))
        assert np.array_equal(digits.images[row, :, :, 0], alone)


def test_digits28_are_the_original_bytes_as_fractions(digits28):
    assert digits28.images.shape == (5000, 28, 28, 1)
    levels = digits28.images * 255
    assert np.abs(levels - np.round(levels)).max() < 1e-4
    assert (digits28.images.min(), digits28.images.max()) == (0, 1)


def test_digits_begin_as_mnist_does(digits28):
    assert digits28.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_no_bundled_digit_is_there_twice(digits28):
    assert len(np.unique(digits28.images.reshape(5000, -1), axis=0)) == 5000


def test_digits_can_be_had_in_another_size():
    assert open_dataset("digits", size=14).image_shape == (14, 14, 1)
    assert open_dataset("digits", size=(10, 12)).image_shape == (10, 12, 1)


def test_bundled_digits_refuse_options_that_cannot_apply():
    with pytest.raises(DataError, match=r"takes no option but size"):
        open_dataset("digits", labels="y")


def test_importing_data_and_opening_digits28_loads_nothing_heavier_than_numpy():
    script = (
        "import sys, inklings.data; inklings.data.open_dataset('digits28')\n"
        "print([name for name in ('scipy', 'PIL', 'h5py', 'pyarrow', 'rich') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
