"""Processes that train: how many threads each has, and why a script needs a guard.

Trials have as many threads everywhere, since BLAS sums in another order with more, which gives other last digits.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from inklings.errors import RunError

UNGUARDED = "in a script, search below `if __name__ == '__main__':`, or with workers=1"
_VARIABLE = "OMP_NUM_THREADS"  # which the engines go by


def limit_threads(threads: int) -> None:
    """Let this process train with so many threads from now on: engines, and the BLAS that NumPy and SciPy call."""
    # The engines read the variable each time they compute; BLAS read it when it was loaded, and is told by
    # threadpoolctl.
    os.environ[_VARIABLE] = str(threads)
    threadpool_limits(threads)


@contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """Let this process train with so many threads for a while."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = str(threads)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        if before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = before


def refuse_in_newborn() -> None:
    """Refuse to search in a worker that is only just being born.

    A process that is spawned runs the script that started it once more, and would start workers of its own.

    Raises
    ------
    RunError
        The script searches wherever it is run.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RunError("a worker was told to search by the script that started it", UNGUARDED)
