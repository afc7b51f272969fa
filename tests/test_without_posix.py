"""What only POSIX systems have is not needed: here it is hidden, as on Windows."""

import subprocess
import sys

import pytest

# Python's own asyncio is loaded first: its part for POSIX asks for os.sysconf from 3.13 on, which Windows' does not. So
# is psutil, whose part for this system asks for it too.
HIDDEN = """
import asyncio, os, psutil, sys
for module in ("resource", "fcntl", "termios", "pwd", "grp"):
    sys.modules[module] = None
for name in ("sched_getaffinity", "sysconf", "getuid", "geteuid", "fork", "killpg", "getpgid"):
    vars(os).pop(name, None)
import signal
for name in ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGALRM", "SIGQUIT"):
    vars(signal).pop(name, None)
"""


def run(code, folder, hidden=HIDDEN):
    command = [sys.executable, "-c", hidden + code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_networks_are_compared_and_their_runs_kept(tmp_path):
    code = (
        "from inklings.cli import main\n"
        "sys.argv = ['inklings', 'compare', 'softmax', 'knn', '--quick', '--quiet', '--out', 'report']\n"
        "main()"
    )
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "softmax" in done.stdout
    assert (tmp_path / "report" / "report.html").exists()
    assert len(list((tmp_path / "report" / "runs").iterdir())) >= 1


@pytest.mark.slow
def test_a_network_is_trained_saved_and_used(tmp_path):
    code = (
        "from inklings.cli.main import app\n"
        "for words in ('train softmax --steps 20 -q --save m.inkling', 'evaluate m.inkling digits', 'runs',\n"
        "        'data show digits', 'networks', 'export m.inkling m.onnx', 'insight m.inkling'):\n"
        "    app.main(words.split(), standalone_mode=False)\n"
        "import inklings.doctor, inklings.lab.server\n"
        "assert inklings.doctor.examine(measure=False)"
    )
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.onnx").exists()


def test_memory_is_known(tmp_path):
    code = (
        "from inklings import hardware\n"
        "memory = hardware.memory()\n"
        "print(memory.total > memory.available > 0, hardware.resident_memory() > 1e7, hardware.peak_memory() > 1e7)"
    )
    done = run(code, tmp_path)
    assert done.stdout.split() == ["True", "True", "True"], done.stderr


def test_where_there_is_no_proc_psutil_tells_the_memory(tmp_path):
    code = (
        "import pathlib, psutil\n"
        "read = pathlib.Path.read_text\n"
        "def hidden(path, *rest, **others):\n"
        "    if str(path).startswith(('/proc', '/sys')):\n"
        "        raise FileNotFoundError(path)\n"
        "    return read(path, *rest, **others)\n"
        "pathlib.Path.read_text = hidden\n"
        "from inklings import hardware\n"
        "print(hardware.memory().total == psutil.virtual_memory().total, hardware.resident_memory() > 1e7)"
    )
    done = run(code, tmp_path, hidden="")  # psutil itself needs what Linux has
    assert done.stdout.split() == ["True", "True"], done.stderr
