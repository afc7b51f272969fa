"""Files that once ended in an error of our own: read rightly, or refused with what is wrong with them."""

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.errors import DataError


def rows(*, cells=64, count=12):
    """A table with text in its last column, of ``cells`` numbers and a label in each row."""
    numbers = np.random.default_rng(1).integers(0, 256, (count, cells))
    return [f'{";".join(map(str, row))};"{"ad"[number % 2]}"' for number, row in enumerate(numbers)], numbers


def test_zero_bytes_in_a_table_are_named_with_their_place(tmp_path):
    lines, _ = rows()
    content = "\n".join(lines).encode()
    place = content.index(b";") + 1
    path = tmp_path / "zeros.csv"
    path.write_bytes(content[:place] + b"\0\x10\0" + content[place:])
    with pytest.raises(DataError, match=rf"zeros.csv: holds a zero byte \(byte {place}\), expected text"):
        open_dataset(path)


def test_a_row_that_is_too_short_is_named(tmp_path):
    lines, _ = rows()
    lines[0] = lines[0].split(";", 1)[1]
    path = tmp_path / "short.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"short.csv: (line|row) \d+ has \d+ (columns|cells), expected \d+") as caught:
        open_dataset(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kept", [True, False])
def test_a_row_that_an_unquoted_comma_makes_too_long_is_named(kept, tmp_path):
    _, numbers = rows()
    names = [*("Tom" for _ in range(6)), *("Tom, old" for _ in range(6))]
    text = [f'"{name}"' if kept else name for name in names]
    lines = [f"{name},{'ad'[row % 2]},{','.join(map(str, numbers[row]))}" for row, name in enumerate(text)]
    path = tmp_path / "long.csv"
    path.write_text("\n".join([",".join(["name", "label", *(f"pixel{number}" for number in range(64))]), *lines]))
    if kept:
        dataset = open_dataset(path, column_major=False, invert=False)
        assert dataset.class_names == ("a", "d")
        assert np.allclose(dataset.images.reshape(12, -1), numbers / 255, atol=1e-6)
        return
    with pytest.raises(DataError, match=r"long.csv: line 8 has 67 columns, expected 66; put what holds .* into quotes"):
        open_dataset(path)


def test_a_list_of_pictures_never_takes_half_a_title_for_a_label(tmp_path):
    _, numbers = rows()
    for row in range(12):
        Image.fromarray(numbers[row].reshape(8, 8).astype(np.uint8)).save(tmp_path / f"{row}.png")
    titles = ["Tom" if row != 7 else "Tom, old" for row in range(12)]
    path = tmp_path / "list.csv"
    before = [f"{row}.png,{titles[row]},{'ad'[row % 2]}" for row in range(12)]
    path.write_text("\n".join(["file,title,label", *before]))
    with pytest.raises(DataError, match=r"list.csv: line 9 has 4 columns, expected 3; put what holds .* into quotes"):
        open_dataset(path)
    # Behind the label it does no harm.
    behind = [f"{row}.png,{'ad'[row % 2]},{titles[row]}" for row in range(12)]
    path.write_text("\n".join(["file,label,title", *behind]))
    assert open_dataset(path).named_labels.tolist() == ["a", "d"] * 6


def test_the_same_table_undamaged_is_read_rightly(tmp_path):
    lines, numbers = rows()
    path = tmp_path / "whole.csv"
    path.write_text("\n".join(lines))
    dataset = open_dataset(path, column_major=False, invert=False)
    assert dataset.class_names == ("a", "d")
    assert dataset.labels.tolist() == [0, 1] * 6
    assert np.allclose(dataset.images.reshape(12, -1), numbers / 255, atol=1e-6)


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_table_of_two_rows_cut_anywhere_ends_in_one_line_at_most(cut, tmp_path):
    lines, _ = rows(count=2)
    content = "\n".join(lines)
    path = tmp_path / "cut.csv"
    path.write_text(content[: -cut * 4])
    try:
        open_dataset(path)
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - some cuts leave a sound table
