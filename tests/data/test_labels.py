import numpy as np
import pytest

from inklings.data import from_arrays
from inklings.data.labels import encode_labels
from inklings.errors import DataError, DataWarning


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
        ([0, np.nan], r"1 of 2 images have no label \(image 1\)"),
        ([np.inf, 0], "label of image 0 is inf"),
        (["a", " "], r"1 of 2 images have no label \(image 1\)"),
        ([[0, 1], [1, 1], [0, 1]], r"labels have shape \(3, 2\), rows with several ones: 1, with none: 0"),
        (
            [[0, 0], [1, 0], [0, 1]],
            r"labels have shape \(3, 2\), rows with several ones: 0, with none: 1, expected",
        ),
        ([1j, 0], "labels are of type complex128"),
    ],
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises(DataError, match=message):
        read(labels)


def test_a_label_without_a_name_is_refused():
    with pytest.raises(DataError, match=r"labels run from 0 to 2, expected 0 to 1 for 2 class names"):
        read([0, 2], class_names=["a", "b"])


@pytest.mark.parametrize("word", ["", "  ", "NaN", "nan", "NA", "N/A", "null", "NULL", "None", "?", "<NA>", "NaT"])
def test_words_for_missing_are_no_class(word):
    labels = ["cat", word, "dog", "cat", word]
    with pytest.raises(DataError, match=r"2 of 5 images have no label \(image 1, 4\).*drop_missing=True"):
        read(labels)
    with pytest.warns(DataWarning, match="2 of 5 images have no label, and are left out"):
        assert read(labels, drop_missing=True) == ([0, 1, 0], ("cat", "dog"))


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["cat", None, "dog", "cat"], object),
        np.array(["cat", float("nan"), "dog", "cat"], object),
        np.ma.array(["cat", "x", "dog", "cat"], mask=[0, 1, 0, 0]),
    ],
)
def test_other_ways_to_say_missing_are_missing_too(labels):
    dataset = from_arrays(np.zeros((4, 4, 4)), labels, drop_missing=True)
    assert [dataset.class_names[label] for label in dataset.labels] == ["cat", "dog", "cat"]


def test_the_images_of_missing_labels_are_left_out_with_them():
    images = np.arange(4)[:, None, None] * np.ones((4, 3, 3)) / 8
    dataset = from_arrays(images, [0, np.nan, 1, 1], drop_missing=True)
    assert dataset.images[:, 0, 0, 0].tolist() == [0, 0.25, 0.375]


def test_whole_numbers_are_one_class_however_they_are_written():
    assert read(["3", "3.0", " 3 ", "5"]) == ([0, 0, 0, 1], ("3", "5"))
    assert read(np.array([3, 3.0, "3", 5], object)) == ([0, 0, 0, 1], ("3", "5"))


def test_codes_with_leading_zeros_are_text_all_of_them():
    assert read(["007", "7", "7.0", "12"])[1] == ("007", "12", "7", "7.0")


def test_large_numbers_as_text_keep_every_digit():
    assert read(["16777217", "16777216"]) == ([1, 0], ("16777216", "16777217"))


def test_one_letter_written_as_two_code_points_is_the_same_letter():
    assert read(["caf\u00e9", "cafe\u0301", "tea"])[1] == ("café", "tea")


def test_a_label_of_thousands_of_digits_is_text():
    for other in ("word", "2"):
        assert read(["1" * 5000, other])[1] == ("1" * 5000, other)


def test_names_that_join_others_are_hinted_at():
    labels = np.array(["cat", "dog", "cat,dog", "owl", "dog | owl", "owl;cat", "ink, black"])
    assert any("'cat,dog' and 2 more name several others at once" in note for note in encode_labels(labels).notes)
    one = encode_labels(np.array(["cat", "dog", "cat, dog"])).notes
    assert any("class 'cat, dog' names several others at once" in note for note in one)
    assert not any("several others" in note for note in encode_labels(np.array(["a", "b", "a,c", "a b"])).notes)


def test_names_that_differ_by_case_alone_are_hinted_at():
    with pytest.warns(DataWarning, match="classes 'Dog' and 'dog' differ by the case of letters or blanks alone"):
        assert read(["dog", "Dog", "cat"])[1] == ("Dog", "cat", "dog")


def test_a_mapping_names_any_labels():
    assert read([4, 9, 4], class_names={4: "four", 9: "nine", 7: "seven"}) == ([0, 1, 0], ("four", "nine"))
    with pytest.raises(DataError, match="label 9 has no class name"):
        read([4, 9], class_names={4: "four"})


@pytest.mark.parametrize("kind", [bool, np.float32, np.int8])
def test_one_hot_rows_of_any_type_are_labels(kind):
    assert read(np.eye(3)[[1, 0, 2, 1]].astype(kind))[0] == [1, 0, 2, 1]


