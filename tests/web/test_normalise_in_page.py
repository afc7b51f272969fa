"""A drawing becomes in the page what it becomes in Python: the page's own module, run by Node."""

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import inklings.web
from drawn_digits import SIDE, drawn_digit
from inklings import open_dataset
from inklings.data.resizing import resize
from inklings.models.model import Model
from inklings.pages import normalise
from inklings.training import fit, preset
from lined_papers import RULED, ruled_character

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")
MODULES = Path(inklings.web.__file__).parent / "static"
TOLERANCE = 1e-5
"""Largest difference of a pixel, of 0 to 1: both sum in double precision and keep single; rounding alone differs."""


def in_page(pictures, *, kind="character", size=20, clean=False):
    """Return pictures of grey bytes as the page normalises them, shape (n, size, size)."""
    script = Path(__file__).with_name("normalise_in_node.mjs")
    side = str(pictures[0].shape[0])
    command = [NODE, script, MODULES, side, str(size), kind, "clean" if clean else "photograph"]
    ran = subprocess.run(command, input=np.stack(pictures).tobytes(), capture_output=True, check=True, timeout=600)
    return np.frombuffer(ran.stdout, np.float32).reshape(-1, size, size)


def in_python(pictures):
    return np.stack([normalise(picture).image[..., 0] for picture in pictures])


@pytest.fixture(scope="module")
def drawings():
    return [drawn_digit(number) for number in range(20)]


@pytest.fixture(scope="module")
def expected(drawings):
    return in_python(drawings)


@pytest.mark.parametrize("clean", [True, False], ids=["drawn on the pad", "opened as a picture"])
def test_a_drawing_becomes_what_python_makes_of_it(drawings, expected, clean):
    np.testing.assert_allclose(in_page(drawings, clean=clean), expected, atol=TOLERANCE)


def test_light_ink_on_dark_paper_is_read_as_ink(drawings, expected):
    some = [255 - drawing for drawing in drawings[:5]]
    np.testing.assert_allclose(in_page(some), in_python(some), atol=TOLERANCE)
    assert np.abs(in_page(some) - expected[:5]).mean() < 0.01


def test_a_photograph_unevenly_lit_and_noisy_becomes_what_python_makes_of_it(drawings):
    random = np.random.default_rng(0)
    light = np.linspace(0.5, 0.9, SIDE)[:, None] * np.linspace(0.8, 1, SIDE)
    photographs = []
    for drawing in drawings[:4]:
        grey = light * np.where(drawing < 128, 0.3, 1) + random.normal(0, 0.02, drawing.shape)
        photographs.append(np.round(255 * np.clip(grey, 0, 1)).astype(np.uint8))
    # Thresholds cut between noisy pixels, of which one may fall to the other side.
    np.testing.assert_allclose(in_page(photographs), in_python(photographs), atol=1e-3)


def on_ruled_paper(drawing, seed, *, squared):
    """Return a drawing on a page of slightly sloping grey lines, two pixels thick."""
    random = np.random.default_rng(seed)
    slope, gap, weight = random.uniform(-0.03, 0.03), random.uniform(34, 60), random.uniform(70, 150)
    y, x = np.mgrid[:SIDE, :SIDE]

    def lines(across, along):
        away = np.abs((across - slope * (along - SIDE / 2)) % gap - gap / 2)
        return np.clip(1.6 - away, 0, 1)

    shade = np.maximum(lines(y, x), lines(x, -y)) if squared else lines(y, x)
    return np.round(np.minimum(drawing, 255 - weight * shade)).astype(np.uint8)


@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
def test_the_papers_own_lines_are_taken_off(drawings, expected, squared):
    pages = [on_ruled_paper(drawing, number, squared=squared) for number, drawing in enumerate(drawings)]
    away = np.abs(in_page(pages) - expected).mean((1, 2))
    assert np.median(away) < 0.02
    # Where a thin stroke runs along a line, a part of it is taken off with the line.
    assert (away < 0.07).mean() >= 0.9
    untouched = np.abs(in_page(pages, clean=True) - expected).mean((1, 2))
    assert np.mean(untouched) > 3 * np.mean(away)


@pytest.mark.parametrize("turned", [False, True], ids=["across", "down"])
@pytest.mark.parametrize("weight", [3, 4, 6])
def test_a_thin_stroke_nearly_as_long_as_the_picture_is_not_a_line_of_the_paper(weight, turned):
    picture = Image.new("L", (SIDE, SIDE), 255)
    # A 7, closely photographed: its bar ends shortly before the edges.
    ImageDraw.Draw(picture).line([(12, 30), (244, 30), (110, 244)], fill=20, width=weight)
    seven = np.asarray(picture).T if turned else np.asarray(picture)
    np.testing.assert_allclose(in_page([seven]), in_python([seven]), atol=TOLERANCE)


