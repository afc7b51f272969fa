"""Arrays that begin at a multiple of a cache line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNED = 64
"""Bytes: a cache line, the widest vector, and what an address must be a multiple of for JAX to share the memory."""


def aligned_empty(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give an array of so many numbers, whatever they are."""
    return _aligned(np.empty(count * dtype.itemsize + ALIGNED, np.uint8), dtype)


def aligned_zeros(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give an array of so many zeros."""
    return _aligned(np.zeros(count * dtype.itemsize + ALIGNED, np.uint8), dtype)


def _aligned(memory: NDArray[np.uint8], dtype: np.dtype[Any]) -> NDArray[Any]:
    start = -memory.ctypes.data % ALIGNED
    return memory[start : start + len(memory) - ALIGNED].view(dtype)
