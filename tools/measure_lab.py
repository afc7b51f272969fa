"""Measure the lab's page: ``python tools/measure_lab.py [ROUNDS]`` prints what watching costs, and the page's weight.

It prints the bytes and the first paint of a first visit. Then it trains the same network by the command and in the lab
in turn, ROUNDS times each (3), while a page in Chromium shows the latter, and prints the median ratio of the CPU time
that both processes took for the same 50 epochs, and the longest task of the page meanwhile. CPU time, since other
programs, the browser among them, take a share of the cores and so disturb the seconds on a clock. A few minutes on
Linux.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
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
RECIPE = {"optimiser": "adam", "learning_rate": 1e-3, "batch_size": 50}
FEW, MANY = 10, 60
"""Epochs of two trainings, whose difference has neither the start of a process nor its end in it."""
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


def train_by_command(folder: Path, epochs: int) -> float:
    """Train by the command, and return the CPU seconds that it took."""
    (folder / "network.json").write_text(json.dumps({"layers": LAYERS, "recipe": {**RECIPE, "epochs": epochs}}))
    command = [sys.executable, "-m", "inklings", "train", "network.json", "--quiet", "--runs", "runs"]
    env = {**os.environ, "INKLINGS_DATA": str(folder), "OMP_NUM_THREADS": "1"}  # as the lab's
    before = cpu_of_children()
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    return cpu_of_children() - before


def cpu_of_children() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of(lab: Lab) -> float:
    """Return the CPU seconds of a lab that goes on."""
    # Fields 14 and 15 of proc(5), counted behind the name, which may hold blanks.
    fields = Path(f"/proc/{lab.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def train_in_lab(browser: Browser, lab: Lab, epochs: int) -> tuple[float, list[float]]:
    """Train while a page watches, and return the lab's CPU seconds and the page's tasks of more than 50 ms."""
    before = cpu_of(lab)
    wanted = {"network": {"layers": LAYERS}, "recipe": {**RECIPE, "epochs": epochs}}
    id = lab.post("/api/trainings", wanted).json()["id"]
    page, _ = visit(browser, lab, f"/learn?training={id}")
    page.evaluate(WATCH)
    # Asked once a second: every question is work for the lab, too.
    while not any(each["id"] == id and each["state"] == "finished" for each in lab.get("/api/trainings").json()):
        time.sleep(1)
    used, tasks = cpu_of(lab) - before, page.evaluate("tasks")
    page.context.close()
    return used, tasks


def measure(browser: Browser, lab: Lab, rounds: int) -> None:
    """Print all figures."""
    for view in ("draw", "learn"):
        page, sizes = visit(browser, lab, f"/{view}")
        page.wait_for_load_state("networkidle")
        print(f"{view:6} {sum(sizes) / 1000:4.0f} kB, first paint after {page.evaluate(PAINT):.0f} ms")
        page.context.close()
    ratios, longest = [], 0.0
    for _ in range(rounds):
        command = train_by_command(lab.folder, MANY) - train_by_command(lab.folder, FEW)
        (much, tasks), (little, others) = (train_in_lab(browser, lab, epochs) for epochs in (MANY, FEW))
        ratios.append((much - little) / command)
        longest = max(longest, *tasks, *others, 0.0)
        print(f"CPU: command {command:.2f} s, watched {much - little:.2f} s; tasks over 50 ms: {tasks}", flush=True)
    extra = [f"{100 * (ratio - 1):+.1f} %" for ratio in (statistics.median(ratios), min(ratios), max(ratios))]
    print(f"watched: {extra[0]} ({extra[1]} to {extra[2]}); longest task {longest:.0f} ms (0: none over 50)")


def main(rounds: int = 3) -> None:
    """Start a lab and measure it."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = start_lab(Path(folder), "--data", "digits", "--runs", "runs")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            measure(browser, lab, rounds)
        finally:
            browser.close()
            lab.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
