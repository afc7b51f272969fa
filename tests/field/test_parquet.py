"""Parquet files as Hugging Face's ``datasets``, pandas and others write them."""

import datetime
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.notes import decisions
from inklings.data.raw import ReadOptions
from inklings.data.readers import file_errors
from inklings.data.sources import read_source
from inklings.errors import DataError

LABELS = np.arange(24) % 3
PIXELS = np.random.default_rng(7).integers(0, 256, (24, 16)).astype(np.uint8)
PIXELS[:, 0] = 255
WIDE = {f"pixel{number}": PIXELS[:, number] for number in range(16)}
NAMES = ["owl", "cat", "dog"]


def png(pixels):
    content = io.BytesIO()
    Image.fromarray(pixels.reshape(4, 4)).save(content, "PNG")
    return content.getvalue()


PICTURES = [{"bytes": png(pixels), "path": f"{number}.png"} for number, pixels in enumerate(PIXELS)]


def written(path, columns, features=None, **how):
    table = pa.table(columns)
    if features is not None:
        table = table.replace_schema_metadata({b"huggingface": json.dumps({"info": {"features": features}}).encode()})
    pq.write_table(table, path, **how)
    return path


def opened(path, columns, features=None, **options):
    return open_dataset(written(path, columns, features, row_group_size=7), invert=False, column_major=False, **options)


def check(dataset, labels=LABELS):
    np.testing.assert_allclose(dataset.images.reshape(24, 16), PIXELS / 255, atol=1e-6)
    assert [dataset.class_names[label] for label in dataset.labels] == [str(label) for label in labels]


def test_a_count_that_stops_counting_is_told_unless_labels_are_named(tmp_path):
    columns = {"code": np.arange(124) % 62, **{name: np.tile(values, 6)[:124] for name, values in WIDE.items()}}
    kinds = np.arange(124) % 3
    with pytest.raises(DataError, match=r"column 'code' counts the first rows, but not all of them.*labels=code"):
        open_dataset(written(tmp_path / "codes.parquet", {**columns, "kind": kinds}))
    assert len(open_dataset(tmp_path / "codes.parquet", labels="code", skip=["kind"], invert=False).class_names) == 62
    named = open_dataset(written(tmp_path / "named.parquet", {**columns, "label": kinds}), invert=False)
    assert named.labels.tolist() == kinds.tolist()


@pytest.mark.parametrize("names", [NAMES, ["0", "10", "2"]])
def test_class_names_are_taken_from_the_metadata(names, tmp_path):
    features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": names}}
    path = tmp_path / "train.parquet"
    check(opened(path, {"image": PICTURES, "label": LABELS}, features), [names[label] for label in LABELS])
    raw = read_source(path, ReadOptions(labelled=False))
    assert list(raw.names)[:2] == ["0.png", "1.png"]
    assert raw.upright


def test_the_metadata_say_which_column_holds_the_labels(tmp_path):
    features = {"breed": {"_type": "ClassLabel", "names": NAMES}}
    columns = {"image": PICTURES, "height": [4] * 24, "breed": LABELS}
    check(opened(tmp_path / "one.parquet", columns, features), [NAMES[label] for label in LABELS])
    features["fine"] = features["breed"]
    with pytest.raises(DataError, match=r"has 2 columns of labels \(breed, fine\), expected one; name one"):
        opened(tmp_path / "two.parquet", {**columns, "fine": LABELS}, features)
    dataset = opened(tmp_path / "two.parquet", {**columns, "fine": LABELS[::-1]}, features, labels="fine")
    check(dataset, [NAMES[label] for label in LABELS[::-1]])


def test_a_web_dataset_s_columns_are_what_they_are_called(tmp_path):
    keys = [f"{number:06}" for number in range(24)]
    columns = {"__key__": keys, "__url__": ["a.tar"] * 24, "png": [png(pixels) for pixels in PIXELS], "cls": LABELS}
    dataset = opened(tmp_path / "train.parquet", columns)
    check(dataset)
    assert list(dataset.names) == keys


def test_minus_1_is_no_class_where_the_file_names_them(tmp_path):
    labels = np.where(np.arange(24) % 8 == 3, -1, LABELS)
    features = {"label": {"_type": "ClassLabel", "names": NAMES}}
    with pytest.raises(DataError, match=r"3 of 24 images have no label"):
        opened(tmp_path / "train.parquet", {"image": PICTURES, "label": labels}, features)
    dataset = opened(tmp_path / "train.parquet", {"image": PICTURES, "label": labels}, features, drop_missing=True)
    assert [dataset.class_names[label] for label in dataset.labels] == [NAMES[each] for each in labels if each >= 0]


FORMS = {
    "fixed lists": pa.FixedSizeListArray.from_arrays(pa.array(PIXELS.reshape(-1)), 16),
    "large lists": pa.array(PIXELS.tolist(), pa.large_list(pa.int32())),
    "lists of lists": PIXELS.reshape(24, 4, 4).tolist(),
    "lists with a channel": PIXELS.reshape(24, 1, 4, 4).tolist(),
    "text": [" ".join(map(str, row)) for row in PIXELS],
    "bytes": [png(pixels) for pixels in PIXELS],
}


