"""Workers, drivers and schedulers that are killed, each a process of its own."""

import json
import os
import random
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from inklings import open_study
from search.dask_processes import DaskProcesses
from search.studies import results

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="kills processes as Unix does")]
SPACE = """
network = "mlp"
hidden_units = [10, 25]
learning_rate = { low = 1e-3, high = 1e-1, log = true }
epochs = 3
"""


class Search:
    """A search of 200 trials from the command line, in a process that can be killed."""

    def __init__(self, folder, trials=200):
        self.space, self.out, self._log = folder / "space.toml", folder / "study", folder / "log"
        self.space.write_text(SPACE)
        self._options = ["--trials", str(trials), "--sampler", "random", "--quiet", "--out", str(self.out)]

    def start(self, *options):
        command = [sys.executable, "-m", "inklings", "search", str(self.space), *self._options, *options]
        path = os.pathsep.join(filter(None, sys.path))
        environment = {**os.environ, "PYTHONPATH": path}
        with self._log.open("w") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)

    @property
    def said(self):
        return self._log.read_text()

    @property
    def lines(self):
        path = self.out / "trials.jsonl"
        return path.read_text().splitlines() if path.exists() else []


def workers_of(process):
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):  # one that was killed a moment ago
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    search = Search(tmp_path_factory.mktemp("undisturbed"))
    process = search.start("--workers", "1")
    assert process.wait(600) == 0, search.said
    return results(open_study(search.out))


def check(search, undisturbed):
    """Two hundred results, none twice, none lost, and the same as ever."""
    numbers = [json.loads(line)["number"] for line in search.lines]
    assert sorted(numbers) == list(range(200))
    assert results(open_study(search.out)) == undisturbed


def test_no_trial_is_lost_or_trained_twice_where_ten_workers_are_killed(tmp_path, undisturbed):
    chance, search = random.Random(0), Search(tmp_path)
    process, killed, due = search.start("--workers", "3"), 0, 5
    while process.poll() is None:
        time.sleep(0.05)
        if killed < 10 and len(search.lines) >= due and (found := workers_of(process)):
            chance.choice(found).kill()
            killed, due = killed + 1, due + chance.randint(5, 18)
    assert process.returncode == 0, search.said
    assert killed == 10
    check(search, undisturbed)


def test_a_driver_that_is_killed_at_twenty_moments_goes_on_each_time(tmp_path, undisturbed):
    chance, search = random.Random(1), Search(tmp_path)
    for moment in range(20):
        process = search.start("--workers", "2", *(["--continue"] if moment and search.lines else []))
        # From before its first trial to after some more, so that each time gets a little further.
        until = len(search.lines) + chance.randint(0, 15)
        while process.poll() is None and len(search.lines) < until:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.5))
        left = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait()
        _, alive = psutil.wait_procs(left, timeout=20)
        assert not alive
    process = search.start("--workers", "2", "--continue")
    assert process.wait(600) == 0, search.said
    check(search, undisturbed)


def test_a_scheduler_that_vanishes_leaves_a_line_and_a_study_that_goes_on(tmp_path, undisturbed):
    search = Search(tmp_path)
    with DaskProcesses(workers=2) as cluster:
        process = search.start("--cluster", cluster.address)
        while process.poll() is None and len(search.lines) < 20:
            time.sleep(0.05)
        cluster.scheduler.kill()
        assert process.wait(120) == 7, search.said
    said = search.said
    assert said.count("\n") == 1
    assert f"the Dask scheduler at {cluster.address} is gone" in said
    assert 20 <= len(search.lines) < 200
    process = search.start("--workers", "2", "--continue")
    assert process.wait(600) == 0, search.said
    check(search, undisturbed)


def test_a_trial_that_kills_its_workers_is_given_up_and_its_neighbours_are_not(tmp_path):
    """With memory for the small networks alone, Dask's nannies kill the worker that trains the large one."""
    search = Search(tmp_path, trials=6)
    search.space.write_text(
        'network = "mlp"\nhidden_units = [10, 11, 12, 13, 14, 20000]\n'
        'optimiser = "adam"\nepochs = 3\nbatch_size = 500\n'
    )
    code = (
        "from inklings.cli import main\n"
        "import inklings.search.local_cluster as cluster\n"
        "start = cluster.LocalCluster\n"
        "cluster.LocalCluster = lambda **settings: start(**settings, memory_limit='330MB')\n"
        "main()"
    )
    arguments = ["search", str(search.space), "--trials", "6", "--sampler", "grid", "--workers", "2"]
    command = [sys.executable, "-c", code, *arguments, "--quiet", "--out", str(search.out)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    trials = {trial.settings["hidden_units"]: trial for trial in open_study(search.out).trials}
    assert {units: str(trial.state) for units, trial in trials.items()} == {
        **dict.fromkeys((10, 11, 12, 13, 14), "finished"),
        20000: "failed",
    }
    assert "3 workers died while they trained it: the last took more memory than Dask allows" in trials[20000].reason
