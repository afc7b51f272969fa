import numpy as np
import pytest

import inklings
from inklings.findings.classes import find_halves, remark_on_classes
from inklings.findings.described import describe_images


@pytest.fixture(scope="module")
def digits():
    return inklings.open_dataset("digits")


@pytest.fixture(scope="module")
def features(digits):
    return describe_images(digits).features


def test_no_digit_looks_like_two_classes(digits, features):
    assert remark_on_classes(features, digits.labels, digits.class_names) == []


@pytest.mark.parametrize(("one", "other"), [(3, 6), (0, 1), (2, 7), (6, 9)])
def test_two_digits_under_one_name_are_told_apart(digits, features, one, other):
    rows = np.flatnonzero(np.isin(digits.labels, (one, other)))
    halves = find_halves(features[rows])
    agreed = (halves.second == (digits.labels[rows] == other)).mean()
    assert max(agreed, 1 - agreed) > 0.9
    (remark,) = remark_on_classes(features[rows], np.zeros(len(rows), int), ["both"])
    first, second = ({int(digits.labels[rows[row]]) for row in group} for group in remark.examples)
    assert remark.kind == "two"
    assert first | second == {one, other}
    assert len(first) == len(second) == 1


def test_few_images_and_imbalance_are_said():
    labels = np.repeat([0, 1, 2], [90, 12, 1])
    remarks = remark_on_classes(np.random.default_rng(0).normal(size=(103, 4)).astype(np.float32), labels, "abcd")
    sentences = " ".join(each.sentence for each in remarks)
    assert "'b' has 12 images, about 3 of them for testing" in sentences
    assert "'c' has 1 image:" in sentences
    assert "'d' has no image" in sentences
    assert "'a' has 90 times as many images as 'c' (90 and 1)" in sentences


def test_equal_images_are_one_class():
    assert find_halves(np.ones((200, 5), np.float32)) is None
