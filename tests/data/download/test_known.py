import gzip
import hashlib
import io
import os
import threading
import zipfile
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from inklings.data import open_dataset
from inklings.data.download.known import open_known
from inklings.data.download.registry import KNOWN
from inklings.errors import DataError

NOWHERE = "http://127.0.0.1:9/"


class Quiet(SimpleHTTPRequestHandler):
    asked: ClassVar[list] = []

    def log_message(self, *args):
        self.asked.append(self.path)


@pytest.fixture
def mirror(tmp_path):
    """A folder that a server on this machine serves, and its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    Quiet.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def root(tmp_path, monkeypatch):
    folder = tmp_path / "root"
    folder.mkdir()
    monkeypatch.setenv("INKLINGS_DATA", str(folder))
    return folder


@pytest.fixture
def write_four(write_idx, pixels, labels):
    """Write 40 training and 20 test images as a data set's four files."""

    def write(folder, known, images=pixels, classes=labels):
        folder.mkdir(exist_ok=True)
        for number, name in enumerate(known.file_names):
            rows = slice(0, 40) if number < 2 else slice(40, 60)
            write_idx(folder / name, (classes if number % 2 else images)[rows])

    return write


def hashes_of(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_files_in_a_sub_folder_with_the_name_are_read(root, write_four, digits28):
    for name in ("mnist", "fashion-mnist", "kmnist"):
        write_four(root / name, KNOWN[name])
        dataset = open_dataset(name)
        assert np.allclose(dataset.images, digits28.images[:60], atol=1e-6)
        assert dataset.class_names == KNOWN[name].class_names
        assert dataset.source == name
        assert np.array_equal(dataset.split(validation=10).test_rows, np.arange(40, 60))


def test_files_in_the_root_itself_are_mnists_alone(root, write_four):
    write_four(root, KNOWN["mnist"])
    for path in root.iterdir():
        (root / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert len(open_dataset("mnist")) == 60
    with pytest.raises(DataError, match=r"kmnist: not on this machine"):
        open_known(replace(KNOWN["kmnist"], mirrors=(NOWHERE,)))


def test_the_training_files_alone_are_enough_where_a_user_put_them(root, write_four):
    write_four(root, KNOWN["mnist"])
    (root / "t10k-images-idx3-ubyte.gz").unlink()
    dataset = open_dataset("mnist", size=20)
    assert dataset.images.shape == (40, 20, 20, 1)
    assert dataset.given_test is None
    assert "without test images: t10k-images-idx3-ubyte.gz is missing" in dataset.notes
    write_four(root, KNOWN["mnist"])
    (root / "t10k-labels-idx1-ubyte.gz").unlink()
    assert "without test images: t10k-labels-idx1-ubyte.gz is missing" in open_dataset("mnist").notes


def test_emnists_letters_are_transposed_and_named(root, write_four, pixels, labels, digits28):
    write_four(root, KNOWN["emnist-letters"], pixels.swapaxes(1, 2), labels + 1)
    dataset = open_dataset("emnist-letters")
    assert np.allclose(dataset.images, digits28.images[:60], atol=1e-6)
    assert [dataset.class_names[label] for label in dataset.labels[:3]] == ["F", "A", "E"]  # digits 5, 0, 4
    assert dataset.class_count == 26


def test_emnists_balanced_classes_have_the_names_of_its_47(root, write_four, pixels, digits28):
    classes = np.arange(300, dtype=np.uint8) % 47
    write_four(root, KNOWN["emnist-balanced"], pixels.swapaxes(1, 2), classes)
    dataset = open_dataset("emnist-balanced")
    assert np.allclose(dataset.images, digits28.images[:60], atol=1e-6)
    names = [dataset.class_names[label] for label in dataset.labels[:47]]
    assert "".join(names) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"


def test_labels_out_of_range_are_refused(root, write_four, pixels, labels):
    write_four(root, KNOWN["emnist-letters"], pixels, labels)  # with a 0, though letters count from 1
    with pytest.raises(DataError, match=r"labels run from -1 to .*, expected 0 to 25 for 26 class names"):
        open_dataset("emnist-letters")


def test_a_missing_data_set_is_downloaded_once_from_the_first_mirror_that_has_it(root, mirror, write_four, digits28):
    folder, address = mirror
    write_four(folder, KNOWN["mnist"])
    known = replace(KNOWN["mnist"], mirrors=(NOWHERE, address + "missing/", address), hashes=hashes_of(folder))
    assert np.allclose(open_known(known).images, digits28.images[:60], atol=1e-6)
    assert sorted(path.name for path in (root / "mnist").iterdir()) == sorted(known.file_names)
    asked = len(Quiet.asked)
    assert len(open_dataset("mnist")) == 60
    assert len(Quiet.asked) == asked


def test_an_interrupted_download_resumes_with_the_missing_file(root, mirror, write_four):
    folder, address = mirror
    write_four(folder, KNOWN["mnist"])
    known = replace(KNOWN["mnist"], mirrors=(address,), hashes=hashes_of(folder))
    last = folder / list(known.hashes)[-1]
    content = last.read_bytes()
    last.unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte.gz into .*root/mnist, or set INKLINGS_DATA"):
        open_known(known)
    Quiet.asked.clear()
    last.write_bytes(content)
    assert len(open_known(known)) == 60
    assert Quiet.asked == ["/" + last.name]


def test_a_file_whose_hash_is_wrong_is_not_kept(root, mirror, write_four):
    folder, address = mirror
    write_four(folder, KNOWN["kmnist"])
    known = replace(KNOWN["kmnist"], mirrors=(address,))
    with pytest.raises(DataError, match=r"sends something else than is known \(its SHA-256 differs\)"):
        open_known(known)
    assert list((root / "kmnist").iterdir()) == []


def test_offline_one_line_says_which_files_to_put_where(root):
    with pytest.raises(DataError) as caught:
        open_known(replace(KNOWN["mnist"], mirrors=(NOWHERE,)))
    assert str(caught.value) == (
        f"mnist: not on this machine, and could not be downloaded: {NOWHERE} cannot be reached; "
        "put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, "
        f"t10k-labels-idx1-ubyte.gz into {root}/mnist, or set INKLINGS_DATA to a folder that has them"
    )


def archive_of(folder, known):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in known.file_names:
            archive.write(folder / name, f"gzip/{name}")
        archive.writestr("gzip/emnist-mapping.txt", "not needed")
    return content.getvalue()


def test_an_archive_is_downloaded_once_for_all_the_data_sets_in_it(root, mirror, tmp_path, write_four, pixels, labels):
    folder, address = mirror
    letters = KNOWN["emnist-letters"]
    write_four(tmp_path / "letters", letters, pixels.swapaxes(1, 2), labels + 1)
    (folder / "gzip.zip").write_bytes(archive_of(tmp_path / "letters", letters))
    known = replace(letters, mirrors=(address,), hashes=hashes_of(folder))
    assert len(open_known(known)) == 60
    assert sorted(path.name for path in (root / "emnist-letters").iterdir()) == sorted(letters.file_names)
    assert Quiet.asked == ["/gzip.zip"]
    balanced = replace(KNOWN["emnist-balanced"], mirrors=(address,), hashes=known.hashes)
    with pytest.raises(DataError, match=r"gzip.zip: holds no emnist-balanced-train-images-idx3-ubyte.gz"):
        open_known(balanced)
    assert Quiet.asked == ["/gzip.zip"]


def test_a_root_that_is_not_a_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("INKLINGS_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(
        DataError, match=r"INKLINGS_DATA is '.*nowhere', which is not a folder; create it, or name another"
    ):
        open_dataset("mnist")


def test_without_the_variable_data_are_kept_in_the_users_data_folder(tmp_path, monkeypatch, write_four):
    monkeypatch.delenv("INKLINGS_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    if os.name != "posix" or os.uname().sysname != "Linux":
        pytest.skip("XDG_DATA_HOME sets the folder on Linux alone")
    (tmp_path / "inklings").mkdir()
    write_four(tmp_path / "inklings" / "mnist", KNOWN["mnist"])
    assert len(open_dataset("mnist")) == 60


def test_well_known_data_sets_take_no_option_but_size(root):
    with pytest.raises(DataError, match=r"the data set 'mnist' takes no option but size"):
        open_dataset("mnist", invert=True)


def test_every_mirror_is_a_folder_and_every_hash_a_sha_256():
    for known in KNOWN.values():
        assert all(url.endswith("/") and url.startswith("http") for url in known.mirrors)
        assert all(len(digest) == 64 and int(digest, 16) > 0 for digest in known.hashes.values())
        assert set(known.file_names) == set(known.hashes) or set(known.hashes) == {"gzip.zip"}
        assert len(set(known.class_names)) == len(known.class_names)


@pytest.mark.skipif(
    not (Path(os.environ.get("INKLINGS_DATA", "/nowhere")) / "train-images-idx3-ubyte.gz").is_file(),
    reason="INKLINGS_DATA has no MNIST",
)
def test_the_real_mnist_begins_with_the_bundled_digits(digits28):
    dataset = open_dataset("mnist")
    assert len(dataset) >= 60_000
    assert np.array_equal(dataset.images[:100], digits28.images[:100])
