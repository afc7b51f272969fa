"""Networks of one kind trained in parallel: each by one thread, as many at once as there are cores.

A step of a small network is over before a second thread could take its share of it, but networks do not wait for each
other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.native.runtime import Runtime
from inklings.engines.native.session import NativeSession
from inklings.engines.objective import Objective
from inklings.engines.step_chunks import StepChunker
from inklings.networks import Network, Parameters


class ParallelSessions:
    """Training of several networks under way; see :class:`inklings.engines.base.MultiSession`.

    Begun by :func:`inklings.engines.multi_session`, which describes the parameters.
    """

    def __init__(
        self,
        runtime: Runtime,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        starts: Sequence[Parameters],
        seeds: Sequence[int],
    ) -> None:
        # Shared by all networks, and with it the copies of the images; each session has a workspace of its own.
        alone = Runtime(str(runtime.dtype), threads=1, level=runtime.level)
        self._threads, self._pace = runtime.threads, StepChunker(1)
        self._selected: dict[bytes, tuple[Images, Labels]] = {}
        self._sessions = [
            NativeSession(alone, network, objective, optimiser, start, seed)
            for start, seed in zip(starts, seeds, strict=True)
        ]

    @property
    def members(self) -> list[Parameters]:
        """Copies of each network's parameters as they are now."""
        return [session.parameters for session in self._sessions]

    def train(
        self,
        images: Images,
        labels: Labels,
        order: NDArray[np.int64],
        learning_rates: NDArray[np.float64],
        first_step: int,
        should_stop: Callable[[], bool],
        weights: Weights | None = None,
    ) -> NDArray[np.float64]:
        """Take a step of every network for each batch; see :class:`inklings.engines.base.MultiSession`."""
        losses = np.zeros(learning_rates.shape)

        def take_own(start: int, stop: int, number: int) -> None:
            steps = slice(start, stop)
            # One network's column of (steps, networks, batch_size).
            own = np.ascontiguousarray(order[steps, number]), np.ascontiguousarray(learning_rates[steps, number])
            session = self._sessions[number]
            # lambda: False, since all have to end at the same step: the chunker asks between two chunks.
            losses[steps, number] = session.train(images, labels, *own, first_step + start, lambda: False, weights)

        # Threads are enough: ctypes lets go of Python's lock while the library computes, and all read the same images.
        with ThreadPoolExecutor(self._threads) as pool:

            def take(start: int, stop: int) -> None:
                # list() waits for all, and raises what a thread raised.
                list(pool.map(partial(take_own, start, stop), range(len(self._sessions))))

            done = self._pace.go(take, len(order), should_stop)
        return losses[:done]

    def _select(self, images: Images, labels: Labels, part: NDArray[np.bool_]) -> tuple[Images, Labels]:
        """Copy a part of the images, which networks of one split share, once for all epochs."""
        key = part.tobytes()
        # Kept, since engines know arrays by their identity: a new copy each epoch would be placed again each epoch.
        if key not in self._selected:
            self._selected[key] = images[part], labels[part]
        return self._selected[key]

    def evaluate_parts(self, images: Images, labels: Labels, parts: NDArray[np.bool_]) -> list[list[Evaluation]]:
        """Evaluate every network; see :class:`inklings.engines.base.MultiSession`."""

        def evaluate(number: int) -> list[Evaluation]:
            return [self._sessions[number].evaluate(*own) for own in selected[number]]

        # By this thread alone, before the others begin: the dict of copies has no lock.
        selected = [[self._select(images, labels, part) for part in own] for own in parts]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(evaluate, range(len(self._sessions))))
