"""Draw and Inside in a real browser."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drawn_digits import drawn_digit
from inklings.pages import normalise
from served_views import served_views

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
SEVEN = [(0.3, 0.25), (0.5, 0.23), (0.7, 0.24), (0.62, 0.45), (0.52, 0.65), (0.45, 0.82)]
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture(scope="module")
def address(small_model, split):
    with served_views(small_model, split.test) as address:
        yield address


@pytest.fixture
def open_view(browser, address):
    opened = []

    def open_view(name, **options):
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        opened.append(page)
        page.goto(f"{address}?view={name}")
        page.wait_for_selector("body[data-ready]")
        return page

    yield open_view
    for page in opened:
        assert page.complaints == []
        page.context.close()


def draw(page, points, steps=4):
    box = page.locator(".pad-paper").bounding_box()
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=steps)
    page.mouse.up()
    settle(page)


def settle(page):
    """Wait for the frame in which what happened is shown."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown_numbers(page, grid):
    texts = page.locator(".lens .numbers").nth(grid).locator("span").all_inner_texts()
    return np.array([0.0 if text == "·" else float(text.replace("−", "-")) for text in texts])


def shown_sum(page, name):
    return float(page.locator(f'.sums dd[data-sum="{name}"]').inner_text().replace("−", "-"))


def test_a_7_drawn_with_the_mouse_is_a_7(open_view):
    page = open_view("draw")
    draw(page, SEVEN)
    assert page.locator(".network .answer").inner_text() == "7"
    assert page.locator(".bars li.first .class").inner_text() == "7"


def test_a_7_drawn_with_a_finger_is_a_7_and_the_page_does_not_scroll(open_view):
    page = open_view("draw", **PHONE)
    box = page.locator(".pad-paper").bounding_box()
    touch = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(SEVEN):
        point = {"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y}
        kind = "touchMove" if number else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(page)
    assert page.locator(".network .answer").inner_text() == "7"
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("place", [(0.02, 0.02), (0.55, 0.6)], ids=["top left", "bottom right"])
def test_where_and_how_large_it_is_drawn_does_not_matter(open_view, place):
    page = open_view("draw")
    draw(page, [(place[0] + 0.4 * x, place[1] + 0.4 * y) for x, y in SEVEN])
    assert page.locator(".network .answer").inner_text() == "7"


def test_answers_change_while_the_stroke_is_drawn(open_view):
    page = open_view("draw")
    box = page.locator(".pad-paper").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 110, steps=4)
    settle(page)
    before = page.locator(".bars").inner_text()
    page.mouse.move(box["x"] + 120, box["y"] + 300, steps=4)
    settle(page)
    assert page.locator(".bars").inner_text() != before
    assert page.locator(".stages li").count() >= 4


def test_a_dot_is_no_answer_yet_and_no_word_is_said_while_the_pen_is_down(open_view):
    page = open_view("draw")
    box = page.locator(".pad-paper").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    settle(page)
    assert page.locator(".draw-words").inner_text() == ""
    page.mouse.up()
    settle(page)
    assert page.locator(".network .answer").inner_text() == "?"
    assert "only a dot so far" in page.locator(".draw-words").inner_text()
    draw(page, SEVEN)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    draw(page, SEVEN)
    assert page.locator(".network .answer").inner_text() == "7"


def test_undo_and_clear_by_keyboard(open_view):
    page = open_view("draw")
    draw(page, SEVEN)
    draw(page, [(0.1, 0.9), (0.2, 0.9)])
    page.get_by_role("button", name="Clear").press("Enter")
    settle(page)
    assert page.locator(".network .answer").inner_text() == "?"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    settle(page)
    assert page.locator(".network .answer").inner_text() == "7"


def test_what_was_drawn_is_kept_under_the_name_that_is_given(open_view):
    page = open_view("draw")
    assert page.locator(".keep").is_hidden()
    draw(page, SEVEN)
    page.get_by_role("button", name="It was a 7: keep it").click()
    page.get_by_text("Kept as a 7").wait_for()
    label, kind, size = page.evaluate("context.kept[0]")
    assert (label, kind) == ("7", "image/png")
    assert size > 200
    settle(page)
    assert page.locator(".network .answer").inner_text() == "?"


