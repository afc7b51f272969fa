"""What a search costs beyond its training: ``python benchmarks/search_costs.py [throughput] [overhead] [driver]``.

``throughput``  64 trials of ``naive`` and of ``mlp`` (20 epochs), with one worker and with one for each core
``overhead``    seconds a trial beyond its training, one at a time and in groups
``driver``        10,000 trials whose training is replaced by an answer made up at once: the driver alone

Rates count from the first trial's beginning to the last one's end; what starting takes stands beside them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import inklings.search.open_workers as open_workers
from inklings.hardware import cores, peak_memory
from inklings.search import Study, run_search
from inklings.search.progress import Progress
from inklings.search.task import Began, Ended, Event, Task
from inklings.search.train_trials import TrialTrainer
from inklings.search.trial import State, Trial
from inklings.search.workers import InProcess

TRIALS, EPOCHS, SIMULATED = 64, 20, 10_000
L2 = {"low": 1e-6, "high": 1e-3, "log": True}
RATE = {"low": 3e-3, "high": 3e-2, "log": True}


class Clock:
    """Notes when the first trial began and the last one ended."""

    def __init__(self) -> None:
        self.started, self.first, self.last = perf_counter(), 0.0, 0.0
        self.processor_first, self.processor_last = 0.0, 0.0

    def __call__(self, progress: Progress) -> None:
        if not self.first and (progress.running or progress.ended):
            self.first, self.processor_first = perf_counter(), process_time()
        self.last, self.processor_last = perf_counter(), process_time()

    @property
    def processor_seconds(self) -> float:
        """What this process had of the processor meanwhile: other programs make the clock's seconds more."""
        return self.processor_last - self.processor_first


def run(space: dict[str, Any], trials: int, workers: int) -> tuple[Study, Clock]:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        out = Path(folder) / "study"
        study = run_search(space, out=out, trials=trials, workers=workers, sampler="random", choose=0, watch=clock)
        assert len(study.trials) == trials
    return study, clock


def throughput() -> None:
    count = cores().usable
    for network, own in (("naive", {"l2": L2}), ("mlp", {"learning_rate": RATE})):
        space, rates = {"network": network, "epochs": EPOCHS, **own}, {}
        for workers in (1, count):
            _, clock = run(space, TRIALS, workers)
            rates[workers] = TRIALS / (clock.last - clock.first)
            print(
                f"{network}: {workers} worker(s), {60 * rates[workers]:.0f} trials a minute, "
                f"{clock.first - clock.started:.1f} s until the first",
                flush=True,
            )
        print(f"{network}: {rates[count] / rates[1] / count:.2f} of {count} times the rate of one")


def overhead() -> None:
    for title, space in (
        ("in groups", {"network": "mlp", "hidden_units": [5, 10], "learning_rate": RATE, "epochs": 1}),
        ("one at a time", {"network": "naive", "hidden_units": [5, 10], "l2": L2, "epochs": 1}),
    ):
        for workers in (1, cores().usable):
            study, clock = run(space, 200, workers)
            training = sum(trial.seconds for trial in study.trials) / workers
            beyond = (clock.last - clock.first - training) / len(study.trials) * workers
            print(f"{title}, {workers} worker(s): {1000 * beyond:.1f} ms a trial beyond its training", flush=True)


class MadeUp(InProcess):
    """Answers at once with trials that were never trained."""

    slots = 8

    def __init__(self, trainer: TrialTrainer) -> None:
        super().__init__(trainer)
        self._tasks: list[Task] = []

    def submit(self, task: Task) -> None:
        self._tasks.append(task)

    def wait(self, seconds: float) -> list[Event]:
        events: list[Event] = []
        for task in self._tasks:
            events.append(Began(task.number, tuple(job.number for job in task.jobs), "nowhere"))
            for job in task.jobs:
                curve = tuple(2.3 / (1 + epoch) for epoch in range(EPOCHS + 1))
                trial = Trial(job.number, job.configuration, job.repeat, job.settings, job.seed, State.FINISHED)
                events.append(
                    Ended(
                        task.number,
                        replace(trial, validation_loss=curve, validation_accuracy=curve, epoch=EPOCHS, epochs=EPOCHS),
                    )
                )
        self._tasks.clear()
        return events


def driver() -> None:
    made: Callable[[TrialTrainer], InProcess] = MadeUp
    open_workers.InProcess = made  # type: ignore[misc, assignment]
    space = {"network": "mlp", "hidden_units": [25, 50, 100], "learning_rate": RATE, "epochs": EPOCHS}
    before = peak_memory() or 0
    _, clock = run(space, SIMULATED, 1)
    seconds, peak = clock.last - clock.first, peak_memory() or 0
    print(
        f"{SIMULATED:,} simulated trials: {1000 * seconds / SIMULATED:.2f} ms a trial, "
        f"{1000 * clock.processor_seconds / SIMULATED:.2f} ms of them on the processor, "
        f"peak memory {peak / 1e6:.0f} MB ({before / 1e6:.0f} MB before)"
    )


if __name__ == "__main__":
    parts = {"throughput": throughput, "overhead": overhead, "driver": driver}
    for name in sys.argv[1:] or parts:
        parts[name]()
