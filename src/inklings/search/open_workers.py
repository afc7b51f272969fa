"""Which workers train a study: this process, others on this machine, or those of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from inklings.errors import RecipeError
from inklings.extras import importing, is_installed
from inklings.hardware import cores, memory
from inklings.search.plans import PlanMaker
from inklings.search.processes import thread_limit
from inklings.search.tasks import rough_seconds
from inklings.search.train_trials import TrialTrainer
from inklings.search.workers import InProcess, Workers
from inklings.training.memory import training_bytes

_PROCESS_BYTES = 250_000_000
"""What a worker takes before it trains anything."""
_STARTING = 4.0
"""Seconds of training that must be saved for processes of their own to be worth starting."""


@dataclass(frozen=True)
class Where:
    """Where to train.

    Parameters
    ----------
    cluster : str, optional
        Address of a Dask scheduler.
    workers : int, optional
        Processes here.
    threads : int
        Of each.
    """

    cluster: str | None = None
    workers: int | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("workers", "threads"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise RecipeError(f"is {value!r}, expected a whole number of at least 1", setting=name, found=value)
        if self.cluster is not None and not self.cluster.strip():
            # Such as a variable of the shell that is not set: training here instead would go unnoticed.
            problem = "is empty, expected the address of a Dask scheduler, such as tcp://host:8786"
            raise RecipeError(problem, "leave it out to train here", setting="cluster", found=self.cluster)
        if self.cluster is not None and self.workers is not None:
            problem = "has no effect on a cluster, which has workers of its own"
            raise RecipeError(problem, "leave one of both out", setting="workers", found=self.workers)


@contextmanager
def open_workers(
    where: Where,
    trainer: TrialTrainer,
    plans: PlanMaker,
    configurations: int | None,
    should_stop: Callable[[], bool],
) -> Iterator[Workers]:
    """Start or find the workers of a study, and let go of them afterwards.

    Raises
    ------
    MissingDependencyError
        Dask is needed and not installed, or cannot be imported.
    RunError
        There is no scheduler at the cluster's address, or it has no workers.
    """
    count = where.workers or usual_workers(where, plans, trainer, configurations)
    workers: Workers
    if where.cluster is None and count == 1:
        with thread_limit(where.threads):
            workers = InProcess(replace(trainer, should_stop=should_stop))
            try:
                yield workers
            finally:
                workers.close()
        return
    check_dask("several workers need Dask", otherwise="train with one worker")
    from inklings.search.cluster import DaskWorkers

    workers = DaskWorkers(trainer, where.cluster, count, where.threads)
    try:
        yield workers
    finally:
        workers.close()


def check_dask(need: str, otherwise: str = "") -> None:
    """Refuse to do what needs Dask without it.

    Raises
    ------
    MissingDependencyError
        It is not installed, or cannot be imported.
    """
    with importing("distributed", need, "'inklings[cluster]'", otherwise=otherwise):
        import distributed  # noqa: F401


def usual_workers(where: Where, plans: PlanMaker, trainer: TrialTrainer, configurations: int | None) -> int:
    """Return how many processes train: one per core if memory allows, one where others would not be worth starting."""
    if not is_installed("distributed"):
        return 1
    images = len(trainer.split.train_rows), len(trainer.split.validation_rows)
    needed, seconds = 0, 0.0
    # Each corner differs from the first in one setting: the most that any of them needs is roughly what a training
    # needs.
    for _, settings in plans.space.corners():
        plan = plans.plan(plans.space.without_idle(settings))
        needed = max(needed, training_bytes(plan.network, plan.recipe, images, trainer.engine))
        seconds = max(seconds, rough_seconds(plan, images[0]))
    if configurations is not None and configurations * plans.space.repeats * seconds < _STARTING:
        return 1
    data = trainer.split.dataset.images.nbytes
    free = memory().available
    # Each worker has its own copy of the images, in a process of its own.
    fitting = cores().usable if free is None else free // (needed + data + _PROCESS_BYTES)
    return int(max(1, min(cores().usable // where.threads, fitting)))
