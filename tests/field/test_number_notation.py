"""Numbers such as 63,359 in tables: decimals, thousands, or refused where nothing shows which."""

import numpy as np
import pytest

from inklings import open_dataset
from inklings.data.notes import decisions
from inklings.errors import DataError, DataWarning

VALUES = np.random.default_rng(0).integers(0, 65536, (40, 16))
LABELS = np.arange(40) % 4
LARGE = np.maximum(VALUES, 1000)


def write(path, cells, separator, label="last"):
    """Write a table of cells, with those that hold the separator in quotes."""
    lines = [separator.join([*(f"p{n}" for n in range(16)), "label"])]
    for row, answer in zip(cells, LABELS, strict=True):
        quoted = [f'"{cell}"' if separator in cell else cell for cell in row]
        lines.append(separator.join([*quoted, str(answer)]))
    path.write_text("\n".join(lines))
    return path


def spelt(values, form="{:,}", mark=","):
    return [
        [form.format(value).translate(str.maketrans(",.", f"{mark}{'.' if mark == ',' else ','}")) for value in row]
        for row in values
    ]


def assert_pixels(dataset, values):
    """Compare images with values, of which the lowest is paper and the highest ink, or the reverse."""
    pixels = dataset.images.reshape(40, 16)
    low, high = dataset.interpretation.paper, dataset.interpretation.ink
    if dataset.interpretation.inverted:
        pixels = 1 - pixels
    assert np.allclose(pixels * (high - low) + low, values, atol=high * 1e-5)
    assert dataset.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(("mark", "decimal"), [(",", "."), (".", ",")])
def test_numbers_that_may_be_thousands_or_decimals_are_refused_until_you_say_which(tmp_path, separator, mark, decimal):
    path = write(tmp_path / "scans.csv", spelt(VALUES, mark=mark), separator)
    with pytest.raises(
        DataError, match=rf"holds \d+[{mark}]\d{{3}}, which is \d+\.?\d* if points begin decimals"
    ) as error:
        open_dataset(path)
    assert error.value.suggested == {"decimal": decimal}
    assert_pixels(open_dataset(path, decimal=decimal), VALUES)
    thousandths = np.where(VALUES > 999, VALUES / 1000, VALUES)
    assert_pixels(open_dataset(path, decimal=mark), thousandths)


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_table_in_which_every_number_has_three_digits_after_a_comma_is_refused(tmp_path, separator):
    with pytest.raises(DataError, match=r"which is \d{4,5} if points begin decimals, and .*; say which; try decimal=."):
        open_dataset(write(tmp_path / "scans.csv", spelt(LARGE), separator))


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    ("values", "form"),
    [(VALUES * 100, "{:,}"), (VALUES / 4, "{:,.2f}"), (np.where(VALUES % 3, VALUES, VALUES % 9 / 2), "{:,}")],
    ids=["two-commas", "points-after-them", "points-elsewhere"],
)
def test_numbers_that_only_thousands_explain_are_read_as_such_with_a_note(tmp_path, separator, values, form):
    with pytest.warns(DataWarning, match="commas group thousands, so that 1,234 is more than a thousand"):
        dataset = open_dataset(write(tmp_path / "scans.csv", spelt(values, form), separator))
    assert_pixels(dataset, values)


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    ("values", "form"),
    [(VALUES / 65536, "{:.3f}"), (VALUES / 1000, "{:.4f}"), (VALUES * 1.0, "{:,.1f}")],
    ids=["below-one", "four-digits", "grouped-by-points"],
)
def test_numbers_that_only_decimal_commas_explain_are_read_as_such_with_a_note(tmp_path, separator, values, form):
    with pytest.warns(DataWarning, match="numbers have decimal commas"):
        dataset = open_dataset(write(tmp_path / "scans.csv", spelt(values, form, "."), separator))
    assert_pixels(dataset, [[float(form.format(value).replace(",", "")) for value in row] for row in values])


def test_decimal_points_before_three_digits_are_read_as_they_stand(tmp_path):
    values = np.round(VALUES / 65536 * 200, 3)
    dataset = open_dataset(write(tmp_path / "scans.csv", spelt(values, "{:.3f}"), ","))
    assert_pixels(dataset, values)
    assert not any("decimal" in note or "thousands" in note for note in decisions(dataset.notes))


