"""Workers of Dask: processes that are started here, or those of a scheduler somewhere else; the same path for both.

What becomes of a task whose worker died is not left to Dask, which counts every task that waited on that worker as one
that it died of. Here Dask gives up at once (``allowed-failures`` is 0), and the driver, which knows from the workers'
messages what each was at, sends all of it out again and blames only what had begun.
"""

from __future__ import annotations

import queue
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any

from distributed import Client, Future

from inklings.errors import RunError
from inklings.search.deaths import Deaths
from inklings.search.images_on_workers import DataMissingError, bring
from inklings.search.local_cluster import start_workers
from inklings.search.on_worker import TOKEN_FILE, Answer, TrialPlugin, run_task, stop, topic_of
from inklings.search.packed_runs import PackedRun, pack_run, unpack_run
from inklings.search.scheduler import check_workers, connect, gone, is_connected
from inklings.search.task import Began, Ended, Event, Lost, Task
from inklings.search.train_trials import TrialTrainer
from inklings.search.trial import Trial
from inklings.search.trial_runs import folder_name
from inklings.storage import write_atomically, writing
from inklings.training.interruption import signals_deferred

_RECONNECTING, _FETCHING = 15.0, 60
"""Seconds to wait for a connection that was lost, and for an answer."""
_STOPPING = 5.0
"""Seconds that trainings get to write a checkpoint when the driver ends early."""
_AT_ONCE = 200
"""Events that are taken together at most: an answer may hold the runs of a task, some ten megabytes."""
_BETWEEN_COUNTS = 2.0
"""Seconds after which the workers are counted again: a cluster grows and shrinks. As often they are asked whether they
still have the images, where one says that it has not."""


