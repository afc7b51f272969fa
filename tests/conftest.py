import io
import os
import re
import shutil
import signal
import socket
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import metadata, util

import pytest

from blank_figures import blank_figures

# BLAS's threads wait for one another in busy loops: where tests run side by side, they would take many times the work.
# Set before NumPy is loaded, and handed on to the processes that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# And so do OpenMP's, which scikit-learn's trees use: seconds in place of a tenth of one.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# XLA takes most of the time of JAX's tests to optimise programs that then run for a moment: `make test-slow` runs these
# tests on the programs that users have. A jaxlib that does not know one of XLA's flags ends the process.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
if util.find_spec("jaxlib") and metadata.version("jaxlib").startswith("0.10."):
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")

# Hundreds of tests start a process: without compiled bytecode beside the sources, which every user has, each would
# spend half its start-up on compiling them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which need not be there
def pytest_xdist_auto_num_workers():
    """Let one more work than there are cores: tests that wait, for a browser or a signal, leave theirs to others."""
    return (os.cpu_count() or 1) + 1


# A script's background job has Ctrl-C ignored, and so would all that it starts; tests of interruptions need it noticed.
signal.signal(signal.SIGINT, signal.default_int_handler)


_REQUIRED = {"INKLINGS_REQUIRE_BROWSER": "chromium|node", "INKLINGS_REQUIRE_POSTGRES": "postgresql"}
"""Variables that say that programs are there, and what reasons name of tests that are left out without them."""


# The first is Chromium without windows: the same pages take it two thirds of the time.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::ffff:127.")


def _stay_on_this_machine(event, arguments):
    """Refuse what would ask another machine: tests run the same wherever they are, and tell nobody of it."""
    if event == "socket.connect":
        at, address = arguments
        # A datagram's "connection" sends nothing: the lab asks the system by which address it would.
        if at.family not in (socket.AF_INET, socket.AF_INET6) or at.type != socket.SOCK_STREAM:
            return
        host = str(address[0])
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        host = host.decode() if isinstance(host, bytes) else host
    else:
        return
    known = not host or host == socket.gethostname() or host.startswith(LOOPBACK) or host in _own_addresses()
    assert known, f"a test asks another machine: {host}"


@cache
def _own_addresses():
    import psutil

    return {each.address for addresses in psutil.net_if_addrs().values() for each in addresses}


sys.addaudithook(_stay_on_this_machine)


def pytest_sessionfinish(session):
    """Fail where what must be tried was not: a program that is missing may not look like one that agrees."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    reasons = {str(report.longrepr) for report in reporter.stats.get("skipped", ())}
    for variable, programs in _REQUIRED.items():
        missing = sorted(reason for reason in reasons if re.search(programs, reason, re.IGNORECASE))
        if missing and os.environ.get(variable):
            reporter.write_line(f"{variable} is set, and tests were left out: {'; '.join(missing)}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A folder where a network was trained on the bundled digits and saved, and what the command printed of it."""
    from inklings.cli import main

    folder, out = tmp_path_factory.mktemp("trained"), io.StringIO()
    command = "inklings train softmax --quiet --save digits.inkling --target-accuracy 0.9"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
        patch.chdir(folder)
        patch.setattr(sys, "argv", command.split())
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code, out.getvalue()
    return folder, out.getvalue()


@pytest.fixture
def digits_model(trained_once, tmp_path):
    """The test's own folder, with a copy of the model ``digits.inkling`` and of the run that it was saved from."""
    shutil.copytree(trained_once[0], tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="module")
def undrawn():
    """Reports whose figures are blank, for a module that is not about them (``pytest.mark.usefixtures``)."""
    with blank_figures():
        yield


# Of a module, since Playwright runs an event loop for as long as it is open, and other tests run loops of their own.
@pytest.fixture(scope="module")
def browser():
    """Chromium, as Debian or Google packages it."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # a busy machine takes longer than the usual five seconds
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()
