"""Make the pictures of the lab: ``python tools/lab_pictures.py [NAME ...]`` writes ``lab-*.png`` and ``lab.webp``.

It trains two small networks, starts the lab as anybody does, and uses its page in Chromium by Playwright: a minute or
more. The pictures go to ``docs/pictures``. ``report``, which has to be named, writes ``report.png``, the first screen
of what ``inklings compare --data digits`` writes: that takes a minute or more by itself.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]
os.environ["PYTHONPATH"] = str(ROOT / "src")  # this checkout's lab, whatever is installed
from drawn_digits import DIGITS, Stroke  # noqa: E402
from lab_process import Lab, start_lab  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
DESKTOP, PHONE = (1280, 860), (390, 844)
BETWEEN = 40
"""Pixels between two phones, at twice their size."""
NETWORKS = (["softmax"], ["convolution.toml"])
CONVOLUTION = """
layers = [
    {layer = "Conv2D", filters = 12, kernel_size = 5, activation = "relu"},
    {layer = "MaxPool2D"},
    {layer = "Flatten"},
    {layer = "Dropout", rate = 0.3},
    {layer = "Dense", units = 50, activation = "relu"},
    {layer = "Dense", units = "classes", activation = "softmax"},
]
recipe = {epochs = 12}
"""
LESSON = "/learn?layers=conv-16-5_pool-2_dense-100&images=2000&epochs=60"
SHORT_LESSON = "/learn?layers=conv-16-5_pool-2_dense-100&images=500&epochs=16"
FRAME = (960, 645)
BYTES = 1_500_000
"""The most that the moving picture may have: it is the first thing on the README."""


@contextmanager
def lab() -> Iterator[Lab]:
    """Start a lab with two trained networks, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "convolution.toml").write_text(CONVOLUTION)
        for network in NETWORKS:
            command = [sys.executable, "-m", "inklings", "train", *network, "--quiet", "--runs", "runs"]
            subprocess.run(command, cwd=folder, env={**os.environ, "INKLINGS_DATA": folder}, check=True)
        started = start_lab(Path(folder), "--runs", "runs")
        try:
            yield started
        finally:
            started.stop()


def open_page(browser: Browser, lab: Lab, path: str, size: tuple[int, int]) -> Page:
    """Open one of the lab's views in a window of this size, at twice its pixels."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=2, reduced_motion="reduce"
    )
    context.request.get(lab.address, max_redirects=0)  # leaves the cookie
    page = context.new_page()
    page.goto(f"http://{lab.host}{path}")
    page.locator("main h1").first.wait_for()
    page.wait_for_timeout(1500)
    return page


def draw(page: Page, strokes: list[Stroke], between: Callable[[], None] = lambda: None) -> None:
    """Draw with the mouse; ``between`` is called every few moves."""
    pad = page.locator(".pad canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box() or {}
    left, top, side = box["x"] + 0.22 * box["width"], box["y"] + 0.15 * box["height"], 0.68 * box["height"]
    for stroke in strokes:
        places = [(left + side * x * 0.85, top + side * y) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for number, place in enumerate(places[1:]):
            page.mouse.move(*place, steps=4)
            if number % 3 == 0:
                between()
        page.mouse.up()
    page.wait_for_timeout(800)


def wait_until(page: Page, ready: Locator, seconds: float = 120) -> None:
    """Wait for something that a busy machine takes long to bring."""
    ready.first.wait_for(timeout=seconds * 1000)
    page.wait_for_timeout(1000)


def show_draw(browser: Browser, lab: Lab, size: tuple[int, int] = DESKTOP) -> Page:
    """Draw a 5."""
    page = open_page(browser, lab, "/draw", size)
    draw(page, DIGITS[5])
    page.evaluate("scrollTo(0, 0)")
    return page


def show_inside(browser: Browser, lab: Lab, size: tuple[int, int] = DESKTOP) -> Page:
    """Follow a test image through the layers."""
    page = open_page(browser, lab, "/inside", size)
    page.locator("select").first.select_option(label="convolution")
    page.wait_for_timeout(2500)
    return page


def show_learn(browser: Browser, lab: Lab, size: tuple[int, int] = DESKTOP) -> Page:
    """Train for some epochs, and pause."""
    page = open_page(browser, lab, LESSON, size)
    page.get_by_role("button", name="Start", exact=True).click()
    until = time.monotonic() + 90
    while time.monotonic() < until and "After 1" not in page.locator(".verdict").inner_text():
        page.wait_for_timeout(100)
    page.wait_for_timeout(800)
    return page


def show_mistakes(browser: Browser, lab: Lab, size: tuple[int, int] = DESKTOP) -> Page:
    """Open the cell of the matrix that has most mistakes."""
    page = open_page(browser, lab, "/mistakes", size)
    cells = page.locator(".confusion td:not(.right) button")
    wait_until(page, cells)
    max(cells.all(), key=lambda cell: int(cell.inner_text() or 0)).click()
    wait_until(page, page.locator(".cell figure"))
    return page


def show_compare(browser: Browser, lab: Lab, size: tuple[int, int] = (DESKTOP[0], 1150)) -> Page:
    """The table of runs and their curves."""
    page = open_page(browser, lab, "/compare", size)
    rows = page.locator(".compare tbody tr")
    wait_until(page, rows)
    # One of each: two trainings of the same have the same curve.
    for row, is_wanted in zip(rows.all(), ticks(rows.locator("td:nth-child(2)").all_inner_texts()), strict=True):
        row.locator("input").set_checked(is_wanted)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1000)
    return page


def ticks(titles: list[str]) -> list[bool]:
    """Return which of the runs are the first of their title."""
    return [title not in titles[:place] for place, title in enumerate(titles)]


def show_guide(browser: Browser, lab: Lab, size: tuple[int, int] = DESKTOP) -> Page:
    """The guided tours."""
    return open_page(browser, lab, "/guide", size)


def show_phones(browser: Browser, lab: Lab) -> Image.Image:
    """All six views as a phone shows them, three beside one another."""
    views = show_draw, show_inside, show_learn, show_mistakes, show_compare, show_guide
    width, height = (2 * side + BETWEEN for side in PHONE)
    sheet = Image.new("RGB", (3 * width - BETWEEN, 2 * height - BETWEEN), "white")
    for number, show in enumerate(views):
        page = show(browser, lab, PHONE)
        sheet.paste(picture_of(page), (number % 3 * width, number // 3 * height))
        page.context.close()
    return sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.LANCZOS)


def show_report(browser: Browser, lab: Lab) -> Page:
    """The first screen of a comparison's report."""
    command = [sys.executable, "-m", "inklings", "compare", "--data", "digits", "--out", "report", "--quiet"]
    subprocess.run(command, cwd=lab.folder, env={**os.environ, "INKLINGS_DATA": str(lab.folder)}, check=True)
    page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, device_scale_factor=2)
    page.goto((lab.folder / "report" / "report.html").as_uri())
    return page


