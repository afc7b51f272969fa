"""Starting and ending a lab, as people do who have used others: ports, browsers, names, tunnels, Ctrl-C."""

import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

from inklings.experiments.runs import RunStore
from inklings.lab.access import Access, allowed_hosts
from inklings.lab.browser import has_screen
from lab_process import start_lab

LABELS = np.arange(90) % 3
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix has them")


def refused(folder, *arguments, **environment):
    """The one line of a lab that does not start, and its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "inklings", "lab", "--no-browser", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    (line,) = done.stderr.splitlines()
    return line, done.returncode


def test_a_port_that_is_taken_is_said_in_one_line(lab, tmp_path):
    line, code = refused(tmp_path, "--port", str(lab.port))
    assert line == f"inklings: port {lab.port} is taken, as by another lab; choose another with --port, or leave it out"
    assert code == 1


def test_a_port_that_browsers_refuse_to_open_is_not_taken(tmp_path):
    assert "browsers do not open port 6000" in refused(tmp_path, "--port", "6000")[0]


def test_an_address_that_is_none_of_this_machine_s_is_said(tmp_path):
    assert "give an address of this machine" in refused(tmp_path, "--host", "192.0.2.7")[0]


def test_a_missing_package_is_named_with_what_to_install(tmp_path):
    (tmp_path / "starlette").mkdir()
    (tmp_path / "starlette" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='starlette')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    line, code = refused(tmp_path, PYTHONPATH=path)
    assert line.endswith("the lab needs the package starlette, which is not installed; pip install starlette uvicorn")
    assert code == 8


@posix
def test_a_first_visitor_watches_a_small_network_learn_and_keeps_it(tmp_path):
    lab = start_lab(tmp_path)  # digits, no models, no runs
    try:
        (shown,) = lab.get("/api/models").json()
        header = lab.get(f"/api/models/{shown['id']}").json()
        assert header["class_names"] == list("0123456789")
        first = lab.get(f"/api/models/{shown['id']}/weights").body
        until = time.monotonic() + 120
        while lab.get("/api/models").json()[0]["learning"] and time.monotonic() < until:
            time.sleep(0.2)
        (shown,) = lab.get("/api/models").json()
        assert shown["accuracy"] > 0.9
        assert shown["interval"][0] < shown["accuracy"] < shown["interval"][1]
        assert lab.get(f"/api/models/{shown['id']}/weights").body != first
        (run,) = lab.get("/api/runs").json()
        assert run["id"] == shown["run"]
        assert run["report"]
        assert [row["epoch"] for row in lab.get(f"/api/runs/{run['id']}").json()][:2] == [0, 1]
        # The terminal is closed, as people do: nothing is lost, and nothing hangs.
        code, _, _ = lab.stop(signal.SIGHUP)
        assert code == 0
    finally:
        lab.process.kill()


def test_the_images_are_opened_as_the_first_network_s_were(tmp_path, monkeypatch):
    from inklings.cli import main

    random = np.random.default_rng(0)
    np.savez(tmp_path / "colours.npz", images=random.integers(0, 256, (90, 6, 6, 3)).astype(np.uint8), labels=LABELS)
    monkeypatch.chdir(tmp_path)
    command = "inklings train softmax --data colours.npz --colour --seed 5 --epochs 1 --quiet --save colours.inkling"
    monkeypatch.setattr(sys, "argv", command.split())
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    lab = start_lab(tmp_path, "colours.inkling")
    try:
        assert lab.get("/api/data").json()["image_shape"] == [6, 6, 3]
        judged, (shown, *_) = lab.get("/api/models/m1/mistakes").json(), lab.get("/api/models").json()
        assert (judged["accuracy"], judged["left_out"]) == (shown["accuracy"], 0)  # the images that it was tested on
        id = lab.post("/api/trainings", {"network": {"preset": "softmax"}, "recipe": {"epochs": 1}}).json()["id"]
        run = lab.wait_for(id, "finished")["run"]
        # A run of the lab says so to whoever opens its images again.
        assert RunStore(tmp_path / "inklings-runs").load(run).facts["data"]["options"]["colour"]
    finally:
        lab.stop()


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_with_open_connections_and_nothing_lost(own_lab, slow, number):
    lab = own_lab()
    wanted = {"network": slow, "recipe": {"epochs": 2000, "batch_size": 2}}
    id = lab.post("/api/trainings", wanted).json()["id"]
    lab.wait_for(id, "running")
    idle = socket.create_connection(("127.0.0.1", lab.port))
    with lab.follow(id) as events:
        next(events)
        begun = time.monotonic()
        code, _, err = lab.stop(number)
    idle.close()
    assert code == 0, err
    assert "Traceback" not in err
    assert time.monotonic() - begun < 15


def test_two_labs_do_not_take_each_other_s_cookie(lab):
    one, other = (Access(allowed_hosts([], port), port) for port in (8520, 8521))
    assert one.cookie != other.cookie
    assert one.token != other.token


def test_a_pass_lets_one_visitor_in():
    access = Access(allowed_hosts([], 8520), 8520)
    once = access.issue_pass()
    assert once != access.token
    assert [access.admits(once), access.admits(once), access.admits(access.token)] == [True, False, True]


def test_a_browser_is_started_with_a_pass_and_not_with_the_token(tmp_path, small_data):
    # What a program is started with, other users of the machine can read.
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    lab = start_lab(tmp_path, "--data", str(small_data), browser=str(browser))
    try:
        until = time.monotonic() + 20
        while not opened.exists() or not opened.read_text():
            assert time.monotonic() < until
            time.sleep(0.05)
        address = opened.read_text().strip()
        assert address.startswith(f"http://127.0.0.1:{lab.port}/?token=")
        assert lab.token not in address
        path = address.removeprefix(f"http://127.0.0.1:{lab.port}")
        answers = [lab.ask("GET", path, headers={"Host": lab.host}).status for _ in range(2)]
        assert answers == [303, 403]
    finally:
        lab.stop()


def test_without_a_screen_no_browser_is_started(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not has_screen()
    monkeypatch.setenv("DISPLAY", ":0")
    assert has_screen()
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("SSH_CONNECTION", "1")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not has_screen()
    monkeypatch.setenv("BROWSER", "firefox")
    assert has_screen()


def test_whoever_opens_the_page_without_the_token_reads_why_on_a_page(lab):
    visit = {"Host": lab.host, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = lab.ask("GET", "/draw", headers=visit)
    assert answer.status == 403
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"open the address that the terminal shows" in answer.body


def test_a_host_for_others_asks_everyone_for_the_token_and_says_so(own_lab, small_data):
    lab = own_lab("--host", "0.0.0.0", "--data", str(small_data))
    assert lab.address.startswith("http://127.0.0.1:")
    name = socket.gethostname()
    assert lab.ask("GET", "/api/models", headers={"Host": f"{name}:{lab.port}"}).status == 403
    assert lab.ask("GET", "/api/models", headers={"Host": f"{name}:{lab.port}", "Cookie": lab.cookie}).status == 200
    assert lab.ask("GET", "/api/models", headers={"Host": f"evil:{lab.port}", "Cookie": lab.cookie}).status == 421
    _, _, err = lab.stop()
    assert "other machines can open this address too" in err
    assert "not encrypted" in err


def test_by_default_only_this_machine_is_answered(lab):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        own = asked.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError, match=r".+"):
        http.client.HTTPConnection(own, lab.port, timeout=2).request("GET", "/")
