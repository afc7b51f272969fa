"""The engine that runs: JAX compiles many steps of a dense network, or one of a convolutional one, into one program."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from inklings.engines import programs
from inklings.engines.base import Evaluation, Floats, Images, Labels, Optimiser, Weights
from inklings.engines.compilation import keep_compiled
from inklings.engines.memory import keep_freed_memory
from inklings.engines.objective import Objective
from inklings.engines.places import Places
from inklings.engines.placing import place
from inklings.engines.randomness import mask_keys
from inklings.engines.reading import READERS, reading_size
from inklings.engines.session import CompiledSession, sort
from inklings.engines.streaming import windows
from inklings.engines.threads import side_by_side
from inklings.engines.tracing import Arrays, Draw
from inklings.networks import Network, Parameters

_BYTES_AT_ONCE = 1 << 28  # of layers' outputs, for one part of a whole data set's gradient


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
        self.place_images = Places(partial(place, self.dtype))

    def precision(self) -> AbstractContextManager[Any]:
        """Let JAX hold float64 while this engine needs it; by itself it does not."""
        return jax.enable_x64(True) if self.dtype == np.float64 else nullcontext()

    def place(self, parameters: Parameters) -> Arrays:
        """Copy parameters to where the engine computes, in its dtype."""
        # Converted by NumPy: JAX would compile one for every shape. Copied, since a step writes where they lie.
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
                parts = side_by_side(program, pixels.shape, read, starts, READERS, self.precision)
                for start, part in zip(starts, parts, strict=True):
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

        def read(size: int, pixels: Array, answers: Array, start: int) -> tuple[Array, Array]:
            sums: tuple[Array, Array] = program(parameters, *programs.cutter(size)(pixels, answers, start))
            return sums

        for _, (pixels, answers) in windows(self.place_images, images, labels):
            size = reading_size(network, len(pixels))
            starts = range(0, len(pixels), size)
            part = partial(read, size, pixels, answers)
            sums += side_by_side(program, (size, pixels.shape), part, starts, READERS, self.precision)
        loss, right = np.array(jax.device_get(sums), np.float64).sum(0) / len(images)
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
            trainable, averages = sort(network, self.place(parameters))
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


def _draw(network: Network, seed: int, step: int) -> Draw:
    return Draw(jnp.asarray(mask_keys(seed, len(network.layers))), jnp.asarray([step], jnp.uint32))


def _part_size(network: Network, images: int) -> int:
    """Say how many images' gradients are computed together."""
    if network.needs_whole_batch:
        return images
    return min(images, max(1, _BYTES_AT_ONCE // network.memory_per_image))
