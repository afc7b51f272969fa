"""What the compiled engine keeps of the arrays that it is given again and again."""

from __future__ import annotations

from collections import OrderedDict
from math import prod
from typing import Any
from weakref import ReferenceType, ref

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

_ALIGNED = 64
"""Bytes that an array's address must be a multiple of for JAX to share its memory."""
_ROWS = 10_000
"""Images copied together: those that are made when asked for then stand in memory once, not twice."""


class Places:
    """Where JAX holds the arrays it was last given, so that an epoch does not copy them again."""

    def __init__(self, dtype: np.dtype[Any], most: int = 8) -> None:
        self._dtype, self._most = dtype, most
        self._held: OrderedDict[int, tuple[ReferenceType[NDArray[Any]], Array]] = OrderedDict()

    def __call__(self, values: NDArray[Any]) -> Array:
        """Give an array as JAX has it: images in float32, labels in int32, their weights in the engine's dtype."""
        # What the caller let go is let go: with augmentation every epoch's images are new, and large.
        for key in [key for key, (given, _) in self._held.items() if given() is None]:
            del self._held[key]
        if id(values) not in self._held:
            floats = self._dtype if values.ndim == 1 else np.float32
            kind = np.int32 if values.dtype.kind == "i" else floats
            self._held[id(values)] = (ref(values), _placed(values, kind))
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        self._held.move_to_end(id(values))
        return self._held[id(values)][1]


def _placed(values: NDArray[Any], kind: Any) -> Array:  # noqa: ANN401 - what NumPy takes as a dtype
    """Copy values to where JAX shares memory with NumPy; left to itself, it copies them twice.

    Sharing the caller's own memory would keep that alive, and show changes made to it.
    """
    size = prod(values.shape) * np.dtype(kind).itemsize
    memory = np.empty(size + _ALIGNED, np.uint8)
    start = -memory.ctypes.data % _ALIGNED
    copy = memory[start : start + size].view(kind).reshape(values.shape)
    for start in range(0, len(values), _ROWS):
        copy[start : start + _ROWS] = values[start : start + _ROWS]
    placed: Array = jax.device_put(copy)
    return placed
