"""Every guided tour, step by step, to its end."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import inklings.web

TOURS = Path(inklings.web.__file__).parent / "static" / "guide" / "tours.js"
NAMES = re.findall(r'^    name: "(\w+)"', TOURS.read_text(encoding="utf-8"), re.MULTILINE)


def test_there_are_six_tours():
    assert len(NAMES) == 6


def test_nothing_hangs_on_what_a_first_step_would_do():
    # It is reached by a link, without a "Next" that would act.
    text = TOURS.read_text(encoding="utf-8")
    firsts = re.findall(r"steps: \[\n(.*)", text)
    assert len(firsts) == 6
    assert not [first for first in firsts if "act:" in first]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_tour_leads_to_its_end(visit, name):
    page = visit.open("/guide")
    page.locator(f'[data-tour="{name}"]').click()
    card = page.locator(".tour-card")
    card.wait_for()
    steps = int(re.search(r"step 1 of (\d+)", card.inner_text())[1])
    assert 3 <= steps <= 6
    for number in range(1, steps + 1):
        expect(card).to_contain_text(f"step {number} of {steps}", timeout=20_000)
        expect(page.locator(".framed")).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Done" if number == steps else "Next").click()
    expect(page.locator("#tour")).to_be_hidden()
    assert "tour=" not in page.url


ROOM = """() => {
  const [part, card] = [".framed", ".tour-card"].map((name) => document.querySelector(name).getBoundingClientRect());
  return [part.top, Math.min(part.bottom, part.top + 200), card.top];
}"""
"""Where what a step is about begins and ends, of which 200 pixels are to be seen, and where the card begins."""


def wait_until_seen(page):
    for _ in range(100):
        top, bottom, card = page.evaluate(ROOM)
        if top >= 0 and bottom <= card:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{top:.0f} to {bottom:.0f} pixels, while the card begins at {card:.0f}")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_tour_leads_to_its_end_on_a_phone_by_keyboard_alone(visit, name):
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    visit.open("/guide")
    page.locator(f'[data-tour="{name}"]').press("Enter")
    card = page.locator(".tour-card")
    card.wait_for()
    steps = int(re.search(r"step 1 of (\d+)", card.inner_text())[1])
    for number in range(1, steps + 1):
        expect(card).to_contain_text(f"step {number} of {steps}")
        expect(page.locator(".framed")).to_be_visible()
        expect(card.locator("h2")).to_be_focused()
        wait_until_seen(page)
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Done" if number == steps else "Next")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_be_focused()


def test_show_me_leads_to_what_a_step_is_about_and_escape_back_and_out(visit):
    page = visit.open("/learn?tour=overfitting&step=1")
    expect(page.locator(".tour-card h2")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Training images")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("images=200"))
    page.keyboard.press("Escape")
    expect(page.locator(".tour-card h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
    expect(page.locator("main h1")).to_be_focused()


@pytest.mark.slow
def test_a_step_of_a_tour_has_an_address_and_back_leads_to_the_one_before(visit):
    page = visit.open("/learn?tour=overfitting&step=1")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".tour-card")).to_contain_text("step 2 of")
    expect(page.locator(".course .line").first).to_be_attached(timeout=20_000)
    page.reload()
    expect(page.locator(".tour-card")).to_contain_text("step 2 of")
    page.get_by_role("button", name="Leave the tour").click()
    expect(page.locator("#tour")).to_be_hidden()
    assert "training=" in page.url
