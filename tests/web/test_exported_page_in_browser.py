"""The exported page in a real browser, opened from the disk: it computes what Python does, and trains."""

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image

from inklings import Dense, Flatten, Model, Network, fit, open_dataset, preset
from inklings.export.page import write_page
from inklings.models.preparation import Preparation
from inklings.networks import initial_parameters
from inklings.training import Recipe

CLASSIFY = """text => {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  return [...inklings.models[0].classify(new Float32Array(bytes.buffer))];
}"""


def wait_until(page, expression):
    """Wait until an expression is true; Playwright's own function asks by `eval`, which the page forbids."""
    until = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < until, expression
        page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").split()


@pytest.fixture(scope="module")
def model(split):
    """A network that reads digits well enough for a drawn one, in seconds."""
    network = Network((20, 20, 1), (Flatten(), Dense(100, "relu"), Dense(10, "softmax")))
    return Model.from_fit(fit(network, Recipe(epochs=15), split), split)


@pytest.fixture
def visit(browser, tmp_path):
    """Open a model's page; whatever it says in the console or fetches is a fault."""
    pages = []

    def open_page(model, learn=None, address=""):
        write_page(model, tmp_path / "page.html", learn)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        pages.append(page)
        page.complaints = complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        own = ("file:", "data:", "blob:")
        page.on("request", lambda request: request.url.startswith(own) or complaints.append(request.url))
        page.goto((tmp_path / "page.html").as_uri() + address)
        wait_until(page, "globalThis.inklings && document.querySelector('h1')")
        return page

    yield open_page
    for page in pages:
        page.close()
        assert page.complaints == []


@pytest.mark.parametrize("name", ["mlp", "best", pytest.param("cnn2", marks=pytest.mark.slow)])
def test_a_thousand_images_get_pythons_answers(visit, split, name):
    network = preset(name, (20, 20, 1), 10).network
    described = Preparation.of(split.dataset).to_plain()
    names = split.dataset.class_names
    model = Model(network, initial_parameters(network, 1), names, preprocessing=described)
    images = split.test.images[:1000]
    page = visit(model)
    found = page.evaluate(CLASSIFY, base64.b64encode(images.astype("<f4").tobytes()).decode())
    found, expected = np.reshape(found, (-1, 10)), model.predict_proba(images, prepared=True)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert (found.argmax(1) != expected.argmax(1)).sum() <= 2


def test_a_seven_that_is_drawn_is_read_and_can_be_looked_into(visit, model):
    page = visit(model)
    box = page.locator("main canvas").first.bounding_box()
    corners = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=10)
    page.mouse.up()
    wait_until(page, "document.querySelector('.answer').textContent === '7'")
    page.locator(".rooms a", has_text="Inside").click()
    # The image, and the hidden units; the answers are bars.
    wait_until(page, "document.querySelectorAll('.flow-box canvas').length === 2")
    assert page.url.startswith("file:")
    assert "#/inside" in page.url


def test_a_pixel_of_an_image_in_colours_has_three_numbers(visit):
    network = Network((6, 6, 3), (Flatten(), Dense(2, "softmax")))
    whole = {"kind": "whole", "size": [6, 6], "channels": 3, "invert": False}
    page = visit(Model(network, initial_parameters(network, 1), ("a", "b"), {}, whole), address="#/inside")
    picture = io.BytesIO()
    Image.new("RGB", (12, 12), (255, 51, 0)).save(picture, "PNG")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    wait_until(page, "document.querySelector('.station .mosaic canvas')?.width > 6")  # three maps
    page.locator(".station .mosaic").first.click(position={"x": 20, "y": 20})
    wait_until(page, "document.querySelector('.lens h2').textContent === 'The image: how much red'")
    shown = dict(zip(*(page.locator(f".sums {part}").all_inner_texts() for part in ("dt", "dd")), strict=True))
    assert [float(shown[colour]) for colour in ("red", "green", "blue")] == pytest.approx([1, 0.2, 0])


def test_a_page_with_images_trains_pauses_and_goes_back(visit, model, split):
    page = visit(model, split.dataset, "#/learn?layers=dense-25&images=1000&epochs=320")
    page.get_by_role("button", name="Start").click()
    last = "inklings.source.trainings().then(all => all[0] ?? {epoch: 0})"
    wait_until(page, f"async () => (await {last}).epoch > 5")
    page.get_by_role("button", name="Pause").click()
    wait_until(page, f"async () => (await {last}).state === 'paused'")
    event = page.evaluate(last)
    assert event["row"]["train_loss"] < 2.3
    assert len(event["answers"]) == 200
    assert event["filters"]["shape"] == [25, 20, 20, 1]
    page.evaluate(f"inklings.source.command('{event['id']}', 'back', {{epoch: 3}})")
    wait_until(page, f"async () => (await {last}).epoch === 3")
    assert page.locator('[data-control="augment"]').is_hidden()


def test_names_with_markup_are_shown_as_names(visit, model):
    names = ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", *"23456789"]
    page = visit(Model(model.classifier, model.parameters, names, {"name": "<b>bold</b>"}, model.preprocessing))
    assert page.locator("main img, main b").count() == 0
    assert names[0] in page.locator("main").inner_text()


def test_the_page_cannot_reach_the_network(visit, model):
    page = visit(model)
    refused = page.evaluate(
        """() => {
          addEventListener('securitypolicyviolation', event => (globalThis.seen = event.effectiveDirective));
          return fetch('http://127.0.0.1:9/').then(() => 'let through', () => 'refused');
        }"""
    )
    assert refused == "refused"
    assert page.evaluate("globalThis.seen") == "connect-src"
    page.complaints.clear()  # the browser tells of what it refused
