import json

import numpy as np

from inklings.data import describe, from_arrays, open_dataset


def test_a_summary_has_sizes_classes_range_and_fingerprint():
    digits = open_dataset("digits")
    summary = describe(digits)
    assert (summary.images, summary.height, summary.width, summary.channels) == (5000, 20, 20, 1)
    assert summary.classes == {str(digit): 500 for digit in range(10)}
    assert (summary.least, summary.greatest) == (digits.images.min(), digits.images.max())
    assert summary.fingerprint == digits.fingerprint
    assert json.loads(json.dumps(summary.to_dict()))["source"] == "digits"


def test_a_summary_reads_as_lines_with_every_note():
    dataset = from_arrays(np.full((3, 4, 4), 255), ["cat", "dog", "dog"], source="pets")
    lines = describe(dataset).lines()
    text = dict(lines)
    assert text["source"] == "pets"
    assert text["images"] == "3 of 4 x 4, grey"
    assert text["classes"] == "2, 1 to 2 images: cat (1), dog (2)"
    assert [line for heading, line in lines if heading == "note"] == list(dataset.notes) != []
    assert "set aside" not in text
