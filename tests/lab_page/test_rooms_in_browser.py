"""Learn, Mistakes, Compare and Guide as a visitor uses them."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

DENSE = "layers=dense-25&images=200&rate=0.001"
LONG = "layers=conv-16-5_dense-400&images=200&epochs=2000"
"""A training that is not over before a test is, though its epochs are short."""
PATIENCE = 30_000
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
VIOLATIONS = {"resultTypes": ["violations"], "preload": False}
"""Every rule looks at all it is about, but says of what it has passed no more than that."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], **VIOLATIONS}
RULES_OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], **VIOLATIONS}
"""What can differ in the dark, where a page is the same but for its colours."""


EPOCHS = "Number((/After (\\d+) epoch/.exec(document.querySelector('.verdict')?.textContent) || [0, 0])[1])"
"""How many epochs the page says that the network has learnt."""


def settle(page):
    """Wait for the frame in which what happened is shown."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def epochs(page):
    return page.evaluate(EPOCHS)


def wait_for_epochs(page, count):
    # Playwright's wait_for_function polls by eval, which the page's policy forbids.
    ends = time.monotonic() + PATIENCE / 1000
    while page.evaluate(EPOCHS) < count:
        assert time.monotonic() < ends, f"{count} epochs took longer than {PATIENCE} ms"
        page.wait_for_timeout(100)


def test_a_training_is_watched_left_found_again_paused_and_sent_back(visit):
    page = visit.open(f"/learn?{LONG}")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for_epochs(page, 2)
    assert page.locator(".course .line").count() == 2
    assert re.match(r"\d+ of 200 test images right", page.locator(".watched p").inner_text())
    assert page.locator(".filters canvas").count() == 16
    before = epochs(page)
    page.reload()
    wait_for_epochs(page, before + 1)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for(timeout=PATIENCE)
    paused = epochs(page)
    page.get_by_role("button", name="One epoch").click()
    wait_for_epochs(page, paused + 1)
    page.get_by_role("slider", name="Epoch", exact=True).fill("1")
    expect(page.locator(".verdict")).to_contain_text("After 1 epoch it reads", timeout=PATIENCE)
    assert page.locator(".course .line").count() == 2
    assert "training=" in page.url


def test_halves_in_an_address_are_rounded_and_what_cannot_be_pressed_says_why(visit):
    page = visit.open("/learn?layers=dense-25&images=50.4&epochs=5.5")
    step = page.get_by_role("button", name="One step")
    assert step.is_disabled()
    assert "start a training first" in step.get_attribute("title")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("After 6 epochs it reads", timeout=PATIENCE)
    expect(step).to_have_attribute("title", re.compile("this training is over"))


def test_an_address_may_ask_for_numbers_between_and_below_those_that_are_offered(visit):
    page = visit.open("/learn?layers=conv-6-5_pool-2_dense-30&images=40&epochs=3&rate=0.0005")
    assert page.get_by_label("Dense, layer 3: units").input_value() == "30"
    assert page.get_by_label("Convolution, layer 1: filters").input_value() == "6"
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("After 3 epochs it reads", timeout=PATIENCE)
    id = re.search(r"training=(\w+)", page.url)[1]
    asked = page.request.get(f"{visit.base}/api/trainings/{id}").json()
    assert (asked["data"]["images"], asked["recipe"]["learning_rate"]) == (40, 0.0005)


def test_numbers_in_an_address_are_read_as_people_write_them(visit):
    page = visit.open("/learn?images=1.000&epochs=1,000&rate=0,03&dropout=0,5&l2=0.001")
    shown = [page.locator(f'[data-control="{name}"] output').inner_text() for name in ("images", "epochs", "rate")]
    assert shown == ["1,000", "1,000", "0.03"]
    assert page.get_by_role("slider", name="Dropout").get_attribute("aria-valuetext") == "50 %"


def test_a_page_that_outlives_its_lab_says_where_to_go_on(visit):
    page = visit.open(f"/learn?{LONG}")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for(timeout=PATIENCE)
    words, step = page.get_by_role("alert"), page.get_by_role("button", name="One step")
    # A lab that has been started again knows this page no more than it would without its cookie.
    cookies = page.context.cookies()
    page.context.clear_cookies()
    step.click()
    expect(words).to_contain_text("started again since this page was opened")
    # A tab that was hidden meanwhile opens its stream anew.
    page.evaluate("for (const name of ['pagehide', 'pageshow']) dispatchEvent(new Event(name))")
    page.wait_for_timeout(1500)
    expect(words).to_contain_text("Open the address that its terminal shows")
    page.context.add_cookies(cookies)
    expect(words).to_be_hidden(timeout=PATIENCE)
    with page.expect_response("**/step?*") as answer:
        step.click()
    assert answer.value.ok
    visit.complaints.clear()  # the browser itself says what was refused


def test_whoever_goes_back_and_on_at_once_sees_what_the_address_says(visit):
    page = visit.open("/learn?layers=dense-25&images=50&epochs=5")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    held = []
    page.route("**/api/trainings/*", lambda route: held.append(route))
    # Each once the one before has come: a busy browser drops those that are asked for sooner, and goes elsewhere.
    with page.expect_request("**/api/trainings/*"):
        page.evaluate("""new Promise((done) => {
          const next = [() => history.forward(), () => history.back(), done];
          addEventListener("popstate", () => next.shift()?.());
          history.back();
        })""")
    expect(page).not_to_have_url(re.compile("training="))
    with page.expect_response("**/api/trainings/*"):
        held[0].continue_()
    page.wait_for_timeout(100)
    expect(page.locator(".verdict")).to_have_text("Nothing needs to be set first.")


def test_again_begins_with_the_same_weights(visit):
    page = visit.open("/learn?layers=dense-100&images=2000&epochs=40")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    # Epochs that ended between two events are fetched a second later.
    curve, whole = page.locator(".course .line").nth(1), re.compile("^M([^L]*L){39}[^L]*$")
    expect(curve).to_have_attribute("d", whole)
    first = curve.get_attribute("d")
    page.get_by_role("button", name="Again, same weights").click()
    expect(page.locator(".verdict")).not_to_contain_text("finished", timeout=PATIENCE)
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    expect(curve).to_have_attribute("d", whole)
    assert curve.get_attribute("d") == first


def test_a_second_training_is_drawn_beside_the_first(visit):
    page = visit.open(f"/learn?{DENSE}&epochs=5")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    page.get_by_role("button", name="Another beside it").click()
    page.get_by_role("slider", name="Dropout").fill("5")
    expect(page.locator(".verdict")).to_contain_text("dropout 50 % instead of off")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    expect(page.locator(".verdict")).to_contain_text("What was changed: dropout 50 % instead of off.")
    assert page.locator(".course .line").count() == 4
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    page.reload()
    expect(page.locator(".verdict")).to_contain_text(
        "What was changed: dropout 50 % instead of off. You have changed learning rate: a new start uses that."
    )
    expect(page.locator(".course .line")).to_have_count(4, timeout=PATIENCE)


def test_layers_are_added_and_removed_and_their_shapes_and_weights_counted(visit):
    page = visit.open("/learn?layers=dense-25")
    layers = page.locator(".layers li")
    expect(layers).to_have_count(3)
    page.get_by_role("button", name="+ convolution").click()
    page.get_by_role("button", name="+ pooling").click()
    assert [layer.locator(".layer-name").inner_text() for layer in layers.all()] == [
        "Picture", "Convolution", "Pooling", "Dense", "Answer",
    ]  # fmt: skip
    weights = (25 + 1) * 8 + (10 * 10 * 8 + 1) * 25 + (25 + 1) * 10
    expect(page.locator(".total")).to_contain_text(f"{weights:,} weights to learn")
    assert "layers=conv-8-5_pool-2_dense-25" in page.url
    page.get_by_role("button", name="Remove pooling, layer 2").click()
    expect(layers).to_have_count(4)


def test_what_a_teacher_hides_is_not_there_in_any_view(visit):
    page = visit.open("/learn?hide=noise,layers")
    assert page.get_by_label("Wrong labels").is_hidden()
    assert page.locator(".builder").is_hidden()
    page.get_by_role("link", name="Guide").click()
    page.get_by_role("heading", name="Six questions").wait_for()
    page.get_by_role("link", name="Learn", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).wait_for()
    assert page.get_by_label("Wrong labels").is_hidden()


def test_an_address_that_makes_no_sense_is_a_sensible_beginning(visit):
    page = visit.open("/learn?layers=banana-9&rate=high&images=-4&augment=9&seed=1e99&training=")
    expect(page.locator(".layers li")).to_have_count(2)
    assert page.get_by_role("button", name="Start", exact=True).is_enabled()


def test_a_training_that_is_gone_is_said_and_can_be_started_again(browser, digits_lab, visit):
    page = visit.open(f"/learn?{DENSE}&epochs=5&training=t9999")
    expect(page.get_by_role("alert")).to_contain_text("no longer here")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    visit.complaints.clear()  # the browser itself says that t9999 was not found


def test_a_cell_of_the_matrix_shows_its_images_and_one_of_them_goes_inside(visit):
    page = visit.open("/mistakes")
    cells = page.locator(".confusion td:not(.right) button")
    cells.first.wait_for()
    total = sum(map(int, page.locator(".confusion td button").all_inner_texts()))
    assert total == 1250
    most = max(cells.all(), key=lambda cell: int(cell.inner_text()))
    number = int(most.inner_text())
    most.click()
    expect(page.locator(".cell h2")).to_contain_text(f"{number} image")
    # One stop of Tab among a hundred numbers; from there by arrows.
    assert page.locator(".confusion button[tabindex='0']").all_inner_texts() == [str(number)]
    page.keyboard.press("Home")
    expect(page.locator(".confusion td button").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    below = page.locator("tr", has=page.locator(":focus")).locator("th").inner_text(), page.locator("td:focus-within")
    assert (below[0] > "0", below[1].get_attribute("data-answer")) == (True, "0")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".confusion td button").nth(-2)).to_be_focused()
    expect(page.locator(".cell figure")).to_have_count(number)
    label = page.locator(".cell h2").inner_text()[0]
    assert (
        page.locator(".cell a")
        .first.get_attribute("aria-label")
        .startswith((f"a {label} taken for", f"an {label} taken for"))
    )
    address = page.url
    page.reload()
    expect(page.locator(".cell h2")).to_contain_text(f"{number} image")
    page.set_viewport_size({"width": 390, "height": 700})
    page.locator(".cell a").first.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    assert scrolled > 100
    page.locator(".cell a").first.click()
    page.wait_for_url("**/inside?*")
    expect(page.locator('main[data-view="inside"] h1')).to_be_focused()
    page.go_back()
    page.wait_for_url(address)
    expect(page.locator(".cell figure")).to_have_count(number)
    expect(page.locator('main[data-view="mistakes"] h1')).to_be_focused()
    assert page.evaluate("scrollY") == scrolled


def test_images_of_every_part_go_inside_and_stand_in_the_address(visit):
    page = visit.open("/inside?part=train&image=30")
    chosen = page.locator(".thumbnails button[aria-pressed='true']")
    expect(chosen).to_have_attribute("aria-label", re.compile("training image 31"))
    page.get_by_label("Which images").select_option("validation images")
    page.get_by_role("button", name="validation image 3", exact=False).first.click()
    expect(page).to_have_url(re.compile("image=2&part=validation|part=validation&image=2"))
    expect(chosen).to_have_attribute("aria-label", re.compile("validation image 3"))
    page.get_by_label("Which images").select_option("test images")
    expect(page.locator(".thumbnails button").first).to_have_attribute("aria-label", re.compile("test image 1"))
    expect(chosen).to_have_count(0)


def test_stored_runs_are_a_table_that_sorts_and_curves_that_are_ticked(visit):
    for count in (5, 6):  # a table of one run has nothing to sort
        page = visit.open(f"/learn?{DENSE}&epochs={count}")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    page.get_by_role("link", name="Compare").click()
    rows = page.locator(".compare tbody tr")
    rows.first.wait_for()
    report = rows.first.get_by_role("link")
    assert re.fullmatch(r"/api/runs/lab-[\w-]+/report", report.get_attribute("href"))
    assert report.get_attribute("target") == "_blank"
    expect(page.locator(".compare .line")).not_to_have_count(0)
    page.get_by_role("button", name="seconds").click()
    assert page.locator("th[aria-sort]").inner_text().startswith("seconds")
    ticked = page.locator(".compare tbody input:checked")
    for _ in range(ticked.count()):
        ticked.first.uncheck()
    expect(page.locator(".compare .line")).to_have_count(0)


@pytest.mark.slow
def test_a_stored_run_s_report_is_opened_beside_the_page(visit):
    page = visit.open(f"/learn?{DENSE}&epochs=5")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("It has finished", timeout=PATIENCE)
    page.get_by_role("link", name="Compare").click()
    with page.expect_popup(timeout=4 * PATIENCE) as opened:  # it comes with the report, which is made now
        page.locator(".compare tbody tr").first.get_by_role("link").click()
    opened.value.locator("h1").wait_for(timeout=PATIENCE)
    assert opened.value.url.endswith("/report")


VIEWS = ["draw", "inside", "learn", "mistakes", "compare", "guide"]
CROWDED = [*VIEWS[2:], "learn?tour=weight&step=1"]
"""Views, beside those that have a test module of their own."""


def test_every_view_has_its_address_and_the_back_button_leads_back(visit):
    page = visit.open("/guide")
    for view in CROWDED[:-1]:
        page.get_by_role("navigation").get_by_role("link", name=view, exact=False).click()
        page.wait_for_url(f"**/{view}*")
        expect(page.locator(f'main[data-view="{view}"] h1')).to_be_visible()
        assert page.title().lower().startswith(view)
        page.go_back()
        expect(page.get_by_role("heading", name="Six questions")).to_be_visible()


def test_nothing_is_wider_than_the_smallest_phone(visit):
    visit.page.set_viewport_size({"width": 320, "height": 700})
    for view in CROWDED:
        page = visit.open(f"/{view}")
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, view


def test_axe_finds_nothing_in_any_view(browser, digits_lab):
    # The page's own policy lets no other script in. Halfway through a transition, colours are of neither state.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", bypass_csp=True)
    context.request.get(digits_lab, max_redirects=0)
    page = context.new_page()
    base = digits_lab.partition("/?")[0]
    for view in CROWDED:
        if view in ("learn", CROWDED[-1]):
            page.goto(f"{base}/{view}")
            page.evaluate(AXE.read_text(encoding="utf-8"))
        else:
            page.get_by_role("navigation").get_by_role("link", name=view, exact=False).click()
        page.locator(f'main[data-view="{view.partition("?")[0]}"] h1').wait_for()
        for scheme, rules in (("light", RULES), ("dark", RULES_OF_COLOURS)):
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("options => axe.run(document, options)", rules)["violations"]
            said = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]
            assert said == [], (view, scheme)
    context.close()


LIST_STOPS = """() => {
  const leads = (each) => each.checkVisibility({ visibilityProperty: true }) && each.tabIndex >= 0 && !each.disabled;
  const all = document.querySelectorAll("a[href], button, input, select, summary, [tabindex]");
  window.left = new Set([...all].filter(leads));
  window.first = [...left][0];
}"""
STOP = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), isNew = window.left.delete(at);
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText;
  // A card is one link, and its outline that of the whole card.
  const outlines = [getComputedStyle(at), getComputedStyle(at, "::after")];
  return {
    html: at.outerHTML.slice(0, 100), isNew, isOut: at === document.body || at === window.first,
    isNamed: Boolean(name?.trim()), isInSight: box.bottom > 0 && box.top < innerHeight,
    isMarked: outlines.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
  };
}"""


