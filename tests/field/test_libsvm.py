"""LIBSVM files: whether indices count from 0 or from 1 is found out or asked, never guessed in silence."""

import numpy as np
import pytest

from inklings.data import open_dataset
from inklings.data.notes import decisions
from inklings.errors import DataError

DIGITS = open_dataset("digits28")
ROWS = np.round(np.clip(DIGITS.images[::20, :, :, 0], 0, 1) * 255).astype(int).reshape(-1, 784)
LABELS = DIGITS.labels[::20]


def write(path, rows, labels, base):
    lines = [
        f"{label} " + " ".join(f"{index}:{row[index - base]}" for index in np.flatnonzero(row) + base)
        for label, row in zip(labels, rows, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def assert_read(dataset, rows):
    np.testing.assert_allclose(dataset.images.reshape(len(rows), -1), rows / 255, atol=1e-6)


@pytest.mark.parametrize("base", [0, 1])
def test_centred_digits_show_where_indices_begin(base, tmp_path):
    path = write(tmp_path / "mnist.scale", ROWS, LABELS, base)
    dataset = open_dataset(path, shape=(28, 28))
    assert_read(dataset, ROWS)
    other = "True" if base else "False"
    assert f"indices count from {base}, as the pixels show (zero_based={other} overrides)" in decisions(dataset.notes)


@pytest.mark.parametrize("base", [0, 1])
def test_ink_at_the_edges_shows_where_indices_begin(base, tmp_path):
    # The middle of each digit: its strokes reach all four sides, but never the first pixel or the last.
    rows = ROWS.reshape(-1, 28, 28)[:, 8:20, 8:20].reshape(len(ROWS), -1).copy()
    rows[:, 0] = rows[:, -1] = 0
    assert_read(open_dataset(write(tmp_path / "a.libsvm", rows, LABELS, base), shape=(12, 12)), rows)


@pytest.mark.parametrize("base", [0, 1])
def test_what_the_pixels_do_not_show_is_asked(base, tmp_path):
    few = ROWS[:20]
    path = write(tmp_path / "few.libsvm", few, LABELS[:20], base)
    with pytest.raises(DataError, match="nothing shows whether they count from 0 or 1; say whether it is zero-based"):
        open_dataset(path, shape=(28, 28))
    assert_read(open_dataset(path, shape=(28, 28), zero_based=base == 0), few)


def test_off_centre_images_are_asked_about(tmp_path):
    shifts = np.random.default_rng(0).integers(-3, 4, len(ROWS))
    rows = np.stack([np.roll(row.reshape(28, 28), shift, 1).ravel() for row, shift in zip(ROWS, shifts, strict=True)])
    with pytest.raises(DataError, match="nothing shows whether they count from 0 or 1"):
        open_dataset(write(tmp_path / "a.libsvm", rows, LABELS, 0), shape=(28, 28))


def test_an_index_at_either_end_settles_it(tmp_path):
    rows = ROWS[:20].copy()
    rows[3, 0] = 9
    assert_read(open_dataset(write(tmp_path / "zero.libsvm", rows, LABELS[:20], 0), shape=(28, 28)), rows)
    with pytest.raises(DataError, match="zero_based is False, but an index is 0"):
        open_dataset(tmp_path / "zero.libsvm", shape=(28, 28), zero_based=False)
    rows[:, 0], rows[3, -1] = 0, 9
    assert_read(open_dataset(write(tmp_path / "one.libsvm", rows, LABELS[:20], 1)), rows)
    with pytest.raises(DataError, match="is 28 x 28, but an image has at least 785 pixels"):
        open_dataset(tmp_path / "one.libsvm", shape=(28, 28), zero_based=True)


def test_the_highest_index_may_be_one_less_than_a_square(tmp_path):
    rows = ROWS[:20].copy()
    rows[3, -1] = 9
    path = write(tmp_path / "zero.libsvm", rows, LABELS[:20], 0)
    with pytest.raises(DataError, match="for 784 pixels, and nothing shows whether they count from 0 or 1"):
        open_dataset(path)
    assert_read(open_dataset(path, zero_based=True), rows)
    path = write(tmp_path / "many.libsvm", np.concatenate([rows, ROWS]), [*LABELS[:20], *LABELS], 0)
    assert_read(open_dataset(path), np.concatenate([rows, ROWS]))


def test_a_highest_index_that_happens_to_be_a_square_is_no_size(tmp_path):
    # Of 28 x 28 the last rows are empty, up to the pixel 729: 27 x 27, which would shear every image.
    rows = ROWS.copy()
    rows[:, 729:] = 0
    rows[0, 728] = 9
    path = write(tmp_path / "sheared.libsvm", rows, LABELS, 1)
    with pytest.raises(DataError, match="that of 27 x 27 pixels, but its rows look 28 pixels wide; give the shape"):
        open_dataset(path)
    assert_read(open_dataset(path, shape=(28, 28)), rows)
