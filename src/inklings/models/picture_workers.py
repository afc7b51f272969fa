"""Threads or processes in which many pictures are prepared at a time."""

from __future__ import annotations

import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

from inklings.hardware import cores

MOST_WORKERS = 8
MANY = 1000
"""Pictures from which on processes are started: they need a second or two to begin."""


def picture_workers(pictures: int) -> Executor:
    """Return threads for few pictures, and processes for so many that starting them pays.

    Preparing a small picture is mostly Python's own work, of which threads do one piece at a time.
    """
    # Those that a container's quota leaves, not those that the machine has.
    count = min(MOST_WORKERS, cores().usable)
    if count == 1 or pictures < MANY:
        return ThreadPoolExecutor(count)
    # Not forked: the engine's own threads would not survive it.
    # They ignore Ctrl-C, which a terminal sends to all: the process that started them ends the work.
    return ProcessPoolExecutor(count, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
