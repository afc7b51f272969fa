"""Programs that run side by side, each called from a thread of its own.

XLA runs one program after the other for whoever calls it, and much of a program's time passes in one thread: sliding a
kernel over one channel, pooling, lists of small products. Programs that do not depend on each other fill the cores when
several threads call them. JAX does the work outside of Python's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import jax

Item = TypeVar("Item")
Prediction = TypeVar("Prediction")

_called: WeakKeyDictionary[Any, set[Hashable]] = WeakKeyDictionary()
"""With which shapes each program was called before, and so is compiled for."""


def side_by_side(
    program: Callable[..., Any],
    shapes: Hashable,
    call: Callable[[Item], Prediction],
    items: Sequence[Item],
    threads: int,
    precision: Callable[[], AbstractContextManager[Any]],
) -> list[Prediction]:
    """Give what ``call`` answers for each item, when it is computed.

    Parameters
    ----------
    program : callable
        What ``call`` calls; compiled by JAX when it meets new shapes.
    shapes : hashable
        Of the arrays that the program is called with. The first time, the first call is made alone, or JAX would
        compile in every thread.
    call : callable
        ``item -> arrays``.
    items : sequence
    threads : int
    precision : callable
        Gives the context to compute in, which JAX keeps for each thread apart.
    """

    def alone(item: Item) -> Prediction:
        with precision():
            answer: Prediction = jax.block_until_ready(call(item))  # type: ignore[no-untyped-call]
            return answer

    known = _called.setdefault(program, set())
    here = items[: 1 if shapes not in known or len(items) == 1 else 0]
    answers = [alone(item) for item in here]
    known.add(shapes)
    if len(items) > len(here):
        with ThreadPoolExecutor(threads) as pool:
            answers += pool.map(alone, items[len(here) :])
    return answers
