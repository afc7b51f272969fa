"""Tables as people have them: each of these was once misread without a word, or refused though it is usual."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.notes import decisions
from inklings.data.raw import ReadOptions
from inklings.data.sources import read_source
from inklings.errors import DataError, DataWarning

LABELS = np.arange(24) % 3
PIXELS = np.random.default_rng(7).integers(0, 256, (24, 16))
PIXELS[:, 0] = 255
NAMES = [f"pixel{number}" for number in range(16)]


def table(rows, header=None, separator=",", end="\n"):
    lines = ([header] if header is not None else []) + list(rows)
    return end.join(separator.join(map(str, line)) for line in lines) + end


def opened(path, content, **options):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_dataset(path, invert=False, column_major=False, **options)


def check(dataset, labels=LABELS, pixels=PIXELS):
    np.testing.assert_allclose(dataset.images.reshape(len(pixels), -1), pixels / 255, atol=1e-6)
    assert [dataset.class_names[label] for label in dataset.labels] == [str(label) for label in labels]


def first(labels=LABELS):
    return [[label, *row] for label, row in zip(labels, PIXELS, strict=True)]


def last():
    return [[*row, label] for label, row in zip(LABELS, PIXELS, strict=True)]


FORMS = {
    "numbers as names, label first": table(first(), range(17)),
    "numbers as names, label last": table(last(), range(17)),
    "numbers as names but for the label": table(first(), ["label", *range(16)]),
    "names that pandas made of a first row": table(first(), ["5", "0", *(f"0.{number}" for number in range(1, 16))]),
    "row numbers in front, named": table([[n, *row] for n, row in enumerate(first())], ["", "label", *NAMES]),
    "row numbers in front, unnamed": table([[n, *row] for n, row in enumerate(first(), 1)]),
    "identifiers of text": table([[f"img_{n:04}", *row] for n, row in enumerate(first())], ["id", "label", *NAMES]),
    "identifiers last": table([[*row, 900 + n] for n, row in enumerate(first())], ["label", *NAMES, "ImageId"]),
    "names shorter by one, as R writes them": table([[n, *row] for n, row in enumerate(first(), 1)], ["label", *NAMES]),
    "other columns": table([[*row, 16, "a note"] for row in first()], ["label", *NAMES, "width", "remark"]),
    "sep=; for Excel": "sep=;\n" + table(first(), ["label", *NAMES], ";"),
    "semicolons": table(first(), ["label", *NAMES], ";"),
    "tabs": table(first(), ["label", *NAMES], "\t"),
    "bars": table(first(), ["label", *NAMES], "|"),
    "blanks": table(first(), ["label", *NAMES], " "),
    "blanks after commas": table(first(), ["label", *NAMES], ", "),
    "several blanks, aligned": "\n".join(" ".join(f"{cell:>5}" for cell in row) for row in first()) + "\n",
    "a title before the header": "Digits of our class\nautumn 2024\n\n" + table(first(), ["label", *NAMES]),
    "comments before the rows": "# exported by a program\n# 24 rows\n" + table(first(), ["label", *NAMES]),
    "a byte order mark": b"\xef\xbb\xbf" + table(first(), ["label", *NAMES]).encode(),
    "UTF-16 with a mark": table(first(), ["label", *NAMES], "\t").encode("utf-16"),
    "UTF-16 without": table(first(), ["label", *NAMES], "\t").encode("utf-16-le"),
    "Windows' line ends": table(first(), ["label", *NAMES], end="\r\n"),
    "an old Macintosh's line ends": table(first(), ["label", *NAMES], end="\r"),
    "quotes round every cell": table([[f'"{cell}"' for cell in row] for row in [["label", *NAMES], *first()]]),
    "separators at the ends of lines": table([[*row, ""] for row in first()], ["label", *NAMES, ""]),
    "blank lines between rows": table(first(), ["label", *NAMES]).replace("\n", "\n\n"),
    "no end of the last line": table(first(), ["label", *NAMES]).rstrip("\n"),
    "separators at the ends of rows alone": table([[*row, ""] for row in first()], ["label", *NAMES]),
    "rows of separators at the end": table([*first(), *[[""] * 17] * 3], ["label", *NAMES]),
    "two tables joined, each with its header": table(
        [*first()[:9], ["label", *NAMES], *first()[9:]], ["label", *NAMES]
    ),
    "a remark at the end": table(first()) + "# 24 images\n",
    "labels with an exponent": table([[f"{row[0]:.6e}", *row[1:]] for row in first()], ["label", *NAMES]),
    "quotes after blanks": table([[f'"{cell}"' for cell in row] for row in [["label", *NAMES], *first()]], None, ", "),
    "labels written as floats": table([[f"{row[0]}.0", *row[1:]] for row in first()], ["label", *NAMES]),
    "gzip": gzip.compress(table(first(), ["label", *NAMES]).encode()),
    "bzip2": bz2.compress(table(first(), ["label", *NAMES]).encode()),
    "xz": lzma.compress(table(first(), ["label", *NAMES]).encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_images_and_labels_come_out_of_every_form(form, tmp_path):
    check(opened(tmp_path / "table.csv", FORMS[form]))


@pytest.mark.parametrize(
    ("name", "packed"), [("table.tsv.bz2", "bzip2"), ("table.txt.xz", "xz"), ("a.test.csv.xz", "xz")]
)
def test_a_compressed_table_may_have_any_tables_name(tmp_path, name, packed):
    check(opened(tmp_path / name, FORMS[packed]))


def test_decimal_commas_are_numbers(tmp_path):
    written = [[f"{value / 255:.6f}".replace(".", ",") for value in row] for row in PIXELS]
    rows = [[label, *row] for label, row in zip(LABELS, written, strict=True)]
    check(opened(tmp_path / "table.csv", table(rows, ["label", *NAMES], ";")))
    check(opened(tmp_path / "bare.csv", table(rows, None, ";")))


def test_an_identifier_becomes_the_images_name(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(FORMS["identifiers of text"])
    raw = read_source(path, ReadOptions())
    assert list(raw.names) == [f"img_{number:04}" for number in range(24)]


def test_what_is_neither_pixel_nor_label_is_told(tmp_path):
    dataset = opened(tmp_path / "table.csv", FORMS["other columns"])
    assert "columns 'width', 'remark' are neither pixels nor labels, and left out" in decisions(dataset.notes)


def test_a_column_can_be_skipped_by_name(tmp_path):
    rows = [[*row, 77] for row in first()]
    content = table(rows, ["label", *(f"v{chr(97 + n)}" for n in range(16)), "weight"])
    with pytest.raises(DataError, match="rows of 17 numbers"):
        opened(tmp_path / "table.csv", content)
    check(opened(tmp_path / "table.csv", content, skip=["weight"]))


def test_labels_keep_their_leading_zeros_and_every_digit(tmp_path):
    codes = np.array(["007", "012", "16777217"])[LABELS]
    check(opened(tmp_path / "table.csv", table(first(codes), ["label", *NAMES])), codes)


@pytest.mark.parametrize("word", ["", "NaN", "NA", "null", "None", "?"])
def test_missing_labels_are_no_class(word, tmp_path):
    labels = [word if number in (4, 9) else str(label) for number, label in enumerate(LABELS)]
    content = table(first(labels), ["label", *NAMES])
    with pytest.raises(DataError, match=r"2 of 24 images have no label \(image 4, 9\)"):
        opened(tmp_path / "table.csv", content)
    kept = np.delete(np.arange(24), [4, 9])
    check(opened(tmp_path / "table.csv", content, drop_missing=True), LABELS[kept], PIXELS[kept])


@pytest.mark.parametrize("write", [" ".join, lambda cells: f"[{', '.join(cells)}]", ";".join])
def test_all_pixels_in_a_cell_with_a_column_of_parts(write, tmp_path):
    usage = ["Training"] * 12 + ["PublicTest"] * 5 + ["PrivateTest"] * 7
    rows = [
        [label, f'"{write([str(value) for value in row])}"', part]
        for label, row, part in zip(LABELS, PIXELS, usage, strict=True)
    ]
    dataset = opened(tmp_path / "fer2013.csv", table(rows, ["emotion", "pixels", "Usage"]))
    check(dataset)
    assert dataset.given_validation.tolist() == list(range(12, 17))
    assert dataset.given_test.tolist() == list(range(17, 24))
    parts = dataset.split()
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (12, 5, 7)


@pytest.mark.parametrize("form", ["relative", "windows", "moved"])
def test_pictures_listed_in_a_table(form, tmp_path):
    (tmp_path / "images").mkdir()
    names = [f"images/a picture, {number}.png" for number in range(24)]
    for name, row in zip(names, PIXELS, strict=True):
        Image.fromarray(row.reshape(4, 4).astype(np.uint8)).save(tmp_path / name)
    written = {
        "relative": names,
        "windows": [name.replace("/", "\\") for name in names],
        "moved": [f"C:\\Users\\me\\{name.replace('/', chr(92))}" for name in names],
    }[form]
    if form == "moved":
        for name in names:
            (tmp_path / name).rename(tmp_path / name.partition("/")[2])
    rows = [[f'"{name}"', label] for name, label in zip(written, LABELS, strict=True)]
    check(opened(tmp_path / "labels.csv", table(rows, ["file", "label"])))


def test_missing_pictures_are_counted_and_named(tmp_path):
    rows = [[f"{number}.png", label] for number, label in enumerate(LABELS)]
    Image.fromarray(PIXELS[0].reshape(4, 4).astype(np.uint8)).save(tmp_path / "0.png")
    with pytest.raises(DataError, match=r"23 of 24 pictures are missing, such as 1.png"):
        opened(tmp_path / "labels.csv", table(rows, ["file", "label"]))


def test_a_zip_of_one_table_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "train.csv.zip", "w") as archive:
        archive.writestr("train.csv", table(first(), ["label", *NAMES]))
        archive.writestr("__MACOSX/._train.csv", "junk")
    check(open_dataset(tmp_path / "train.csv.zip", invert=False, column_major=False))


def test_a_table_without_labels_is_images_and_names(tmp_path):
    path = tmp_path / "test.csv"
    path.write_text(table([[number, *row] for number, row in enumerate(PIXELS, 1)], ["ImageId", *NAMES]))
    raw = read_source(path, ReadOptions(labelled=False))
    assert raw.labels is None
    assert list(raw.names) == [str(number) for number in range(1, 25)]
    np.testing.assert_array_equal(raw.images, PIXELS)
    path.write_text(table(PIXELS, NAMES))
    assert read_source(path, ReadOptions(labelled=False)).labels is None
    path.write_text(table(PIXELS))
    np.testing.assert_array_equal(read_source(path, ReadOptions(labelled=False)).images, PIXELS)


def test_labels_are_read_where_there_are_any_even_if_none_are_needed(tmp_path):
    path = tmp_path / "test.csv"
    path.write_text(table(first(), ["label", *NAMES]))
    raw = read_source(path, ReadOptions(labelled=False))
    assert raw.labels.tolist() == [str(label) for label in LABELS]


def test_rows_that_are_not_square_take_a_shape(tmp_path):
    rows = [[label, *row[:10]] for label, row in zip(LABELS, PIXELS, strict=True)]
    content = table(rows, ["label", *NAMES[:10]])
    with pytest.raises(DataError, match=r"rows of 10 numbers.*try shape=HxW"):
        opened(tmp_path / "table.csv", content)
    dataset = opened(tmp_path / "table.csv", content, shape=(2, 5))
    np.testing.assert_allclose(dataset.images[..., 0], PIXELS[:, :10].reshape(24, 2, 5) / 255, atol=1e-6)


def test_a_line_is_counted_as_an_editor_counts_it(tmp_path):
    rows = first()
    rows[3][5] = "x"
    content = "a title\n\n" + table(rows, ["label", *NAMES])
    with pytest.raises(DataError, match=r"line 7, column 6 holds 'x', expected a number"):
        opened(tmp_path / "table.csv", content)
    short = table(first(), ["label", *NAMES]).splitlines()
    short[10] = short[10].rpartition(",")[0]
    with pytest.raises(DataError, match=r"line 11 has 16 columns, expected 17"):
        opened(tmp_path / "table.csv", "\n".join(short))


def test_a_bomb_is_refused_before_it_takes_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("inklings.data.readers.file_errors.MAX_BYTES", 1 << 20)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb") as file:
        file.write(b"label,a,b,c,d\n" + b"1,0,0,0,0\n" * 200_000)
    with pytest.raises(DataError, match="the table claims"):
        opened(tmp_path / "bomb.csv.gz", buffer.getvalue())


def labels_of(dataset):
    return [dataset.class_names[label] for label in dataset.labels]


# Corners of these images have few values, as a pixel of a small picture does, and none of them is constant.
CORNERS = PIXELS.copy()
CORNERS[:, 0], CORNERS[:, -1] = np.array([0, 39, 163] * 8), np.array([7, 0, 0, 0] * 6)


def with_labels(labels, place, pixels=CORNERS):
    return table([np.insert(row.astype(object), place, label) for row, label in zip(pixels, labels, strict=True)])


@pytest.mark.parametrize("place", [0, 16])
@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 2] * 8,
        [1, 2, 3] * 8,
        ["007", "003", "001"] * 8,
        [16777217, 16777216, 16777218] * 8,
        ["12345678901234567890", "12345678901234567891"] * 12,
        [-1, 1] * 12,
    ],
)
def test_labels_are_told_from_a_corner_that_looks_like_some(labels, place, tmp_path):
    dataset = opened(tmp_path / "bare.csv", with_labels(labels, place))
    check(dataset, labels, CORNERS)
    assert any("whole numbers from" in note for note in decisions(dataset.notes))


def test_where_nothing_tells_the_labels_the_user_is_asked(tmp_path):
    drawn = np.random.default_rng(3).integers(0, 2, (24, 16))
    with pytest.raises(DataError, match=r"first or the last column could be the labels .*try labels=0"):
        opened(tmp_path / "bare.csv", with_labels([0, 1] * 12, 0, drawn))
    dataset = opened(tmp_path / "bare.csv", with_labels([0, 1] * 12, 0, drawn), labels="0")
    assert labels_of(dataset) == ["0", "1"] * 12


def test_a_table_of_pixels_alone_has_no_labels(tmp_path):
    with pytest.raises(DataError, match="no labels, all 16 columns together are pixels of an image"):
        opened(tmp_path / "test.csv", table(CORNERS.tolist(), NAMES))


def test_a_column_that_is_not_numbered_as_the_pixels_are_holds_the_labels(tmp_path):
    for place in (0, 9, 16):
        header = np.insert(np.array(NAMES, object), place, "answer").tolist()
        dataset = opened(tmp_path / "named.csv", ",".join(header) + "\n" + with_labels(LABELS, place))
        check(dataset, pixels=CORNERS)
        assert any("labels are column 'answer'" in note for note in decisions(dataset.notes))


@pytest.mark.parametrize("names", [NAMES, [f"{row}x{column}" for row in range(1, 5) for column in range(1, 5)]])
def test_columns_that_were_sorted_as_text_are_put_in_order_again(names, tmp_path):
    order = sorted(range(16), key=names.__getitem__)
    rows = [[label, *row[order]] for label, row in zip(LABELS, PIXELS, strict=True)]
    dataset = opened(tmp_path / "sorted.csv", table(rows, ["label", *(names[place] for place in order)]))
    check(dataset)


def test_one_hot_labels_at_the_end_are_labels(tmp_path):
    hot = np.eye(3, dtype=int)[LABELS]
    rows = [[*row, *one] for row, one in zip(PIXELS, hot, strict=True)]
    check(opened(tmp_path / "semeion.data", table(rows, separator=" ")))
    dataset = opened(tmp_path / "named.csv", table(rows, [*NAMES, "cat", "dog", "owl"]))
    check(dataset, [("cat", "dog", "owl")[label] for label in LABELS])


@pytest.mark.parametrize("first", ["NA", "", "oops"])
def test_a_first_row_with_one_odd_cell_is_no_header(first, tmp_path):
    rows = table([[first, *first_row[1:]] if n == 0 else first_row for n, first_row in enumerate(map(list, FIRST))])
    if first == "oops":
        dataset = opened(tmp_path / "bare.csv", rows.replace("oops", "7"))
        assert len(dataset) == 24
        return
    with pytest.raises(DataError, match=r"1 of 24 images have no label \(image 0\)"):
        opened(tmp_path / "bare.csv", rows)


FIRST = [[label, *row] for label, row in zip(LABELS, PIXELS, strict=True)]


def test_a_list_of_pictures_without_a_header_keeps_its_first_row(tmp_path):
    for number, pixels in enumerate(PIXELS):
        Image.fromarray(pixels.reshape(4, 4).astype(np.uint8)).save(tmp_path / f"{number}.png")
    rows = [[f"{number}.png", f"kind {label}"] for number, label in enumerate(LABELS)]
    check(opened(tmp_path / "list.csv", table(rows)), [f"kind {label}" for label in LABELS])


def test_two_paths_are_never_one_picture(tmp_path):
    Image.fromarray(PIXELS[0].reshape(4, 4).astype(np.uint8)).save(tmp_path / "1.png")
    with pytest.raises(DataError, match=r"cats/1.png and dogs/1.png are two pictures, but only 1.png is there"):
        opened(tmp_path / "list.csv", "file,label\ncats/1.png,cat\ndogs/1.png,dog\n")


def test_a_row_that_is_cut_off_at_the_start_is_told(tmp_path):
    content = table(first()).split("\n")
    content[0] = content[0].partition(",")[2]
    with pytest.raises(DataError, match=r"line 1 has 16 columns, expected 17"):
        opened(tmp_path / "bare.csv", "\n".join(content))


def test_a_part_that_is_none_is_told(tmp_path):
    parts = ["train"] * 20 + ["holdout"] * 4
    rows = [[*row, part] for row, part in zip(first(), parts, strict=True)]
    with pytest.raises(DataError, match=r"image 90 is of the part 'holdout', expected training, validation or test"):
        opened(tmp_path / "parts.csv", table([*rows[:1] * 70, *rows], ["label", *NAMES, "split"]))


def test_a_count_that_stops_counting_is_told(tmp_path):
    rows = [[number % 80, *PIXELS[number % 24]] for number in range(160)]
    with pytest.raises(DataError, match=r"column '0' counts the first rows, but not all of them"):
        opened(tmp_path / "bare.csv", table(rows))
    gap = [[number if number != 100 else "", *PIXELS[number % 24]] for number in range(160)]
    with pytest.raises(DataError, match=r"column '0' counts the first rows, but not all of them"):
        opened(tmp_path / "gap.csv", table(gap))
    dataset = opened(tmp_path / "bare.csv", table(rows), labels="0")
    assert labels_of(dataset) == [str(number % 80) for number in range(160)]


def test_text_keeps_its_comma_beside_decimal_commas(tmp_path):
    rows = [[f"a,{label}", *(f"{value / 255:.6f}".replace(".", ",") for value in row)] for label, *row in FIRST]
    check(opened(tmp_path / "table.csv", table(rows, ["label", *NAMES], ";")), [f"a,{label}" for label in LABELS])


def test_nested_lists_in_cells_are_images(tmp_path):
    rows = [[label, f'"{row.reshape(4, 4).tolist()}"'] for label, row in zip(LABELS, PIXELS, strict=True)]
    check(opened(tmp_path / "cells.csv", table(rows, ["label", "image"])))
    short = table([[label, '"[0 0 ... 0 255]"'] for label in LABELS], ["label", "image"])
    with pytest.raises(DataError, match=r"line 2 holds '...' among the pixels.*abbreviated long arrays"):
        opened(tmp_path / "short.csv", short)


def test_a_letter_that_is_not_utf8_far_down_is_read(tmp_path):
    rows = first([f"{'é' if n > 20 else 'e'}{label}" for n, label in enumerate(LABELS)])
    content = table([*rows[:20] * 2000, *rows], ["label", *NAMES]).encode("latin-1")
    assert len(content) > 1 << 20
    dataset = opened(tmp_path / "old.csv", content)
    assert labels_of(dataset)[-3:] == ["é0", "é1", "é2"]


def test_libsvm_pairs_are_images_whose_size_is_never_guessed(tmp_path):
    pixels = PIXELS.copy()
    pixels[:, 5] = 0
    lines = [
        f"{label} " + " ".join(f"{n}:{value}" for n, value in enumerate(row, 1) if value)
        for label, row in zip(LABELS, pixels, strict=True)
    ]
    check(opened(tmp_path / "pairs.libsvm", "\n".join(lines)), pixels=pixels)
    pixels[:, 9:] = 0
    short = [line.split(" 10:")[0] for line in lines]
    check(opened(tmp_path / "short.libsvm", "\n".join(short), shape=(4, 4), zero_based=False), pixels=pixels)
    shorter = [line.split(" 8:")[0] for line in lines]
    with pytest.raises(DataError, match=r"its highest index is 7, and the format does not say how many pixels"):
        opened(tmp_path / "shorter.libsvm", "\n".join(shorter))


def test_a_file_of_two_halves_with_nothing_at_its_end_is_read(tmp_path):
    # Semicolons, a blank before a cell, a label in quotes at the end, no end of the last line.
    rows = [[*row[:6], f"   {row[6]}", *row[7:], '"a"' if label else '"d"'] for label, *row in FIRST]
    check(opened(tmp_path / "odd.csv", table(rows, separator=";").rstrip("\n")), ["a" if n else "d" for n in LABELS])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("0 1\n1 2\n2 3\n3 1\n", "no images, found one column of numbers"),
        ('[{"label": 1, "image": [0, 0, 0, 0]}]', "is a JSON file"),
        ("id,class\n0,3\n1,4\n", "no images, found columns id, class"),
        ("<!DOCTYPE html>\n<html><body>404, sorry</body></html>\n", "is a web page"),
    ],
)
def test_what_is_no_table_of_images_is_called_what_it_is(content, message, tmp_path):
    with pytest.raises(DataError, match=message):
        opened(tmp_path / "other.csv", content)


def test_rows_that_name_a_picture_again_are_counted(tmp_path):
    for number, pixels in enumerate(PIXELS[:4]):
        Image.fromarray(pixels.reshape(4, 4).astype(np.uint8)).save(tmp_path / f"{number}.png")
    lines = [f"{number % 4}.png,{number % 2},{number}" for number in range(6)]
    dataset = opened(tmp_path / "boxes.csv", "file,class_id,xmin\n" + "\n".join(lines))
    assert any("2 of 6 rows name a picture that another row names" in note for note in decisions(dataset.notes))


def test_large_images_fit_in_a_cell(tmp_path):
    drawn = np.random.default_rng(0).integers(0, 256, (4, 256 * 256))
    rows = [[number % 2, " ".join(map(str, row))] for number, row in enumerate(drawn)]
    dataset = opened(tmp_path / "cells.csv", table(rows, ["label", "pixels"]))
    assert np.allclose(dataset.images.reshape(4, -1), drawn / 255)


def test_a_bomb_of_columns_is_refused(tmp_path):
    with gzip.open(tmp_path / "commas.csv.gz", "wb", 1) as file:
        for _ in range(30):
            file.write(b"," * (1 << 22) + b"\n")
    with pytest.raises(DataError, match=r"has 4,194,305 columns, expected at most 1,048,576"):
        open_dataset(tmp_path / "commas.csv.gz")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("place", [0, 5, 16])
def test_plain_rows_and_rows_with_one_quote_give_the_same(separator, place, tmp_path):
    header = np.insert(np.array(NAMES, object), place, "label").tolist()
    rows = [np.insert(row.astype(object), place, label).tolist() for row, label in zip(PIXELS, LABELS, strict=True)]
    check(opened(tmp_path / "plain.csv", table(rows, header, separator)))
    rows[7][3] = f'"{rows[7][3]}"'
    check(opened(tmp_path / "quoted.csv", table(rows, header, separator)))
    decimals = [[cell if number == place else f"{cell}.0" for number, cell in enumerate(row)] for row in rows[8:]]
    quarter = open_dataset(write(tmp_path / "floats.csv", table(decimals, header, separator)), invert=False)
    np.testing.assert_allclose(quarter.images.reshape(16, -1), PIXELS[8:] / 255, atol=1e-6)


def write(path, content):
    path.write_text(content)
    return path


@pytest.mark.parametrize("row", ["1\t7 8\t\t9", "1\t7 8\t9", "1\t7\t\t9", "1\t7\t8\t9\t"])
def test_a_cell_of_two_numbers_and_an_empty_one_are_told(row, tmp_path):
    good = "label\ta\tb\tc\td\n1\t1\t2\t3\t4\n2\t1\t2\t3\t4\n"
    with pytest.raises(DataError, match=r"line 4(, column \d holds| has \d columns)"):
        opened(tmp_path / "table.tsv", good + row + "\n")


def test_the_limit_on_cells_is_that_of_whoever_uses_the_csv_module_besides(tmp_path):
    before = csv.field_size_limit(1000)
    try:
        pixels = np.tile(PIXELS, (1, 25))
        rows = [[label, " ".join(map(str, row))] for label, row in zip(LABELS, pixels, strict=True)]
        dataset = opened(tmp_path / "large.csv", table(rows, ["label", "pixels"]))
        check(dataset, pixels=pixels)
        assert csv.field_size_limit() == 1000
    finally:
        csv.field_size_limit(before)


def listed(tmp_path, ending=".png", kind="PNG"):
    """Six pictures in a folder, and the rows of a table that lists them."""
    (tmp_path / "scans").mkdir()
    for row in range(6):
        pixels = PIXELS[row].reshape(4, 4).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "scans" / f"Scan_{row}{ending}", format=kind)
    return [[f"scans/Scan_{row}{ending}", LABELS[row], ("train", "test")[row % 2]] for row in range(6)]


@pytest.mark.parametrize("form", ["csv", "parquet", "parquet of bytes"])
def test_damaged_pictures_of_a_table_can_be_left_out_with_their_labels(form, tmp_path):
    rows = listed(tmp_path)
    broken = tmp_path / "scans" / "Scan_2.png"
    broken.write_bytes(broken.read_bytes()[:40])
    path = tmp_path / f"list.{form.split()[0]}"
    if form == "csv":
        path.write_text(table(rows, ["file", "label", "split"]))
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        pyarrow = pytest.importorskip("pyarrow")
        files = [row[0] if form == "parquet" else (tmp_path / row[0]).read_bytes() for row in rows]
        columns = {"file": files, "label": [int(row[1]) for row in rows], "split": [row[2] for row in rows]}
        parquet.write_table(pyarrow.table(columns), path)
    with pytest.raises(DataError, match=r"leave out all that are damaged.*try skip_damaged=True"):
        open_dataset(path, invert=False)
    with pytest.warns(DataWarning, match="1 damaged picture was left out, as requested"):
        dataset = open_dataset(path, invert=False, skip_damaged=True)
    kept = [0, 1, 3, 4, 5]
    check(dataset, LABELS[kept], PIXELS[kept])
    assert dataset.given_test.tolist() == [1, 2, 4]


def test_a_table_finds_pictures_whatever_the_case_of_letters(tmp_path):
    rows = listed(tmp_path)
    path = tmp_path / "list.csv"
    path.write_text(table([[row[0].upper(), row[1]] for row in rows], ["file", "label"]))
    said = r"6 pictures are not where the table says, and were found by their names near it: \S+ is scans/Scan_0.png$"
    with pytest.warns(DataWarning, match=said):
        check(open_dataset(path, invert=False), LABELS[:6], PIXELS[:6])


def test_every_ending_of_pictures_is_one_in_a_table_too(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(table([row[:2] for row in listed(tmp_path, ".dib", "BMP")], ["what", "label"]))
    check(open_dataset(path, invert=False), LABELS[:6], PIXELS[:6])


@pytest.mark.parametrize("wide", [True, False])
def test_a_label_longer_than_any_name_is_refused_before_all_take_its_room(wide, tmp_path):
    names = ["a" * 100_000, *("cat", "dog") * 10]
    rows = [[name, *row] if wide else [name, f"{row}"] for name, row in zip(names, PIXELS.tolist(), strict=False)]
    content = "\n".join(
        ",".join(f'"{cell}"' for cell in row) for row in [["label", *NAMES[: 16 if wide else 1]], *rows]
    )
    with pytest.raises(DataError, match=r"long.csv: holds a label of 100,000 letters, expected at most 65,536"):
        opened(tmp_path / "long.csv", content)


def test_a_blank_before_a_quote_within_a_quoted_label_is_kept(tmp_path):
    labels = ['"x, ""q"""', '"x,""q"""', ' "cat"']
    dataset = opened(tmp_path / "table.csv", table(first([labels[number] for number in LABELS]), ["label", *NAMES]))
    assert dataset.class_names == ("cat", 'x, "q"', 'x,"q"')


