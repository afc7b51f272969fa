"""How the compiled engine brings arrays to JAX."""

from __future__ import annotations

from math import prod
from typing import Any

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.engines.alignment import aligned_empty

_ROWS = 10_000
"""Images copied together: those that are made when asked for then stand in memory once, not twice."""


def place(dtype: np.dtype[Any], values: NDArray[Any]) -> Array:
    """Copy values to where JAX shares memory with NumPy; left to itself, it copies them twice.

    Sharing the caller's own memory would keep that alive, and show changes made to it.

    Parameters
    ----------
    dtype : numpy.dtype
        The engine's, in which images' weights are; images themselves are in float32, labels in int32.
    values : array
    """
    floats = dtype if values.ndim == 1 else np.dtype(np.float32)
    kind = np.dtype(np.int32) if values.dtype.kind == "i" else floats
    copy = aligned_empty(prod(values.shape), kind).reshape(values.shape)
    for start in range(0, len(values), _ROWS):
        copy[start : start + _ROWS] = values[start : start + _ROWS]
    placed: Array = jax.device_put(copy)
    return placed
