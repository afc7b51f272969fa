"""Several data sets opened as one."""

from dataclasses import replace

import numpy as np
import pytest

import inklings
from inklings.data.joined import join
from inklings.errors import DataError, DataWarning


@pytest.fixture
def files(tmp_path):
    random = np.random.default_rng(0)
    for name, size, labels in (("a", 6, [0, 1, 2] * 4), ("b", 9, [2, 1] * 3), ("other", 6, [3, 4] * 3)):
        images = random.integers(0, 200, (len(labels), size, size)).astype(np.uint8)
        np.savez(tmp_path / f"{name}.npz", images=images, labels=np.array(labels))
    return tmp_path


def test_the_first_decides_size_and_classes(files):
    joined = inklings.open_dataset(f"{files}/a.npz+{files}/b.npz")
    assert joined.images.shape == (18, 6, 6, 1)
    assert joined.class_names == ("0", "1", "2")
    assert joined.labels[12:].tolist() == [2, 1] * 3
    assert np.array_equal(joined.images[:12], inklings.open_dataset(f"{files}/a.npz").images)


def test_another_class_is_refused(files):
    with pytest.raises(DataError, match=r"other\.npz: has the class '3', which .*a\.npz does not have"):
        inklings.open_dataset(f"{files}/a.npz+{files}/other.npz")


def test_paper_that_is_not_the_same_in_both_is_told(tmp_path):
    digits = np.asarray(inklings.open_dataset("digits").images)[..., 0]
    labels = inklings.open_dataset("digits").labels
    np.savez(tmp_path / "plain.npz", images=(255 * digits).clip(0, 255).astype(np.uint8), labels=labels)
    for name, subtracted in (("pixel", digits.mean(0)), ("one", digits.mean())):
        np.savez(tmp_path / f"{name}.npz", images=digits - subtracted, labels=labels)

    def told(name):
        joined = inklings.open_dataset(f"{tmp_path}/{name}.npz+{tmp_path}/plain.npz")
        return [note for note in joined.notes if "was a mean subtracted" in note]

    (note,) = told("pixel")
    assert "paper is 0.50 in" in note
    assert "0.00 in" in note
    assert told("one") == told("plain") == []


def test_what_was_decided_about_each_is_told(tmp_path):
    random = np.random.default_rng(0)
    for name, paper in (("dark", 0), ("light", 255)):
        images = np.full((12, 8, 8), paper, np.uint8)
        images[:, 2:6, 2:6] = random.integers(0, 256, (12, 4, 4))
        np.savez(tmp_path / f"{name}.npz", images=images, labels=np.arange(12) % 2)
    with pytest.warns(DataWarning, match=r"light\.npz: images were inverted, since their background was light"):
        inklings.open_dataset(f"{tmp_path}/dark.npz+{tmp_path}/light.npz")


def test_a_file_with_a_plus_in_its_name_is_that_file(files):
    (files / "a.npz").rename(files / "a+b.npz")
    assert len(inklings.open_dataset(files / "a+b.npz")) == len(inklings.open_dataset(f"{files}/a+b.npz")) == 12


def test_images_reserved_for_testing_stay_reserved():
    digits = inklings.open_dataset("digits")

    one = replace(digits.take(np.arange(100)), given_test=np.arange(10))
    joined = join(one, [digits.take(np.arange(100, 150))], "both")
    assert joined.given_test.tolist() == list(range(10))
    assert len(joined.split(seed=0).test_rows) == 10
