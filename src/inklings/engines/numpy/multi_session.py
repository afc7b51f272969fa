"""Networks of one architecture trained side by side in NumPy: each takes its steps in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.numpy.engine import NumpyEngine
from inklings.engines.objective import Objective
from inklings.engines.step_chunks import StepChunker
from inklings.networks import Network, Parameters


class NumpyMultiSession:
    """Training of several networks under way; see :class:`inklings.engines.MultiSession`.

    It is no quicker than one training after another, but needs no other engine. :func:`inklings.engines.multi_session`
    begins one and says what it takes.
    """

    def __init__(
        self,
        engine: NumpyEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        starts: Sequence[Parameters],
        seeds: Sequence[int],
    ) -> None:
        self._chunker = StepChunker(1)
        self._sessions = [
            engine.session(network, objective, optimiser, start, seed=seed)
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
        """Take a step of every network for each batch; see :class:`inklings.engines.MultiSession`."""
        losses = np.zeros(learning_rates.shape)

        # In turn, a chunk each: all are then at the same step whenever the caller looks.
        def take(start: int, stop: int) -> None:
            steps = slice(start, stop)
            for number, session in enumerate(self._sessions):
                own = order[steps, number], learning_rates[steps, number]
                # No session asks whether to stop: all have to end at the same step, so the chunker asks between chunks.
                losses[steps, number] = session.train(images, labels, *own, first_step + start, lambda: False, weights)

        return losses[: self._chunker.go(take, len(order), should_stop)]

    def evaluate_parts(self, images: Images, labels: Labels, parts: NDArray[np.bool_]) -> list[list[Evaluation]]:
        """Measure loss and accuracy of every network; see :class:`inklings.engines.MultiSession`."""
        return [
            [session.evaluate(images[part], labels[part]) for part in own]
            for session, own in zip(self._sessions, parts, strict=True)
        ]
