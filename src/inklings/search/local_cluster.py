"""Workers of Dask on this machine: processes of their own, spawned, that only this machine can reach."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

import dask
from distributed import LocalCluster

from inklings.errors import RunError
from inklings.search.processes import UNGUARDED

_ROLES = ("scheduler", "worker", "client")
_LOCAL: dict[str, Any] = {
    # A task whose worker dies comes back at once: the driver knows which trial had begun, where Dask would blame every
    # task that waited there.
    "distributed.scheduler.allowed-failures": 0,
    # By its own value memory goes back to the system after every step, only to be asked for again. Any value ends that
    # glibc learns from which size on arrays are mapped one by one, so it is told the size that it would learn at most:
    # mapping each array of an epoch took a ninth of a training's time.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 1 << 28,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 1 << 25,
    # Dask looks a hundred times a second at what a worker is doing, for pages that nobody opens here.
    "distributed.worker.profile.enabled": False,
    # What someone's settings ask of a cluster is not for workers that only this machine can reach.
    "distributed.comm.require-encryption": False,
    "distributed.comm.tls.ca-file": None,
    **{f"distributed.comm.tls.{role}.{part}": None for role in _ROLES for part in ("cert", "key")},
    # A worker that restarts is wanted at once; its death has been noticed by its closed connection anyway.
    "distributed.comm.timeouts.connect": "30s",
}


def start_workers(count: int, threads: int) -> LocalCluster:
    """Start workers as processes of their own, spawned, each with one thread for tasks."""
    settings = {**_LOCAL, "distributed.nanny.pre-spawn-environ.OMP_NUM_THREADS": threads}
    try:
        with dask.config.set(settings), _interrupts_blocked():
            return LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                # Their pages of metrics, which cannot be had without: seen from here alone, on any free port.
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
    except RuntimeError as problem:
        raise RunError(f"{count} workers cannot be started ({problem})", UNGUARDED) from None


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let workers be born deaf to Ctrl-C, which a terminal sends to all of them: the driver decides what comes of it.

    A thread has the mask of the thread that started it, and a process that of the thread it was started in: so Dask's
    thread and all the workers that it starts, now and later, keep the mask of this moment.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # Python's own tracker lets the signals through again in the thread that starts it, which must not be Dask's.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
