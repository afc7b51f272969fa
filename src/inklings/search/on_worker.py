"""What runs in a worker of Dask: it gets the images once, and trains the tasks that are sent to it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from distributed import WorkerPlugin, get_worker

from inklings import __version__
from inklings.data.dataset import Split
from inklings.errors import RunError
from inklings.experiments.runs import RunStore
from inklings.experiments.trainer import Trainer
from inklings.search.packed_runs import PackedRun, pack_run, unpack_run
from inklings.search.processes import limit_threads
from inklings.search.record import RUNS
from inklings.search.task import Job, Task
from inklings.search.train_trials import Stop, TrialInterrupted, TrialTrainer
from inklings.search.trial import State
from inklings.search.trial_runs import folder_name
from inklings.training.plans import Plan

TOKEN_FILE = ".driver"
"""In the study's folder, with the driver's token: a worker that reads the same token there sees the same folder."""
_PATIENCE = 120.0
"""Seconds to wait for a run that a worker of an earlier driver is still at."""

_stations: dict[str, Station] = {}
"""By the token of their driver."""


class DataMissingError(Exception):
    """A worker does not have the images that a task is about, or no longer has them."""


@dataclass(eq=False)
class Station:
    """What a worker has got from a driver."""

    trainer: TrialTrainer
    shares_folder: bool
    stopped: bool = False


class TrialPlugin(WorkerPlugin):
    """Brings the images and all that trials have in common to every worker, also to those that come later.

    Parameters
    ----------
    token : str
        Of the driver.
    trainer : TrialTrainer
    threads : int
        Of the engine.
    local : bool
        Whether the worker is the driver's own process.
    """

    def __init__(self, token: str, trainer: TrialTrainer, threads: int, *, local: bool) -> None:
        self.name = f"inklings-{token}"
        self._token, self._trainer, self._threads, self._local = token, trainer, threads, local

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - distributed's
        """Take the images."""
        limit_threads(self._threads)
        shares = _reads_token(self._trainer.runs.parent, self._token)
        runs = self._trainer.runs if shares else Path(tempfile.mkdtemp(prefix="inklings-")) / RUNS
        # On a cluster the address says which machine; here all have the same.
        name = f"worker {worker.name}" if self._local else str(worker.address)
        station = Station(replace(self._trainer, runs=runs, worker=name), shares)
        # In two steps, since the trainer asks the station that holds it.
        station.trainer = replace(station.trainer, should_stop=lambda: station.stopped)
        _stations[self._token] = station

    def teardown(self, worker: Any) -> None:  # noqa: ANN401
        """Let go of them."""
        station = _stations.pop(self._token, None)
        if station is not None:
            station.stopped = True
            if not station.shares_folder:
                shutil.rmtree(station.trainer.runs.parent, ignore_errors=True)


def _reads_token(folder: Path, token: str) -> bool:
    try:
        return (folder / TOKEN_FILE).read_text() == token
    except OSError:
        return False


@dataclass(frozen=True)
class Answer:
    """What a task came to.

    Attributes
    ----------
    trials : list of dict
        As the record has them.
    runs : dict of int to PackedRun
        Their runs, where the worker does not see the study's folder.
    interrupted : bool
        Whether it was asked to stop before the end.
    """

    trials: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[int, PackedRun] = field(default_factory=dict)
    interrupted: bool = False


def run_task(task: Task, token: str, sent: Mapping[int, PackedRun]) -> Answer:
    """Train a task's trials, and say so as each begins and ends.

    Parameters
    ----------
    task : Task
    token : str
        Of the driver.
    sent : mapping of int to PackedRun
        Runs of trials that were trained up to a rung already, for a worker that does not see them.
    """
    worker, station = get_worker(), _stations.get(token)
    # A worker that has just joined may be sent a task before its plugin is set up; the driver sends that out again.
    if station is None or station.trainer.split.fingerprint != task.fingerprint:
        raise DataMissingError(f"{worker.address} does not have the images yet")
    runs, answer = station.trainer.runs, Answer()
    if not station.shares_folder:
        for number, packed in sent.items():
            unpack_run(packed, runs / folder_name(number))

    def say(message: dict[str, Any]) -> None:
        # Dask adds a "worker" of its own, an address, to the message.
        worker.log_event(topic_of(token), {"task": task.number, "by": station.trainer.worker, **message})

    def on_begin(jobs: Sequence[Job]) -> None:
        say({"began": [job.number for job in jobs]})

    try:
        for trials in _patiently(lambda: station.trainer.train(task.jobs, on_begin)):
            plain = [trial.to_plain() for trial in trials]
            answer.trials.extend(plain)
            if station.shares_folder:
                say({"ended": plain})  # at once: what ends later may take the worker with it
                continue
            for trial in trials:
                folder = runs / folder_name(trial.number)
                answer.runs[trial.number] = pack_run(folder)
                if trial.state is not State.PAUSED:  # it is the driver's now
                    shutil.rmtree(folder, ignore_errors=True)
    except TrialInterrupted:
        return replace(answer, interrupted=True)
    return answer


def train_entry(
    token: str,
    plan: Plan,
    rows: tuple[Any, ...],
    engine: str,
    facts: Mapping[str, Any],
    splits_are_made_here: bool,
) -> tuple[str, PackedRun | None]:
    """Train a network of a comparison; return the id of its run, and the run itself where the folder is not shared."""
    station = _station(token)
    runs = station.trainer.runs
    trainer = Trainer(
        engine,
        RunStore(runs),
        watch=lambda plan: [Stop(lambda: station.stopped)],
        facts=facts,
        splits_are_made_here=splits_are_made_here,
    )
    split = Split(station.trainer.split.dataset, *rows)
    trained = trainer.train(trainer.prepare([plan], split)[0])
    if trained.interrupted:  # nobody waits any more, or this worker leaves and another one is to train it
        raise DataMissingError("a worker was asked to stop")
    if trained.storage_problem:
        raise RunError(trained.storage_problem)
    return trained.run, None if station.shares_folder else pack_run(runs / trained.run)


def _station(token: str) -> Station:
    if token not in _stations:
        raise DataMissingError("a worker does not have the images yet")
    return _stations[token]


def _patiently(train: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Train; wait for runs that are still locked by a worker whose driver is gone."""
    # A driver that was killed leaves its workers training for a while, with the lock on their runs.
    until = monotonic() + _PATIENCE
    while True:
        try:
            yield from train()
            return
        except RunError as problem:
            if "another process" not in problem.message or monotonic() > until:
                raise
            sleep(0.5)


def topic_of(token: str) -> str:
    """Return the topic under which workers report to a driver."""
    return f"inklings-{token}"


def stop(token: str) -> None:
    """Ask what a worker trains for a driver to stop."""
    if token in _stations:
        _stations[token].stopped = True


def version() -> str:
    """Return which Inklings a worker has."""
    return __version__
