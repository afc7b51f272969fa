"""Pictures given to a trained model: dark and light swapped, in a folder or an archive, with options or without."""

import csv
import json
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from cli.conftest import answer  # noqa: F401 - a fixture
from drawn_digits import drawn_digit
from inklings import load, open_dataset
from inklings.errors import DataWarning
from inklings.models import read_picture
from inklings.models.preparation import Preparation

UNMEASURED = (
    "note: the model has no measure of novelty: whatever it is shown, noise too, it answers with one of its classes\n"
)
"""Of models that learnt from few images."""


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def right(path):
    return sum(row["label"] in row["picture"] for row in rows_of(path))


@pytest.fixture
def bars(answer, tmp_path):  # noqa: F811
    """A model of whole pictures, dark bars on light paper, and the same bars with dark and light swapped."""
    generator = np.random.default_rng(0)
    for number in range(40):
        for name in ("bar", "dash"):
            pixels = np.full((24, 24), 230, np.uint8)
            row, column = generator.integers(0, 6, 2)
            height, width = (18, 4) if name == "bar" else (4, 18)
            pixels[row : row + height, column : column + width] = 20
            for folder, shown in (("train", pixels), ("dark", 255 - pixels)):
                (tmp_path / folder / name).mkdir(parents=True, exist_ok=True)
                Image.fromarray(shown).save(tmp_path / folder / name / f"{number}.png")
    assert answer("train softmax --data train --steps 200 --save m.inkling -q")[0] == 0
    return tmp_path


def test_dark_and_light_swapped_in_pictures_is_said_and_can_be_decided_anew(answer, bars):  # noqa: F811
    code, _, err = answer("predict m.inkling train --out same.csv")
    assert (code, err, right(bars / "same.csv")) == (0, UNMEASURED, 80)
    said = "note: the border is dark, where that of the training images was light"
    for typed in ("predict m.inkling dark --out dark.csv", "evaluate m.inkling dark"):
        code, _, err = answer(typed)
        assert (code, err.count(said)) == (0, 1), (typed, err)
        assert "--as-found" in err
    for option in ("--as-found", "--no-invert"):
        answer(f"predict m.inkling dark --out anew.csv {option}")
        assert right(bars / "anew.csv") == 80
    with pytest.warns(DataWarning, match="the border is dark"):
        read_picture(load(bars / "m.inkling"), bars / "dark" / "bar" / "0.png")


def test_pictures_in_an_archive_are_answered_as_in_a_folder(answer, digits_model, tmp_path):  # noqa: F811
    digits = open_dataset("digits28")
    pixels = np.round(digits.images[::10, ..., 0] * 255).astype(np.uint8)
    (tmp_path / "pics" / "more").mkdir(parents=True)
    for row in range(5, 500, 25):
        page = Image.new("L", (100, 100), 255)
        page.paste(Image.fromarray(255 - pixels[row]).resize((40, 40)), (50, 20))
        page.save(tmp_path / "pics" / ("more" if row % 2 else "") / f"{row}.png")
    (tmp_path / "pics" / "broken.png").write_text("no picture")
    with zipfile.ZipFile(tmp_path / "pics.zip", "w") as archive:
        for path in sorted((tmp_path / "pics").rglob("*.png")):
            archive.write(path, path.relative_to(tmp_path / "pics"))
    assert answer("predict digits.inkling pics --out folder.csv")[0] == 3
    code, _, err = answer("predict digits.inkling pics.zip --out archive.csv")
    assert code == 3
    assert "inklings: pics.zip/broken.png" in err
    folder, archive = rows_of(tmp_path / "folder.csv"), rows_of(tmp_path / "archive.csv")
    assert len(folder) == 20
    assert [{**row, "picture": row["picture"].replace("pics.zip", "pics")} for row in archive] == folder
    assert answer("predict digits.inkling pics.zip --out archive.csv --skip-damaged")[0] == 0


def test_options_that_change_nothing_about_pictures_are_refused(answer, bars):  # noqa: F811
    for option in ("--first-id 1", "--column-major", "--size 24", "--drop-missing", "--grey", "--skip a"):
        code, out, err = answer(f"predict m.inkling train {option}")
        assert (code, out) == (2, "")
        assert f"{option.split()[0]} has no effect on pictures" in err


