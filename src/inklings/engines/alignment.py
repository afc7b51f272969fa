"""Arrays that begin at a multiple of a cache line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNED = 64
"""Bytes: a cache line, and the widest vector that the native engine loads at once."""


def aligned_zeros(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an array of so many zeros."""
    # NumPy aligns to 16 bytes, so there is room to move the beginning up to the next line.
    memory = np.zeros(count * dtype.itemsize + ALIGNED, np.uint8)
    # How far the next multiple of 64 lies; 0 where the memory begins on one already.
    start = -memory.ctypes.data % ALIGNED
    return memory[start : start + len(memory) - ALIGNED].view(dtype)
