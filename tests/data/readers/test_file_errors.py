"""Which errors are the file's and which are ours: the first are one line, the second get through as they are."""

import gzip
import io
import json
import os
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.readers import file_errors
from inklings.data.readers.file_errors import Claim, wrap_errors
from inklings.data.readers.source_file import open_decompressed
from inklings.errors import DataError

# As if this line stood in the package itself: where the code of an error stands is what tells the two kinds apart.
OURS = os.path.join(os.path.dirname(file_errors.__file__), "invented.py")  # noqa: PTH118, PTH120


def run_as_ours(source, **names):
    exec(compile(source, OURS, "exec"), {"np": np, **names})


MISTAKES = {
    IndexError: "[][3]",
    KeyError: "{}['a']",
    TypeError: "len(3)",
    AttributeError: "None.shape",
    ValueError: "a, b = [1]",
    ZeroDivisionError: "1 / 0",
    NameError: "whatever",
    AssertionError: "assert False",
    ModuleNotFoundError: "import no_such_module",
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_of_ours_is_not_told_as_damage(kind, tmp_path):
    with pytest.raises(kind), wrap_errors(tmp_path / "sound.npz", "NPZ file"):
        run_as_ours(MISTAKES[kind])


@pytest.mark.parametrize("source", ["np.stack([])", "np.zeros(3).reshape(2, 2)", "np.split(np.ones(3), 2)"])
def test_numpy_told_the_impossible_is_our_mistake(source, tmp_path):
    with pytest.raises(ValueError, match=r"."), wrap_errors(tmp_path / "sound.npz", "NPZ file"):
        run_as_ours(source)


DAMAGE = {
    "json": (json.loads, '{"a": '),
    "picture": (lambda content: Image.open(io.BytesIO(content)), b"\x89PNG\r\n\x1a\nxx"),
    "zip": (lambda content: zipfile.ZipFile(io.BytesIO(content)), b"PK\3\4"),
    "zlib": (zlib.decompress, b"xx"),
    "gzip": (gzip.decompress, b"xxxx"),
    "struct": (lambda content: struct.unpack(">I", content), b"x"),
    "npy": (lambda content: np.lib.format.read_array_header_1_0(io.BytesIO(content)), b"\x05\0{'a':"),
    "text": (lambda content: content.decode("utf-8"), b"\xff"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_a_parser_says_about_bytes_is_the_files_damage(name, tmp_path):
    parse, content = DAMAGE[name]
    says = r"d\.bin: not a valid thing: .+; it may be truncated or damaged"
    with pytest.raises(DataError, match=says), wrap_errors(tmp_path / "d.bin", "thing"):
        run_as_ours("parse(content)", parse=parse, content=content)


def test_a_system_that_refuses_is_no_damage(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)$"), wrap_errors(tmp_path, "thing"):
        tmp_path.open("rb")


def test_small_claims_add_up(tmp_path, monkeypatch):
    claim = Claim(tmp_path / "d.mat")
    claim.add("variable 'a'", 3 * 1024**3)
    with pytest.raises(DataError, match=r"the file, up to variable 'b', claims 5\.0 GiB, expected at most 4 GiB"):
        claim.add("variable 'b'", 2 * 1024**3)


def test_a_gzip_file_is_unpacked_no_further_than_the_limit(tmp_path, monkeypatch):
    path = tmp_path / "d.csv.gz"
    path.write_bytes(gzip.compress(bytes(1 << 24)))
    monkeypatch.setattr(file_errors, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr("inklings.data.readers.source_file.MAX_BYTES", 1 << 20)
    with pytest.raises(DataError, match="the content claims"), open_decompressed(path) as file:
        file.read()


def test_an_archive_of_very_many_arrays_is_refused_before_each_is_looked_at(tmp_path):
    path = tmp_path / "many.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"a{number}.npy", b"")
    with pytest.raises(DataError, match=r"holds 10,001 arrays or more, expected at most 10,000"):
        open_dataset(path)


def test_variables_of_a_file_are_summed(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "d.npz", x=np.zeros((40, 28, 28)), y=np.arange(40), z=np.zeros((40, 28, 28)))
    assert len(open_dataset(tmp_path / "d.npz", images="x", labels="y", size=4)) == 40
    monkeypatch.setattr(file_errors, "MAX_BYTES", 40 * 28 * 28 * 8 + 1000)
    with pytest.raises(DataError, match=r"the file, up to array 'z', claims"):
        open_dataset(tmp_path / "d.npz", images="x", labels="y")