def as_file(grey, **options):
    stored = io.BytesIO()
    Image.fromarray(grey).save(stored, "PNG" if "exif" not in options else "JPEG", **options)
    return {
        "name": "digit",
        "mimeType": "image/png" if "exif" not in options else "image/jpeg",
        "buffer": stored.getvalue(),
    }


def transparent(grey):
    """Black ink on nothing, as drawing programs save it."""
    return np.dstack([np.zeros_like(grey)] * 3 + [255 - grey])


@pytest.mark.parametrize("look", ["dark on light", "light on dark", "on its side by EXIF", "on nothing"])
def test_a_picture_chosen_is_read_as_python_reads_it(open_view, small_model, look):
    drawing = drawn_digit(7)
    picture = 255 - drawing if look == "light on dark" else drawing
    options = {}
    if look == "on its side by EXIF":
        exif = Image.Exif()
        exif[0x0112] = 6  # turned a quarter to the right when shown
        options, picture = {"exif": exif, "quality": 95}, np.rot90(drawing)
    if look == "on nothing":
        picture = transparent(drawing)
    page = open_view("draw")
    page.locator("input[type=file]").set_input_files(as_file(np.ascontiguousarray(picture), **options))
    page.wait_for_selector(".stages canvas")
    expected = small_model.predict_proba(normalise(drawing).image[np.newaxis])[0]
    assert page.locator(".network .answer").inner_text() == small_model.class_names[int(expected.argmax())]


