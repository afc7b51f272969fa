"""How many threads a trial is trained with: the same everywhere, since sums in another order have other last digits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_VARIABLE = "OMP_NUM_THREADS"  # which the engines go by


def limit_threads(threads: int) -> None:
    """Let this process train with so many threads from now on: engines, and the BLAS that NumPy and SciPy call."""
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
