import numpy as np
import pytest

from inklings import DataError, from_arrays, open_dataset
from inklings.data.mending import Mending, mark_of, mend
from inklings.data.mending_table import COLUMNS, read_mending

pytestmark = pytest.mark.filterwarnings("ignore::inklings.errors.DataWarning")


@pytest.fixture
def data():
    random = np.random.default_rng(0)
    pixels = np.zeros((8, 6, 6), np.uint8)
    pixels[:, 1:5, 1:5] = random.integers(100, 255, (8, 4, 4))
    return from_arrays(pixels, ["01", "02", "a, b", "01", "02", "a, b", "01", "02"])


def table(tmp_path, data, *lines, mark=None, encoding="utf-8", delimiter=","):
    """Write a table of findings: a line each with row, suggested, action and new label."""
    rows = [list(COLUMNS)]
    for row, suggested, action, new in lines:
        known = isinstance(row, int) and row < len(data)
        label = data.class_names[data.labels[row]] if known else ""
        rows.append([str(row), "", "label", "", label, suggested, "0.9", "", action, new, mark or mark_of(data)])
    quote = '"{}"'.format
    text = "\n".join(delimiter.join(quote(cell) if delimiter in cell else cell for cell in row) for row in rows)
    path = tmp_path / "findings.csv"
    path.write_bytes((text + "\n").encode(encoding))
    return path


def test_rows_are_left_out_and_labels_replaced(tmp_path, data):
    path = table(
        tmp_path, data, (1, "", "remove", ""), (3, "02", "relabel", ""), (4, "", "", "a, b"), (5, "01", "keep", "")
    )
    mended = mend(data, read_mending(path))
    assert [mended.class_names[label] for label in mended.labels] == ["01", "a, b", "02", "a, b", "a, b", "01", "02"]
    np.testing.assert_array_equal(mended.images, data.images[[0, 2, 3, 4, 5, 6, 7]])
    assert "1 image is left out and 2 have a new label" in mended.notes[-1]


def test_rows_that_were_sorted_away_from_their_labels_are_refused(tmp_path, data):
    path = table(tmp_path, data, (1, "", "remove", ""), (3, "", "remove", ""))
    other = next(row for row in range(len(data)) if data.labels[row] != data.labels[3] and row != 1)
    path.write_text(path.read_text().replace("\n3,", f"\n{other},"))
    with pytest.raises(DataError, match=f"says that row {other} is labelled '.*', and it is '"):
        mend(data, read_mending(path))


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ";")])
def test_a_table_that_a_spreadsheet_saved_is_the_same(tmp_path, data, encoding, delimiter):
    path = table(tmp_path, data, (1, "", "Remove", ""), (4, "", "relabel", "1"), encoding=encoding, delimiter=delimiter)
    path.write_text(f"sep={delimiter}\n{path.read_text(encoding)}", encoding)
    mending = read_mending(path)
    assert mending.removed == (1,)
    assert mend(data, mending).labels[3] == data.class_names.index("01")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ((1, "", "delete", ""), "line 2: the action is 'delete'"),
        ((1, "", "keep", "02"), "line 2 keeps row 1 and gives it the new label '02'"),
        ((1, "", "relabel", ""), "line 2 relabels row 1, but does not say as what"),
        (("x", "", "remove", ""), "line 2: the row is 'x'"),
        ((1, "", "relabel", "03"), "row 1 the new label '03', expected one of the 3 classes"),
        ((8, "", "remove", ""), "names row 8, and there are rows 0 to 7"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, data, line, said):
    with pytest.raises(DataError) as refused:
        mend(data, read_mending(table(tmp_path, data, line)))
    assert said in str(refused.value)


def test_findings_on_other_data_are_refused(tmp_path, data):
    other = data.take(np.arange(7, -1, -1))
    path = table(tmp_path, data, (1, "", "remove", ""))
    with pytest.raises(DataError, match="is of other data"):
        mend(other, read_mending(path))


def test_the_same_images_in_another_size_are_taken_with_a_note(tmp_path):
    small, large = open_dataset("digits", size=8), open_dataset("digits", size=10)
    mended = mend(large, Mending((3,), {}, mark_of(small)))
    assert len(mended) == 4999
    assert "prepared otherwise" in mended.notes[-1]


def test_a_table_without_its_marks_or_columns_is_refused(tmp_path):
    path = tmp_path / "findings.csv"
    path.write_text("row,action\n3,remove\n")
    with pytest.raises(DataError, match="no mark of the data"):
        read_mending(path)
    path.write_text("file,class\n3,remove\n")
    with pytest.raises(DataError, match="has no column 'row'"):
        read_mending(path)


def test_a_class_that_vanishes_is_said_and_a_single_one_refused(data):
    assert "no image of '02' is left" in mend(data, Mending((1, 4, 7))).notes[-1]
    with pytest.raises(DataError, match="leaves images of 1 class, expected"):
        mend(data, Mending((0, 1, 3, 4, 6, 7)))


def test_a_mending_survives_as_plain_values(data):
    mending = Mending((1, 2), {3: "02"}, mark_of(data), "f.csv")
    assert Mending.from_plain(mending.to_plain()) == mending
    with pytest.raises(DataError, match="missing or invalid"):
        Mending.from_plain({"removed": "x"})
