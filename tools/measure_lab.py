"""Measure the lab's page: ``python tools/measure_lab.py [ROUNDS]`` prints what watching costs, and the page's weight.

It trains the same network by the command and in the lab in turn, ROUNDS times each (5), while a page in Chromium shows
the latter, and prints the median ratio of their seconds; then the bytes and the first paint of the first visit, and
the longest task of the page while a training runs. A minute or two; as always, other programs disturb it.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]
os.environ["PYTHONPATH"] = str(ROOT / "src")  # this checkout's lab, whatever is installed
from lab_process import Lab, start_lab  # noqa: E402

LAYERS = [
    {"layer": "Conv2D", "filters": 16, "kernel_size": 5, "activation": "relu"},
    {"layer": "MaxPool2D"},
    {"layer": "Flatten"},
    {"layer": "Dense", "units": 100, "activation": "relu"},
    {"layer": "Dense", "units": "classes", "activation": "softmax"},
]
RECIPE = {"optimiser": "adam", "learning_rate": 1e-3, "batch_size": 50, "epochs": 40}
WATCH = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask", buffered: true });
}"""
PAINT = """performance.getEntriesByName("first-contentful-paint")[0].startTime"""


def visit(browser: Browser, lab: Lab, path: str) -> tuple[Page, list[int]]:
    """Open a view as on a first visit, and return the page with the sizes of all that it received."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.request.get(lab.address, max_redirects=0)  # leaves the cookie
    page, sizes = context.new_page(), []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(f"http://{lab.host}{path}")
    page.locator("main h1").first.wait_for()
    return page, sizes


def train_by_command(folder: Path) -> str:
    """Train by the command, and return the run's id."""
    before = set(folder.glob("runs/*"))
    command = [sys.executable, "-m", "inklings", "train", "network.json", "--quiet", "--runs", "runs"]
    env = {**os.environ, "INKLINGS_DATA": str(folder), "OMP_NUM_THREADS": "1"}  # as the lab's
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    (run,) = set(folder.glob("runs/*")) - before
    return run.name


def train_in_lab(browser: Browser, lab: Lab) -> tuple[str, list[float]]:
    """Train while a page watches, and return the run's id and the page's tasks of more than 50 ms."""
    answer = lab.post("/api/trainings", {"network": {"layers": LAYERS}, "recipe": RECIPE})
    id = answer.json()["id"]
    page, _ = visit(browser, lab, f"/learn?training={id}")
    page.evaluate(WATCH)
    run = lab.wait_for(id, "finished", seconds=300)["run"]
    tasks = page.evaluate("tasks")
    page.context.close()
    return run, tasks


def measure(browser: Browser, lab: Lab, rounds: int) -> None:
    """Print all figures."""
    for view in ("draw", "learn"):
        page, sizes = visit(browser, lab, f"/{view}")
        page.wait_for_load_state("networkidle")
        print(f"{view:6} {sum(sizes) / 1000:4.0f} kB, first paint after {page.evaluate(PAINT):.0f} ms")
        page.context.close()
    pairs, longest = [], 0.0
    for _ in range(rounds):
        command = train_by_command(lab.folder)
        watched, tasks = train_in_lab(browser, lab)
        seconds = {run["id"]: run["seconds"] for run in lab.get("/api/runs").json()}
        pairs.append((seconds[command], seconds[watched]))
        longest = max(longest, *tasks, 0.0)
        print(f"command {pairs[-1][0]:.2f} s, watched {pairs[-1][1]:.2f} s, tasks over 50 ms: {tasks}", flush=True)
    ratio = statistics.median(watched / command for command, watched in pairs)
    print(f"watched: {100 * (ratio - 1):+.1f} % (median of {rounds}); longest task {longest:.0f} ms (0: none over 50)")


def main(rounds: int = 5) -> None:
    """Start a lab and measure it."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "network.json").write_text(json.dumps({"layers": LAYERS, "recipe": RECIPE}))
        lab = start_lab(Path(folder), "--data", "digits", "--runs", "runs")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            measure(browser, lab, rounds)
        finally:
            browser.close()
            lab.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
