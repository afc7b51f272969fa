"""ZIP and TAR archives: read as the folder or the file that they hold, within limits, and nothing stays behind."""

import gzip
import io
import os
import shutil
import struct
import tarfile
import tempfile
import time
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.readers import file_errors
from inklings.errors import DataError, DataWarning


@pytest.fixture
def folder(tmp_path, pixels, labels):
    """Forty digits in train and test folders, with what macOS leaves behind."""
    for row in range(40):
        child = tmp_path / "digits" / ("train" if row < 30 else "test") / ("even", "odd")[labels[row] % 2]
        child.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[row]).save(child / f"é {row}.png")
        (child / f"._{row}.png").write_bytes(b"\0\5\26\7")
    return tmp_path / "digits"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files of the test's own, to see what stays in it."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.mark.parametrize(("kind", "ending"), [("zip", ".zip"), ("tar", ".tar"), ("gztar", ".tar.gz")])
@pytest.mark.parametrize("wrapped", [True, False])
def test_an_archive_is_read_like_the_folder_it_was_made_of(kind, ending, wrapped, tmp_path, folder, temporary):
    made = Path(
        shutil.make_archive(str(tmp_path / "packed"), kind, *((folder.parent, "digits") if wrapped else (folder,)))
    )
    path = made.rename(tmp_path / f"another name{ending}")
    from_archive, from_folder = open_dataset(path), open_dataset(folder)
    assert np.array_equal(from_archive.images, from_folder.images)
    assert np.array_equal(from_archive.labels, from_folder.labels)
    assert from_archive.class_names == ("even", "odd")
    assert np.array_equal(from_archive.given_test, from_folder.given_test)
    assert from_archive.source == str(path)
    assert list(temporary.iterdir()) == []


def test_an_archive_of_one_table_or_one_file_of_arrays_is_read_as_that(tmp_path, pixels, labels):
    table = np.column_stack([labels[:60], pixels[:60].reshape(60, -1)])
    np.savetxt(tmp_path / "digits.csv", table, fmt="%d", delimiter=",")
    np.savez(tmp_path / "digits.npz", x=pixels[:60], y=labels[:60])
    for name in ("digits.csv", "digits.npz"):
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(tmp_path / name, f"download/{name}")
            archive.writestr(f"__MACOSX/download/._{name}", "x")
        dataset = open_dataset(path)
        assert np.array_equal(dataset.labels, labels[:60])
        assert np.array_equal(np.round(dataset.images[..., 0] * 255), pixels[:60])
        assert dataset.source == str(path)


@pytest.mark.parametrize(
    "name", ["../../out.png", "/etc/out.png", "..\\out.png", "C:\\out.png", "C:out.png", "a/../../out.png"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(name, tmp_path, temporary):
    content = io.BytesIO()
    Image.new("L", (4, 4)).save(content, "PNG")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(name, content.getvalue())
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content.getvalue())
        archive.addfile(entry, io.BytesIO(content.getvalue()))
    for path in (tmp_path / "evil.zip", tmp_path / "evil.tar"):
        with pytest.raises(DataError, match=r"evil\.\w+: holds the name .* which leads out of it"):
            open_dataset(path)
    assert not list(tmp_path.rglob("out.png"))
    assert list(temporary.iterdir()) == []


def test_links_and_devices_in_an_archive_are_left_out_and_counted(tmp_path, folder):
    (tmp_path / "secret.png").write_bytes(next((folder / "train" / "odd").glob("é*.png")).read_bytes())
    (folder / "train" / "odd" / "linked.png").symlink_to(tmp_path / "secret.png")
    path = tmp_path / "links.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, "digits")
        device = tarfile.TarInfo("digits/train/odd/null.png")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    with pytest.warns(DataWarning, match=r"2 links or devices in the archive are left out"):
        assert len(open_dataset(path)) == 40


def test_an_encrypted_archive_is_refused_in_one_line(tmp_path):
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/1.png", b"x" * 30)
    content = bytearray(path.read_bytes())
    # Bit 0 of the flags, in the file's own header and in the directory.
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"locked.zip: is encrypted \(it needs a password\); unpack it"):
        open_dataset(path)


def test_a_zip_whose_directory_claims_too_much_is_refused_before_it_is_unpacked(tmp_path, temporary):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"a/{number}.png", bytes(1 << 20))
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\1\2")
    while place >= 0:
        content[place + 24 : place + 28] = struct.pack("<I", 1_500_000_000)
        place = content.find(b"PK\1\2", place + 1)
    path.write_bytes(bytes(content))
    start = time.process_time()
    with pytest.raises(DataError, match=r"the archive claims 4.2 GiB, expected at most 4 GiB"):
        open_dataset(path)
    assert time.process_time() - start < 2
    assert list(temporary.iterdir()) == []


