import csv
import gzip
import io
import sys

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.errors import DataError, MissingDependencyError


def write_csv(path, rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.fixture
def rows(pixels, labels):
    """The first 60 digits as rows of text: a label, then pixels."""
    return [[label, *image.ravel()] for label, image in zip(labels[:60], pixels[:60], strict=True)]


@pytest.fixture
def header():
    return ["label", *(f"pixel{index}" for index in range(784))]


def check_digits(dataset, digits28):
    assert np.allclose(dataset.images, digits28.images[:60], atol=1e-6)
    assert np.array_equal(dataset.labels, digits28.labels[:60])
    assert dataset.class_names == tuple("0123456789")


@pytest.mark.parametrize("name", ["train.csv", "train.csv.gz", "train"])
def test_kaggles_form_is_read_whatever_the_file_is_called(name, tmp_path, header, rows, digits28):
    check_digits(open_dataset(write_csv(tmp_path / name, [header, *rows])), digits28)


def test_without_a_header_the_first_or_last_column_of_few_whole_numbers_is_the_label(tmp_path, rows, digits28):
    check_digits(open_dataset(write_csv(tmp_path / "first.csv", rows)), digits28)
    last = [[*row[1:], row[0]] for row in rows]
    check_digits(open_dataset(write_csv(tmp_path / "last.csv", last)), digits28)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_separate_too(delimiter, tmp_path, header, rows, digits28):
    check_digits(open_dataset(write_csv(tmp_path / "other.csv", [header, *rows], delimiter)), digits28)


@pytest.mark.parametrize("name", ["digit", "Class", "TARGET", "y"])
def test_the_label_column_is_known_by_its_usual_names_anywhere(name, tmp_path, header, rows, digits28):
    turned = [[*row[1:9], row[0], *row[9:]] for row in [[name, *header[1:]], *rows]]
    check_digits(open_dataset(write_csv(tmp_path / "named.csv", turned)), digits28)


def test_the_label_column_can_be_named_or_numbered(tmp_path, header, rows, digits28):
    turned = [[*row[1:9], row[0], *row[9:]] for row in [["answer", *header[1:]], *rows]]
    path = write_csv(tmp_path / "named.csv", turned)
    for labels in ("answer", "8"):
        check_digits(open_dataset(path, labels=labels), digits28)
    with pytest.raises(DataError, match=r"named.csv: has no column 'reply', found pixel0, pixel1"):
        open_dataset(path, labels="reply")


@pytest.mark.parametrize("header", [[], [["what", "a", "b", "c", "d"]], [["label", "0", "1", "2", "3"]]])
def test_the_only_column_of_text_holds_the_labels(header, tmp_path):
    path = write_csv(tmp_path / "pets.csv", [*header, ["dog", 0, 1, 0, 0], ["cat", 0, 0, 1, 0], ["dog", 1, 0, 0, 0]])
    dataset = open_dataset(path, invert=False)
    assert dataset.labels.tolist() == [1, 0, 1]
    assert dataset.class_names == ("cat", "dog")
    assert dataset.images[1, :, :, 0].tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("label,a,b,c,d\n", "no images, found a header and no rows"),
        ("just some words\n", "not a table"),
        ("label,a,b,c,d\n1,0,0,0,0\n2,0,0,x,0\n", "line 3, column 4 holds 'x', expected a number"),
        ("label,a,b,c,d\n1,0,0,0,0\n2,0,0,0\n", "line 3 has 4 columns, expected 5"),
        ("label,a,b,c,d\n1,0,0,0,0\n2,0,nan,0,0\n", "image 1 .of 1 such. holds NaN"),
        ("label,a,b,c,d\n1,0,0,0,0\n2,0,,0,0\n", "line 3, column 3 holds '', expected a number"),
        ("label,a,b,c,d\n1,0,0,0,0\n1,0,0,0,0\n", "the one class '1'"),
        ("label,a,b,c,d,e\n1,0,0,0,0,0\n2,0,0,0,0,0\n", "rows of 5 numbers, expected a square number"),
        ("a,b,c,d,e\n0.1,0,0,0,0.2\n0.3,0,0,0,0.4\n", "no labels, expected a column called label, "),
        ("a,b,c,d,e,f\nx,0,0,0,0,y\nz,0,0,0,0,v\n", "2 columns hold text .a, f., expected at most one"),
    ],
)
def test_tables_that_are_no_labelled_images_are_refused(table, message, tmp_path):
    (tmp_path / "bad.csv").write_text(table)
    with pytest.raises(DataError, match=rf"bad.csv: .*{message}"):
        open_dataset(tmp_path / "bad.csv")