class DaskWorkers:
    """Trains tasks on workers of Dask.

    Parameters
    ----------
    trainer : TrialTrainer
    address : str or None
        Of a scheduler; None to start workers here.
    count : int
        How many to start.
    threads : int
        Of each worker's engine.

    Raises
    ------
    RunError
        There is no scheduler at the address, it has no workers, or these have no Inklings or another one.
    """

    def __init__(self, trainer: TrialTrainer, address: str | None, count: int, threads: int) -> None:
        # One scheduler may serve several drivers: everything that is registered, submitted or told goes under this
        # driver's token.
        self._trainer, self._address = trainer, address
        self._study: TrialPlugin | None = None
        self._token = secrets.token_hex(8)
        # Filled by the client's thread, emptied by the driver's: the only state that both touch.
        self._events: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._futures: dict[int, Future[Answer]] = {}
        self._sends_runs = False
        self._lost_since: float | None = None
        self._counted, self._brought, self._slots = 0.0, 0.0, count
        self._closed = False
        self._write_token()
        self._cluster: Any = None
        try:
            self._cluster = None if address else start_workers(count, threads)
            self._client = connect(address or self._cluster)
            self._deaths = Deaths(self._client, local=address is None)
            self._begin(threads)
        # Ctrl-C too: processes that were started would otherwise outlive the driver.
        except BaseException:
            self.close()
            raise

    def _begin(self, threads: int) -> None:
        if self._address:
            check_workers(self._client, self._address)
        # Without the parts' copies of the images, which each worker makes by itself.
        self._trainer.split.forget_parts()
        self._study = TrialPlugin(self._token, self._client.id, self._trainer, threads, local=self._address is None)
        bring(self._client, self._study, self._trainer.split.dataset)
        self._client.subscribe_topic(topic_of(self._token), self._hear)

    def _write_token(self) -> None:
        folder = self._trainer.runs.parent
        with writing(folder):
            write_atomically(folder / TOKEN_FILE, self._token)

    def _hear(self, event: tuple[float, Any]) -> None:
        """Take what a worker says; called by the client's own thread."""
        _, message = event
        self._events.put((message["task"], message))

    @property
    def slots(self) -> int:
        """How many tasks can be at work at once: one per thread that the workers have for tasks."""
        if monotonic() - self._counted > _BETWEEN_COUNTS:
            self._counted = monotonic()
            with suppress(Exception):  # between two schedulers nothing can be counted
                # While all workers restart there are none: the last known number is a better guess than 0.
                self._slots = sum(self._client.nthreads().values()) or self._slots
        return max(1, self._slots)

    def submit(self, task: Task) -> None:
        """Send a task to whichever worker is free."""
        with self._noticing_loss():
            future = self._client.submit(
                run_task, task, self._token, self._runs_for(task), pure=False, key=f"trials-{self._token}-{task.number}"
            )
            self._futures[task.number] = future
            # Also called if it is done by now, so that no end can slip in between.
            future.add_done_callback(lambda done: self._events.put((task.number, done)))

    def _runs_for(self, task: Task) -> dict[int, PackedRun]:
        """Return the runs that a task goes on with, if there are workers that do not see them."""
        if not self._sends_runs:
            return {}
        folders = {job.number: self._trainer.runs / folder_name(job.number) for job in task.jobs if job.rung}
        return {number: pack_run(folder) for number, folder in folders.items()}

    def wait(self, seconds: float) -> list[Event]:
        """Return what has happened since, at the latest after so many seconds."""
        came: list[tuple[int, Any]] = []
        with suppress(queue.Empty):
            # Waits for the first event, then takes whatever else has come, so that the record is synchronised once for
            # all of it.
            came.append(self._events.get(timeout=seconds))
            while len(came) < _AT_ONCE:
                came.append(self._events.get_nowait())
        answers = self._fetch([message for _, message in came if isinstance(message, Future)])
        found = [event for task, message in came for event in self._read(task, message, answers)]
        if not found:
            self.check_scheduler()
        return found

    def _fetch(self, futures: list[Future[Answer]]) -> dict[Any, Answer]:
        """Return what has ended well, by key; nothing if one of them is gone, and each is then asked for by itself."""
        ended = [future for future in futures if future.status == "finished"]
        with suppress(Exception):
            # Together: one after the other, each would wait for a worker of its own, and the driver of a thousand
            # workers would do nothing else.
            if len(ended) > 1:
                gather = partial(self._client.gather, ended, asynchronous=True)
                fetched = self._client.sync(gather, callback_timeout=_FETCHING)
                return {future.key: answer for future, answer in zip(ended, fetched, strict=True)}
        return {}

    def _read(self, task: int, message: Any, answers: Mapping[Any, Answer]) -> list[Event]:  # noqa: ANN401
        if isinstance(message, Future):
            return self._read_future(task, message, answers.get(message.key))
        if "began" in message:
            return [Began(task, tuple(message["began"]), message["by"])]
        return [Ended(task, Trial.from_plain(plain)) for plain in message["ended"]]

    def _read_future(self, task: int, future: Future[Answer], answer: Answer | None) -> list[Event]:
        self._futures.pop(task, None)
        if future.status == "finished":
            try:
                answer = answer or future.result(timeout=_FETCHING)
            except Exception:  # it ended well, but its worker or the scheduler is gone with the answer
                return [Lost(task, self._deaths.describe(None))]
            for number, packed in answer.runs.items():
                self._sends_runs = True
                unpack_run(packed, self._trainer.runs / folder_name(number))
            ended: list[Event] = [Ended(task, Trial.from_plain(plain)) for plain in answer.trials]
            return [*ended, Lost(task, "it was asked to stop", died=False)] if answer.interrupted else ended
        problem = future.exception() if future.status == "error" else None
        # A run that cannot be stored is no matter of one trial: the next ones could not be stored either.
        if isinstance(problem, RunError):
            raise problem
        self._judge(problem)
        return [Lost(task, self._deaths.describe(problem))]

    def check_scheduler(self) -> None:
        """Refuse to wait for a scheduler that is gone."""
        if is_connected(self._client):
            self._lost_since = None
            return
        self._lost_since = self._lost_since or monotonic()
        if monotonic() - self._lost_since > _RECONNECTING or self._client.status == "closed":
            raise gone(self._address)

    @contextmanager
    def _noticing_loss(self) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            # Whatever Dask raises of a client that has no scheduler any more; other errors are what they say.
            if isinstance(problem, OSError) or not is_connected(self._client):
                raise gone(self._address) from problem
            raise

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:  # noqa: ANN401
        """Call a function on a worker, with the token by which it finds the images."""
        with self._noticing_loss():
            # By its default, pure, Dask takes two equal calls for one: a call that is made again after a death would be
            # none.
            return self._client.submit(function, self._token, *arguments, pure=False)

    def answer_of(self, future: Future[Any]) -> tuple[bool, Any]:
        """Return whether a call came to its end, and what it returned; raises what it raised."""
        if future.status == "finished":
            try:
                return True, future.result(timeout=_FETCHING)
            except Exception:  # its worker or the scheduler is gone with the answer
                return False, None
        problem = future.exception() if future.status == "error" else None
        self._judge(problem)
        return False, None

    def why_lost(self, future: Future[Any]) -> str:
        """Return what is known of the death of a worker that took a call with it."""
        return self._deaths.describe(future.exception() if future.status == "error" else None)

    def _judge(self, problem: BaseException | None) -> None:
        """Raise what went wrong in a worker; bring the images again where they are missing."""
        if problem is not None and not _is_of_the_cluster(problem):
            raise problem
        # Usually a worker has just joined, and gets them by itself.
        if isinstance(problem, DataMissingError) and self._study and monotonic() - self._brought > _BETWEEN_COUNTS:
            self._brought = monotonic()
            with self._noticing_loss():
                bring(self._client, self._study, self._trainer.split.dataset)

    def close(self) -> None:
        """Stop what is being trained, which leaves a checkpoint, and let go of the workers."""
        if self._closed:
            return
        self._closed = True
        # A second Ctrl-C in here would leave workers that nobody told to stop, for which Dask waits ten seconds.
        with signals_deferred():
            self._let_go()

    def _let_go(self) -> None:
        client = getattr(self, "_client", None)
        if client is not None:
            with suppress(Exception):  # the scheduler may be gone: then there is nothing to let go of
                self._stop(client)
            with suppress(Exception):
                client.close(timeout=_STOPPING)
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=_STOPPING)
        with suppress(OSError):
            (self._trainer.runs.parent / TOKEN_FILE).unlink()

    def _stop(self, client: Client) -> None:
        if not is_connected(client):
            return
        if self._futures:
            client.run(stop, self._token)
            # Those that are running were asked to stop and write their checkpoints; the rest never begin.
            until = monotonic() + _STOPPING
            client.cancel([future for future in self._futures.values() if future.status == "pending"])
            while monotonic() < until and any(client.processing().values()):
                with suppress(queue.Empty):
                    self._events.get(timeout=0.05)
        if self._address and self._study:
            client.unregister_worker_plugin(self._study.name)


def _is_of_the_cluster(problem: BaseException) -> bool:
    """Return whether an error says that a worker is gone, rather than what went wrong in it."""
    from concurrent.futures import CancelledError

    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    return isinstance(problem, KilledWorker | CancelledError | FutureCancelledError | DataMissingError | OSError)