def test_what_is_unpacked_is_counted_whatever_the_directory_claims(tmp_path, temporary, monkeypatch):
    """The directory says 100 bytes; Python's reader then stops there, so no more is ever written."""
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.png", bytes(1 << 24))
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\1\2")
    content[place + 24 : place + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"liar.zip: not a valid archive: Bad CRC-32"):
        open_dataset(path)
    assert list(temporary.iterdir()) == []


def test_a_compressed_tar_that_unpacks_to_too_much_is_stopped(tmp_path, temporary, monkeypatch):
    limit = 1 << 22
    monkeypatch.setattr(file_errors, "MAX_BYTES", limit)
    monkeypatch.setattr("inklings.data.readers.source_file.MAX_BYTES", limit)
    entry = tarfile.TarInfo("a/1.png")
    entry.size = 1 << 24
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(entry.tobuf() + bytes(1 << 24)))
    with pytest.raises(DataError, match="claims"):
        open_dataset(path)
    # The same as the extension of a header, which Python's reader takes whole into memory.
    entry.name, entry.type, entry.size = "././@PaxHeader", tarfile.XHDTYPE, 1 << 30
    for path in (tmp_path / "bomb.tar", tmp_path / "bomb.tar.gz"):
        content = entry.tobuf() + bytes(1 << 20)
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        # Python 3.14's own reader takes such a header in pieces, and refuses it for being shorter than it claims.
        told = r"has a header of 1,073,741,824 bytes, expected at most 16,777,216|not a valid archive: empty header"
        with pytest.raises(DataError, match=told):
            open_dataset(path)
    assert list(temporary.iterdir()) == []


