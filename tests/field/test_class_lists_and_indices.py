"""Digits without end where a number is expected: an identifier or a mistake in the file, never one of ours."""

import json

import pytest

from inklings.data import open_dataset
from inklings.data.readers.class_list import order_classes, read_class_list
from inklings.errors import DataError


def test_an_index_of_twenty_digits_is_refused_by_its_line(tmp_path):
    path = tmp_path / "pairs.libsvm"
    path.write_text("1 1:3 4:5\n2 2:3 99999999999999999999:5\n1 1:3\n")
    with pytest.raises(DataError, match=r"line 2 holds the index 99999999999999999999, expected 0 to 4,294,967,296"):
        open_dataset(path)


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_key_of_many_digits_in_a_list_of_classes_is_an_identifier(digits, tmp_path):
    path = tmp_path / "label_map.json"
    keys = ["7" * digits, "6" * digits]
    path.write_text(json.dumps(dict(zip(keys, ["cat", "dog"], strict=True))))
    assert order_classes(sorted(keys), read_class_list(path)) == ({keys[0]: 0, keys[1]: 1}, ["cat", "dog"])
