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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

from inklings.arguments import as_path, checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import open_dataset
from inklings.data.parts import Split
from inklings.engines import engine_name
from inklings.errors import RecipeError, RunError
from inklings.experiments.reopen import opened_by
from inklings.experiments.run_lock import lock_run
from inklings.search.brackets import ETA, LONGEST, brackets
from inklings.search.budget import Budget
from inklings.search.chosen import evaluate_chosen
from inklings.search.driver import Driver, Limits
from inklings.search.made_spaces import check_without_images, find_space, make_space
from inklings.search.open_workers import Where, open_workers
from inklings.search.plans import PlanMaker
from inklings.search.processes import refuse_in_newborn
from inklings.search.progress import Progress
from inklings.search.question import CHOSEN, Wanted, begin_study, continue_study, describe_question
from inklings.search.record import RUNS, RecordFile, read_trials, write_chosen
from inklings.search.samplers import make_sampler
from inklings.search.shared_study import Shared
from inklings.search.space import Space
from inklings.search.study import Study, open_study
from inklings.search.train_trials import TrialTrainer
from inklings.search.trial import Measure
from inklings.storage import writing
from inklings.training.data_facts import DataFacts
from inklings.training.interruption import Interruption


@checks_call(RecipeError)
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
    reserved: float = 0.0,
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
        Processes on this machine; one per core, as far as memory allows, if not given. 1 trains in this process. With
        more, a script must search below ``if __name__ == "__main__":``, since each process runs it once more.
    threads : int
        Of each worker.
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers train instead.
    storage : str, optional
        Where Optuna keeps the study that several drivers share: ``postgresql://user@host/name``.
    budget : float, optional
        Seconds for all of it: training ends in time to evaluate the few chosen.
    reserved : float
        Seconds of the budget that the caller has spent on reading images, or needs for a report.
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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.search import run_search
    >>> space = {"network": "mlp", "hidden_units": [5, 20], "epochs": 2}
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> folder = tempfile.TemporaryDirectory()
    >>> study = run_search(space, few, out=Path(folder.name) / "study", workers=1, choose=1)
    >>> len(study.trials), study.complete
    (2, True)
    >>> folder.cleanup()
    """
    # First of all: a worker that is started by spawning imports the script, and an unguarded call in it would start
    # workers in turn.
    refuse_in_newborn()
    begun, where = perf_counter(), Where(cluster, workers, threads)
    wanted = Wanted(trials, sampler, prune, measure, seed, in_flight, engine_name(engine), budget, choose, storage)
    asked = find_space(space)
    if not isinstance(data, Dataset):  # else the check below follows at once, and is by the images themselves
        check_without_images(asked, wanted.measure)
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    # One split for all trials, repeats too: on others, images that one repeat tests would be learnt from by another.
    split = dataset.split(seed=seed)
    plans = _plan_maker(asked, split, wanted)
    data_options = opened_by(data, data_options)
    folder = as_path(out, "a study's folder", RunError)
    if continued:
        wanted = wanted.as_begun(folder)
    facts = describe_question(plans, split, wanted, command, data_options)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    # Before anything is written: another driver may be at work here, whose study this is.
    lock = lock_run(folder)
    try:
        facts = continue_study(folder, facts, trials) if continued else begin_study(folder, facts)
        # Within the lock, so that it is released only after the workers have stopped.
        with Interruption() as interruption:
            time = Budget(budget, begun, choose * facts["repeats"], reserved)
            search = _Search(folder, facts, plans, split, wanted, interruption, time, watch)
            complete = search.train(where, _trainer(split, folder, wanted, command, data_options, seed, threads))
            return search.conclude(complete)
    finally:
        lock.release()


def _plan_maker(asked: Space | str, split: Split, wanted: Wanted) -> PlanMaker:
    """Return what makes the plans of a space, each value of which has been tried."""
    shape, classes, known = split.dataset.image_shape, split.dataset.class_count, DataFacts.of(split)
    space = make_space(asked, shape, classes, known) if isinstance(asked, str) else asked
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


@dataclass(eq=False)
class _Search:
    """A search under way."""

    folder: Path
    facts: dict[str, Any]
    plans: PlanMaker
    split: Split
    wanted: Wanted
    interruption: Interruption
    budget: Budget
    watch: Callable[[Progress], None]
    done: dict[int, Any] = field(default_factory=dict)

    def train(self, where: Where, trainer: TrialTrainer) -> bool:
        """Train what is left to train; return whether that is all."""
        facts, repeats = self.facts, self.facts["repeats"]
        sampler = make_sampler(facts["sampler"], self.plans.space, facts["seed"], self._shared())
        wanted = None if facts["trials"] is None else ceil(facts["trials"] / repeats)
        # A space with an end has no more configurations than that, however many are asked for.
        if sampler.count is not None:
            wanted = sampler.count if wanted is None else min(wanted, sampler.count)
        self.done = read_trials(self.folder)
        self.budget.learn(self.done.values())
        record = RecordFile(self.folder)
        try:
            with open_workers(where, trainer, self.plans, wanted, self._should_stop) as workers:
                in_flight = facts["in_flight"]
                if not sampler.learns:  # on which nothing depends then
                    in_flight = max(in_flight, 2 * facts["batch"] * workers.slots, ETA**LONGEST * workers.slots)
                most = None if wanted is None else wanted * repeats
                limits = Limits(most, self._should_stop, lambda: self.budget.seconds_left)
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
                    limits,
                    len(self.split.train_rows),
                    self._watch,
                )
                return driver.run()
        finally:
            record.close()
            sampler.close()

    def _shared(self) -> Shared | None:
        """Return where the results are shared with other drivers: of the same question, if not of the same seed."""
        if self.wanted.storage is None:
            return None
        question = [self.facts[name] for name in ("space", "measure", "prune", "repeats")]
        question.append(self.facts["data"]["fingerprint"])
        # A name by content: drivers find each other's study if and only if their results can be compared.
        digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
        return Shared(self.wanted.storage, f"inklings-{digest[:16]}", self.facts["driver"])

    def _watch(self, progress: Progress) -> None:
        self.budget.learn(progress.latest)
        self.watch(progress)

    def _should_stop(self) -> bool:
        return self.interruption.requested or self.budget.seconds_left <= 0

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