def test_tab_leads_to_all_there_is_in_each_view_and_out_again(visit):
    for view in VIEWS:
        page = visit.open(f"/{view}")
        page.wait_for_load_state("networkidle") if view == "inside" else settle(page)
        page.evaluate(LIST_STOPS)
        while True:
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if not stop["isNew"]:
                break
            assert stop["isNamed"], (view, stop)
            assert stop["isMarked"], (view, stop)
            assert stop["isInSight"], (view, stop)
        assert stop["isOut"], (view, stop)
        assert page.evaluate("[...left].map((each) => each.outerHTML.slice(0, 100))") == [], view


def test_a_room_that_is_ready_after_someone_has_gone_on_is_not_shown(visit):
    held, page = [], visit.page
    page.route("**/api/models/*/mistakes", lambda route: held.append(route))
    with page.expect_request("**/api/models/*/mistakes"):
        page.goto(f"{visit.base}/mistakes")
    expect(page.locator("main")).to_contain_text("One moment")
    page.get_by_role("navigation").get_by_role("link", name="Guide").click()
    expect(page.get_by_role("heading", name="Six questions")).to_be_visible()
    page.wait_for_timeout(200)
    with page.expect_response("**/mistakes"):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator("main h1")).to_have_count(1)
    page.get_by_role("navigation").get_by_role("link", name="Compare").click()
    expect(page.locator('main[data-view="compare"] h1')).to_have_count(1)
