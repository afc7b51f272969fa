"""Networks of one kind trained side by side: a compiled step for many of them, which differ in weights, seed and rate.

A step of a small network is over before both cores have begun, and reading its images after each epoch costs as much as
training does. Side by side, the steps are batched products, and networks read the images in one large product. XLA
computes batched products in one thread, so there is a group of networks for each core. What that is worth is in
``docs/decisions``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Any

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.engines import programs
from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.compiled import CompiledEngine
from inklings.engines.objective import Objective
from inklings.engines.pace import Pace
from inklings.engines.randomness import mask_keys
from inklings.engines.session import CompiledSession, Walk
from inklings.engines.streaming import Lesson
from inklings.engines.threads import side_by_side
from inklings.engines.tracing import Arrays
from inklings.hardware import cores
from inklings.networks import Network, Parameters

_BYTES_AT_ONCE = 1 << 28  # of all networks' outputs, when images are read: in few large products, which are quicker


class SideBySide:
    """Training of several networks under way.

    Begun by :func:`inklings.engines.side_by_side`, which tells what it takes.
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
        self._engine, self._network, self._objective = engine, network, objective
        self._count, self._pace = len(starts), Pace()
        size = -(-self._count // min(cores().usable, self._count))
        # Groups of one size share a program: where the last one lacks members, the last member fills it up.
        numbers = np.minimum(np.arange(self._count + -self._count % size), self._count - 1)
        self._groups = [
            _Group(engine, network, objective, optimiser, own, starts, seeds) for own in numbers.reshape(-1, size)
        ]

    @property
    def members(self) -> list[Parameters]:
        """Copies of each network's parameters as they are now."""
        return [member for group in self._groups for member in group.members][: self._count]

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
        """Take a step of every network for each batch; see :class:`inklings.engines.base.TogetherSession`."""
        with self._engine.precision():
            place = self._engine.place_images
            own = None if weights is None else place(weights)
            lesson = Lesson(slice(0, len(order)), place(images), place(labels), own, order.astype(np.int32))
            walks = [group.walk(lesson, learning_rates, first_step) for group in self._groups]
            program, shapes = self._groups[0].program, (order.shape, images.shape)

            def take(start: int, stop: int) -> list[Array]:
                step = methodcaller("take", start, stop)
                return side_by_side(program, shapes, step, walks, len(walks), self._engine.precision)

            done = self._pace.go(take, len(order), should_stop)
            losses = np.concatenate([np.asarray(walk.losses, np.float64) for walk in walks], 1)
        return losses[:done, : self._count]

    def evaluate_parts(self, images: Images, labels: Labels, parts: NDArray[np.bool_]) -> list[list[Evaluation]]:
        """Read images by every network; see :class:`inklings.engines.base.TogetherSession`."""
        outputs = self._count * self._network.memory_per_image // 2
        size = max(1, min(len(images), _BYTES_AT_ONCE // outputs))
        with self._engine.precision():
            cut, place = programs.cutter(size), self._engine.place_images
            pixels, answers = place(images), place(labels)
            sums = np.zeros((2, len(self._groups) * len(self._groups[0].numbers), parts.shape[1]))
            for start in range(0, len(images), size):
                x, y, counts = cut(pixels, answers, start)
                begin = min(start, len(images) - size)
                chosen = parts[:, :, begin : begin + size] & np.asarray(counts)
                sums += np.concatenate([group.sums(x, y, chosen) for group in self._groups], 1)
        losses, right = sums[:, : self._count] / parts.sum(-1)
        return [[Evaluation(*pair) for pair in zip(*own, strict=True)] for own in zip(losses, right, strict=True)]


class _Group(CompiledSession):
    """Networks that are one program; their parameters are stacked, each network's along the first axis."""

    def __init__(
        self,
        engine: CompiledEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        numbers: NDArray[np.int64],
        starts: Sequence[Parameters],
        seeds: Sequence[int],
    ) -> None:
        self.numbers = numbers
        stacked = {name: np.stack([starts[number][name] for number in numbers]) for name in starts[0]}
        super().__init__(engine, network, objective, optimiser, stacked, seeds[0])
        self.keys = np.stack([mask_keys(seeds[number], len(network.layers)) for number in numbers])

    @property
    def members(self) -> list[Parameters]:
        """Copies of each network's parameters."""
        stacked = self.parameters
        return [{name: values[row] for name, values in stacked.items()} for row in range(len(self.numbers))]

    def walk(self, lesson: Lesson, rates: NDArray[np.float64], first_step: int) -> Walk:
        """Prepare the members' steps, of a lesson and rates that are all networks'."""
        own = lesson._replace(order=lesson.order[:, self.numbers])
        return super().walk(own, rates[:, self.numbers], first_step)

    def sums(self, pixels: Array, answers: Array, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give the members' sums of losses and images read right, shape (2, members, parts).

        ``chosen``, shape (networks, parts, images), marks which images count for each of all networks.
        """
        read = programs.evaluator_together(self._network, self._objective.plain_loss())
        parameters = self.learning.trainable | self.learning.averages
        return np.array(jax.device_get(read(parameters, pixels, answers, chosen[self.numbers])), np.float64)

    def _begin_state(self, trainable: Arrays) -> Any:  # noqa: ANN401 - the optimiser's own
        return jax.vmap(self._optimiser.init)(trainable)

    @property
    def program(self) -> programs.Program:
        """Takes many steps of all members."""
        return programs.many_steps(self._network, self._objective, self._optimiser, together=True)