def test_text_in_an_older_encoding_is_read(tmp_path):
    (tmp_path / "old.csv").write_bytes("label,a,b,c,d\nzoë,0,1,0,0\nrené,1,0,0,0\n".encode("cp1252"))
    assert open_dataset(tmp_path / "old.csv", invert=False).class_names == ("rené", "zoë")


def test_images_that_are_named_must_fill_a_column(tmp_path, rows):
    path = write_csv(tmp_path / "some.csv", rows)
    with pytest.raises(DataError, match=r"has no column 'pixels', found 0, 1, 2"):
        open_dataset(path, images="pixels")
    with pytest.raises(DataError, match=r"images is '3', a column that holds neither lists of pixels nor paths"):
        open_dataset(path, images="3")


def write_parquet(path, columns):
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def png(image):
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("name", ["train.parquet", "train"])
def test_parquet_with_a_column_a_pixel_is_read(name, tmp_path, pixels, labels, digits28):
    columns = {f"p{index}": column for index, column in enumerate(pixels[:60].reshape(60, -1).T)}
    check_digits(open_dataset(write_parquet(tmp_path / name, {"label": labels[:60], **columns})), digits28)
    check_digits(open_dataset(write_parquet(tmp_path / name, {"what": labels[:60], **columns})), digits28)


@pytest.mark.parametrize(
    "make",
    [
        lambda images: [image.ravel().tolist() for image in images],
        lambda images: [image.tolist() for image in images],
        lambda images: [png(image) for image in images],
        lambda images: [{"bytes": png(image), "path": "1.png"} for image in images],
    ],
    ids=["flat lists", "lists of lists", "pictures", "pictures with their names"],
)
def test_parquet_with_an_image_a_cell_is_read(make, tmp_path, pixels, labels, digits28):
    columns = {"image": make(pixels[:60]), "label": labels[:60]}
    check_digits(open_dataset(write_parquet(tmp_path / "train.parquet", columns)), digits28)


def test_parquet_labels_can_be_text_or_categories(tmp_path):
    image = [[0.0] * 4] * 3
    for labels in (["dog", "cat", "dog"], pyarrow.array(["dog", "cat", "dog"]).dictionary_encode()):
        dataset = open_dataset(write_parquet(tmp_path / "pets.parquet", {"image": image, "what": labels}))
        assert dataset.class_names == ("cat", "dog")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"label": [0, 1]}, "no images, found columns label"),
        ({"image": [[0] * 4] * 2}, "no labels, found columns image"),
        ({"image": [[0] * 4, [0] * 9], "label": [0, 1]}, "images have different sizes"),
        ({"image": [[0] * 4, None], "label": [0, 1]}, "image 1 is missing"),
        ({"image": [[0] * 4] * 2, "label": [0, None]}, r"1 of 2 images have no label \(image 1\)"),
        ({"image": [b"not a picture"] * 2, "label": [0, 1]}, "image 0: not a valid picture"),
        ({"a": [0.0, None], "b": [0.0, 0], "c": [0.0, 0], "d": [0.0, 0], "label": [0, 1]}, "image 1 .* holds NaN"),
        ({"image": pyarrow.array([], pyarrow.list_(pyarrow.int8())), "label": pyarrow.array([], "int8")}, "no images"),
    ],
)
def test_parquet_files_that_are_no_labelled_images_are_refused(columns, message, tmp_path):
    path = write_parquet(tmp_path / "bad.parquet", columns)
    with pytest.raises(DataError, match=rf"bad.parquet(: .*|, ){message}"):
        open_dataset(path)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    path = write_parquet(tmp_path / "some.parquet", {"label": [0, 1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    needs = r"needs the package pyarrow, which is not installed; pip install 'inklings\[parquet\]'"
    with pytest.raises(MissingDependencyError, match=needs):
        open_dataset(path)
