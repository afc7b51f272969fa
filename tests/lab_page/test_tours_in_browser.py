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