def test_a_line_that_names_the_separator_is_never_a_row_of_names(tmp_path):
    for number in range(6):
        Image.fromarray(np.full((8, 8), 30 * number, np.uint8)).save(tmp_path / f"{number}.png")
    for names in ("file;label", "file;writer;label"):
        rows = [f"{n}.png;{'x;' if 'writer' in names else ''}{'ab'[n % 2]}" for n in range(6)]
        dataset = opened(tmp_path / "list.csv", "\n".join(["sep=;", names, *rows]))
        assert labels_of(dataset) == list("ababab")


@pytest.mark.parametrize("text", ["# a,b,c\n# 1,2,3\n", "sep=,\n"])
def test_a_table_of_comments_alone_is_told_as_such(tmp_path, text):
    (tmp_path / "digits.csv").write_text(text)
    with pytest.raises(DataError, match=r"digits.csv: no rows, found comments alone; lines that begin with #, %, //"):
        open_dataset(tmp_path / "digits.csv")


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("label", ["first", "last"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quoted_decimal_commas_are_decimals_whatever_separates_cells(tmp_path, header, label, delimiter):
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = digits.images[:80] / 16, digits.target[:80]
    rows = [[str(value).replace(".", ",") if value % 1 else str(int(value)) for value in row.ravel()] for row in images]
    quoted = [[f'"{cell}"' if "," in cell else cell for cell in row] for row in rows]
    names = [f"pixel{number}" for number in range(64)]
    at = 0 if label == "first" else 64
    for row, answer in zip(quoted, labels, strict=True):
        row.insert(at, str(answer))
    names.insert(at, "label")
    lines = [delimiter.join(row) for row in ([names] if header else []) + quoted]
    (tmp_path / "some.csv").write_text("\n".join(lines))
    with pytest.warns(DataWarning, match="numbers have decimal commas"):
        dataset = open_dataset(tmp_path / "some.csv")
    assert np.allclose(dataset.images[..., 0], images, atol=1e-6)
    assert dataset.labels.tolist() == labels.tolist()


def test_a_comma_in_quotes_alone_is_part_of_a_name(tmp_path):
    random = np.random.default_rng(0)
    rows = [",".join(map(str, row)) for row in random.integers(0, 256, (40, 16))]
    lines = [f'{row},"1,{number % 4}"' for number, row in enumerate(rows)]
    (tmp_path / "some.csv").write_text("\n".join([",".join([*(f"p{n}" for n in range(16)), "class"]), *lines]))
    assert open_dataset(tmp_path / "some.csv").class_names == ("1,0", "1,1", "1,2", "1,3")


SIDE = 10
GRIDS = {
    "r0c0": lambda row, column: f"r{row}c{column}",
    "1x1": lambda row, column: f"{row + 1}x{column + 1}",
    "px_0_0": lambda row, column: f"px_{row}_{column}",
    "x0y0": lambda row, column: f"x{column}y{row}",
    "row 0 col 0": lambda row, column: f"row {row} col {column}",
    "p3f": lambda row, column: f"p{row * SIDE + column:x}",
    "0x003F": lambda row, column: f"0x{row * SIDE + column + 1:04X}",
    "f_3f": lambda row, column: f"f_{row * SIDE + column:x}",
}


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("order", ["natural", "as text", "shuffled"])
def test_columns_named_by_row_and_column_are_put_where_they_belong(name, order, tmp_path):
    random = np.random.default_rng(0)
    # As wide as tall, the other way round they would be no less an image.
    images = np.cumsum(random.integers(0, 5, (40, SIDE, SIDE)), axis=2)
    names = [GRIDS[name](row, column) for row in range(SIDE) for column in range(SIDE)]
    places = list(range(SIDE * SIDE))
    if order == "as text":
        places.sort(key=names.__getitem__)
    elif order == "shuffled":
        random.shuffle(places)
    rows = images.reshape(40, -1)[:, places]
    lines = [",".join(["label", *(names[place] for place in places)])]
    lines += [",".join(map(str, [number % 4, *row])) for number, row in enumerate(rows)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    dataset = open_dataset(tmp_path / "t.csv", column_major=False, invert=False)
    found = dataset.images[..., 0] * dataset.interpretation.contrast
    np.testing.assert_allclose(found, images, atol=1e-3)


@pytest.mark.parametrize("planar", [True, False])
@pytest.mark.parametrize("as_text", [True, False])
def test_columns_named_by_colour_are_put_where_they_belong(planar, as_text, tmp_path):
    random = np.random.default_rng(0)
    images = np.cumsum(np.cumsum(random.integers(0, 5, (40, 8, 8, 3)), axis=1), axis=2)
    images[..., 2] = 200 - images[..., 2] // 2
    names = [f"{colour}{number}" for colour in "rgb" for number in range(64)]
    values = images.transpose(0, 3, 1, 2).reshape(40, -1)
    places = list(range(192)) if planar else np.arange(192).reshape(3, 64).T.reshape(-1).tolist()
    if as_text:
        places.sort(key=names.__getitem__)
    lines = [",".join(["label", *(names[place] for place in places)])]
    lines += [",".join(map(str, [number % 4, *row[places]])) for number, row in enumerate(values)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    dataset = open_dataset(tmp_path / "t.csv", column_major=False)
    np.testing.assert_allclose(dataset.images * dataset.interpretation.contrast, images, atol=1e-3)
