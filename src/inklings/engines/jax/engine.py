"""The engine for accelerators: JAX compiles each network to programs for the device it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import nan
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.engines.array_cache import ArrayCache
from inklings.engines.base import Evaluation, Floats, Images, Labels, Optimiser, Weights
from inklings.engines.batches import eval_chunks
from inklings.engines.jax import BYTES_AT_ONCE, EVAL_BATCH, programs
from inklings.engines.jax.forward import Arrays
from inklings.engines.jax.session import JaxSession, split_parameters
from inklings.engines.objective import Objective
from inklings.engines.randomness import DropoutKey, mask_keys
from inklings.errors import OutOfMemoryError
from inklings.networks import Network, Parameters


class JaxEngine:
    """JAX on its default device; see :class:`inklings.engines.Engine`.

    The default device is a graphics processor where JAX is installed for one, else the processor; of several, the
    first. ``JAX_PLATFORMS=cpu`` in the environment chooses the processor. Networks side by side
    (:class:`inklings.engines.MultiSession`) share one device too.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        What it computes in.
    """

    name = "jax"

    def __init__(self, dtype: str = "float32") -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.cached = ArrayCache(self._to_device)

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Let JAX compute in the engine's dtype, neither in more nor in less.

        Raises
        ------
        OutOfMemoryError
            The device has not enough memory.
        """
        try:
            # Left to itself, JAX makes float64 float32, and a graphics processor multiplies float32 in fewer digits.
            with jax.enable_x64(self.dtype == np.float64), jax.default_matmul_precision("highest"):
                yield
        except jax.errors.JaxRuntimeError as problem:
            if not str(problem).startswith("RESOURCE_EXHAUSTED"):  # JAX has no type of its own for it
                raise
            found = "the device does not have enough memory"
            raise OutOfMemoryError(found, "take a smaller batch, or end what else uses the device") from problem

    def place(self, parameters: Parameters) -> Arrays:
        """Copy parameters to the device, in the engine's dtype."""
        return {name: jnp.array(np.asarray(value, self.dtype)) for name, value in parameters.items()}

    def _to_device(self, values: NDArray[Any]) -> Array:
        # A copy, since JAX may share the caller's memory else: it would be kept alive, and changes to it would show.
        return jnp.array(np.asarray(values, self.kind(values)), copy=True)

    def kind(self, values: NDArray[Any]) -> Any:  # noqa: ANN401 - a NumPy dtype
        """Return what an array is copied as: images in float32, labels in int32, weights in the engine's dtype."""
        # Images stay float32, half of float64's memory and exact for every byte; the programs convert the part at hand.
        floats = self.dtype if values.ndim == 1 else np.float32
        return np.int32 if values.dtype.kind in "iu" else floats

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Return the last layer's outputs, shape (n, classes)."""
        return self.reader(network, parameters)(images)

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Return a function ``images -> outputs``, with parameters copied to the device once."""
        with self.computing():
            return partial(self._predict, network, self.place(parameters))

    def _predict(self, network: Network, placed: Arrays, images: Images) -> Floats:
        outputs = np.empty((len(images), network.output_count), self.dtype)
        with self.computing():
            for begin, (pixels,) in eval_chunks(self._to_device, images):
                # The size is compiled in: one program for all parts of a large data set, others for fewer images.
                size = min(EVAL_BATCH, part_size(network, len(pixels)))
                program = programs.predictor(network, size)
                for start in range(0, len(pixels), size):
                    first = min(start, len(pixels) - size)  # of the last part, which is as long as the others
                    outputs[begin + first : begin + first + size] = program(placed, pixels, first)
        return outputs

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Return every layer's outputs by the layer's name, as at evaluation."""
        with self.computing():
            outputs = programs.all_outputs(network)(self.place(parameters), jnp.asarray(images, self.dtype))
            return {name: np.asarray(outputs[name]) for name in network.names}

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Measure accuracy and the loss of ``objective.plain_loss()``."""
        with self.computing():
            return self.evaluate_placed(network, objective, self.place(parameters), images, labels)

    def evaluate_placed(
        self, network: Network, objective: Objective, placed: Arrays, images: Images, labels: Labels
    ) -> Evaluation:
        """Like :meth:`evaluate`, with parameters that are on the device."""
        if not len(images):
            return Evaluation(nan, nan)
        # Becomes (parts, 2): the sum of losses and the number of correct predictions in each.
        sums = []
        for _, (pixels, answers) in eval_chunks(self.cached, images, labels):
            size = min(EVAL_BATCH, part_size(network, len(pixels)))
            program = programs.evaluator(network, objective.plain_loss(), size)
            sums += [program(placed, pixels, answers, start) for start in range(0, len(pixels), size)]
        # Fetched at the end: until then the device computes while the next part is being prepared.
        loss, correct = np.array(jax.device_get(sums), np.float64).sum(0) / len(images)
        return Evaluation(float(loss), float(correct))

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
        """Return the objective of one batch, as at training, and its gradient by each trainable parameter."""
        size = len(images) if network.needs_whole_batch else part_size(network, len(images))
        # Of the size of all parts: the last begins earlier, and what it repeats counts 0 (programs._part).
        program = programs.gradient_part(network, objective, size)
        with self.computing():
            trainable, averages = split_parameters(network, self.place(parameters))
            data = self.cached(images), self.cached(labels), None if weights is None else self.cached(weights)
            # A row of keys for each layer, though only Dropout reads its own.
            dropout = DropoutKey(jnp.asarray(mask_keys(seed, len(network.layers))), jnp.asarray([step], jnp.uint32))
            # All parts are handed over before any is fetched: the device need not wait for Python between two of them.
            starts = range(0, len(images), size)
            parts = jax.device_get([program(trainable, averages, *data, start, dropout) for start in starts])
        losses, gradients = zip(*parts, strict=True)
        return float(sum(losses)), {name: sum(each[name] for each in gradients) for name in network.trainable_shapes}

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> JaxSession:
        """Begin training from parameters."""
        return JaxSession(self, network, objective, optimiser, parameters, seed)


def part_size(network: Network, images: int) -> int:
    """Return how many images of a data set are computed together, so that memory stays bounded."""
    return max(1, min(images, BYTES_AT_ONCE // network.memory_per_image))
