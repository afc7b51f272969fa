import numpy as np
import pytest

from inklings.data import from_arrays
from inklings.errors import DataError


def read(labels, **options):
    labels = np.asarray(labels)
    count = labels.size if labels.ndim < 2 or 1 in labels.shape else len(labels)
    dataset = from_arrays(np.zeros((count, 4, 4)), labels, **options)
    return dataset.labels.tolist(), dataset.class_names


def test_text_is_sorted_and_names_the_classes():
    assert read(["dog", "cat", "dog"]) == ([1, 0, 1], ("cat", "dog"))


def test_bytes_are_text():
    assert read([b"dog", b"cat"]) == ([1, 0], ("cat", "dog"))


def test_other_numbers_become_classes_from_0_under_their_own_names():
    assert read([7, 3, 7, 12]) == ([1, 0, 1, 2], ("3", "7", "12"))
    assert read([-1.0, 1.0]) == ([0, 1], ("-1", "1"))


def test_numbers_as_text_are_in_the_order_of_numbers():
    assert read(["10", "2", "1"]) == ([2, 1, 0], ("1", "2", "10"))


def test_text_that_only_looks_alike_as_numbers_stays_apart():
    assert read(["01", "1"]) == ([0, 1], ("01", "1"))


def test_columns_rows_and_one_hot_rows_are_labels():
    assert read([[0], [1], [0]]) == ([0, 1, 0], ("0", "1"))
    assert read([[0, 1, 0]]) == ([0, 1, 0], ("0", "1"))
    assert read([[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]]) == ([1, 0, 2, 0], ("0", "1", "2"))


def test_label_10_stays_10_where_nothing_says_matlab():
    assert read([1, 10])[1] == ("1", "10")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1.5], "label of image 1 is 1.5, expected text or a whole number"),
        ([0, np.nan], "label of image 1 is nan"),
        ([np.inf, 0], "label of image 0 is inf"),
        (["a", " "], "label of image 1 is empty"),
        ([[0, 1], [1, 1], [0, 1]], r"labels have shape \(3, 2\), expected one per image"),
        ([1j, 0], "labels are of type complex128"),
    ],
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises(DataError, match=message):
        read(labels)


def test_a_label_without_a_name_is_refused():
    with pytest.raises(DataError, match=r"labels run from 0 to 2, expected 0 to 1 for 2 class names"):
        read([0, 2], class_names=["a", "b"])