VIEWS: dict[str, Callable[[Browser, Lab], Page | Image.Image]] = {
    "lab-draw": show_draw,
    "lab-inside": show_inside,
    "lab-learn": show_learn,
    "lab-mistakes": show_mistakes,
    "lab-compare": show_compare,
    "lab-guide": show_guide,
    "lab-phone": show_phones,
    "report": show_report,
}


_LAST = ("lab-learn", "lab-compare", "lab-phone")
ORDER = [*(name for name in VIEWS if name.startswith("lab") and name not in _LAST), "lab.webp", *_LAST]
"""What is trained on the page joins the networks that Draw shows, and stands in the table of Compare."""


def picture_of(page: Page) -> Image.Image:
    """Return what the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save(picture: Image.Image, name: str) -> None:
    """Write a small PNG."""
    path = PICTURES / f"{name}.png"
    picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def record(browser: Browser, lab: Lab) -> None:
    """Write the moving picture: a 5 is drawn, then a network learns."""
    frames: list[tuple[Image.Image, int]] = []

    def take(page: Page, milliseconds: int) -> None:
        frames.append((picture_of(page).resize(FRAME, Image.Resampling.LANCZOS), milliseconds))

    page = open_page(browser, lab, "/draw", DESKTOP)
    take(page, 600)
    draw(page, DIGITS[5], lambda: take(page, 110))
    take(page, 1800)
    page = open_page(browser, lab, SHORT_LESSON, DESKTOP)
    take(page, 700)
    page.get_by_role("button", name="Start", exact=True).click()
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("It has finished", timeout=120_000)
    # Pictures of a training that runs would come too late: back to its first epoch, and on by one at a time.
    page.get_by_role("slider", name="Epoch", exact=True).fill("1")
    for epoch in range(1, 17):
        if epoch > 1:
            page.get_by_role("button", name="One epoch").click(timeout=60_000)
        expect(verdict).to_contain_text(f"After {epoch} epoch", timeout=60_000)
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(400)
        take(page, 260)
    frames[-1] = (frames[-1][0], 2500)
    path, quality = PICTURES / "lab.webp", 80
    while quality:
        pictures, durations = zip(*frames, strict=True)
        pictures[0].save(
            path, save_all=True, append_images=pictures[1:], duration=list(durations), loop=0, quality=quality, method=4
        )
        if path.stat().st_size < BYTES:
            break
        quality -= 10
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {len(frames)} frames, quality {quality}")


def main(names: list[str]) -> None:
    """Make the named pictures, or all of them."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with lab() as started, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in names or ORDER:
            if name == "lab.webp":
                record(browser, started)
            else:
                shown = VIEWS[name](browser, started)
                save(shown if isinstance(shown, Image.Image) else picture_of(shown), name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
