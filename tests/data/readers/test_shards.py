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
