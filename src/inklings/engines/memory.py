"""Memory that a program of XLA's takes for what lies between its first and last value, and gives back at its end.

GNU's C library hands large pieces straight back to the system and asks for new ones the next time. The system empties
every page of them as it is first touched, which for a step of experiment 5's network on 128 images of 28 x 28 is a
quarter of its time. Kept, the memory of one step serves the next.
"""

from __future__ import annotations

import ctypes
import platform
from functools import lru_cache

# Parameters of mallopt(3), as numbered in malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_LARGEST = 2**31 - 1


@lru_cache
def keep_freed_memory() -> bool:
    """Let this process keep what it frees, for its next allocations; a matter of the whole process, done once.

    Returns
    -------
    bool
        Whether that was possible. It is not where the C library is another than GNU's.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    settings = (_MMAP_MAX, 0), (_TRIM_THRESHOLD, _LARGEST)
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(parameter, value) == 1 for parameter, value in settings)


def give_back_freed_memory() -> None:
    """Let GNU's C library give to the system what this process has freed, where it would keep it for later."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
