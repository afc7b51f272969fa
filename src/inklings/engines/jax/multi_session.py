"""Networks of one architecture trained side by side in JAX: one program for all of them, by ``vmap``.

A step of a small network is over before a device is busy. Side by side, the steps become batched matrix products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from inklings.engines.base import Evaluation, Images, Labels, Optimiser
from inklings.engines.jax import programs
from inklings.engines.jax.engine import JaxEngine, part_size
from inklings.engines.jax.forward import Arrays
from inklings.engines.jax.session import JaxSession
from inklings.engines.objective import Objective
from inklings.engines.randomness import mask_keys
from inklings.networks import Network, Parameters


class JaxMultiSession(JaxSession):
    """Training of several networks under way; see :class:`inklings.engines.MultiSession`.

    It is a session whose parameters and state have an axis for the networks in front.
    :func:`inklings.engines.multi_session` begins one and says what it takes.
    """

    def __init__(
        self,
        engine: JaxEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        starts: Sequence[Parameters],
        seeds: Sequence[int],
    ) -> None:
        self._count = len(starts)
        # (networks, ...) each; the session's own keys, of the first network, are replaced below by those of all.
        stacked = {name: np.stack([start[name] for start in starts]) for name in starts[0]}
        super().__init__(engine, network, objective, optimiser, stacked, seeds[0])
        self._keys = np.stack([mask_keys(seed, len(network.layers)) for seed in seeds])

    @property
    def members(self) -> list[Parameters]:
        """Copies of each network's parameters as they are now."""
        stacked = self.parameters
        return [{name: values[number] for name, values in stacked.items()} for number in range(self._count)]

    def evaluate_parts(self, images: Images, labels: Labels, parts: NDArray[np.bool_]) -> list[list[Evaluation]]:
        """Measure loss and accuracy of every network; see :class:`inklings.engines.MultiSession`."""
        # All networks classify a part at the same time, so each has its share of the memory.
        size = max(1, part_size(self._network, len(images)) // self._count)
        program = programs.multi_evaluator(self._network, self._objective.plain_loss(), size)
        with self._engine.computing():
            data = self._engine.cached(images), self._engine.cached(labels), parts
            sums = [program(self._placed, *data, start) for start in range(0, len(images), size)]
            # (parts of the data, 2, networks, parts asked about), summed over the first
            # axis; the counts are (networks, parts).
            losses, correct = np.array(jax.device_get(sums), np.float64).sum(0) / parts.sum(-1)
        return [[Evaluation(*pair) for pair in zip(*own, strict=True)] for own in zip(losses, correct, strict=True)]

    def _fresh_optimiser_state(self, trainable: Arrays) -> Any:  # noqa: ANN401 - the optimiser's own
        return programs.optimiser_state(self._optimiser, stacked=True)(trainable)

    @property
    def _train_chunk(self) -> Callable[..., NDArray[np.float64]]:
        return self._many_at_once

    # Always: networks with convolutions, whose loops can be slow, are refused side by side.
    @property
    def _many_steps(self) -> programs.Program:
        return programs.many_steps(self._network, self._objective, self._optimiser, stacked=True)