def test_ink_that_is_found_in_each_picture_is_not_inverted(answer, digits_model):  # noqa: F811
    Image.new("L", (30, 30), 255).save(digits_model / "page.png")
    for option in ("--invert", "--no-invert", "--as-found"):
        code, _, err = answer(f"predict digits.inkling page.png {option}")
        assert (code, f"{option} has no effect on pictures: the ink is found" in err) == (2, True), err


def test_folders_of_other_data_are_answered_file_by_file(answer, digits_model):  # noqa: F811
    pq = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    digits = open_dataset("digits")
    pixels = np.round(np.clip(digits.images[::100, ..., 0], 0, 1) * 255).astype(np.uint8)
    (digits_model / "shards").mkdir()
    for number, part in enumerate(np.split(pixels, 2)):
        table = arrow.table({"pixels": part.reshape(len(part), -1).tolist()})
        pq.write_table(table, digits_model / "shards" / f"part-{number}.parquet")
    (digits_model / "idx").mkdir()
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", *pixels.shape)
    (digits_model / "idx" / "some-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
    expected = load(digits_model / "digits.inkling").predict(pixels).astype(str).tolist()
    for folder in ("idx", "shards"):
        code, out, err = answer(f"predict digits.inkling {folder} --json")
        assert code == 0, err
        assert [each["prediction"] for each in json.loads(out)] == expected


@pytest.mark.parametrize("bright", [4095, 65535])
def test_whole_pictures_of_12_and_16_bits_are_as_bright_as_in_training(bright, tmp_path):
    """Each one alone would be taken for brighter if it is dim: the training images' range holds."""
    generator = np.random.default_rng(0)
    for number in range(20):
        for name in ("left", "right"):
            pixels = np.full((16, 16), bright // 8, np.uint16)
            column = generator.integers(0, 5) + (9 if name == "right" else 0)
            pixels[:, column : column + 3] = bright if number else bright // 5
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / name / f"{number:02}.png")
    dataset = open_dataset(tmp_path)
    preparation = Preparation.of(dataset, "whole")
    for name, image in zip(dataset.names, dataset.images, strict=True):
        found = preparation.prepare(preparation.open(tmp_path / name)).image
        np.testing.assert_allclose(found, image, atol=1 / 255)


@pytest.fixture
def underlined(digits_model):
    """Two pictures of a digit, one of which has a fine line across it."""
    digit = np.asarray(Image.fromarray(drawn_digit(7)).resize((100, 100)))
    (digits_model / "lined").mkdir()
    for name in ("plain", "ruled"):
        page = digit.copy()
        if name == "ruled":
            page[70:72] = 0
        Image.fromarray(page).save(digits_model / "lined" / f"{name}.png")
    return digits_model / "lined"


@pytest.mark.filterwarnings("default::inklings.errors.DataWarning")
def test_lines_that_were_taken_off_are_said_with_the_option_that_keeps_them(answer, underlined):  # noqa: F811
    ruled = "lined/ruled.png"
    _, _, said = answer(f"predict digits.inkling {ruled}")
    assert "note: 1 line taken for the paper's was taken off (--keep-lines keeps them)" in said
    _, _, said = answer("predict digits.inkling lined")
    assert f"note: 1 line taken for the paper's was taken off 1 of 2 pictures, such as {ruled} (--keep-lines" in said
    for command in ("predict", "read"):
        assert "taken off" in answer(f"{command} digits.inkling {ruled}")[2]
        assert "taken off" not in answer(f"{command} digits.inkling {ruled} --keep-lines")[2]
    model = load(underlined.parent / "digits.inkling")
    with pytest.warns(DataWarning, match="1 line taken for the paper's was taken off"):
        read_picture(model, underlined / "ruled.png")


def test_lines_are_kept_in_lists_of_pictures_and_in_evaluating_too(answer, underlined):  # noqa: F811
    (underlined / "list.csv").write_text("file\nplain.png\nruled.png\n")
    (underlined / "labels.csv").write_text("file,label\nplain.png,7\nruled.png,1\n")
    said = "1 line taken for the paper's was taken off 1 of 2 pictures (--keep-lines keeps them)"
    for typed in ("predict digits.inkling lined/list.csv", "evaluate digits.inkling lined/labels.csv"):
        assert said in answer(f"{typed} --framed")[2], typed
        assert "taken off" not in answer(f"{typed} --framed --keep-lines")[2], typed


def test_whole_pictures_have_no_lines_to_keep(answer, bars):  # noqa: F811
    code, _, said = answer("predict m.inkling dark --keep-lines")
    assert code == 2
    assert "--keep-lines has no effect on pictures: they are taken whole" in said