def test_bars_drawn_with_a_ruler_stay_though_they_reach_the_edges():
    # But for two bars of three pixels, which Python takes for lines of the paper too.
    forms = [each for each in product(RULED, (3, 4, 5), (0, 2)) if each != ("E", 3, 0)]
    inks = [ruled_character(name, SIDE, pen, margin, 20) for name, pen, margin in forms]
    pictures = [np.round(255 * (1 - ink)).astype(np.uint8) for across in inks for ink in (across, across.T)]
    np.testing.assert_array_equal(in_page(pictures), in_page(pictures, clean=True))


@pytest.mark.parametrize("grey", [20, 140], ids=["of a finer pen", "fainter"])
def test_a_line_across_the_picture_that_another_pen_drew_is_taken_off(grey):
    page = np.full((SIDE, SIDE), 255, np.uint8)
    page[40:210, 120:140] = page[40:60, 80:140] = 20
    page[150:153] = grey
    np.testing.assert_allclose(in_page([page]), in_python([page]), atol=0.1)
    assert abs(in_page([page], clean=True) - in_python([page])).max() > 0.5


def test_a_straight_stroke_that_fills_the_picture_is_not_a_line_of_the_paper():
    one = np.full((SIDE, SIDE), 255, np.uint8)
    one[:, 120:126] = 20
    assert in_page([one]).max() > 0.9


def test_of_several_characters_the_one_with_most_ink_is_read():
    page = np.full((SIDE, SIDE), 255, np.uint8)
    small, large = (np.asarray(Image.fromarray(drawn_digit(3)).resize((side, side))) for side in (100, 150))
    page[20:120, :100] = small
    page[90:240, 105:255] = large
    np.testing.assert_allclose(in_page([page], clean=True), in_python([page]), atol=TOLERANCE)


@pytest.mark.parametrize("size", [16, 28, 40])
def test_whole_pictures_are_resized_as_pillow_does(drawings, size):
    ink = 1 - np.stack(drawings[:3]).astype(np.float32) / 255
    expected = resize(ink[..., None], (size, size))[..., 0]
    np.testing.assert_allclose(in_page(drawings[:3], kind="whole", size=size), expected, atol=TOLERANCE)


WHOLE_IN_NODE = """
import { pathToFileURL } from "node:url";
const [modules, given, preparation] = process.argv.slice(1);
const { normalise } = await import(pathToFileURL(`${modules}/drawing/normalise.js`));
try {
  console.log(JSON.stringify(Array.from(normalise(JSON.parse(given), JSON.parse(preparation)).image)));
} catch (error) {
  console.log(JSON.stringify(error.message));
}
"""


def whole_in_page(backdrop, **given):
    """Return 2 x 2 pixels, yellow and transparent, shown on black, as a network of whole pictures takes them."""
    yellow = [250, 230, 90]
    shown = [*yellow, 255, 0, 0, 0, 255] * 2
    picture = {"data": shown, "height": 2, "width": 2, **given}
    preparation = {"kind": "whole", "size": [2, 2], "channels": 3, "invert": False, "backdrop": backdrop}
    options = [MODULES.as_posix(), json.dumps(picture), json.dumps(preparation)]
    command = [NODE, "--input-type=module", "-e", WHOLE_IN_NODE, *options]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=600, text=True).stdout)


@pytest.mark.parametrize(("backdrop", "paper"), [("white", 1), ("black", 0), (None, 0)])
def test_transparent_parts_lie_on_the_paper_of_training(backdrop, paper):
    nothing = {"data": [250, 230, 90, 255, 0, 0, 0, 0] * 2, "height": 2, "width": 2}
    left, right = np.reshape(whole_in_page(backdrop, transparent=nothing), (2, 2, 3))[0]
    np.testing.assert_allclose(left, np.array([250, 230, 90]) / 255, atol=TOLERANCE)
    np.testing.assert_allclose(right, paper, atol=TOLERANCE)


def test_whole_pictures_of_16_bits_are_refused_since_browsers_keep_8():
    assert "16 bits per pixel, of which browsers keep 8" in whole_in_page(None, deep=True)


@pytest.mark.slow
def test_500_drawings_get_the_same_answers():
    digits = open_dataset("digits")
    split = digits.split(seed=0)
    plan = preset("mlp", digits.image_shape, digits.class_count, hidden_units=100)
    model = Model.from_fit(fit(plan.network, plan.recipe, split), split)
    drawings = [drawn_digit(number) for number in range(500)]
    expected, found = in_python(drawings), in_page(drawings, clean=True)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)
    np.testing.assert_array_equal(*(model.predict(images[..., np.newaxis]) for images in (expected, found)))
