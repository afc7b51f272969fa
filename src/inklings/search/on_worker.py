"""What runs in a worker of Dask: it gets the images once, and trains the tasks that are sent to it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from distributed import get_worker

from inklings import __version__
from inklings.data.parts import Split
from inklings.errors import RunError
from inklings.experiments.runs import RunStore
from inklings.experiments.trainer import Trainer
from inklings.search.images_on_workers import DataMissingError, NamedPlugin, images_of, study_plugin_name
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


@dataclass(eq=False)
class Station:
    """What a worker has got from a driver.

    Parameters
    ----------
    images : str
        The fingerprint of the data set.
    rows : tuple
        All of the split but its images.
    settings : mapping
        Of the :class:`~inklings.search.train_trials.TrialTrainer`.
    shares_folder : bool
        Whether the worker sees the study's folder.
    """

    images: str
    rows: tuple[Any, ...]
    settings: Mapping[str, Any]
    shares_folder: bool
    stopped: bool = False

    @cached_property
    def trainer(self) -> TrialTrainer:
        """What trains; it is made with the first task, when the images have come."""
        split = Split(images_of(self.images), *self.rows)
        return TrialTrainer(split, **self.settings, should_stop=lambda: self.stopped)


class TrialPlugin(NamedPlugin):
    """Brings what all trials have in common, but for the images, to every worker, also to those that come later.

    Parameters
    ----------
    token : str
        Of the driver.
    client : str
        The driver's connection, as the scheduler knows it.
    trainer : TrialTrainer
    threads : int
        Of the engine.
    local : bool
        Whether the worker is the driver's own process.
    """

    def __init__(self, token: str, client: str, trainer: TrialTrainer, threads: int, *, local: bool) -> None:
        split = trainer.split
        self._images, self._rows = split.dataset.fingerprint, rows_of(split)
        self.name = study_plugin_name(client, self._images, token)
        self._token, self._threads, self._local = token, threads, local
        self._runs, self._engine, self._facts = trainer.runs, trainer.engine, trainer.facts

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - distributed's
        """Take it."""
        limit_threads(self._threads)
        shares = _reads_token(self._runs.parent, self._token)
        runs = self._runs if shares else Path(tempfile.mkdtemp(prefix="inklings-")) / RUNS
        # On a cluster the address says which machine; here all have the same.
        name = f"worker {worker.name}" if self._local else str(worker.address)
        settings = {"runs": runs, "engine": self._engine, "facts": self._facts, "worker": name}
        _stations[self._token] = Station(self._images, self._rows, settings, shares)

    def teardown(self, worker: Any) -> None:  # noqa: ANN401
        """Let go of it."""
        station = _stations.pop(self._token, None)
        if station is not None:
            station.stopped = True
            if not station.shares_folder:
                shutil.rmtree(station.settings["runs"].parent, ignore_errors=True)


def rows_of(split: Split) -> tuple[Any, ...]:
    """Return all of a split but its images."""
    return split.train_rows, split.validation_rows, split.test_rows, split.seed, split.crossing_duplicates


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
    # A worker that has just joined may be sent a task before its plugin is set up; the driver sends that out again.
    worker, station = get_worker(), _station(token)
    if station.trainer.split.fingerprint != task.fingerprint:
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
        raise DataMissingError("a worker does not know the study yet")
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
            if "is being trained" not in problem.message or monotonic() > until:
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
