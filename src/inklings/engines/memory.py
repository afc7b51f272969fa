"""Memory that this process has freed and its C library still holds."""

from __future__ import annotations

import ctypes
import platform
from functools import cache


def give_back_freed_memory() -> None:
    """Let GNU's C library return to the system what this process has freed, where it would keep it for later."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    # malloc_trim is glibc's own; musl, macOS and Windows have no such call. Cached: it is looked for in Python's file,
    # and a library opened each time would be a circle of objects each time.
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
