"""Photographs of 24 million pixels: the limit is one for training and prediction, and memory stays small."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inklings.data import open_dataset
from inklings.errors import DataError
from inklings.pages.page_image import open_page

HEIGHT, WIDTH = 4000, 6000


def draw(side):
    """A photograph of a disc, left of the middle and above it."""
    picture = Image.new("L", (WIDTH, HEIGHT), 30)
    ImageDraw.Draw(picture).ellipse([1000, 500, 1000 + side, 500 + side], fill=220)
    return picture


@pytest.fixture
def photos(tmp_path):
    for name, side, ending in (
        ("cat", 1500, ".png"),
        ("cat", 1600, ".jpg"),
        ("dog", 3000, ".png"),
        ("dog", 2900, ".jpg"),
    ):
        (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
        options = {"compress_level": 1} if ending == ".png" else {"quality": 90}
        draw(side).save(tmp_path / "photos" / name / f"{side}{ending}", **options)
    return tmp_path / "photos"


def test_they_are_read_and_show_what_they_show(photos):
    dataset = open_dataset(photos, size=32, invert=False)
    assert dataset.images.shape == (4, 32, 32, 1)
    for image, side in zip(dataset.images[..., 0], (1500, 1600, 2900, 3000), strict=True):
        # The disc's area, as a share of the picture: its brightness over the background's.
        share = float((image - 30 / 255).mean() / (190 / 255))
        assert share == pytest.approx(np.pi / 4 * side**2 / (HEIGHT * WIDTH), rel=0.02)
        ys, xs = np.nonzero(image > 0.5)
        assert ys.mean() == pytest.approx((500 + side / 2) / HEIGHT * 32 - 0.5, abs=0.5)
        assert xs.mean() == pytest.approx((1000 + side / 2) / WIDTH * 32 - 0.5, abs=0.5)


def test_their_memory_is_bounded(photos):
    """Four pictures of 24 million pixels would take 1.1 GB as float32 in three channels."""
    code = (
        "import resource, sys; from inklings.data import open_dataset; import PIL.Image, inklings.data.resizing\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "open_dataset(sys.argv[1], size=32)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(photos)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 700 * 1024, "kilobytes"


def test_a_photograph_turned_by_its_camera_is_turned_though_it_is_decoded_small(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned a quarter clockwise
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        draw(1500).save(tmp_path / name / "1.jpg", quality=90, exif=exif)
    image = open_dataset(tmp_path, size=(48, 32), invert=False).images[0, ..., 0]
    ys, xs = np.nonzero(image > 0.5)
    # The stored picture's column is the shown one's row; its row, counted from below, the column.
    assert ys.mean() == pytest.approx(1750 / WIDTH * 48 - 0.5, abs=0.5)
    assert xs.mean() == pytest.approx((HEIGHT - 1250) / HEIGHT * 32 - 0.5, abs=0.5)


def test_an_enormous_picture_is_too_large_and_not_called_damaged(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("1", (20_000, 10_000)).save(tmp_path / name / "1.png")
    with pytest.raises(DataError, match=r"a/1.png: 200,000,000 pixels, expected at most 67,108,864; make it smaller"):
        open_dataset(tmp_path, size=32)


def test_the_limit_and_its_message_are_one_for_training_and_prediction(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("1", (10_000, 7_000)).save(tmp_path / name / "1.png")
    with pytest.raises(DataError) as training:
        open_dataset(tmp_path, size=32)
    with pytest.raises(DataError) as prediction:
        open_page(tmp_path / "a" / "1.png")
    assert training.value.message == prediction.value.message
    assert training.value.message == "10000 x 7000 pixels, expected at most 67,108,864"
