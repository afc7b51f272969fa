"""What stays in memory while somebody draws for minutes: of the page's scripts, and of the lab's server."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from lab_process import start_lab

MINUTES, STROKES_A_MINUTE = 2, 60
SETTLED = 30
"""Strokes after which everything that is made once has been made."""
MOST_GROWN_PAGE, MOST_GROWN_SERVER = 2 << 20, 16 << 20
"""Bytes from the settled state to the end: the strokes that can be taken back take 400 kB; a leaked picture of each
stroke, of 256 x 256 pixels, would be 23 MB."""


@pytest.fixture
def drawing_lab(tmp_path, trained_once):
    lab = start_lab(tmp_path, str(trained_once[0] / "digits.inkling"))
    yield lab
    lab.stop()


def heap_of(session):
    """Bytes that the page's scripts can reach, those of arrays among them: everything else is collected first."""
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return usage["usedSize"] + usage.get("backingStorageSize", 0)


def nodes_of(session):
    """Elements and listeners of the page, also such as are no longer in it but held."""
    counters = session.send("Memory.getDOMCounters")
    return counters["nodes"] + counters["jsEventListeners"]


def resident(pid):
    """Bytes of a process in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def stroke(page, number):
    box = page.locator(".pad-paper").bounding_box()
    turn = 2 * np.pi * number / 17
    places = [(0.5 + 0.35 * np.cos(turn + 0.3 * step), 0.5 + 0.35 * np.sin(turn + 0.2 * step)) for step in range(12)]
    page.mouse.move(box["x"] + box["width"] * places[0][0], box["y"] + box["height"] * places[0][1])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.mouse.up()


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="this system does not say what a process has in memory"
)
def test_two_minutes_of_drawing_leave_memory_flat(browser, drawing_lab):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.request.get(drawing_lab.address, max_redirects=0)
    page = context.new_page()
    page.goto(f"http://{drawing_lab.host}/draw")
    page.locator(".pad-paper").wait_for()
    session, pid = context.new_cdp_session(page), drawing_lab.process.pid
    begun, found = time.monotonic(), []
    for number in range(MINUTES * STROKES_A_MINUTE):
        stroke(page, number)
        # Three strokes are a drawing; what is rarely asked for, the server's judgement, follows each.
        if number % 3 == 2:
            page.get_by_role("button", name="Clear").click()
        page.wait_for_timeout(max(0.0, 1000 * (begun + (number + 1) * 60 / STROKES_A_MINUTE - time.monotonic())))
        if number >= SETTLED and number % 10 == 2:
            found.append((heap_of(session), nodes_of(session), resident(pid)))
    heap, nodes, server = np.array(found).T
    print(f"heap {heap}, nodes {nodes}, server {server}")
    context.close()
    # Of several measurements the least, so that one taken at a bad moment decides nothing.
    assert heap[-3:].min() - heap[:3].min() < MOST_GROWN_PAGE
    assert nodes[-3:].min() - nodes[:3].min() < 100
    assert server[-3:].min() - server[:3].min() < MOST_GROWN_SERVER
