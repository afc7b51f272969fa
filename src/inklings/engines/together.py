"""Networks of one kind trained side by side: one compiled step for all of them, which differ in weights, seed and rate.

A step of a small network is over before both cores have begun, and reading its images after each epoch costs as much as
training does. Side by side, the steps are batched products, and all networks read the images in one large product.
What that is worth is in ``docs/decisions``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import numpy as np
from numpy.typing import NDArray

from inklings.engines import programs
from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.compiled import CompiledEngine, CompiledSession
from inklings.engines.objective import Objective
from inklings.engines.randomness import mask_keys
from inklings.engines.streaming import Lesson
from inklings.engines.tracing import Arrays
from inklings.networks import Network, Parameters

_BYTES_AT_ONCE = 1 << 28  # of all networks' outputs, when images are read: in few large products, which are quicker


class SideBySide(CompiledSession):
    """Training of several networks under way.

    Parameters
    ----------
    engine : CompiledEngine
    network : Network
        What all of them are; without convolutions.
    objective : Objective
        What each minimises.
    optimiser : Optimiser
        How each step is taken.
    starts : sequence of dict of str to array
        Each network's parameters.
    seeds : sequence of int
        Of each network's dropout.
    """

    def __init__(
        self,
        engine: CompiledEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        starts: Sequence[Parameters],
        seeds: Sequence[int],
    ) -> None:
        self.count = len(starts)
        stacked = {name: np.stack([start[name] for start in starts]) for name in starts[0]}
        super().__init__(engine, network, objective, optimiser, stacked, seeds[0])
        self._keys = np.stack([mask_keys(seed, len(network.layers)) for seed in seeds])

    @property
    def members(self) -> list[Parameters]:
        """Copies of each network's parameters as they are now."""
        stacked = self.parameters
        return [{name: values[number] for name, values in stacked.items()} for number in range(self.count)]

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
        """Take a step of every network for each batch.

        Parameters
        ----------
        images, labels
            What all of them learn from.
        order : array of int64, shape (steps, networks, batch_size)
            Which images make each network's batch.
        learning_rates : array of float64, shape (steps, networks)
        first_step : int
            Steps done before.
        should_stop : callable
            Asked every tenth of a second or so.
        weights : array, (n,), optional
            How much each image's loss counts.

        Returns
        -------
        array of float64, shape (steps, networks)
            The objectives, of the steps taken.
        """
        with self._engine.precision():
            place = self._engine.place_images
            own = None if weights is None else place(weights)
            lesson = Lesson(slice(0, len(order)), place(images), place(labels), own, order.astype(np.int32))
            return self._many_at_once(lesson, learning_rates, first_step, should_stop)

    def evaluate_parts(self, images: Images, labels: Labels, parts: NDArray[np.bool_]) -> list[list[Evaluation]]:
        """Read images by every network.

        Parameters
        ----------
        images, labels
            What all of them read.
        parts : array of bool, shape (networks, parts, images)
            Which images each network's evaluations are of.

        Returns
        -------
        list of list of Evaluation
            For each network, of each of its parts.
        """
        outputs = self.count * self._network.memory_per_image // 2
        size = max(1, min(len(images), _BYTES_AT_ONCE // outputs))
        read = programs.evaluator_together(self._network, self._objective.plain_loss())
        cut, parameters = programs.cutter(size), self._learning.trainable | self._learning.averages
        sums = np.zeros((2, *parts.shape[:2]))
        with self._engine.precision():
            pixels, answers = self._engine.place_images(images), self._engine.place_images(labels)
            for start in range(0, len(images), size):
                x, y, counts = cut(pixels, answers, start)
                begin = min(start, len(images) - size)
                chosen = parts[..., begin : begin + size] & np.asarray(counts)
                sums += np.array(jax.device_get(read(parameters, x, y, chosen)), np.float64)
        losses, right = sums / parts.sum(-1)
        return [[Evaluation(*pair) for pair in zip(*own, strict=True)] for own in zip(losses, right, strict=True)]

    def _begin_state(self, trainable: Arrays) -> object:
        return jax.vmap(self._optimiser.init)(trainable)

    def _program(self) -> programs.Program:
        return programs.many_steps(self._network, self._objective, self._optimiser, together=True)
