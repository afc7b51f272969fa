"""The trainings of a comparison or of learning curves, spread over workers: the same numbers, sooner.

Each training is done as it would be done here, with as many threads as the workers have; what comes back are its runs,
or what was fitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from time import sleep
from types import TracebackType
from typing import Any, Self, TypeVar

from inklings.data.parts import Split
from inklings.errors import RunError
from inklings.experiments.runs import RunStore
from inklings.experiments.trained import TrainedNetwork, trained_network_of
from inklings.experiments.trainer import Entry, Trainer
from inklings.search.open_workers import Where, check_dask
from inklings.search.packed_runs import unpack_run
from inklings.search.suspects import MOST_DEATHS
from inklings.search.train_trials import TrialTrainer
from inklings.training.interruption import Interruption

Answer = TypeVar("Answer")
_POLL = 0.05


class Spread:
    """Trains on a cluster what is given to it; use it as a context.

    Parameters
    ----------
    address : str
        Of a Dask scheduler.
    store : RunStore
        Where the runs of a comparison are kept; its folder's parent is where workers look whether they share it.
    threads : int
        Of each worker.
    """

    def __init__(self, address: str, store: RunStore, threads: int = 1) -> None:
        self._where, self._store = Where(address, None, threads), store
        self._workers: Any = None
        self._images = ""
        """The fingerprint of those that the workers have."""

    def __enter__(self) -> Self:
        check_dask("a cluster needs Dask")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._workers is not None:
            self._workers.close()

    def _connect(self, split: Split, engine: str) -> None:
        """Bring the images to the workers, with the first trainings."""
        if self._workers is not None and self._images == split.dataset.fingerprint:
            return
        if self._workers is not None:  # of an earlier comparison, with other images
            self._workers.close()
        from inklings.search.cluster import DaskWorkers

        runs = self._store.folder.resolve()
        runs.parent.mkdir(parents=True, exist_ok=True)
        self._images = split.dataset.fingerprint
        self._workers = DaskWorkers(TrialTrainer(split, runs, engine), self._where.cluster, 0, self._where.threads)

    def train(self, entries: Sequence[Entry], trainer: Trainer) -> list[TrainedNetwork]:
        """Train networks of a comparison, and return those that came to their end."""
        if not entries:
            return []
        from inklings.search.on_worker import rows_of, train_entry

        self._connect(entries[0].job.split, trainer.engine)
        arguments = [
            (entry.plan, rows_of(entry.job.split), trainer.engine, dict(trainer.facts), trainer.splits_are_made_here)
            for entry in entries
        ]
        found: list[TrainedNetwork] = []
        for entry, answer in zip(entries, self._gather(train_entry, arguments), strict=True):
            if answer is None:
                continue
            id, packed = answer
            if packed is not None:
                unpack_run(packed, self._store.folder / id)
            found.append(trained_network_of(self._store.load(id), entry.job.split))
        return found

    def _gather(self, function: Callable[..., Answer], arguments: Sequence[tuple[Any, ...]]) -> list[Answer | None]:
        """Call a function on the workers for each of some arguments; None for what an interruption left out."""
        answers: list[Answer | None] = [None] * len(arguments)
        deaths: Counter[int] = Counter()
        futures = {place: self._workers.call(function, *each) for place, each in enumerate(arguments)}
        with Interruption() as interruption:
            while futures and not interruption.requested:
                # A list first, since futures are taken out and put in below.
                for place in [place for place, future in futures.items() if future.status != "pending"]:
                    future = futures.pop(place)
                    done, answer = self._workers.answer_of(future)
                    if done:
                        answers[place] = answer
                        continue
                    # Not as in a search, which knows from its events what had begun: here whatever was lost counts.
                    deaths[place] += 1
                    if deaths[place] >= MOST_DEATHS:
                        found = f"{MOST_DEATHS} workers died while they trained the same network"
                        raise RunError(found, self._workers.why_lost(future))
                    futures[place] = self._workers.call(function, *arguments[place])
                self._workers.check_scheduler()
                sleep(_POLL)
        for future in futures.values():
            future.cancel()
        return answers
