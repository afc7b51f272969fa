"""Memory that this process has freed and its C library still holds."""

from __future__ import annotations

import ctypes
import platform
from functools import cache


def give_back_freed_memory() -> None:
    """Let GNU's C library return to the system what this process has freed, where it would keep it for later."""
    if _has_malloc_trim():
        ctypes.CDLL(None).malloc_trim(0)


@cache
def _has_malloc_trim() -> bool:
    # malloc_trim is glibc's own; musl, macOS and Windows have no such call. Cached: it is looked for in Python's file.
    return platform.libc_ver()[0] == "glibc"
