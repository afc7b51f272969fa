"""Which raw values are paper and ink, whatever type and scale they were stored with."""

import numpy as np
import pytest

from inklings.data import from_arrays, open_dataset
from inklings.data.notes import Decision
from inklings.errors import DataWarning


@pytest.fixture(scope="module")
def digits():
    """The first 300 bundled digits as bytes, their labels, and as images."""
    data = open_dataset("digits28").take(np.arange(300))
    return np.round(data.images[..., 0] * 255).astype(np.uint8), data.labels, data.images[..., 0]


def decided(dataset):
    return [note for note in dataset.notes if isinstance(note, Decision)]


STORED = {
    "bytes": lambda pixels: pixels,
    "bytes with the wrong sign": lambda pixels: pixels.view(np.int8),
    "bytes with the wrong sign, as wide integers": lambda pixels: pixels.view(np.int8).astype(np.int64),
    "bytes less 128": lambda pixels: (pixels.astype(np.int16) - 128).astype(np.int8),
    "floats to 255": lambda pixels: pixels.astype(np.float64),
    "half precision to 255": lambda pixels: pixels.astype(np.float16),
    "big-endian": lambda pixels: pixels.astype(">u2"),
    "0 to 1": lambda pixels: pixels / 255,
    "-1 to 1": lambda pixels: pixels / 127.5 - 1,
    "-0.5 to 0.5": lambda pixels: pixels / 255 - 0.5,
    "12 bits in 16": lambda pixels: np.round(pixels * (4095 / 255)).astype(np.uint16),
    "16 bits": lambda pixels: pixels.astype(np.uint16) * 257,
    "signed 16 bits": lambda pixels: (pixels.astype(np.int32) * 257 - 32768).astype(np.int16),
    "per cent": lambda pixels: np.round(pixels * (100 / 255)),
    "per cent, with fractions": lambda pixels: (pixels / 2.55).astype(np.float32),
    "standardised": lambda pixels: (pixels / 255 - 0.1307) / 0.3081,
    "a stray value of a million": lambda pixels: with_one(pixels.astype(np.float64), 1e6),
    "a stray value below": lambda pixels: with_one(pixels / 255, -5000.0),
}


def with_one(pixels, value):
    pixels[7, 0, 0] = value
    return pixels


@pytest.mark.parametrize("stored", STORED)
def test_the_same_images_come_out_however_they_were_stored(stored, digits):
    pixels, labels, images = digits
    found = from_arrays(STORED[stored](pixels.copy()), labels).images[..., 0]
    found[7, 0, 0] = images[7, 0, 0]
    assert np.abs(found - images).max() < 0.012  # half a step of per cent


@pytest.mark.parametrize("stored", ["bytes", "floats to 255", "0 to 1"])
def test_what_is_plain_is_no_decision(stored, digits):
    pixels, labels, _ = digits
    assert not decided(from_arrays(STORED[stored](pixels), labels))


@pytest.mark.parametrize(
    "stored", ["bytes with the wrong sign", "12 bits in 16", "-1 to 1", "a stray value of a million"]
)
def test_what_is_not_is_said(stored, digits):
    pixels, labels, _ = digits
    with pytest.warns(DataWarning, match="values|divided"):
        from_arrays(STORED[stored](pixels.copy()), labels)


def test_numbers_that_are_really_signed_stay_signed():
    random = np.random.default_rng(0)
    smooth = np.cumsum(random.normal(0, 6, (40, 20, 20)), axis=2).clip(-120, 120).round().astype(np.int8)
    dataset = from_arrays(smooth, np.arange(40) % 2, invert=False)
    low, high = int(smooth.min()), int(smooth.max())
    assert np.allclose(dataset.images[..., 0], (smooth.astype(float) - low) / (high - low), atol=1e-6)


def test_a_dim_part_of_a_16_bit_set_is_scaled_as_the_whole():
    random = np.random.default_rng(1)
    whole = random.integers(0, 4096, (60, 8, 8)).astype(np.uint16)
    part = whole[:30] // 2
    labels = np.arange(60) % 2
    bright, dim = from_arrays(whole, labels), from_arrays(part, labels[:30])
    assert np.allclose(dim.images, part[..., None] / 4095, atol=1e-6)
    assert bright.interpretation.ink == dim.interpretation.ink == 4095


def test_binary_images_of_any_value_are_0_and_1():
    for full in (1, 100, 200, 255):
        pixels = np.zeros((6, 9, 9), np.uint8)
        pixels[:, 3:6, 2:7] = full
        dataset = from_arrays(pixels, [0, 1] * 3)
        assert set(np.unique(dataset.images)) == {0.0, 1.0}


def test_bytes_that_merely_end_below_255_are_bytes(digits):
    pixels, labels, _ = digits
    random = np.random.default_rng(0)
    faint = np.where(pixels > 0, pixels * random.uniform(0.5, 0.8, pixels.shape), 0).astype(np.uint8)
    assert 190 < faint.max() < 210
    assert np.allclose(from_arrays(faint, labels).images[..., 0], faint / 255, atol=1e-6)
