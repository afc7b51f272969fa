"""Training under way in the compiled engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.engines import programs
from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.objective import Objective
from inklings.engines.pace import Pace
from inklings.engines.programs import Learning
from inklings.engines.randomness import mask_keys
from inklings.engines.streaming import Lesson, lessons
from inklings.engines.tracing import Arrays
from inklings.networks import Network, Parameters

if TYPE_CHECKING:
    from inklings.engines.compiled import CompiledEngine


class CompiledSession:
    """Training under way in the compiled engine; see :class:`inklings.engines.Session`."""

    def __init__(
        self,
        engine: CompiledEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        parameters: Parameters,
        seed: int,
    ) -> None:
        self._engine, self._network, self._objective, self._optimiser = engine, network, objective, optimiser
        self.keys = mask_keys(seed, len(network.layers))
        self.pace = Pace()
        self._longest = 0
        self.restore(parameters)

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""
        now = self.learning.trainable | self.learning.averages
        return {name: np.array(now[name]) for name in self._network.parameter_shapes}

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, by where each array stands in it."""
        leaves, _ = jax.tree.flatten_with_path(self.learning.state)
        return {jax.tree_util.keystr(path): np.array(leaf) for path, leaf in leaves}

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and, if given, an optimiser's state that this engine once gave; else a fresh one."""
        with self._engine.precision():
            trainable, averages = sort(self._network, self._engine.place(parameters))
            fresh = jax.tree.map(jnp.asarray, self._begin_state(trainable))
            if state is not None:
                leaves, shape = jax.tree.flatten_with_path(fresh)
                kept = [jnp.array(state[jax.tree_util.keystr(path)], leaf.dtype) for path, leaf in leaves]
                fresh = jax.tree.unflatten(shape, kept)
            self.learning = Learning(trainable, averages, fresh)

    def _begin_state(self, trainable: Arrays) -> Any:  # noqa: ANN401 - the optimiser's own
        return jax.jit(self._optimiser.init)(trainable)  # one program; else a small one for every shape

    @property
    def program(self) -> programs.Program:
        """Takes many steps."""
        return programs.many_steps(self._network, self._objective, self._optimiser)

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
        """Take a step for each batch; see :meth:`inklings.engines.Session.train`."""
        walk = self._step_by_step if self._network.is_convolutional else self._many_at_once
        losses = np.zeros(0)
        with self._engine.precision():
            for lesson in lessons(self._engine.place_images, images, labels, order, weights):
                rates, first = learning_rates[lesson.steps], first_step + lesson.steps.start
                some = walk(lesson, rates, first, should_stop)
                losses = np.concatenate([losses, some])
                if len(some) < len(lesson.order):
                    break
        return losses

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Read images with the parameters as they are now."""
        parameters = self.learning.trainable | self.learning.averages
        with self._engine.precision():
            return self._engine.evaluate_placed(self._network, self._objective, parameters, images, labels)

    def _many_at_once(
        self, lesson: Lesson, rates: NDArray[np.float64], first_step: int, should_stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        walk = self.walk(lesson, rates, first_step)
        done = self.pace.go(walk.take, len(lesson.order), should_stop)
        return np.asarray(walk.losses, np.float64)[:done]

    def walk(self, lesson: Lesson, rates: NDArray[np.float64], first_step: int) -> Walk:
        """Prepare the steps of a lesson, to be taken by one program as many at a time as one likes."""
        # A shorter last epoch is filled up to the length that is compiled; its own steps alone are taken.
        self._longest = max(self._longest, len(lesson.order))
        order = _lengthened(lesson.order, self._longest)
        rates = _lengthened(rates, self._longest).astype(self._engine.dtype)
        arrays = lesson.images, lesson.labels, lesson.weights, order, rates, first_step
        return Walk(self, arrays, jnp.zeros(rates.shape, self._engine.dtype))

    def _step_by_step(
        self, lesson: Lesson, rates: NDArray[np.float64], first_step: int, should_stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        _, images, labels, weights, order = lesson
        program = programs.one_step(self._network, self._objective, self._optimiser, order.shape[1])
        losses: list[Array] = []
        for number, (rows, rate) in enumerate(zip(order, rates.astype(self._engine.dtype), strict=True)):
            step = np.uint32(first_step + number)
            self.learning, loss = program(self.learning, images, labels, weights, rows, rate, step, self.keys)
            losses.append(loss)
            # One step is handed over while the one before it runs: no pause, and no long queue when asked to stop.
            if number:
                losses[number - 1].block_until_ready()
            if should_stop():
                break
        return np.array(jax.device_get(losses), np.float64)


class Walk:
    """Steps under way.

    Attributes
    ----------
    losses : Array
        Of the steps taken; of the others zero.
    """

    def __init__(self, session: CompiledSession, arrays: tuple[Any, ...], losses: Array) -> None:
        self._session, self._arrays, self.losses = session, arrays, losses

    def take(self, start: int, stop: int) -> Array:
        """Take the steps from ``start`` up to ``stop``, and give their losses when they are done."""
        session = self._session
        session.learning, self.losses = session.program(
            session.learning, self.losses, *self._arrays, start, stop, session.keys
        )
        return self.losses.block_until_ready()


def _lengthened(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Fill an array up with zeros to a length."""
    return np.pad(values, ((0, length - len(values)), *[(0, 0)] * (values.ndim - 1)))


def sort(network: Network, parameters: Arrays) -> tuple[Arrays, Arrays]:
    """Part what gradients change from running averages."""
    trainable = {name: parameters[name] for name in network.trainable_shapes}
    return trainable, {name: value for name, value in parameters.items() if name not in trainable}
