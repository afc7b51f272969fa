"""What an engine keeps of the arrays that it is passed again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import ReferenceType, ref

from numpy.typing import NDArray

Placed = TypeVar("Placed")

MOST = 8
"""Arrays that are kept: a training passes five, the images and labels to learn from and to validate by, and weights."""


class ArrayCache(Generic[Placed]):
    """The last arrays that an engine was passed, as it has them, so that an epoch does not copy them again.

    An array counts as the same by its identity, so it may not be changed while it is in here.

    Parameters
    ----------
    place : callable
        ``array -> array as the engine has it``.
    """

    def __init__(self, place: Callable[[NDArray[Any]], Placed]) -> None:
        self._place, self._lock = place, Lock()
        self._kept: OrderedDict[int, tuple[ReferenceType[NDArray[Any]], Placed]] = OrderedDict()

    def __call__(self, values: NDArray[Any]) -> Placed:
        """Return an array as the engine has it."""
        # Networks trained side by side share an engine's cache, each from a thread of its own.
        with self._lock:
            return self._look_up(values)

    def _look_up(self, values: NDArray[Any]) -> Placed:
        # What the caller let go is let go: with augmentation every epoch's images are new, and large. It also keeps
        # ids honest: Python uses the id of a dead array again.
        for key in [key for key, (passed, _) in self._kept.items() if passed() is None]:
            del self._kept[key]
        if id(values) not in self._kept:
            self._kept[id(values)] = (ref(values), self._place(values))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(id(values))
        return self._kept[id(values)][1]
