"""Run a search, from a space to a study.

::

    import inklings

    study = inklings.run_search("space.toml", "digits", out="study", trials=60)
    print(study.best.settings, study.best.figure)
    study.to_frame().to_csv("trials.csv")
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil, inf
from pathlib import Path
from time import perf_counter
from typing import Any

from inklings.data.dataset import Dataset, Split
from inklings.data.open import open_dataset
from inklings.engines import engine_name
from inklings.errors import RecipeError, RunError
from inklings.experiments.environment import versions
from inklings.experiments.manifest import describe_data, describe_split
from inklings.experiments.run_lock import lock_run
from inklings.search.brackets import ETA, LONGEST, PRUNINGS, brackets
from inklings.search.chosen import evaluate_chosen
from inklings.search.driver import Driver, Limits
from inklings.search.made_spaces import make_space
from inklings.search.open_workers import Where, open_workers
from inklings.search.plans import PlanMaker
from inklings.search.progress import Progress
from inklings.search.record import RUNS, STUDY, RecordFile, read_study, read_trials, write_chosen, write_study
from inklings.search.samplers import SAMPLERS, Shared, make_sampler
from inklings.search.space import Space, read_space, space_from_plain
from inklings.search.study import Study, open_study
from inklings.search.tasks import MOST, SECONDS, rough_seconds
from inklings.search.train_trials import TrialTrainer
from inklings.search.trial import MEASURES, Measure
from inklings.serialise import did_you_mean
from inklings.training.data_facts import DataFacts
from inklings.training.interruption import Interruption

TRIALS = 100
"""Where neither a number nor a time is given, and there are not fewer combinations."""
CHOSEN = 3
IN_FLIGHT = 8
"""Configurations whose results TPE does not know yet when it proposes the next; enough for eight workers."""
_OF_THE_QUESTION = ("space", "sampler", "prune", "measure", "seed", "repeats", "in_flight", "batch", "engine")


@dataclass(frozen=True)
class Wanted:
    """How to search; :func:`run_search` describes each setting."""

    trials: int | None = None
    sampler: str | None = None
    prune: str | None = None
    measure: Measure = "loss"
    seed: int = 0
    in_flight: int | None = None
    engine: str = "auto"
    budget: float | None = None
    choose: int = CHOSEN
    storage: str | None = None

    def __post_init__(self) -> None:
        for name, known in (("sampler", SAMPLERS), ("prune", PRUNINGS), ("measure", MEASURES)):
            value = getattr(self, name)
            if value is not None and value not in known:
                hint = did_you_mean(str(value), known)
                raise RecipeError(f"is '{value}'", hint, setting=name, found=value, expected=known)
        for name, least in (("trials", 1), ("seed", 0), ("in_flight", 1), ("choose", 0)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                expected = f"a whole number of at least {least}"
                raise RecipeError(f"is {value!r}, expected {expected}", setting=name, found=value, expected=expected)


def run_search(
    space: str | Path | Mapping[str, Any] | Space,
    data: str | Path | Dataset = "digits",
    *,
    out: str | Path = "study",
    trials: int | None = None,
    sampler: str | None = None,
    prune: str | None = None,
    measure: Measure = "loss",
    seed: int = 0,
    in_flight: int | None = None,
    engine: str = "auto",
    workers: int | None = None,
    threads: int = 1,
    cluster: str | None = None,
    storage: str | None = None,
    budget: float | None = None,
    choose: int = CHOSEN,
    continued: bool = False,
    watch: Callable[[Progress], None] = lambda progress: None,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
) -> Study:
    """Search a space: train many configurations, here or on a cluster, and evaluate the best few on the test images.

    Parameters
    ----------
    space : str, Path, mapping or Space
        A network's name, for which a space is made; a TOML file; or its content as plain values.
    data : str, Path or Dataset
        The images, split once, by ``seed``: all trials have the same split, so that none learns from test images.
    out : str or Path
        The study's folder.
    trials : int, optional
        How many trainings in all, repeats included; as many as a grid has, or 100, if not given.
    sampler : {"grid", "random", "tpe"}, optional
        ``grid`` for a space of lists with at most 100 combinations, else ``tpe``, if not given.
    prune : {"none", "halving", "hyperband"}, optional
        How trainings are stopped that are worse than others after as many epochs
        (:mod:`inklings.search.brackets`); ``halving`` where there is a budget, else ``none``, if not given.
    measure : {"loss", "accuracy"}
        What is compared, always on the validation images.
    seed : int
        Of the split, of what is drawn, and of the first repeat; each next repeat has the next.
    in_flight : int, optional
        How many configurations are under way at once. The results of ``tpe`` depend on it, and on nothing else that
        has to do with workers.
    engine : str
        Which engine trains.
    workers : int, optional
        Processes on this machine; one per core, as far as memory allows, if not given. 1 trains in this process.
    threads : int
        Of each worker.
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers train instead.
    storage : str, optional
        Where Optuna keeps the study that several drivers share: ``postgresql://user@host/name``.
    budget : float, optional
        Seconds after which no more is trained.
    choose : int
        How many configurations are evaluated on the test images.
    continued : bool
        Whether to go on with the study in ``out``: trials that have ended are not trained again.
    watch : callable
        ``watch(progress)`` as trials begin and end.
    command, data_options
        As in :func:`inklings.compare`: written into each run.

    Returns
    -------
    Study

    Raises
    ------
    RecipeError, NetworkError
        The space or a setting is impossible; nothing was trained then.
    RunError
        There is a study in ``out`` already, another one than is continued, or it cannot be written.
    MissingDependencyError
        Dask or Optuna is needed and not installed.
    """
    begun = perf_counter()
    wanted = Wanted(trials, sampler, prune, measure, seed, in_flight, engine_name(engine), budget, choose, storage)
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    split = dataset.split(seed=seed)
    plans = _plan_maker(space, split, wanted)
    facts = _describe(plans, split, wanted, command, data_options)
    folder = Path(out)
    facts = _continue(folder, facts) if continued else _begin(folder, facts)
    lock = lock_run(folder)
    try:
        with Interruption() as interruption:
            search = _Search(folder, facts, plans, split, wanted, interruption, begun, watch)
            where = Where(cluster, workers, threads)
            complete = search.train(where, _trainer(split, folder, wanted, command, data_options, seed, threads))
            return search.conclude(complete)
    finally:
        lock.release()


def _plan_maker(space: str | Path | Mapping[str, Any] | Space, split: Split, wanted: Wanted) -> PlanMaker:
    """Return what makes the plans of a space, each value of which has been tried."""
    shape, classes, known = split.dataset.image_shape, split.dataset.class_count, DataFacts.of(split)
    if isinstance(space, Mapping):
        space = space_from_plain(space)
    elif not isinstance(space, Space):
        is_file = isinstance(space, Path) or Path(space).suffix.lower() == ".toml"
        space = read_space(space) if is_file else make_space(str(space), shape, classes, known)
    plans = PlanMaker(space, shape, classes, known)
    plans.check(wanted.measure)
    return plans


def _trainer(
    split: Split,
    folder: Path,
    wanted: Wanted,
    command: str,
    data_options: Mapping[str, Any] | None,
    seed: int,
    threads: int,
) -> TrialTrainer:
    facts = {"command": command, "data_options": dict(data_options or {}), "split_options": {"seed": seed}}
    return TrialTrainer(split, (folder / RUNS).resolve(), wanted.engine, facts)


def _describe(
    plans: PlanMaker, split: Split, wanted: Wanted, command: str, data_options: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what is asked of a study, in plain values: all on which its results depend."""
    space = plans.space
    sampler = wanted.sampler or _usual_sampler(space, wanted)
    grid = space.grid_size
    trials = wanted.trials
    if trials is None and wanted.budget is None:
        trials = grid * space.repeats if sampler == "grid" and grid else max(TRIALS, space.repeats)
    batch = _batch(plans, len(split.train_rows), learns=sampler == "tpe")
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "space": dict(space.plain),
        "trials": trials,
        "repeats": space.repeats,
        "sampler": sampler,
        "prune": wanted.prune or ("none" if wanted.budget is None else "halving"),
        "measure": wanted.measure,
        "seed": wanted.seed,
        "in_flight": wanted.in_flight or max(IN_FLIGHT, batch),
        "batch": batch,
        "engine": wanted.engine,
        "driver": secrets.token_hex(4),
        "data": {**describe_data(split), "options": dict(data_options or {})},
        "split": {**describe_split(split), "options": {"seed": wanted.seed}},
        "versions": versions(),
    }