def test_what_is_no_picture_or_only_a_part_of_one_is_refused_in_words(open_view):
    page = open_view("draw")
    refused = page.locator(".draw-words.error")
    whole = [as_file(drawn_digit(7)), as_file(drawn_digit(7), exif=Image.Exif())]
    halves = [{**each, "buffer": each["buffer"][: len(each["buffer"]) // 2]} for each in whole]
    for file, words in [
        ({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}, "cannot open that file as a picture"),
        *((half, "cut short") for half in halves),
    ]:
        page.locator("input[type=file]").set_input_files(file)
        refused.filter(has_text=words).wait_for()
    page.locator("input[type=file]").set_input_files(whole[1])
    page.locator(".network .answer").filter(has_text="7").wait_for()


LINK = """(target) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.setData("text/uri-list", "https://example.org/seven.png");
  const send = (name) => target.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  return ["dragover", "drop"].map(send);
}"""


def test_a_link_that_is_dropped_does_not_lead_away_from_the_page(open_view):
    page = open_view("draw")
    went_on = page.locator(".pad-paper").evaluate(LINK)
    assert went_on == [False, False]
    assert "only the address of a picture" in page.locator(".draw-words").inner_text()


GUARD = """(most) => {
  const read = CanvasRenderingContext2D.prototype.getImageData;
  CanvasRenderingContext2D.prototype.getImageData = function (...where) {
    const picture = read.apply(this, where);
    picture.data.forEach((value, at) => {
      if (at % 4 < 3) picture.data[at] = value + Math.round(Math.random() * most);
    });
    return picture;
  };
}"""
"""What browsers do that guard against fingerprinting: some change a bit here and there, others return noise alone."""


def test_a_browser_that_hides_drawings_is_told_apart_from_one_that_changes_a_bit(open_view):
    page = open_view("draw")
    page.evaluate(GUARD, -255)
    draw(page, SEVEN)
    assert "keeps this page from seeing the drawing" in page.locator(".draw-words").inner_text()
    assert page.locator(".network .answer").inner_text() == "?"
    page = open_view("draw")
    page.evaluate(GUARD, 1)
    draw(page, SEVEN)
    assert page.locator(".network .answer").inner_text() == "7"
    assert page.locator(".draw-words").inner_text() == ""


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(open_view):
    page = open_view("draw")
    page.locator("input[type=file]").set_input_files(as_file(np.zeros((9000, 9000), np.uint8)))
    page.wait_for_selector(".draw-words.error")
    assert "81 million pixels" in page.locator(".draw-words").inner_text()


def test_a_palm_laid_down_before_the_pen_leaves_no_ink(open_view):
    page = open_view("draw", has_touch=True)
    box = page.locator(".pad-paper").bounding_box()
    device = page.context.new_cdp_session(page)
    palm = {"x": box["x"] + 0.9 * box["width"], "y": box["y"] + 0.9 * box["height"]}
    device.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [palm]})
    for number, (x, y) in enumerate(SEVEN):
        kind = "mouseMoved" if number else "mousePressed"
        place = {"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y}
        pen = {"pointerType": "pen", "button": "left", "buttons": 1, "clickCount": 1, "force": 0.5}
        device.send("Input.dispatchMouseEvent", {"type": kind, **place, **pen})
    settle(page)
    assert page.locator(".network .answer").inner_text() == "7"
    assert page.locator(".draw-words").inner_text() == ""


def test_a_drawing_outlasts_a_window_that_changes_its_size_and_the_dark(open_view):
    page = open_view("draw", device_scale_factor=2)
    draw(page, SEVEN)
    before = page.locator(".bars").inner_text()
    page.set_viewport_size({"width": 700, "height": 900})
    page.emulate_media(color_scheme="dark")
    draw(page, SEVEN)
    page.keyboard.press("Control+z")
    settle(page)
    assert page.locator(".bars").inner_text() == before


def test_at_twice_its_size_on_a_laptop_the_pad_is_no_higher_than_the_window(open_view):
    page = open_view("draw", viewport={"width": 640, "height": 400}, device_scale_factor=2)
    assert page.locator(".pad-paper").bounding_box()["height"] < 400
    draw(page, SEVEN)
    assert page.locator(".network .answer").inner_text() == "7"


LOOKS = """(pen) => [pen, pen.firstElementChild].map((each) => getComputedStyle(each).backgroundColor)"""


def test_in_colours_that_a_reader_has_chosen_one_sees_the_pens_and_which_is_chosen(open_view):
    page = open_view("draw", forced_colors="active")
    pens = [page.get_by_role("button", name=f"{name} pen").evaluate(LOOKS) for name in ("Fine", "Medium")]
    assert all(ground != dot for ground, dot in pens)
    assert pens[0][0] != pens[1][0]


def test_of_several_digits_it_says_which_it_reads(open_view):
    page = open_view("draw")
    draw(page, [(0.4 * x, 0.4 * y + 0.1) for x, y in SEVEN])
    draw(page, [(0.8, 0.1), (0.8, 0.8)])
    assert "something else in the picture" in page.locator(".draw-words").inner_text()


def test_the_arithmetic_of_a_convolution_is_numpys(open_view, small_model, split):
    page = open_view("inside")
    image = split.test.images[0]
    activations = small_model.activations(image[np.newaxis])
    target = page.locator(".lens .mosaic").last
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    filter_ = int(re.match(r"Filter (\d+) of 6", page.locator(".lens h2").inner_text())[1]) - 1
    padded = np.pad(image[..., 0], 2)
    for row, column in ((4, 9), (10, 10), (19, 0)):
        page.mouse.move(box["x"] + box["width"] * (column + 0.5) / 20, box["y"] + box["height"] * (row + 0.5) / 20)
        settle(page)
        patch = padded[row : row + 5, column : column + 5]
        kernel = small_model.parameters["conv2d_1/weights"][:, :, 0, filter_]
        np.testing.assert_allclose(shown_numbers(page, 0), patch.ravel(), atol=0.0051)
        np.testing.assert_allclose(shown_numbers(page, 1), kernel.ravel(), atol=0.0051)
        np.testing.assert_allclose(shown_numbers(page, 2), (patch * kernel).ravel(), atol=0.0051)
        before = (patch * kernel).sum() + small_model.parameters["conv2d_1/biases"][filter_]
        assert shown_sum(page, "before") == pytest.approx(before, abs=0.0051)
        after = activations["conv2d_1"][0, row, column, filter_]
        assert shown_sum(page, "after") == pytest.approx(after, abs=0.0051)


def test_keys_move_the_window_as_a_pointer_does(open_view):
    page = open_view("inside")
    page.locator(".lens .mosaic").last.focus()
    before = [page.locator(".lens .mosaic .mark").nth(number).get_attribute("style") for number in (0, 1)]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    settle(page)
    after = [page.locator(".lens .mosaic .mark").nth(number).get_attribute("style") for number in (0, 1)]
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_keys_move_a_pooling_s_window_from_one_to_the_next(open_view):
    from playwright.sync_api import expect

    page = open_view("inside")
    page.locator(".station.maxpool2d .mosaic").first.click()
    source = page.locator(".lens .mosaic").first
    expect(source.locator(".mark")).to_be_visible()
    settle(page)
    source.focus()

    def top():
        return float(re.search(r"top: ([\d.]+)%", source.locator(".mark").get_attribute("style"))[1])

    at_first = top()  # a part of the height of twenty pixels, in per cent
    # What a key asks for is computed before it is shown, which takes its time on a busy machine.
    for key, expected in (("ArrowUp", at_first - 100 * 2 / 20), ("ArrowDown", at_first)):
        page.keyboard.press(key)
        expect(source.locator(".mark")).to_have_attribute("style", re.compile(rf"top: {expected:g}%"))


def test_every_station_can_be_looked_into(open_view):
    page = open_view("inside")
    titles = []
    for station in page.locator(".station .mosaic").all():
        station.click()
        settle(page)
        titles.append(page.locator(".lens h2").inner_text())
    page.get_by_role("button", name="Why 3?").click()
    settle(page)
    titles.append(page.locator(".lens h2").inner_text())
    expected = ["The image", "Filter .* of 6", "Pooling, map .* of 6", "Filter .* of 8", "Pooling, map .* of 8"]
    for title, pattern in zip(titles, [*expected, "Unit .* of 40", r"Why 3\?"], strict=True):
        assert re.fullmatch(pattern, title)


def test_what_each_map_that_comes_in_adds_is_seen_and_the_chosen_one_shown(open_view, small_model, split):
    page = open_view("inside")
    page.locator(".station.conv2d .mosaic").last.click()
    settle(page)
    adds = page.locator(".lens .channels canvas")
    box = adds.bounding_box()
    assert box["width"] > 100
    maps = np.pad(small_model.activations(split.test.images[:1])["maxpool2d_1"][0], ((1, 1), (1, 1), (0, 0)))
    for number in (0, 5):  # of six maps, three in a row
        adds.click(position={"x": box["width"] * (number % 3 + 0.5) / 3, "y": box["height"] * (number // 3 + 0.5) / 2})
        settle(page)
        shown = shown_numbers(page, 0).reshape(3, 3)
        patches = np.lib.stride_tricks.sliding_window_view(maps[..., number], (3, 3))
        assert np.abs(patches - shown).max((2, 3)).min() < 0.0051


def test_an_image_of_the_data_is_looked_into_and_stands_in_the_address(open_view):
    page = open_view("inside")
    page.locator(".thumbnails button").nth(5).click()
    settle(page)
    assert "image=5" in page.url
    assert page.locator(".thumbnails button").nth(5).get_attribute("aria-pressed") == "true"
    page.wait_for_selector(".mattered[data-done=true]")
    # Tab stops once among them; from there by arrows.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settle(page)
    assert "image=6" in page.url
    assert page.locator(".thumbnails button[tabindex='0']").get_attribute("data-place") == "6"
    page.goto(page.url.replace("image=6", "image=99999"))
    page.wait_for_selector("body[data-ready]")
    assert re.search(r"It is (right|a)", page.locator(".lead").inner_text())


WRONG_AND_RIGHT_AGAIN = """async () => {
  const { tiles } = await import("/static/parts/tiles.js");
  const three = { images: new Float32Array(3 * 64), labels: Int32Array.of(0, 0, 0), shape: [8, 8, 1] };
  const made = tiles({ ...three, classNames: ["a", "WWW"] });
  document.body.append(made.element);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const canvas = made.element.querySelector("canvas"), look = () => canvas.toDataURL();
  const looks = [[0, 0, 0], [0, 1, 0], [0, 0, 0]].map((answers) => [made.update(answers), look()][1]);
  return [looks[0] === looks[1], looks[0] === looks[2]];
}"""
ALWAYS_RIGHT = """async () => {
  const { curves } = await import("/static/parts/curves.js");
  const plot = curves({ label: "Accuracy", tallest: 300 });
  document.body.append(plot.element);
  const lines = [{ title: "a", part: "training", colour: "red", x: [1, 2], y: [1, 1] }];
  const measure = { title: "Accuracy", write: String, tick: (value) => `tick ${value}`, high: 1 };
  plot.draw(lines, { title: "Epochs", at: String, end: 2 }, measure);
  return [...plot.element.querySelectorAll("text")].map((text) => text.textContent);
}"""

ONE_OF_TWO_RUNS_DAMAGED = """async () => {
  const { mount } = await import("/static/views/compare.js");
  const run = async (id) => {
    if (id === "b") throw new Error("its history is damaged");
    return [{ epoch: 1, train_accuracy: 0.5, validation_accuracy: 0.4 }];
  };
  const runs = async () => ["a", "b"].map((id) => ({ id, title: id, test: 0.5 })), reportAddress = (id) => id;
  const root = document.createElement("div"), address = { get: () => null, set() {} };
  document.body.append(root);
  await mount(root, { source: { run, runs, reportAddress }, address });
  const said = root.textContent.includes("b has no curves: its history is damaged");
  return [root.querySelectorAll("path.line").length, said];
}"""


def test_a_damaged_run_says_so_and_leaves_the_others_to_be_compared(open_view):
    assert open_view("draw").evaluate(ONE_OF_TWO_RUNS_DAMAGED) == [2, True]


def test_a_wrong_answer_leaves_nothing_on_the_picture_beside_it(open_view):
    assert open_view("draw").evaluate(WRONG_AND_RIGHT_AGAIN) == [False, True]


def test_no_accuracy_above_all_images_stands_at_a_curve(open_view):
    ticks = [text for text in open_view("draw").evaluate(ALWAYS_RIGHT) if text.startswith("tick")]
    assert max(float(tick.split()[1]) for tick in ticks) == 1


@pytest.mark.parametrize("name", ["draw", "inside"])
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (320, "light"),
        (1440, "dark"),
        pytest.param(320, "dark", marks=pytest.mark.slow),
        pytest.param(1440, "light", marks=pytest.mark.slow),
    ],
)
def test_it_is_accessible_and_no_wider_than_the_window(open_view, name, width, scheme):
    # The page forbids evaluating text, which is how the checker comes into it.
    how = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
    page = open_view(name, viewport={"width": width, "height": 800}, **how)
    if name == "draw":
        draw(page, SEVEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text())
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
    found = page.evaluate("(rules) => axe.run(document, rules)", rules)
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["violations"]] == []


@pytest.mark.slow
def test_from_pointer_to_bars_takes_less_than_a_frame(open_view):
    page = open_view("draw")
    page.evaluate("""() => {
      window.waits = [];
      let moved = null;
      document.addEventListener("pointermove", () => { moved ??= performance.now(); }, true);
      new MutationObserver(() => {
        if (moved !== null) window.waits.push(performance.now() - moved);
        moved = null;
      }).observe(document.querySelector(".answers"), { subtree: true, childList: true, attributes: true });
    }""")
    for _ in range(4):
        draw(page, SEVEN, steps=15)
    waits = np.array(page.evaluate("waits"))
    assert len(waits) > 100
    assert np.percentile(waits, 95) < 16
