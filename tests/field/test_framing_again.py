"""Pictures listed in tables or laid in folders are framed for a model of digits as single pictures are."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

from cli.conftest import answer  # noqa: F401 - a fixture
from inklings import load, open_dataset
from inklings.data.raw import ReadOptions
from inklings.errors import DataError
from inklings.models.data_file import open_as_trained, predict_file
from inklings.models.predict_pictures import read_picture

DIGITS = open_dataset("digits28")
PIXELS = np.round(np.clip(DIGITS.images[..., 0], 0, 1) * 255).astype(np.uint8)
SHOWN = np.arange(7, 5000, 125)
FRAMED = "the ink of each picture was found and framed as in training (whole=True resizes pictures whole)"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model of digits, and pictures of them: on large pages, as they are, and four times as large."""
    from inklings.cli.main import app

    folder = tmp_path_factory.mktemp("framing")
    np.savez(folder / "train.npz", X=PIXELS[::10], y=DIGITS.labels[::10])
    command = f"train softmax --data {folder / 'train.npz'} --steps 100 --save {folder / 'm.inkling'} -q"
    app.main([*command.split(), "--runs", str(folder / "runs")], standalone_mode=False)
    rows = []
    for row in SHOWN:
        name = DIGITS.class_names[DIGITS.labels[row]]
        page = Image.new("L", (180, 150), 235)
        page.paste(Image.fromarray(235 - PIXELS[row] // 2).resize((60, 60)), (int(row) % 110, int(row) % 80))
        own = Image.fromarray(PIXELS[row])
        for kind, picture in (("pages", page), ("own", own), ("large", own.resize((112, 112)))):
            (folder / kind / name).mkdir(parents=True, exist_ok=True)
            picture.save(folder / kind / name / f"{row}.png")
        rows.append(f"pages/{name}/{row}.png,{name}")
    (folder / "list.csv").write_text("\n".join(["file,label", *rows]) + "\n")
    (folder / "test.csv").write_text("\n".join(["file", *(row.split(",")[0] for row in rows)]) + "\n")
    return folder


@pytest.mark.parametrize("data", ["pages", "list.csv"])
def test_digits_on_pages_are_measured_as_single_pictures_are_predicted(data, trained):
    model = load(trained / "m.inkling")
    dataset = open_as_trained(model, trained / data)
    assert FRAMED in dataset.notes
    for path, image in zip(_paths(trained, data), dataset.images, strict=True):
        np.testing.assert_array_equal(read_picture(model, path)[1].image, image)


def _paths(folder, data):
    if data == "list.csv":
        with (folder / data).open(newline="") as file:
            return [folder / row["file"] for row in csv.DictReader(file)]
    return [path for name in sorted(folder.joinpath(data).iterdir()) for path in sorted(
        name.iterdir(), key=lambda path: int(path.stem))]  # fmt: skip


def test_pictures_that_are_framed_stay_as_they_are(trained):
    model = load(trained / "m.inkling")
    own = open_as_trained(model, trained / "own")
    expected = {name: PIXELS[int(name)] / 255 for name in map(str, SHOWN)}
    paths = _paths(trained, "own")
    np.testing.assert_allclose(own.images[..., 0], [expected[path.stem] for path in paths], atol=1e-6)
    assert not [note for note in own.notes if "whole" in note]
    large = open_as_trained(model, trained / "large")
    assert "pictures were resized whole, since their ink is framed as in training (whole=False finds it in each)" in (
        large.notes
    )
    assert np.abs(large.images - own.images).max() < 0.25


def test_the_user_may_say_which(trained):
    model = load(trained / "m.inkling")
    assert FRAMED in open_as_trained(model, trained / "own", whole=False).notes
    whole = open_as_trained(model, trained / "pages", whole=True)
    assert any("the border is light" in note for note in whole.notes)
    with pytest.raises(DataError, match="invert has no effect on pictures in each of which the ink is found; try whol"):
        open_as_trained(model, trained / "pages", ReadOptions(invert=True))


def test_a_list_without_labels_is_predicted_as_the_pictures_are(answer, trained):  # noqa: F811
    model = load(trained / "m.inkling")
    for data, out in (("pages", "pictures.csv"), ("test.csv", "listed.csv")):
        code, _, err = answer(f"predict {trained}/m.inkling {trained}/{data} --out {trained}/{out}")
    # A small page or two may also be unlike the training images.
    assert (code, err.splitlines()[0]) == (0, f"note: {FRAMED.replace('whole=True', '--whole')}")
    texts = [(trained / name).read_text() for name in ("pictures.csv", "listed.csv")]
    singly, listed = (
        {row[0].removeprefix(f"{trained}/"): row[1] for row in list(csv.reader(io.StringIO(text)))[1:]}
        for text in texts
    )
    assert singly == listed
    found = predict_file(model, trained / "test.csv")
    assert found.novelty is not None
    assert len(found.novelty) == len(SHOWN)


def test_a_page_without_ink_is_refused_by_its_name_or_left_out(trained):
    model = load(trained / "m.inkling")
    Image.new("L", (90, 90), 240).save(trained / "blank.png")
    (trained / "more.csv").write_text((trained / "test.csv").read_text() + "blank.png\n")
    with pytest.raises(DataError, match=r"blank.png: .*leave out all in which there is no ink; try skip_damaged=True"):
        predict_file(model, trained / "more.csv")
    found = predict_file(model, trained / "more.csv", ReadOptions(skip_damaged=True))
    assert len(found.names) == len(SHOWN)
    assert any("1 picture in which no ink was found was left out: " in note for note in found.notes)


def test_tiles_of_a_sheet_are_framed_too(trained):
    model = load(trained / "m.inkling")
    sheet = Image.new("L", (4 * 90, 2 * 80), 235)
    for place, row in enumerate(SHOWN[:8]):
        tile = Image.fromarray(235 - PIXELS[row] // 2).resize((50, 50))
        sheet.paste(tile, (place % 4 * 90 + 30, place // 4 * 80 + 5))
    sheet.save(trained / "sheet.png")
    found = predict_file(model, trained / "sheet.png", ReadOptions(grid=(2, 4)))
    singly = []
    for place in range(8):
        box = (place % 4 * 90, place // 4 * 80, place % 4 * 90 + 90, place // 4 * 80 + 80)
        sheet.crop(box).save(trained / "tile.png")
        singly.append(read_picture(model, trained / "tile.png")[0].class_name)
    assert found.labels == singly
    assert any("the ink of each picture was found" in note for note in found.notes)