def _usual_sampler(space: Space, wanted: Wanted) -> str:
    from importlib.util import find_spec

    size = space.grid_size
    if size is not None and size * space.repeats <= (wanted.trials or TRIALS):
        return "grid"
    return "tpe" if find_spec("optuna") else "random"


def _batch(plans: PlanMaker, images: int, *, learns: bool) -> int:
    """Return how many configurations are proposed at once without pruning: short ones in groups.

    By operations, not by the clock, so that the same study is the same on every machine.
    """
    (_, settings), *_ = plans.space.corners()
    seconds = rough_seconds(plans.plan(_relevant(plans.space, settings)), images) * plans.space.repeats
    # A sampler that learns should soon see what came of its proposals.
    return max(1, min(4 if learns else MOST, int(SECONDS / max(seconds, 1e-9))))


def _relevant(space: Space, settings: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if space.relevant(name, found):
            found[name] = value
    return found


def _begin(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    if (folder / STUDY).exists():
        hint = "continue it (--continue, in Python continued=True), or name another folder"
        raise RunError("has a study already", hint, path=folder)
    write_study(folder, facts)
    return facts


def _continue(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what the study in a folder was asked, after checking that the same is asked now; trials may be added."""
    before = read_study(folder)
    for name in _OF_THE_QUESTION:
        if before.get(name) != facts[name]:
            problem = f"has a study with {name} {before.get(name)!r:.200}, found {facts[name]!r:.200}"
            raise RunError(problem, "continue with what it was begun with, or name another folder", path=folder)
    for name in ("data", "split"):
        if before[name]["fingerprint"] != facts[name]["fingerprint"]:
            raise RunError(f"has a study of other images ({name})", "name another folder", path=folder)
    if facts["trials"] is not None and facts["trials"] > (before["trials"] or 0):
        before["trials"] = facts["trials"]
        write_study(folder, before)
    return before


@dataclass(eq=False)
class _Search:
    """A search under way."""

    folder: Path
    facts: dict[str, Any]
    plans: PlanMaker
    split: Split
    wanted: Wanted
    interruption: Interruption
    begun: float
    watch: Callable[[Progress], None]
    done: dict[int, Any] = field(default_factory=dict)

    def train(self, where: Where, trainer: TrialTrainer) -> bool:
        """Train what is left to train; return whether that is all."""
        facts, repeats = self.facts, self.facts["repeats"]
        sampler = make_sampler(facts["sampler"], self.plans.space, facts["seed"], self._shared())
        wanted = None if facts["trials"] is None else ceil(facts["trials"] / repeats)
        if sampler.count is not None:
            wanted = sampler.count if wanted is None else min(wanted, sampler.count)
        self.done = read_trials(self.folder)
        record = RecordFile(self.folder)
        try:
            with open_workers(where, trainer, self.plans, wanted, self._should_stop) as workers:
                in_flight = facts["in_flight"]
                if not sampler.learns:  # on which nothing depends then
                    in_flight = max(in_flight, 2 * facts["batch"] * workers.slots, ETA**LONGEST * workers.slots)
                driver = Driver(
                    sampler,
                    brackets(facts["prune"], wanted, facts["batch"]),
                    self.plans,
                    workers,
                    record,
                    self.done,
                    facts["seed"],
                    repeats,
                    in_flight,
                    facts["measure"],
                    self.split.fingerprint,
                    Limits(None if wanted is None else wanted * repeats, self._should_stop, self._seconds_left),
                    len(self.split.train_rows),
                    self.watch,
                )
                return driver.run()
        finally:
            record.close()

    def _shared(self) -> Shared | None:
        """Return where the results are shared with other drivers: of the same question, if not of the same seed."""
        if self.wanted.storage is None:
            return None
        question = [self.facts[name] for name in ("space", "measure", "prune", "repeats")]
        question.append(self.facts["data"]["fingerprint"])
        digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
        return Shared(self.wanted.storage, f"inklings-{digest[:16]}", self.facts["driver"])

    def _seconds_left(self) -> float:
        return inf if self.wanted.budget is None else self.wanted.budget - (perf_counter() - self.begun)

    def _should_stop(self) -> bool:
        return self.interruption.requested or self._seconds_left() <= 0

    def conclude(self, complete: bool) -> Study:
        """Evaluate the few chosen, unless the search was interrupted, and return the study."""
        study = open_study(self.folder)
        if self.interruption.requested or not (complete or self.wanted.budget):
            return Study(study.folder, study.facts, study.trials, study.chosen, complete=False)
        if study.ranked and self.wanted.choose:
            write_chosen(self.folder, evaluate_chosen(study, self.split, self.wanted.choose))
        elif not study.ranked and self.wanted.budget is not None and not complete:
            raise RecipeError(
                f"was over before one of {len(self.done):,} trials had been trained to its end",
                "continue the study with more time, or search smaller networks or fewer epochs",
                setting="budget",
                found=self.wanted.budget,
            )
        study = open_study(self.folder)
        return Study(study.folder, study.facts, study.trials, study.chosen, complete=True)
