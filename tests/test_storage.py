import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from inklings.errors import RunError
from inklings.storage import read_checksummed, remove_temporaries, write_atomically, write_checksummed

WEIGHTS = np.arange(6, dtype=np.float32).reshape(2, 3)
ARRAYS = {"dense_1/weights": WEIGHTS, "transposed": WEIGHTS.T, "step": np.array(7)}
VALUES = {"name": "Ärger", "sizes": [1, 2], "zeros": "0" * 64}


@pytest.fixture
def file(tmp_path):
    write_checksummed(tmp_path / "a.safetensors", ARRAYS, VALUES)
    return tmp_path / "a.safetensors"


def read(path):
    return read_checksummed(path, "a test file", RunError)


def test_what_was_written_is_read_back(file):
    arrays, values = read(file)
    assert values == VALUES
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)


def test_any_reader_of_safetensors_can_open_it(file):
    with safe_open(file, "numpy") as opened:
        np.testing.assert_array_equal(opened.get_tensor("dense_1/weights"), ARRAYS["dense_1/weights"])
        assert json.loads(opened.metadata()["values"]) == VALUES


def test_a_change_of_any_byte_is_noticed(file):
    content = file.read_bytes()
    for place in range(len(content)):
        for flip in (0x01, 0x20):
            file.write_bytes(content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :])
            with pytest.raises(RunError, match="a\\.safetensors"):
                read(file)


def test_a_file_cut_off_anywhere_is_noticed(file):
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(RunError, match="expected"):
            read(file)


@pytest.mark.parametrize(
    "content", [b"", b"hello", struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 2) + b"[]"], ids=repr
)
def test_something_else_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(RunError, match="expected a test file") as caught:
        read(tmp_path / "x")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RunError, match=r"gone: cannot be read \(No such file"):
        read(tmp_path / "gone")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(file, monkeypatch):
    before = file.read_bytes()

    def refuse(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(file, "new")
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.skipif(os.name != "posix", reason="has no such permissions")
def test_a_new_file_has_the_permissions_that_the_process_gives_and_no_thread_sees_them_changed(tmp_path, monkeypatch):
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.delattr(os, "umask")  # it is the whole process's: asking by it would be a moment of another one
            write_atomically(tmp_path / "new", "")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_text_with_a_file_s_name_that_is_no_text_is_written_all_the_same(tmp_path):
    write_atomically(tmp_path / "answers.csv", "scan\udcff.png,7\n")
    assert (tmp_path / "answers.csv").read_text("utf-8") == "scan\\udcff.png,7\n"


def test_a_folder_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in (Path(), tmp_path):
        with pytest.raises(OSError, match=r"directory|busy|denied"):
            write_atomically(folder, "")
    assert not [*tmp_path.iterdir()]
    assert not [*tmp_path.parent.glob(f".{tmp_path.name}.*")]


def test_a_file_keeps_its_permissions(file):
    file.chmod(0o640)
    write_atomically(file, "new")
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_stood_there_is_kept_under_another_name(file):
    before, other = file.read_bytes(), file.with_name("other")
    write_atomically(file, "new", before=other)
    assert (file.read_text(), other.read_bytes()) == ("new", before)


def test_what_a_killed_process_left_is_removed_in_time(file):
    old, young, foreign = (file.with_name(name) for name in (f".{file.name}.abcdef12", f".{file.name}.abcdef34", ".x"))
    for path in (old, young, foreign):
        path.write_text("half")
        os.utime(path, (0, 0) if path != young else None)
    write_atomically(file, "new")
    assert {path.name for path in file.parent.iterdir()} == {file.name, young.name, foreign.name}
    remove_temporaries(file.parent)
    assert {path.name for path in file.parent.iterdir()} == {file.name, foreign.name}
