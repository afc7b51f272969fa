"""Tables of numbers without names: the labels are found or asked for, and never taken from a corner of the images."""

import numpy as np

from inklings.data.raw import ReadOptions
from inklings.data.sources import read_source
from inklings.errors import DataError

TABLES = 300


def corners(random, pixels):
    """Corners as images have them: like all pixels, mostly paper, or paper with faint noise."""
    count = len(pixels)
    if random.random() < 0.5:
        for corner in (0, -1):
            pixels[:, corner] *= random.random(count) < 0.1
    if random.random() < 0.3:
        pixels[:, 0] = random.integers(0, 4, count) * (random.random(count) < 0.2)
        pixels[:, -1] = random.integers(0, 3, count) * (random.random(count) < 0.2)
    return pixels


def images(random, count, pixels):
    """Noise of bytes, of black and white, of 17 values, or strokes on paper."""
    shape, kind = (count, pixels), random.integers(4)
    if kind == 3:
        return (random.random(shape) < 0.2) * random.integers(1, 256, shape)
    return random.integers(0, (256, 2, 17)[kind], shape)


def labels_of(random, count):
    classes, first = int(random.integers(2, 11)), int(random.integers(2))
    labels = random.integers(0, classes, count) + first
    if random.random() < 0.3:
        labels = np.where(random.random(count) < 0.8, first, labels)
    # With one class alone there is nothing to find.
    labels[:2] = first, first + 1
    return labels


def read_or_none(path):
    """None if the reader asks which column holds the labels."""
    try:
        return read_source(path, ReadOptions())
    except DataError as error:
        if "labels" in error.suggested:
            return None
        raise


def test_labels_are_never_taken_from_a_corner(tmp_path):
    found, path = 0, tmp_path / "bare.csv"
    for seed in range(TABLES):
        random = np.random.default_rng(seed)
        count, side = int(random.integers(12, 200)), int(random.integers(3, 9))
        pixels = corners(random, images(random, count, side * side))
        labels = labels_of(random, count)
        np.savetxt(path, np.insert(pixels, side * side * int(random.integers(2)), labels, axis=1), "%d", ",")
        raw = read_or_none(path)
        if raw is None:
            continue
        assert raw.labels.tolist() == [str(label) for label in labels], f"table {seed}"
        assert np.array_equal(raw.images, pixels), f"table {seed}"
        found += 1
    # A reader that always asked would be no help.
    assert found > TABLES / 2