def test_one_hot_rows_of_minus_1_and_1_are_labels():
    assert read(2 * np.eye(3, dtype=int)[[1, 0, 2, 1]] - 1)[0] == [1, 0, 2, 1]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["3", "3.0", " 3 ", "3.0e+00", "cat"], ["3", "3", "3", "3", "cat"]),
        (["9.000000e+00", "1.0000000e+01"], ["9", "10"]),
        (["16777217", "16777216"], ["16777217", "16777216"]),
        (["9007199254740993", "9007199254740992"], ["9007199254740993", "9007199254740992"]),
        (
            ["12345678901234567890123", "12345678901234567890124"],
            ["12345678901234567890123", "12345678901234567890124"],
        ),
        (["007", "7", "7.0"], ["007", "7", "7.0"]),
        (["1,5", "1.5x"], ["1,5", "1.5x"]),
        ([b"\xe9", b"\xe8"], ["é", "è"]),
        (["\ufeffcat", "cat\0", "dog"], ["cat", "cat", "dog"]),
        (np.array([True, False, True], object), ["True", "False", "True"]),
        (np.array([3, 3.0, "3", " 3 ", 4], object), ["3", "3", "3", "3", "4"]),
        ([[0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 1, 0]], ["2", "1", "2", "0"]),
    ],
)
def test_a_label_keeps_what_it_says(labels, names):
    labels = np.asarray(labels)
    dataset = from_arrays(np.zeros((len(names), 4, 4)), labels)
    assert [dataset.class_names[label] for label in dataset.labels] == names


def test_text_is_matched_with_class_names_by_what_it_says_and_numbers_by_their_place():
    assert read(["cat", "dog"], class_names=["dog", "cat"]) == ([1, 0], ("dog", "cat"))
    assert read([0, 2], class_names=["0", "10", "2"]) == ([0, 2], ("0", "10", "2"))
    assert read(["0", "2"], class_names=["a", "b", "c"]) == ([0, 2], ("a", "b", "c"))
    with pytest.raises(DataError, match=r"label 'bird' is none of the 2 class names"):
        read(["cat", "bird"], class_names=["dog", "cat"])


def test_classes_of_one_name_are_one_class_with_a_note():
    dataset = from_arrays(np.zeros((3, 4, 4)), [0, 1, 2], class_names=["crane", "crane", "ant"])
    assert (dataset.labels.tolist(), dataset.class_names) == ([0, 0, 1], ("crane", "ant"))
    assert "3 labels have 2 names: those of one name are one class" in dataset.notes
    assert read(["crane", "ant", "ant"], class_names=["crane", "crane", "ant"]) == ([0, 1, 1], ("crane", "ant"))


@pytest.mark.parametrize("names", [range(2), np.array([0, 1])])
def test_numbers_may_name_classes(names):
    assert read([1, 0], class_names=names) == ([1, 0], ("0", "1"))


def test_a_map_of_labels_is_read_either_way():
    for names in ({0: "cat", "1.0": "dog"}, {"cat": 0, "dog": 1}):
        assert read([1, 0, 1], class_names=names) == ([1, 0, 1], ("cat", "dog"))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["0.5", "1.5", "0.5"], "label of image 0 is 0.5, expected text or a whole number"),
        ([[1, -1, 0], [0, 1, 0], [1, 0, 0]], "expected one per image, or one-hot rows"),
        ([[1, 1, 0], [0, 1, 0], [1, 0, 0]], "rows with several ones: 1, with none: 0"),
    ],
)
def test_measures_and_several_labels_at_once_are_no_classes(labels, message):
    with pytest.raises(DataError, match=message):
        read(labels)


def test_nan_beside_a_mask_is_missing_too():
    labels = np.ma.MaskedArray([1.0, np.nan, 2.0, 1.0, 2.0], mask=[True, False, False, False, False])
    with pytest.raises(DataError, match="2 of 5 images have no label"):
        from_arrays(np.zeros((5, 4, 4)), labels)


def test_codes_with_an_e_are_text_but_numbers_as_savetxt_writes_them_are_numbers():
    assert read(["4E00", "4", "1E2", "100"])[1] == ("100", "1E2", "4", "4E00")
    assert read(["3.000000000000000000e+00", "1.000000000000000000e+01"])[1] == ("3", "10")


def test_whole_numbers_of_64_bits_without_a_sign_are_told_their_limit():
    with pytest.raises(DataError, match=r"image 1 is 9223372036854775813, expected less than 9223372036854775808; if"):
        encode_labels(np.array([3, 2**63 + 5], np.uint64))
    encoded = encode_labels(np.array([2**63 - 1, 3, 2**63 - 1], np.uint64))
    assert encoded.class_names == ("3", "9223372036854775807")
