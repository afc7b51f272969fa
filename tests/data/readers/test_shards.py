"""Folders of Parquet files, as Hugging Face's datasets has them: shards joined, parts used."""

import io

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.errors import DataError

pyarrow = pytest.importorskip("pyarrow")


@pytest.fixture
def write(tmp_path, pixels, labels):
    """Write some digits as a Parquet file of encoded pictures and labels."""
    import pyarrow.parquet

    def write(name, rows):
        cells = []
        for row in rows:
            file = io.BytesIO()
            Image.fromarray(pixels[row]).save(file, "PNG")
            cells.append({"bytes": file.getvalue(), "path": f"{row}.png"})
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pyarrow.table({"image": cells, "label": pyarrow.array([int(labels[row]) for row in rows])})
        pyarrow.parquet.write_table(table, path)

    return write


@pytest.mark.parametrize(
    "names",
    [
        ("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test-00000-of-00001.parquet"),
        ("default/train/0000.parquet", "default/train/0001.parquet", "default/test/0000.parquet"),
        ("mnist/train/0000.parquet", "mnist/train/0001.parquet", "mnist/test/0000.parquet"),
    ],
)
def test_shards_are_joined_in_order_and_the_test_part_is_reserved(names, write, tmp_path, pixels, labels):
    for name, rows in zip(names, (range(40), range(40, 70), range(70, 100)), strict=True):
        write(f"set/{name}", rows)
    (tmp_path / "set" / "README.md").write_text("---\n---\n")
    dataset = open_dataset(tmp_path / "set")
    assert np.array_equal(dataset.labels, labels[:100])
    assert np.array_equal(np.round(dataset.images[..., 0] * 255), pixels[:100])
    assert dataset.given_test.tolist() == list(range(70, 100))


def test_a_validation_part_is_reserved_too(write, tmp_path):
    for part, rows in (("train", range(40)), ("validation", range(40, 60)), ("test", range(60, 80))):
        write(f"data/{part}-00000-of-00001.parquet", rows)
    dataset = open_dataset(tmp_path)
    assert dataset.given_validation.tolist() == list(range(40, 60))
    assert dataset.given_test.tolist() == list(range(60, 80))


def test_a_test_part_alone_is_refused(write, tmp_path):
    write("test-00000-of-00001.parquet", range(20))
    with pytest.raises(DataError, match="holds only the parts test, expected one to train on"):
        open_dataset(tmp_path)


def test_a_column_of_parts_counts_in_a_folder_as_in_a_file(tmp_path, pixels, labels):
    import pyarrow.parquet

    cells = [[int(value) for value in pixels[row].reshape(-1)] for row in range(60)]
    split = (["train"] * 20 + ["test"] * 6 + ["validation"] * 4) * 2
    for number, rows in enumerate((range(30), range(30, 60))):
        table = {
            "image": [cells[row] for row in rows],
            "label": [int(labels[row]) for row in rows],
            "split": [split[row] for row in rows],
        }
        pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / f"part-{number}.parquet")
    dataset = open_dataset(tmp_path)
    assert dataset.given_test.tolist() == [*range(20, 26), *range(50, 56)]
    assert dataset.given_validation.tolist() == [*range(26, 30), *range(56, 60)]
    reserved = [note for note in dataset.notes if "reserves" in note]
    assert reserved == ["the source reserves 8 images for validation", "the source reserves 12 images for testing"]


def test_a_file_of_deep_pictures_beside_one_of_plain_ones_has_the_same_scale(write, tmp_path, pixels, labels):
    import pyarrow.parquet

    write("train-0.parquet", range(30))
    cells = []
    for row in range(30, 60):
        file = io.BytesIO()
        Image.fromarray(pixels[row].astype(np.uint16) * 257).save(file, "PNG")
        cells.append({"bytes": file.getvalue(), "path": f"{row}.png"})
    table = pyarrow.table({"image": cells, "label": pyarrow.array([int(label) for label in labels[30:60]])})
    pyarrow.parquet.write_table(table, tmp_path / "train-1.parquet")
    dataset = open_dataset(tmp_path)
    assert np.allclose(dataset.images[..., 0], pixels[:60] / 255, atol=1e-5)
    assert "30 of 60 pictures have more than 8 bits per pixel, and were divided by 65535" in dataset.notes
