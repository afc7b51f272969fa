"""How a contender runs: a process that takes a turn whenever it is told to, so that all can go in turn.

It is started with the task as JSON, prepares, takes one turn as a warm-up, and says so. Then, for every line on its
standard input, it takes a turn and prints one line of JSON: seconds, accuracy, memory at its peak, setting.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class Task:
    """What to do, the same for every contender."""

    work: str
    setting: str
    arrays: Mapping[str, NDArray[Any]]
    """``train_images`` (n, height, width, 1) float32, ``train_labels``, ``test_images``, ``test_labels``."""
    options: Mapping[str, Any]
    """``batch_size``, ``steps`` (of a turn), ``hidden_units``, ``threads``, ``seed``."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any option or array
        return self.arrays[name] if name in self.arrays else self.options[name]

    def rate(self, step: int) -> float:
        """Give a step's learning rate: constant, or a cosine to its share ``final`` where ``epochs`` are told."""
        rate: float = self.options["learning_rate"]
        if "epochs" not in self.options:
            return rate
        done = min(1.0, step / (self.options["epochs"] * self.options["steps"]))
        return rate * (self.final + (1 - self.final) * (1 + cos(pi * done)) / 2)

    def batches(self) -> Iterator[NDArray[np.int64]]:
        """Give rows for the steps of a turn: whole batches, shuffled anew each time through the images."""
        random = np.random.default_rng(self.options["seed"])
        while True:
            rows = random.permutation(len(self.train_images))
            yield from (
                rows[i : i + self.batch_size] for i in range(0, len(rows) - self.batch_size + 1, self.batch_size)
            )


@dataclass
class Contest:
    """A task that was prepared."""

    turn: Callable[[], object]
    """Does the work of one turn, to the end: nothing is left running."""
    accuracy: Callable[[], float]
    """On the test images, as it is now."""
    more: Callable[[], dict[str, float]] = dict
    """What else a turn found."""


def serve(works: Mapping[str, Callable[[Task], Contest]], version: Callable[[], str]) -> None:
    """Prepare the task that is named by the first argument, and take turns until the input ends."""
    described = json.loads(sys.argv[1])
    with np.load(described.pop("data")) as file:
        arrays = {name: file[name] for name in file.files}
    task = Task(described.pop("work"), described.pop("setting"), arrays, described)
    say = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    contest = works[task.work](task)
    contest.turn()
    ready = {"ready": version(), "accuracy": contest.accuracy(), "memory": peak_memory(), "setting": task.setting}
    print(json.dumps(ready), file=say, flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        contest.turn()
        seconds = time.perf_counter() - begun
        answer = {"seconds": seconds, "accuracy": contest.accuracy(), "memory": peak_memory(), "setting": task.setting}
        print(json.dumps(answer | contest.more()), file=say, flush=True)
    os._exit(0)  # frameworks take seconds to end their threads


def peak_memory() -> int:
    """Give the most memory that this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage's, it does not begin with what the process had that this one was started by.
        found = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(found.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
