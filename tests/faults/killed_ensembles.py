"""Trainings of ensembles that are killed at random moments and repeated, until they end; then their bytes are compared.

    python tests/faults/killed_ensembles.py FOLDER KILLS SEED [CASE...]

Prints a line of JSON for each ensemble: how often it was killed, how many members were found trained each time, and
what is not as in one that nobody killed. Processes are forked, as in ``killed_runs.py``.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from killed_runs import finish, outcome, run_series, start
from safetensors import safe_open

from inklings.experiments.runs import RunStore

MEMBERS = 4
CASES = {
    "side by side": "mlp --hidden-units 20 --epochs 25 --batch-size 25 --engine native",
    "one by one": "best --filters 8 --epochs 1 --engine native",
    "in NumPy": "mlp --hidden-units 20 --epochs 4 --dropout --engine numpy",
    "full batch": "naive --epochs 15 --engine native",
}
TIMES = {"created", "versions", "machine", "command", "seconds", "runs", "run", "id"}


def finished(runs):
    """The members that have ended, by their seeds."""
    if not runs.exists():
        return {}
    found = [run for run in RunStore(runs).runs() if run.stop_reason == "finished"]
    assert len({run.recipe.seed for run in found}) == len(found), "a member was trained twice"
    return {run.recipe.seed: run.folder for run in found}


def timeless(value):
    """Plain values without those that tell when and where they were made."""
    if isinstance(value, dict):
        return {key: timeless(own) for key, own in value.items() if key not in TIMES}
    return [timeless(own) for own in value] if isinstance(value, list) else value


def content(model):
    """What a saved model holds: its parameters' bytes, and what is said of it."""
    with safe_open(model, "numpy") as file:
        arrays = {name: file.get_tensor(name).tobytes() for name in file.keys()}  # noqa: SIM118 - no mapping
        facts = {name: timeless(json.loads(text)) for name, text in file.metadata().items() if text[:1] in "{["}
    return {"arrays": arrays, "facts": facts}


def result(runs, model):
    """What an ensemble leaves, but for times and names."""
    members = {str(seed): outcome(folder) for seed, folder in sorted(finished(runs).items())}
    return {"model": content(model), **members}


class Killer:
    """Kills and repeats the training of one ensemble.

    Parameters
    ----------
    folder : Path
    case : str
    rng : random.Random
    """

    def __init__(self, folder, case, rng):
        self.folder, self.case, self.rng, self.log = folder / case, case, rng, folder / "errors.txt"
        self.folder.mkdir()
        self.command = ["train", *CASES[case].split(), "--ensemble", MEMBERS, "--seed", 4]
        self.command += ["--quiet", "--data", folder / "parts.npz"]
        begun = time.monotonic()
        runs, model = self.places("whole")
        assert finish(start([*self.command, "--runs", runs, "--save", model], self.log)) == 0, self.log.read_text()
        self.seconds, self.whole = time.monotonic() - begun, result(runs, model)
        assert len(self.whole) == 1 + MEMBERS

    def places(self, name):
        """Where the members' runs are, and the model."""
        return self.folder / name, self.folder / f"{name}.inkling"

    def train_killed(self, number, kills):
        """Kill a training so often, then let it end; return what is to be said of it."""
        runs, model = self.places(f"killed-{number}")
        command, done, found = [*self.command, "--runs", runs, "--save", model], 0, []
        for _ in range(kills):
            before = finished(runs)
            found.append(len(before))
            child = start(command, self.log)
            time.sleep(self.rng.uniform(0, 1.1 * self.seconds))
            os.kill(child, signal.SIGKILL)
            done += finish(child) == -signal.SIGKILL
            after = finished(runs)
            assert after.items() >= before.items(), "a member that had ended is gone"
        found.append(len(finished(runs)))
        assert finish(start(command, self.log)) == 0, self.log.read_text()
        is_, was = result(runs, model), self.whole
        different = [key for key in was.keys() | is_.keys() if is_.get(key) != was.get(key)]
        return {"case": self.case, "kills": done, "found": found, "different": different}


if __name__ == "__main__":
    cases = sys.argv[4:] or list(CASES)
    run_series(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), cases, Killer, in_a_row=(2, 3))
