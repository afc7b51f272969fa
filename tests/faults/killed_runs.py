"""Trainings that are killed at random moments and continued, until they end; then their bytes are compared.

    python tests/faults/killed_runs.py FOLDER KILLS SEED [CASE...]

One process imports the package and forks another for each command, since Python takes longer to start than these
trainings last. Prints a line of JSON for each training: how often it was killed, from where it went on, and what is not
as in a training that nobody killed.
"""

import io
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from itertools import cycle
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from inklings import open_dataset
from inklings.cli import main, train, train_network  # noqa: F401 - imported once for all processes
from inklings.engines import step_chunks
from inklings.experiments.runs import RunStore
from inklings.training import checkpoint_file, fit  # noqa: F401

SMALL = "--epochs 12 --batch-size 25"
CASES = {
    "best": "best --filters 8 --epochs 3 --engine native",
    "early stopping": "mlp --hidden-units 20 --epochs 60 --early-stopping 6 --learning-rate 0.3 --engine numpy",
    "cosine": f"mlp --hidden-units 30 --optimiser adam --learning-rate 0.01 --schedule cosine {SMALL} --engine native",
    "bfgs": "naive --epochs 25 --engine native",
    "dropout": f"mlp --hidden-units 30 --dropout --augment full {SMALL} --engine numpy",
    "cnn1": "cnn1 --epochs 1 --batch-size 10 --engine native",
    "adamw": f"mlp --hidden-units 30 --optimiser adamw --schedule exponential {SMALL} --engine numpy",
    "lbfgs": "naive --optimiser lbfgs --epochs 25 --engine numpy",
    "momentum": f"mlp --hidden-units 30 --optimiser momentum --learning-rate 0.03 --shift 2 {SMALL} --engine native",
    "cg": "naive --optimiser cg --epochs 20 --engine native",
    "sgd": f"softmax --class-weights balanced --l2 0.001 {SMALL} --engine native",
    "cnn2": "cnn2 --epochs 1 --batch-size 25 --engine native",
    "nesterov": f"mlp --hidden-units 30,20 --label-smoothing 0.1 {SMALL} --engine native",
    "best in NumPy": "best --filters 8 --epochs 1 --engine numpy",
}


def make_data(path):
    digits, arrays = open_dataset("digits"), {}
    for name, rows in (("train", slice(0, 250)), ("val", slice(2750, 2800)), ("test", slice(2850, 2890))):
        arrays |= {f"{name}_images": digits.images[rows, ..., 0], f"{name}_labels": digits.labels[rows]}
    np.savez(path, **arrays)


def hurry():
    """Write checkpoints as often as can be, and in the middle of epochs too."""
    checkpoint_file.SECONDS_BETWEEN, checkpoint_file.SECONDS_AT_FIRST = 0.02, 0.005
    checkpoint_file.SHARE_OF_WRITING = float("inf")
    step_chunks._SECONDS_AT_ONCE = 0.002


def start(arguments, log):
    """Begin a command in a process of its own; return its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        hurry()
        sys.argv = ["inklings", *map(str, arguments)]
        with Path(log).open("a") as file, redirect_stdout(io.StringIO()), redirect_stderr(file):
            main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        Path(log).write_text(traceback.format_exc())
    finally:
        os._exit(code)


def finish(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def outcome(folder):
    """What a training leaves, but for times and names."""
    facts = json.loads((folder / "run.json").read_text())
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    weights = {name: value.tobytes() for name, value in load_file(folder / "weights.safetensors").items()}
    timeless = [{name: value for name, value in row.items() if name != "seconds"} for row in rows]
    results = {name: value for name, value in facts["results"].items() if name != "seconds"}
    files = sorted(path.name for path in folder.iterdir())
    return {"ending": facts["stop_reason"], "results": results, "history": timeless, "weights": weights, "files": files}


class Killer:
    """Kills and continues trainings of one case.

    Parameters
    ----------
    folder : Path
    case : str
    rng : random.Random
    """

    def __init__(self, folder, case, rng):
        self.folder, self.case, self.rng = folder, case, rng
        self.log = folder / "errors.txt"
        self.command = ["train", *CASES[case].split(), "--quiet", "--seed", "4", "--data", folder / "parts.npz"]
        begun = time.monotonic()
        code = finish(start([*self.command, "--runs", folder / case / "whole"], self.log))
        assert code == 0, self.log.read_text()
        self.seconds = time.monotonic() - begun
        self.whole = outcome(next((folder / case / "whole").iterdir()))

    def train_killed(self, number, kills):
        """Kill a training so often, the last time let it end; return what is to be said of it."""
        runs, resumed, copied = self.folder / self.case / f"killed-{number}", [], 0
        done = 0
        for attempt in range(kills + 1):
            arguments, step = self._next(runs)
            if step is None:
                assert finish(start(arguments, self.log)) == 7, "a run that has ended went on"
                break
            resumed.append(step)
            child = start(arguments, self.log)
            if attempt == kills:
                code = finish(child)
                assert code == 0, self.log.read_text()
                break
            self._wait(child, runs)
            os.kill(child, signal.SIGKILL)
            done += finish(child) == -signal.SIGKILL
            if runs.exists() and self.rng.random() < 0.3:  # to another place, as to another machine
                runs = shutil.copytree(runs, runs.with_name(f"{runs.name}-{attempt}"))
                copied += 1
        (run,) = runs.iterdir()
        found = outcome(run)
        different = [key for key, value in self.whole.items() if found[key] != value]
        return {"case": self.case, "kills": done, "resumed": resumed, "copied": copied, "different": different}

    def _wait(self, child, runs):
        """Wait for a random moment: of the time, or of the progress, which a busy machine does not shift."""
        if self.rng.random() < 0.2:
            time.sleep(self.rng.uniform(0, self.seconds))
            return
        rows, deadline = self.rng.randint(1, len(self.whole["history"])), time.monotonic() + 60
        while time.monotonic() < deadline and not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if any(path.read_text().count("\n") >= rows for path in runs.glob("*/history.jsonl")):
                break
            time.sleep(0.002)
        time.sleep(self.rng.uniform(0, self.seconds / 20))

    def _next(self, runs):
        """Return the next command and the step that it goes on from, a half if mid-epoch; None if it has ended."""
        started = [path for path in runs.iterdir() if (path / "run.json").exists()] if runs.exists() else []
        if not started:
            shutil.rmtree(runs, ignore_errors=True)  # killed before it had stored what it is
            return [*self.command, "--runs", runs], 0
        (run,) = RunStore(runs).runs()
        onward = ["train", "--runs", runs, "--continue", run.id, "--quiet"]
        if run.stop_reason == "finished" or (run.results and run.stop_reason != "interrupted"):
            return onward, None
        found = checkpoint_file.find_checkpoint(run.checkpoint)
        assert not found.problems
        step = found.checkpoint.step if found.checkpoint else 0
        within = bool(found.checkpoint and len(found.checkpoint.losses))
        return onward, step + 0.5 * within


def run_series(folder, kills, seed, cases, killer=Killer, in_a_row=(1, 2, 3)):
    """Kill trainings of all cases in turn until there were so many kills; print a line of JSON for each."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    make_data(folder / "parts.npz")
    killers = {case: killer(folder, case, rng) for case in cases}
    left = kills
    for number, case in enumerate(cycle(cases)):
        if left <= 0:
            break
        report = killers[case].train_killed(number, min(left, rng.choice(in_a_row)))
        left -= max(1, report["kills"])
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    run_series(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] or list(CASES))