def test_very_many_files_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("inklings.data.readers.archive.MAX_MEMBERS", 50)
    for path in (tmp_path / "many.zip", tmp_path / "many.tar"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                for number in range(51):
                    archive.writestr(f"a/{number}.png", b"")
        else:
            with tarfile.open(path, "w") as archive:
                for number in range(51):
                    archive.addfile(tarfile.TarInfo(f"a/{number}.png"))
        with pytest.raises(DataError, match=r"holds 51 \w+ or more, expected at most 50"):
            open_dataset(path)


def test_damage_is_named_and_nothing_stays_behind(tmp_path, folder, temporary):
    for kind, ending in (("zip", "zip"), ("gztar", "tar.gz"), ("tar", "tar")):
        path = Path(shutil.make_archive(str(tmp_path / "packed"), kind, folder))
        whole = path.read_bytes()
        for cut in (len(whole) // 3, len(whole) - 300):
            (tmp_path / f"cut.{ending}").write_bytes(whole[:cut])
            try:
                open_dataset(tmp_path / f"cut.{ending}")
            except DataError as error:
                assert "\n" not in str(error)  # noqa: PT017 - a tar cut within its padding is whole
            else:
                assert ending == "tar"
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 0xFF
        (tmp_path / f"flipped.{ending}").write_bytes(bytes(flipped))
        with pytest.raises(DataError):
            open_dataset(tmp_path / f"flipped.{ending}")
    assert list(temporary.iterdir()) == []


def test_a_damaged_picture_is_named_by_its_place_in_the_archive(tmp_path, folder):
    picture = next((folder / "test" / "odd").glob("é*.png"))
    picture.write_bytes(picture.read_bytes()[:60])
    path = shutil.make_archive(str(tmp_path / "packed"), "zip", folder)
    with pytest.raises(DataError, match=rf"packed.zip/test/odd/{picture.name}: not a valid picture"):
        open_dataset(path)


def test_names_that_a_mac_wrote_are_read_as_they_were_meant(tmp_path):
    content = io.BytesIO()
    Image.new("L", (4, 4)).save(content, "PNG")
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        for name in ("Äpfel", "Öl"):
            archive.writestr(f"{name}/1.png", content.getvalue())
    # Without the flag that says UTF-8.
    whole = bytearray((tmp_path / "mac.zip").read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = whole.find(signature)
        while place >= 0:
            whole[place + offset + 1] &= ~0x08
            place = whole.find(signature, place + 1)
    (tmp_path / "mac.zip").write_bytes(bytes(whole))
    assert open_dataset(tmp_path / "mac.zip").class_names == ("Äpfel", "Öl")


REFUSED = {
    "data_batch_1": (b"\x80\x02}q\x01", r"a Python pickle, which can run any code .*; .*numpy.savez"),
    "x.pth": (b"\x80\x02\x8a\nl\xfc", r"a Python pickle"),
    "train.tfrecord-00000-of-00001": (struct.pack("<QI", 20, 7) + bytes(40), r"a TFRecord file .*; read it by tfds"),
    "x.rar": (b"Rar!\x1a\x07\x01\x00", r"a RAR archive; unpack it"),
    "x.7z": (b"7z\xbc\xaf\x27\x1c\0\4", r"a 7-Zip archive; unpack it"),
    "x.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an old Office file, .*; save the sheet as CSV"),
    "x.csv": (b"<!DOCTYPE html><html>", r"a web page, perhaps an error .*; download it again"),
    "x.tar.xz": (b"\xfd7zXZ\0\0", r"compressed by xz; unpack it"),
    "x.tbz2": (b"BZh91AY", r"compressed by bzip2; unpack it"),
    "lfs.npz": (b"version https://git-lfs.github.com/spec/v1\n", r"a pointer of Git LFS .*; run git lfs pull"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_never_read_is_refused_with_the_way_out(name, tmp_path):
    content, says = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}: is {says}") as caught:
        open_dataset(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "member", "says"),
    [
        ("x.xlsx", "[Content_Types].xml", "an Excel workbook; save"),
        ("x.pt", "x/data.pkl", "a PyTorch file, .*torch.load"),
    ],
)
def test_archives_that_are_files_of_other_programs_are_refused(name, member, says, tmp_path):
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(DataError, match=says):
        open_dataset(tmp_path / name)


def test_a_folder_of_pickles_says_the_way_out(tmp_path):
    for number in range(1, 6):
        (tmp_path / f"data_batch_{number}").write_bytes(b"\x80\x02}q\x01")
    with pytest.raises(DataError, match=r"no pictures, found data_batch_1, .* is a Python pickle.*numpy.savez"):
        open_dataset(tmp_path)


def test_a_link_to_nothing_or_to_itself_is_named_as_that(tmp_path):
    for name, target in (("gone.npz", "nowhere.npz"), ("round.npz", "round.npz")):
        (tmp_path / name).symlink_to(tmp_path / target)
        with pytest.raises(DataError, match=rf"{name}: is a symbolic link to nothing, or to itself"):
            open_dataset(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["p", "p.csv", "p.npz", "p.zip", "p.png", "p.mat", "p.tar"])
def test_a_pipe_is_refused_at_once_under_any_name(name, tmp_path):
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="is a pipe, expected a file"):
        open_dataset(tmp_path / name)


def test_an_archive_within_an_archive_is_refused(tmp_path, folder):
    inner = shutil.make_archive(str(tmp_path / "inner"), "gztar", folder)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(inner, "inner.tar.gz")
    with pytest.raises(DataError, match=r"outer.zip: holds another archive; unpack it once"):
        open_dataset(tmp_path / "outer.zip")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_of_two_files_of_one_name_the_later_counts_and_that_is_said(kind, tmp_path, pixels):
    path, content = tmp_path / f"pets.{kind}", {}
    for row in range(5):
        file = io.BytesIO()
        Image.fromarray(pixels[row]).save(file, "PNG")
        content[row] = file.getvalue()
    members = [("a/1.png", 0), ("a/2.png", 1), ("b/1.png", 2), ("b/2.png", 3), ("a/1.png", 4)]
    if kind == "tar":
        with tarfile.open(path, "w") as archive:
            for name, row in members:
                info = tarfile.TarInfo(name)
                info.size = len(content[row])
                archive.addfile(info, io.BytesIO(content[row]))
    else:
        with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, row in members:
                archive.writestr(name, content[row])
    with pytest.warns(DataWarning, match=r"1 files of the archive have a later one of the same name, which was taken"):
        dataset = open_dataset(path)
    assert np.array_equal(np.round(dataset.images[..., 0] * 255), pixels[[4, 1, 2, 3]])


def test_archives_in_archives_under_other_names_are_refused_and_not_unpacked(tmp_path, temporary):
    content = b"a picture, it says"
    for name in ("inner.dat", "middle.bin"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, content)
        content = file.getvalue()
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("outer.bin", content)
    with pytest.raises(DataError, match=r"outer.zip: holds another archive; unpack it once"):
        open_dataset(path)
    assert list(temporary.iterdir()) == []


def test_a_header_for_all_entries_takes_its_memory_once(tmp_path):
    path = tmp_path / "pets.tar.gz"
    header = {f"comment.{number}": "x" * 20 for number in range(20_000)}
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT, pax_headers=header) as archive:
        for number in range(60):
            info = tarfile.TarInfo(f"{'ab'[number % 2]}/{number}.txt")
            archive.addfile(info, io.BytesIO())
    tracemalloc.start()
    with pytest.raises(DataError, match="no pictures"):
        open_dataset(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A copy of the header takes 0.6 MiB, and 60 of them 35.
    assert peak < 20 * 2**20
