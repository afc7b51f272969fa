"""Class names that lie beside IDX files and tables: EMNIST's mappings, and lists of names."""

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from inklings import open_dataset
from inklings.data.notes import decisions

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8)
LABELS = np.arange(60, dtype=np.uint8) % 5
MAPPING = "0 48\n1 65\n2 66\n3 97\n4 98\n"
CALLED = ("0", "A", "B", "a", "b")


def write_idx(path, values):
    head = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(gzip.compress(head + values.tobytes()))


def write_table(path, images, labels):
    rows = [",".join(map(str, [label, *image.ravel()])) for image, label in zip(images, labels, strict=True)]
    path.write_text("\n".join(rows))


def write_pair(folder, name, part, rows):
    write_idx(folder / f"{name}-{part}-images-idx3-ubyte.gz", IMAGES[rows])
    write_idx(folder / f"{name}-{part}-labels-idx1-ubyte.gz", LABELS[rows])


@pytest.fixture(params=["idx", "csv"])
def emnist(request, tmp_path):
    for part, rows in (("train", slice(0, 40)), ("test", slice(40, 60))):
        if request.param == "idx":
            write_pair(tmp_path, "emnist-balanced", part, rows)
        else:
            write_table(tmp_path / f"emnist-balanced-{part}.csv", IMAGES[rows], LABELS[rows])
    (tmp_path / "emnist-balanced-mapping.txt").write_text(MAPPING)
    return tmp_path


def test_emnist_s_mapping_names_the_classes_of_its_folder_and_of_each_file(emnist):
    whole = open_dataset(emnist)
    assert whole.class_names == CALLED
    assert whole.labels.tolist() == LABELS.tolist()
    assert not any("not read" in note for note in decisions(whole.notes))
    test = next(path for path in sorted(emnist.iterdir()) if "test" in path.name)
    alone = open_dataset(test)
    assert alone.class_names == CALLED
    assert np.array_equal(alone.images, whole.images[40:])
    assert np.allclose(alone.images[..., 0], IMAGES[40:].transpose(0, 2, 1) / 255, atol=1e-6)


def test_a_mapping_names_the_classes_of_its_own_set_alone(emnist):
    (emnist / "emnist-balanced-mapping.txt").rename(emnist / "emnist-letters-mapping.txt")
    dataset = open_dataset(emnist)
    assert dataset.class_names == ("0", "1", "2", "3", "4")
    assert any("1 file not read (.txt)" in note for note in decisions(dataset.notes))


def test_a_letter_that_is_joined_with_its_small_one_is_named_by_the_capital(tmp_path):
    write_pair(tmp_path, "emnist-letters", "train", slice(0, 60))
    (tmp_path / "emnist-letters-mapping.txt").write_text("".join(f"{n} {65 + n} {97 + n}\n" for n in range(5)))
    assert open_dataset(tmp_path).class_names == ("A", "B", "C", "D", "E")


@pytest.mark.parametrize(
    "content", ["0 zero\n1 one\n2 two\n3 three\n4 four\n", "0 48\n1 65\n", "0 7\n1 8\n2 9\n3 10\n4 11\n"]
)
def test_a_mapping_that_is_something_else_is_not_used_and_that_is_said(emnist, content):
    (emnist / "emnist-balanced-mapping.txt").write_text(content)
    dataset = open_dataset(emnist)
    assert dataset.class_names == ("0", "1", "2", "3", "4")
    assert any("emnist-balanced-mapping.txt is not used" in note for note in decisions(dataset.notes))


@pytest.mark.parametrize("kind", ["idx", "csv"])
def test_a_list_of_names_beside_idx_files_and_tables_names_their_classes(tmp_path, kind):
    if kind == "idx":
        write_pair(tmp_path, "some", "train", slice(0, 40))
        write_pair(tmp_path, "some", "test", slice(40, 60))
    else:
        write_table(tmp_path / "train.csv", IMAGES[:40], LABELS[:40])
        write_table(tmp_path / "test.csv", IMAGES[40:], LABELS[40:])
    (tmp_path / "classes.txt").write_text("ant\nbee\ncat\ndog\nelk\n")
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("ant", "bee", "cat", "dog", "elk")
    assert dataset.labels.tolist() == LABELS.tolist()
    assert "class names are from classes.txt" in dataset.notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "shift-jis", "cp1251"])
@pytest.mark.parametrize("where", ["table", "labels.csv", "classes.txt"])
def test_names_in_an_older_encoding_are_told_from_those_that_are_sure(tmp_path, where, encoding):
    names = {"shift-jis": ("犬", "猫"), "cp1251": ("кот", "пёс")}.get(encoding, ("été", "hiver"))
    pixels = np.random.default_rng(0).integers(0, 255, (20, 64))
    if where == "table":
        data = tmp_path / "data.csv"
        rows = ["label," + ",".join(f"pixel{n}" for n in range(64))]
        rows += [",".join([names[n % 2], *map(str, row)]) for n, row in enumerate(pixels)]
    else:
        data = tmp_path / "data"
        for number, row in enumerate(pixels):
            folder = data if where == "labels.csv" else data / str(number % 2)
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(row.reshape(8, 8).astype(np.uint8)).save(folder / f"{number}.png")
        listed = [f"{number}.png,{names[number % 2]}" for number in range(20)]
        rows = ["file,label", *listed] if where == "labels.csv" else list(names)
    (data if where == "table" else data / where).write_bytes("\n".join(rows).encode(encoding))
    dataset = open_dataset(data)
    said = [note for note in decisions(dataset.notes) if "is not in UTF-8, and was read as Windows' Western" in note]
    assert bool(said) == (not encoding.startswith("utf"))
    if encoding not in ("shift-jis", "cp1251"):
        assert sorted(dataset.class_names) == sorted(names)


@pytest.mark.parametrize(("name", "encoding"), [("猫", "shift-jis"), ("猫", "utf-8"), ("été", "cp437")])
def test_names_in_a_zip_without_a_mark_of_their_encoding_are_read_or_said_to_be_doubtful(tmp_path, name, encoding):
    path, coded = tmp_path / "pictures.zip", name.encode(encoding)
    # A name of as many bytes stands in its place at first: zipfile would mark its own as UTF-8.
    place = "N" * len(coded)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(12):
            stored = io.BytesIO()
            Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(stored, "PNG")
            archive.writestr(f"{('dog', place)[number % 2]}/{number}.png", stored.getvalue())
    path.write_bytes(path.read_bytes().replace(f"{place}/".encode(), coded + b"/"))
    dataset = open_dataset(path)
    said = any("are not in UTF-8, and were read as MS-DOS wrote them" in note for note in decisions(dataset.notes))
    assert said == (encoding != "utf-8")
    assert (name in dataset.class_names) == (encoding != "shift-jis")
