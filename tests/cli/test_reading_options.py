"""How data are read, as typed: sheets, archives, damaged pictures, and what is ours to answer for."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset

QUICK = ("--steps", "30", "--engine", "numpy", "--quiet")


@pytest.fixture
def digits(tmp_path):
    """A sheet of 20 rows of 10 digits, each two rows one class, and a folder of the first hundred."""
    dataset = open_dataset("digits28")
    pixels = np.round(dataset.images[..., 0] * 255).astype(np.uint8)
    rows = [np.flatnonzero(dataset.labels == row // 2)[10 * (row % 2) :][:10] for row in range(20)]
    Image.fromarray(np.vstack([np.hstack(pixels[row]) for row in rows])).save(tmp_path / "sheet.png")
    for row in range(100):
        folder = tmp_path / "folder" / str(dataset.labels[row])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[row]).save(folder / f"{row}.png")
    return tmp_path


def test_a_run_on_a_sheet_opens_it_again_as_it_did(digits, answer):
    code, out, err = answer(
        "train", "softmax", "--data", "sheet.png", "--grid", "20x10", "--labels", "by-row=2", *QUICK
    )
    assert (code, err) == (0, "")
    (run,) = (digits / "inklings-runs").iterdir()
    code, out, err = answer("report", run.name, "--out", "again")
    assert (code, "again/report.html" in out) == (0, True), err


def test_a_tile_is_typed_as_a_size(digits, answer):
    code, out, _ = answer("data", "show", "sheet.png", "--tile", "28", "--labels", "by-row=2")
    assert code == 0
    assert "200 of 28 x 28" in out


def test_the_pictures_of_a_sheet_are_predicted_one_by_one(digits, answer):
    code, _, _ = answer(
        *("train", "softmax", "--data", "sheet.png", "--grid", "20x10", "--labels", "by-row=2", "--steps", "200"),
        *("--quiet", "--save", "s.inkling"),
    )
    assert code == 0
    code, out, err = answer("predict", "s.inkling", "sheet.png", "--tile", "28", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert len(found) == 200
    right = sum(int(each["answer"]) == row // 20 for row, each in enumerate(found))
    assert right > 150


def test_a_single_picture_says_how_a_sheet_is_typed(digits, answer):
    code, _, err = answer("data", "show", "sheet.png")
    assert code == 3
    assert "sheet.png: is a single picture (560 x 280 pixels), expected many" in err
    assert err.endswith("try --grid 20x10\n")


@pytest.mark.parametrize(("kind", "ending"), [("zip", "zip"), ("gztar", "tar.gz")])
def test_an_archive_is_trained_on_by_its_name(kind, ending, digits, answer):
    shutil.make_archive(str(digits / "packed"), kind, digits / "folder")
    code, _, _ = answer("train", "softmax", "--data", f"packed.{ending}", *QUICK)
    assert code == 0
    (run,) = (digits / "inklings-runs").iterdir()
    assert answer("report", run.name, "--out", "again")[0] == 0


def test_damaged_pictures_are_left_out_only_if_that_is_typed(digits, answer):
    (digits / "folder" / "3" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    code, _, err = answer("data", "show", "folder")
    assert code == 3
    assert "3/cut.png: not a valid picture" in err
    assert err.endswith("try --skip-damaged\n")
    code, out, err = answer("data", "show", "folder", "--skip-damaged")
    assert code == 0
    assert err == "note: 1 damaged picture was left out, as requested: 3/cut.png\n"
    assert "100 of 28 x 28" in out


def test_a_fault_of_ours_is_told_as_ours(answer, monkeypatch):
    def broken(*_, **__):
        raise IndexError("tuple index out of range")

    monkeypatch.setattr("inklings.data.open.load_digits", broken)
    code, _, err = answer("data", "show", "digits")
    assert code == 1
    assert err == (
        "inklings: this is a fault in Inklings, please report it (IndexError: tuple index out of range); "
        "--debug shows where\n"
    )
    code, _, err = answer("--debug", "data", "show", "digits")
    assert code == 1
    assert "Traceback" in err


@pytest.fixture
def ambiguous(tmp_path):
    """As many images as rows and columns, all noise, the last axis that of the images."""
    noise = np.random.default_rng(0).integers(0, 256, (10, 10, 10), np.uint8)
    np.savez(tmp_path / "cube.npz", images=noise, labels=np.arange(10) % 2)
    return noise


def test_a_run_opens_axes_again_as_they_were_typed(ambiguous, tmp_path, answer):
    code, _, err = answer("train", "softmax", "--data", "cube.npz", "--axes", "hwn", "--no-invert", *QUICK)
    assert (code, "fit as" in err) == (0, False)
    (run,) = (tmp_path / "inklings-runs").iterdir()
    stored = json.loads((run / "run.json").read_text())
    assert "hwn" in json.dumps(stored)
    code, _, err = answer("report", run.name, "--out", "again")
    assert (code, "fit as" in err) == (0, False)


def test_axes_that_fit_twice_are_said_with_the_option(ambiguous, answer):
    code, _, err = answer("data", "show", "cube.npz", "--out", "grid.png")
    assert code == 0
    assert "fit as nhw and as hwn" in err


def test_a_folder_of_arrays_is_predicted(digits, answer):
    dataset = open_dataset("digits28")
    for digit in range(10):
        np.save(digits / "folder" / f"{digit}.npy", dataset.images[dataset.labels == digit][:5, ..., 0])
    for path in (digits / "folder").glob("*/*.png"):
        path.unlink()
    code, _, err = answer("train", "softmax", "--data", "folder", "--save", "s.inkling", *QUICK)
    assert code == 0, err
    code, out, err = answer("predict", "s.inkling", "folder", "--json")
    assert (code, len(json.loads(out))) == (0, 50), err
