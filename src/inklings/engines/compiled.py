"""The engine that runs: JAX compiles many steps of a dense network, or one of a convolutional one, into one program."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.engines import programs
from inklings.engines.base import Evaluation, Floats, Images, Labels, Optimiser, Weights
from inklings.engines.compilation import keep_compiled
from inklings.engines.memory import keep_freed_memory
from inklings.engines.objective import Objective
from inklings.engines.places import Places
from inklings.engines.programs import Learning
from inklings.engines.randomness import mask_keys
from inklings.engines.reading import read_parts, reading_size
from inklings.engines.streaming import Lesson, lessons, windows
from inklings.engines.tracing import Arrays, Draw
from inklings.networks import Network, Parameters

_BYTES_AT_ONCE = 1 << 28  # of layers' outputs, for one part of a whole data set's gradient
_SECONDS_AT_ONCE = 0.1  # how long a program may run before ``should_stop`` is asked again
_FIRST_STEPS = 8  # taken before it is known how long one lasts


class CompiledEngine:
    """JAX on the processor; see :class:`inklings.engines.Engine`.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        What it computes in.
    """

    name = "compiled"

    def __init__(self, dtype: str = "float32") -> None:
        keep_freed_memory()
        keep_compiled()
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.place_images = Places(self.dtype)

    def precision(self) -> AbstractContextManager[Any]:
        """Let JAX hold float64 while this engine needs it; by itself it does not."""
        return jax.enable_x64(True) if self.dtype == np.float64 else nullcontext()

    def place(self, parameters: Parameters) -> Arrays:
        """Copy parameters to where the engine computes, in its dtype."""
        # Converted by NumPy: JAX would compile a conversion for every shape.
        return {name: jnp.array(np.asarray(value, self.dtype)) for name, value in parameters.items()}

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Give the last layer's outputs, shape (n, classes)."""
        return self.reader(network, parameters)(images)

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Give ``images -> outputs``, with parameters put in place once."""
        with self.precision():
            return partial(self._read, network, self.place(parameters))

    def _read(self, network: Network, placed: Arrays, images: Images) -> Floats:
        if len(images) <= reading_size(network, len(images)) and isinstance(images, np.ndarray):
            with self.precision():
                # Handed over as it is: for a single image, putting it in place would take as long as reading it.
                return np.array(programs.predictor(network, len(images))(placed, images, 0))
        outputs = np.empty((len(images), network.output_count), self.dtype)
        with self.precision():
            for begin, (pixels,) in windows(self.place_images, images):
                size = reading_size(network, len(pixels))
                program = programs.predictor(network, size)
                starts = [min(start, len(pixels) - size) for start in range(0, len(pixels), size)]
                read = partial(program, placed, pixels)
                for start, part in zip(starts, read_parts(read, starts, self.precision), strict=True):
                    outputs[begin + start : begin + start + size] = part
        return outputs

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Give every layer's outputs by the layer's name, as at evaluation."""
        with self.precision():
            outputs = programs.observer(network)(self.place(parameters), jnp.asarray(images, self.dtype))
            return {name: np.asarray(outputs[name]) for name in network.names}

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Read images; the loss is that of ``objective.plain_loss()``."""
        with self.precision():
            return self.evaluate_placed(network, objective, self.place(parameters), images, labels)

    def evaluate_placed(
        self, network: Network, objective: Objective, parameters: Arrays, images: Images, labels: Labels
    ) -> Evaluation:
        """Like :meth:`evaluate`, with parameters that are in place."""
        program, sums = programs.evaluator(network, objective.plain_loss()), []

        def read(size: int, pixels: Array, answers: Array, start: int) -> Any:  # noqa: ANN401 - two scalars
            return program(parameters, *programs.cutter(size)(pixels, answers, start))

        for _, (pixels, answers) in windows(self.place_images, images, labels):
            size = reading_size(network, len(pixels))
            starts = range(0, len(pixels), size)
            sums += read_parts(partial(read, size, pixels, answers), starts, self.precision)
        loss, right = np.array(sums, np.float64).sum(0) / len(images)
        return Evaluation(float(loss), float(right))

    def gradients(
        self,
        network: Network,
        objective: Objective,
        parameters: Parameters,
        images: Images,
        labels: Labels,
        *,
        weights: Weights | None = None,
        seed: int = 0,
        step: int = 0,
    ) -> tuple[float, Parameters]:
        """Give the objective of one batch, as at training, and its gradient by each trainable parameter."""
        size = _part_size(network, len(images))
        with self.precision():
            trainable, averages = _sort(network, self.place(parameters))
            part = programs.gradient_part(network, objective, size)
            pixels, answers = self.place_images(images), self.place_images(labels)
            own = None if weights is None else self.place_images(weights)
            draw = _draw(network, seed, step)
            starts = range(0, len(images), size)
            sums = [part(trainable, averages, pixels, answers, own, start, draw) for start in starts]
            if objective.penalised:
                sums.append(programs.penalty_gradient(objective)(trainable))
            # Added up by NumPy, where the answer goes: JAX would compile an addition for every shape.
            losses, gradients = zip(*jax.device_get(sums), strict=True)
        return float(sum(losses)), {name: sum(each[name] for each in gradients) for name in network.trainable_shapes}

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> CompiledSession:
        """Begin training from parameters."""
        return CompiledSession(self, network, objective, optimiser, parameters, seed)


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
        self._keys = mask_keys(seed, len(network.layers))
        self._longest = 0
        self._steps_at_once = _FIRST_STEPS
        self.restore(parameters)

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""
        now = self._learning.trainable | self._learning.averages
        return {name: np.array(now[name]) for name in self._network.parameter_shapes}

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, by where each array stands in it."""
        leaves, _ = jax.tree.flatten_with_path(self._learning.state)
        return {jax.tree_util.keystr(path): np.array(leaf) for path, leaf in leaves}

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and, if given, an optimiser's state that this engine once gave; else a fresh one."""
        with self._engine.precision():
            trainable, averages = _sort(self._network, self._engine.place(parameters))
            fresh = jax.tree.map(jnp.asarray, self._begin_state(trainable))
            if state is not None:
                leaves, shape = jax.tree.flatten_with_path(fresh)
                kept = [jnp.array(state[jax.tree_util.keystr(path)], leaf.dtype) for path, leaf in leaves]
                fresh = jax.tree.unflatten(shape, kept)
            self._learning = Learning(trainable, averages, fresh)

    def _begin_state(self, trainable: Arrays) -> Any:  # noqa: ANN401 - the optimiser's own
        return jax.jit(self._optimiser.init)(trainable)  # one program; else a small one for every shape

    def _program(self) -> programs.Program:
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
        parameters = self._learning.trainable | self._learning.averages
        with self._engine.precision():
            return self._engine.evaluate_placed(self._network, self._objective, parameters, images, labels)

    def _many_at_once(
        self, lesson: Lesson, rates: NDArray[np.float64], first_step: int, should_stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        program = self._program()
        # A shorter last epoch is filled up to the length that is compiled; its own steps alone are taken.
        _, images, labels, weights, order = lesson
        steps = len(order)
        self._longest = max(self._longest, steps)
        order = _lengthened(order, self._longest)
        rates = _lengthened(rates, self._longest).astype(self._engine.dtype)
        losses, done = jnp.zeros(rates.shape, self._engine.dtype), 0
        while done < steps:
            stop = min(done + self._steps_at_once, steps)
            begun = perf_counter()
            self._learning, losses = program(
                self._learning, losses, images, labels, weights, order, rates, first_step, done, stop, self._keys
            )
            losses.block_until_ready()
            pace = (perf_counter() - begun) / (stop - done)
            self._steps_at_once = max(_FIRST_STEPS, int(_SECONDS_AT_ONCE / pace))
            done = stop
            if should_stop():
                break
        return np.asarray(losses, np.float64)[:done]

    def _step_by_step(
        self, lesson: Lesson, rates: NDArray[np.float64], first_step: int, should_stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        _, images, labels, weights, order = lesson
        program = programs.one_step(self._network, self._objective, self._optimiser, order.shape[1])
        losses: list[Array] = []
        for number, (rows, rate) in enumerate(zip(order, rates.astype(self._engine.dtype), strict=True)):
            step = np.uint32(first_step + number)
            self._learning, loss = program(self._learning, images, labels, weights, rows, rate, step, self._keys)
            losses.append(loss)
            # One step is handed over while the one before it runs: no pause, and no long queue when asked to stop.
            if number:
                losses[number - 1].block_until_ready()
            if should_stop():
                break
        return np.array(jax.device_get(losses), np.float64)


def _lengthened(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Fill an array up with zeros to a length."""
    return np.pad(values, ((0, length - len(values)), *[(0, 0)] * (values.ndim - 1)))


def _sort(network: Network, parameters: Arrays) -> tuple[Arrays, Arrays]:
    """Part what gradients change from running averages."""
    trainable = {name: parameters[name] for name in network.trainable_shapes}
    return trainable, {name: value for name, value in parameters.items() if name not in trainable}


def _draw(network: Network, seed: int, step: int) -> Draw:
    return Draw(jnp.asarray(mask_keys(seed, len(network.layers))), jnp.asarray([step], jnp.uint32))


def _part_size(network: Network, images: int) -> int:
    """Say how many images' gradients are computed together."""
    if network.needs_whole_batch:
        return images
    return min(images, max(1, _BYTES_AT_ONCE // network.memory_per_image))
