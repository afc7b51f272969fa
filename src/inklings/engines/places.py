"""What an engine keeps of the arrays that it is given again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import ReferenceType, ref

from numpy.typing import NDArray

Placed = TypeVar("Placed")


class Places(Generic[Placed]):
    """Where an engine holds the arrays it was last given, so that an epoch does not copy them again.

    Parameters
    ----------
    place : callable
        ``array -> array as the engine has it``.
    most : int
        How many are held.
    """

    def __init__(self, place: Callable[[NDArray[Any]], Placed], most: int = 8) -> None:
        self._place, self._most, self._lock = place, most, Lock()
        self._held: OrderedDict[int, tuple[ReferenceType[NDArray[Any]], Placed]] = OrderedDict()

    def __call__(self, values: NDArray[Any]) -> Placed:
        """Give an array as the engine has it."""
        with self._lock:
            return self._hold(values)

    def _hold(self, values: NDArray[Any]) -> Placed:
        # What the caller let go is let go: with augmentation every epoch's images are new, and large.
        for key in [key for key, (given, _) in self._held.items() if given() is None]:
            del self._held[key]
        if id(values) not in self._held:
            self._held[id(values)] = (ref(values), self._place(values))
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        self._held.move_to_end(id(values))
        return self._held[id(values)][1]