@pytest.mark.parametrize("form", FORMS)
def test_an_image_fills_a_cell_in_any_form(form, tmp_path):
    check(opened(tmp_path / "cells.parquet", {"label": LABELS, "image": FORMS[form]}))


WRITTEN = {
    "categories": (pa.array([NAMES[label] for label in LABELS]).dictionary_encode(), [NAMES[each] for each in LABELS]),
    "large text": (pa.array([NAMES[label] for label in LABELS], pa.large_string()), [NAMES[each] for each in LABELS]),
    "codes": ([f"00{label}" for label in LABELS], [f"00{label}" for label in LABELS]),
    "large numbers": (2**53 + LABELS, 2**53 + LABELS),
    "floats": (LABELS.astype(float), LABELS),
    "days": (
        [datetime.date(2024, 1, 1 + each) for each in LABELS.tolist()],
        [f"2024-01-0{1 + each}" for each in LABELS],
    ),
    "one-hot lists": (np.eye(3, dtype=int)[LABELS].tolist(), LABELS),
    "lists of one": ([[label] for label in LABELS.tolist()], LABELS),
    "truth": (LABELS > 0, LABELS > 0),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_labels_are_what_the_column_says(form, tmp_path):
    labels, names = WRITTEN[form]
    check(opened(tmp_path / "wide.parquet", {"label": labels, **WIDE}), names)


def test_several_labels_at_once_are_no_class(tmp_path):
    with pytest.raises(DataError, match="labels are lists of several lengths, expected one label per image"):
        opened(tmp_path / "many.parquet", {"image": PICTURES, "label": [[1], [1, 2]] * 12})


def test_columns_have_the_same_roles_as_in_text(tmp_path):
    parts = ["train"] * 16 + ["validation"] * 4 + ["test"] * 4
    names = sorted(WIDE)
    columns = {"id": [f"i{number}" for number in range(24)], **{name: WIDE[name] for name in names}}
    path = tmp_path / "roles.parquet"
    dataset = opened(path, {**columns, "answer": LABELS, "split": parts})
    check(dataset)
    assert dataset.given_validation.tolist() == [16, 17, 18, 19]
    assert dataset.given_test.tolist() == [20, 21, 22, 23]
    told = " ".join(decisions(dataset.notes))
    assert "labels are column 'answer'" in told
    assert "in the order of their numbers" in told
    assert list(read_source(path, ReadOptions()).names)[:2] == ["i0", "i1"]


def test_a_file_of_identifiers_is_doubted(tmp_path):
    dataset = opened(tmp_path / "captions.parquet", {"image": PICTURES, "text": [f"a {n}" for n in range(24)]})
    assert any("each of the 24 images has a class of its own" in note for note in decisions(dataset.notes))


def test_what_decodes_to_too_much_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(file_errors, "MAX_BYTES", 1 << 28)  # zeros for 4 GiB take seconds to encode
    rows = 25_000
    zeros = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(784 * rows, np.int64)), 784)
    table = pa.table({"image": zeros, "label": np.zeros(rows, int)})
    path = tmp_path / "bomb.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(2):
            writer.write_table(table)
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"the table claims 0\.3 GiB, expected at most 0 GiB"):
        open_dataset(path)


def test_one_long_text_for_many_rows_is_refused_before_it_is_copied(tmp_path):
    path = tmp_path / "long.parquet"
    for rows, message in (
        (64, r"long.parquet: holds a label of 1,000,000 letters, expected at most 65,536"),
        (6000, r"long.parquet: the table claims 5.6 GiB, expected at most 4 GiB"),
    ):
        text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 1_000_000]))
        pixels = pa.array([[0, 255, 0, 255]] * rows)
        pq.write_table(pa.table({"label": text, "image": pixels}), path, compression="zstd", store_schema=False)
        assert path.stat().st_size < 4096
        before = pa.total_allocated_bytes()
        with pytest.raises(DataError, match=message):
            open_dataset(path)
        assert pa.total_allocated_bytes() - before < 100 << 20


def test_a_few_names_for_very_many_rows_are_read(tmp_path):
    rows = 300_000
    names = pa.array([f"{name:-<20}" for name in NAMES])
    text = pa.DictionaryArray.from_arrays(pa.array(np.arange(rows) % 3, pa.int32()), names)
    path = tmp_path / "names.parquet"
    pixels = np.tile(np.arange(4, dtype=np.uint8) * 60, rows // 4)
    pq.write_table(pa.table({"label": text, **{f"pixel{n}": pixels for n in range(4)}}), path, store_schema=False)
    raw = read_source(path, ReadOptions())
    assert raw.images.shape == (rows, 4)
    assert [str(label).rstrip("-") for label in raw.labels[:4]] == ["owl", "cat", "dog", "owl"]