def test_means_of_bytes_as_spreadsheets_write_them_are_decimals(tmp_path):
    values = np.round(VALUES % 766 / 3, 3)
    short = [[f"{value:.3f}".removesuffix(".000") for value in row] for row in values]
    dataset = open_dataset(write(tmp_path / "scans.csv", short, ","))
    assert_pixels(dataset, values)
    assert not any("decimal" in note or "thousands" in note for note in decisions(dataset.notes))


def test_columns_that_are_not_used_need_no_decision(tmp_path):
    path = tmp_path / "scans.csv"
    rows = [";".join([*map(str, row), "1,234", str(label)]) for row, label in zip(VALUES % 256, LABELS, strict=True)]
    path.write_text("\n".join([";".join([*(f"p{n}" for n in range(16)), "views", "label"]), *rows]))
    assert_pixels(open_dataset(path, skip=["views"]), VALUES % 256)


def test_what_begins_decimals_is_a_comma_or_a_point(tmp_path):
    with pytest.raises(DataError, match="decimal is ';', expected a comma or a point"):
        open_dataset(write(tmp_path / "scans.csv", spelt(LARGE), ","), decimal=";")


@pytest.mark.parametrize("header", [True, False])
def test_thousands_that_are_rare_are_named_with_the_option_that_reads_them(tmp_path, header):
    values = VALUES % 900
    values[::7, 5] = 1234
    path = write(tmp_path / "scans.csv", spelt(values), ",")
    if not header:
        path.write_text(path.read_text().split("\n", 1)[1])
    with pytest.raises(DataError, match=r"column 6 holds '1,234', expected a number; .*; try decimal=\.$"):
        open_dataset(path)
    assert_pixels(open_dataset(path, decimal="."), values)


MANY = 200
"""Rows of a table whose form its first 60 lines show."""


def write_late(path, separator, first, late, label="digit"):
    """Write a table of 4 x 4 pixels in which some cells first stand in row 150."""
    cells = [[first[(row + column) % len(first)] for column in range(16)] for row in range(MANY)]
    cells[149][5 : 5 + len(late)] = late
    rows = [[*row, str(number % 4)] for number, row in enumerate(cells)]
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in rows]
    path.write_text("\n".join(map(separator.join, [[*(f"p{n}" for n in range(16)), label], *quoted])))
    return path


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    "first",
    [["0", "7", "990"], ["0,5", "12,25", "0"]],
    ids=["whole", "decimal-commas-below-100"],
)
def test_a_number_far_down_that_may_be_thousands_or_a_decimal_is_refused(tmp_path, separator, first):
    path = write_late(tmp_path / "scans.csv", separator, first, ["1.234"])
    with pytest.raises(
        DataError, match=r"holds 1\.234, which is 1\.234 if points begin decimals, and 1234 if commas do"
    ):
        open_dataset(path)
    assert open_dataset(path, decimal=",").interpretation.highest == 1234


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    ("first", "late", "highest"),
    [
        (["0", "7", "250"], ["1.234", "0.5"], 250),
        (["0", "7", "250"], ["254.667"], 254.667),
        (["0.5", "7", "250"], ["1.234"], 250),
        (["0,5", "12,25", "0"], ["1.234,5"], 1234.5),
        (["0,5", "812,25", "0"], ["1.234"], 1234),
    ],
    ids=["beside-decimals", "a-mean-of-bytes", "decimals-from-the-start", "with-a-comma", "above-hundreds"],
)
def test_a_number_far_down_is_what_the_whole_table_shows(tmp_path, separator, first, late, highest):
    dataset = open_dataset(write_late(tmp_path / "scans.csv", separator, first, late))
    assert dataset.interpretation.highest == pytest.approx(highest, rel=1e-6)


def test_points_that_group_in_one_row_and_begin_decimals_in_another_are_refused(tmp_path):
    path = write_late(tmp_path / "scans.csv", ";", ["0,5", "812,25", "0"], ["1.234", "0.25"])
    with pytest.raises(DataError, match=r"holds 1\.234 and 0\.25 beside decimal commas"):
        open_dataset(path)


@pytest.mark.parametrize(("late", "decimal"), [("0,5", ","), ("1.234,5", ","), ("1.234.567", ","), ("1,234.5", ".")])
def test_the_first_number_written_otherwise_names_the_option_that_reads_it(tmp_path, late, decimal):
    path = write_late(tmp_path / "scans.csv", ";", ["0", "7", "990"], [late])
    with pytest.raises(
        DataError, match=rf"line 151, column 6 holds '{late}', expected a number; .*; try decimal={decimal}$"
    ):
        open_dataset(path)
