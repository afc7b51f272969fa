"""A picture that is predicted is read as the training pictures were: transparency, depth, masks, offsets."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inklings import DataWarning, fit, open_dataset, preset
from inklings.models import Model
from inklings.models.preparation import WHOLE, Preparation

pytestmark = pytest.mark.filterwarnings("ignore::inklings.DataWarning")
SIDE, EACH, CLASSES = 16, 6, ("bar", "disc")


def drawing(kind, number):
    """Ink from 0 to 1, stronger towards the bottom, and fainter from picture to picture."""
    sheet = Image.new("L", (SIDE, SIDE), 0)
    x = 2 + number
    if kind == "bar":
        ImageDraw.Draw(sheet).rectangle((x, 2, x + 2, 13), fill=255)
    else:
        ImageDraw.Draw(sheet).ellipse((x - 1, 5, x + 6, 12), fill=255)
    shade = np.linspace(0.4, 1, SIDE)[:, None] * (1 - 0.05 * number)
    return np.asarray(sheet) / 255 * shade


def byte(values):
    return np.round(255 * values).astype(np.uint8)


def in_colour(rgb, alpha):
    picture = np.empty((SIDE, SIDE, 4), np.uint8)
    picture[..., :3], picture[..., 3] = rgb, byte(alpha)
    return Image.fromarray(picture)


def deep(values):
    return Image.fromarray(np.round(values).astype(np.uint16))


def real(values):
    return Image.fromarray(values.astype(np.float32))


YELLOW, DARK, WHITE = (250, 230, 90), (20, 20, 60), (255, 255, 255)
FORMS = {
    "dark-on-light": ("png", lambda ink, number: Image.fromarray(255 - byte(ink))),
    "yellow-on-transparency": ("png", lambda ink, number: in_colour(YELLOW, ink)),
    "light-and-dark-on-transparency": ("png", lambda ink, number: in_colour(YELLOW if number % 2 else DARK, ink)),
    "white-on-transparency": ("png", lambda ink, number: in_colour(WHITE, ink)),
    "palette-with-transparency": ("png", lambda ink, number: in_colour(DARK, ink).quantize(16)),
    "masks": ("png", lambda ink, number: Image.fromarray((ink > 0).astype(np.uint8))),
    "12-bits": ("png", lambda ink, number: deep(4095 * ink)),
    "12-bits-among-8": ("png", lambda ink, number: deep(4095 * ink) if number % 2 else Image.fromarray(byte(ink))),
    "16-bits-among-8": ("png", lambda ink, number: deep(65535 * ink) if number % 2 else Image.fromarray(byte(ink))),
    "0-to-100": ("tif", lambda ink, number: real(100 * ink)),
    "-1000-to-3000": ("tif", lambda ink, number: real(4000 * ink - 1000)),
    "290-to-310": ("tif", lambda ink, number: real(290 + 20 * ink)),
    "cmyk": ("tif", lambda ink, number: Image.fromarray(255 - byte(ink)).convert("RGB").convert("CMYK")),
}


@pytest.fixture
def pictures(tmp_path):
    def make(form, folder="pictures", kinds=CLASSES):
        ending, draw = FORMS[form]
        for kind in kinds:
            (tmp_path / folder / kind).mkdir(parents=True)
            for number in range(EACH):
                draw(drawing(kind, number), number).save(tmp_path / folder / kind / f"{number}.{ending}")
        return tmp_path / folder

    return make


def ink_of(name):
    kind, file = name.split("/")
    return drawing(kind, int(file.split(".")[0]))


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("form", FORMS)
def test_a_picture_alone_is_read_as_among_those_of_training(form, colour, pictures):
    dataset = open_dataset(pictures(form), colour=colour)
    preparation = Preparation.of(dataset, WHOLE)
    for name, image in zip(dataset.names, dataset.images, strict=True):
        alone = preparation.prepare(preparation.open(f"{dataset.source}/{name}")).image
        # A byte holds a picture that is predicted.
        np.testing.assert_allclose(alone, image, atol=0.006, err_msg=name)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_drawn_is_what_is_learnt_from(form, pictures):
    dataset = open_dataset(pictures(form))
    for name, image in zip(dataset.names, dataset.images[..., 0], strict=True):
        ink = ink_of(name) > 0 if form == "masks" else ink_of(name)
        assert np.corrcoef(image.ravel(), ink.ravel())[0, 1] > 0.98, name
        assert np.ptp(image) > 0.05, name


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("white-on-transparency", "12 of 12 pictures with transparent parts are drawn as light as paper"),
        ("masks", "no picture has a value above 1 of 255"),
        ("12-bits-among-8", "6 of 12 pictures have more than 8 bits per pixel, and were divided by 4095"),
        ("290-to-310", r"values 290 to 308\.4 are stretched to 0 to 1"),
    ],
)
def test_what_was_made_of_pictures_is_said(form, said, pictures):
    with pytest.warns(DataWarning, match=said):
        open_dataset(pictures(form))


@pytest.mark.parametrize("form", ["light-and-dark-on-transparency", "white-on-transparency", "12-bits-among-8"])
def test_a_folder_is_answered_as_its_pictures_are_alone(form, pictures, tmp_path):
    dataset = open_dataset(pictures(form))
    split, plan = dataset.split(), preset("softmax", dataset.image_shape, 2)
    model = Model.from_fit(fit(plan.network, plan.recipe, split), split)
    # Of one kind, and so of one depth or paper: what training found holds, not what these few show.
    some = pictures(form, "few", CLASSES[:1])
    for path in sorted((some / CLASSES[0]).iterdir())[1::2]:
        path.unlink()
    found = model.predict_file(some)
    alone = np.stack([model.preparation.prepare(model.preparation.open(some / name)).image for name in found.names])
    np.testing.assert_allclose(found.probabilities, model.predict_proba(alone, prepared=True), atol=0.01)


@pytest.mark.parametrize("form", ["white-on-transparency", "yellow-on-transparency", "12-bits", "dark-on-light"])
def test_a_sheet_s_tiles_are_read_as_pictures_are(form, tmp_path):
    _, draw = FORMS[form]
    tiles = [np.asarray(draw(drawing(kind, number), number)) for kind in CLASSES for number in range(EACH)]
    rows = [np.concatenate(tiles[start : start + EACH], axis=1) for start in (0, EACH)]
    Image.fromarray(np.concatenate(rows)).save(tmp_path / "sheet.png")
    dataset = open_dataset(tmp_path / "sheet.png", tile=SIDE, labels="by-row=1")
    preparation = Preparation.of(dataset, WHOLE)
    for number, (tile, image) in enumerate(zip(tiles, dataset.images, strict=True)):
        ink = drawing(CLASSES[number // EACH], number % EACH)
        assert np.corrcoef(image.ravel(), ink.ravel())[0, 1] > 0.98, number
        Image.fromarray(tile).save(tmp_path / "one.png")
        alone = preparation.prepare(preparation.open(tmp_path / "one.png")).image
        np.testing.assert_allclose(alone, image, atol=0.006, err_msg=str(number))
