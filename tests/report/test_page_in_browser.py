"""The page in a real browser: it must work from the disk, with nothing said in the console."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from inklings import compare, from_arrays, open_dataset, write_report
from inklings.data.gallery import to_bytes
from inklings.report.over_repeats import entrants_of
from inklings.report.page_data import inspect


@pytest.fixture
def page(browser, folder):
    page = browser.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request", lambda request: request.url.startswith(("file:", "data:")) or page.complaints.append(request.url)
    )
    page.goto((folder / "report.html").as_uri())
    yield page
    page.close()


def test_nothing_is_said_in_the_console_and_nothing_fetched(page):
    page.locator("#network").select_option(label="naive")
    page.locator("#measure").select_option("accuracy")
    assert page.complaints == []


def test_whoever_opens_it_waits_for_less_than_three_megabytes(folder):
    assert (folder / "report.html").stat().st_size < 3_000_000


def test_the_matrix_counts_every_test_image(page, comparison):
    counts = [int(text) for text in page.locator("#confusion button").all_inner_texts()]
    assert sum(counts) == len(comparison.split.test)


def test_a_click_on_a_cell_shows_the_images_that_belong_there(page, comparison):
    trained = next(each for each in comparison.trained_networks if each.plan.title == "softmax")
    test, answers = comparison.split.test, trained.probabilities.argmax(1)
    wrong = [(label, answer) for label, answer in zip(test.labels, answers, strict=True) if label != answer]
    label, answer = max(set(wrong), key=wrong.count)
    expected = {int(row) for row in comparison.split.test_rows[(test.labels == label) & (answers == answer)]}
    page.locator("#network").select_option(label="softmax")
    page.locator(f'#confusion td[data-label="{label}"][data-answer="{answer}"] button').click()
    shown = page.locator("#cell figure")
    assert {int(figure.get_attribute("data-row")) for figure in shown.all()} == expected
    assert (
        f"taken for {answer}: {len(expected)} image{'s' * (len(expected) != 1)}, "
        in page.locator("#cell h3").inner_text()
    )


def test_the_image_shown_is_cut_from_the_right_place(page, comparison):
    data = comparison.split.dataset
    page.locator("#confusion button").first.click()
    figure = page.locator("#cell figure").first
    row = int(figure.get_attribute("data-row"))
    picture = figure.locator(".image").screenshot()
    seen = np.asarray(Image.open(io.BytesIO(picture)).convert("L").crop((1, 1, 61, 61)).resize((20, 20), Image.BOX))
    distances = [np.abs(seen.astype(int) - to_bytes(image)[..., 0]).mean() for image in data.images]
    assert int(np.argmin(distances)) == row


def test_a_network_can_be_switched_off_and_its_curves_go(page, comparison):
    lines = page.locator("#plot path")
    assert lines.count() == 2 * len(comparison.trained_networks)
    page.locator("#legend input").first.click()
    assert lines.count() == 2 * len(comparison.trained_networks) - 2


def test_pointing_at_the_curves_reads_their_values(page, comparison):
    page.locator("#plot").scroll_into_view_if_needed()
    box = page.locator("#plot").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    text = page.locator("#reading").inner_text()
    epoch = int(re.match(r"Epoch (\d+)", text)[1])
    mlp = next(each for each in comparison.trained_networks if each.plan.title == "mlp (plain)")
    assert f"mlp (plain) {mlp.fitted.history[epoch].train_loss:.3g} / " in text.replace("0.0000", "0")


def test_without_javascript_the_curves_are_pictures(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "report.html").as_uri())
    assert page.locator("#static-curves img").first.is_visible()
    assert page.locator("#curves").is_hidden()
    context.close()


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_but_tables_is_wider_than_the_window(browser, folder, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((folder / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Of ten classes, the matrix is seen as a whole.
    assert page.locator("#confusion").evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    page.close()


def test_it_is_dark_where_people_like_it_dark(browser, folder):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto((folder / "report.html").as_uri())
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", colour))) < 60
    context.close()


def test_the_letters_of_the_curves_are_as_large_on_a_phone(browser, folder):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((folder / "report.html").as_uri())
    assert page.locator("#plot text").first.bounding_box()["height"] > 11
    page.close()


def test_printed_it_is_light_and_shows_pictures_for_what_needs_a_hand(browser, folder):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto((folder / "report.html").as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("#curves").is_hidden()
    for name in ("static-curves", "static-worst", "static-flips"):
        assert page.locator(f"#{name} img").first.is_visible()
    # Chromium repeats headings at the top of each page, but not a button's box.
    assert page.evaluate("getComputedStyle(document.querySelector('.sortable th button')).display") == "contents"
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 1
    context.close()


def test_the_matrix_of_many_classes_is_read_on_a_phone_and_printed_as_a_picture_since_it_would_be_cut(
    browser, tmp_path
):
    digits = open_dataset("digits").take(np.arange(0, 5000, 20))
    letters = [f"a class called {number}" for number in range(30)]
    classes = from_arrays(digits.images, [letters[row % 30] for row in range(len(digits))])
    write_report(compare(["softmax"], classes, quick=True, engine="numpy"), tmp_path)
    page = browser.new_page(viewport={"width": 390, "height": 1000})
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("#confusion td").nth(1).bounding_box()["width"] > 24
    page.set_viewport_size({"width": 700, "height": 1000})
    assert page.locator("#static-confusion").is_hidden()
    page.emulate_media(media="print")
    assert page.locator("#static-confusion img").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    page.close()


def test_the_sheet_holds_the_images_by_their_rows_of_the_data(comparison):
    images = inspect(entrants_of(comparison), [])["images"]
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(images["sheet"].partition(",")[2]))))
    assert sheet.shape == (images["rows"] * 20, images["columns"] * 20)
    second = comparison.split.dataset.images[images["rows_of_data"][1]]
    np.testing.assert_array_equal(sheet[:20, 20:40], to_bytes(second)[..., 0])


def test_a_name_on_the_first_screen_leads_to_that_networks_confusions(page):
    page.locator(".standings a", has_text="naive").click()
    assert page.locator("#confusion caption").inner_text().startswith("naive:")


def test_a_tables_rows_sort_by_the_numbers_of_a_column(page):
    table = page.locator("#cost ~ .wide table")
    table.get_by_role("button", name="parameters").click()
    counts = [int(cell.replace(",", "")) for cell in table.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 1


def test_a_stretch_of_the_curves_can_be_looked_at_more_closely(page):
    page.locator("#plot").scroll_into_view_if_needed()
    before = page.locator("#plot .line").first.get_attribute("d")
    box = page.locator("#plot").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 120, steps=4)
    page.mouse.up()
    assert page.locator("#plot .line").first.get_attribute("d") != before
    page.get_by_role("button", name="Show all").click()
    assert page.locator("#plot .line").first.get_attribute("d") == before
