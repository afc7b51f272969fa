"""One training over several devices: each has all parameters and a share of every batch.

The programs are those of one device. Their arrays are split over devices here, and XLA puts the one all-reduce into
them that adds up the shares' gradients. BatchNorm and dropout are of the whole batch, so the curve stays that of one
device, up to rounding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import nan, prod
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from numpy.typing import NDArray

from inklings.data.warps import Warps
from inklings.engines.array_cache import ArrayCache
from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.batches import PART, Chunk, fits_in_one_chunk
from inklings.engines.jax import EVAL_BATCH, programs
from inklings.engines.jax.engine import JaxEngine, part_size
from inklings.engines.jax.session import JaxSession
from inklings.engines.objective import Objective
from inklings.engines.step_chunks import StepChunker
from inklings.errors import RecipeError, RunError
from inklings.networks import Network, Parameters

_AXIS = "batch"
_STEPS_BETWEEN_QUESTIONS = 16
"""Steps that are calls of their own, until the processes ask each other whether to stop: asking takes a millisecond."""


class ShardedEngine(JaxEngine):
    """JAX on several devices, of this process or of all that train together; see :class:`inklings.engines.Engine`.

    Sessions are split. Whatever else it computes, it computes on its first device, as :class:`JaxEngine` does.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        What it computes in.
    devices : int, optional
        How many of each process's devices; all by default.

    Raises
    ------
    RecipeError
        There are fewer.
    """

    def __init__(self, dtype: str = "float32", devices: int | None = None) -> None:
        super().__init__(dtype)
        here = jax.local_devices()
        if devices is not None and not 1 <= devices <= len(here):
            found = f"{len(here)} {here[0].platform.upper()} device{'s' if len(here) > 1 else ''}"
            hint = "on processors, the engine native uses all cores" if here[0].platform == "cpu" else ""
            raise RecipeError(f"is {devices}, found {found}", hint, setting="devices", found=devices)
        everyone = range(jax.process_count())
        # In the same order in every process, or their shares of a batch would overlap.
        chosen = [each for process in everyone for each in jax.local_devices(process)[:devices]]
        self.mesh = Mesh(np.array(chosen), (_AXIS,))

    @property
    def devices(self) -> int:
        """How many devices share a batch, those of other processes included."""
        return self.mesh.size

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> JaxSession:
        """Begin training from parameters, the same in every process."""
        return ShardedSession(self, network, objective, optimiser, parameters, seed)

    def replicate(self, value: Array | NDArray[Any]) -> Array:
        """Put a copy on every device."""
        whole = np.asarray(value)
        # By a callback, which is asked for this process's devices alone: each process brings its own copy.
        return jax.make_array_from_callback(whole.shape, _split(self.mesh), whole.__getitem__)

    def shard(self, values: NDArray[Any], rows: NDArray[np.int64], warps: Warps | None = None) -> Array:
        """Put rows of an array on the devices, each row on one.

        Parameters
        ----------
        values : array, (n, ...)
            Such as all images. Of what lies in a file, each process reads its own devices' rows alone.
        rows : array of int64, (parts, size)
            Each part's rows are split over the devices, which must divide ``size``.
        warps : Warps, of n images, optional
            How each image is augmented.

        Returns
        -------
        array, (parts, size, ...)
        """

        def take(share: tuple[slice, ...] | None) -> NDArray[Any]:
            # (steps, batch size): what is asked for is this device's part of both, whatever axes follow.
            own = rows if share is None else rows[share[:2]]
            taken = values[own.ravel()] if warps is None else warps.take(own.ravel()).apply(values[own.ravel()])
            return np.asarray(taken, self.kind(values)).reshape(*own.shape, *values.shape[1:])

        sharding = _split(self.mesh, None, _AXIS)
        return jax.make_array_from_callback((*rows.shape, *values.shape[1:]), sharding, take)

    def least(self, value: int) -> int:
        """Return the least of all processes' values: clocks differ, but all have to take the same steps."""
        if jax.process_count() == 1:
            return value
        with reaching_others():
            return int(multihost_utils.process_allgather(np.int32(value)).min())

    def leave(self) -> None:
        """Part from the other processes once all are done training: each goes on by itself, or ends."""
        if jax.process_count() > 1:
            jax.distributed.shutdown()  # type: ignore[no-untyped-call]

    def agree(self, wish: bool) -> bool:
        """Return whether any process wishes something, such as to stop; all have to ask at the same step."""
        # One message for one bit: the least of all is 0 where anyone wishes it.
        return self.least(not wish) == 0


class ShardedSession(JaxSession):
    """Training under way on several devices; see :class:`inklings.engines.Session`."""

    _engine: ShardedEngine

    def __init__(
        self,
        engine: ShardedEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        parameters: Parameters,
        seed: int,
    ) -> None:
        super().__init__(engine, network, objective, optimiser, parameters, seed)
        self._chunker = StepChunker(agree=engine.least)
        self._eval_cache: ArrayCache[Array] = ArrayCache(lambda each: engine.shard(each, self._eval_rows(len(each))))

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and the optimiser's state, the same in every process."""
        super().restore(parameters, state)
        with self._engine.computing():
            self._state = jax.tree.map(self._engine.replicate, self._state)

    def _put(self, values: NDArray[Any]) -> Array:
        return self._engine.replicate(values)

    def train(
        self,
        images: Images,
        labels: Labels,
        order: NDArray[np.int64],
        learning_rates: NDArray[np.float64],
        first_step: int,
        should_stop: Callable[[], bool],
        weights: Weights | None = None,
        warps: Warps | None = None,
    ) -> NDArray[np.float64]:
        """Take a step for each batch; see :meth:`inklings.engines.Session.train`.

        Raises
        ------
        RecipeError
            The devices do not divide the batch.
        RunError
            Another process ended, or cannot be reached any more.
        """
        check_batch(order.shape[-1], self._engine.devices)
        asked = 0

        def should_all_stop() -> bool:
            nonlocal asked
            asked += 1
            often = programs.loops_are_fast(self._network) or asked % _STEPS_BETWEEN_QUESTIONS == 0
            return often and self._engine.agree(should_stop())

        with reaching_others():
            return super().train(images, labels, order, learning_rates, first_step, should_all_stop, weights, warps)

    def _chunks(
        self,
        images: Images,
        labels: Labels,
        order: NDArray[np.int64],
        weights: Weights | None,
        warps: Warps | None,
    ) -> Iterator[Chunk]:
        """Split the batches over the devices, some steps at a time: (steps, batch size, ...)."""
        together = max(1, PART // (order.shape[1] * 4 * prod(images.shape[1:])))
        for start in range(0, len(order), together):
            rows = order[start : start + together]
            own_weights = None if weights is None else self._engine.shard(weights, rows)
            arrays = self._engine.shard(images, rows, warps), self._engine.shard(labels, rows), own_weights
            # A step's batch is one index here, not a list of rows: taking it moves nothing from device to device.
            yield Chunk(slice(start, start + len(rows)), *arrays, np.arange(len(rows), dtype=np.int32))

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Measure loss and accuracy with the parameters as they are now, each device on its share."""
        if not len(images):
            return Evaluation(nan, nan)
        rows = self._eval_rows(len(images))
        program = programs.part_evaluator(self._network, self._objective.plain_loss())
        sums = []
        with self._engine.computing(), reaching_others():
            for number, (pixels, answers, place) in enumerate(self._eval_parts(images, labels, rows)):
                counts = np.arange(rows.size).reshape(rows.shape)[number] < len(images)
                sums.append(program(self._placed, pixels, answers, counts, place))
            loss, correct = np.array(jax.device_get(sums), np.float64).sum(0) / len(images)
        return Evaluation(float(loss), float(correct))

    def _eval_rows(self, images: int) -> NDArray[np.int64]:
        """Cut the rows of all images into parts of one size that the devices divide; the last row fills the last."""
        devices = self._engine.devices
        share = min(EVAL_BATCH, part_size(self._network, images), -(-images // devices))
        parts = -(-images // (share * devices))
        # Parts of one size, since each size is a program of its own; repetitions of the last row count nothing.
        return np.minimum(np.arange(parts * share * devices), images - 1).reshape(parts, share * devices)

    def _eval_parts(
        self, images: Images, labels: Labels, rows: NDArray[np.int64]
    ) -> Iterator[tuple[Array, Array, int]]:
        """Yield for each part the arrays that hold it, and its index in them."""
        if fits_in_one_chunk(images):
            yield from ((self._eval_cache(images), self._eval_cache(labels), part) for part in range(len(rows)))
            return
        for part in rows:
            yield self._engine.shard(images, part[None]), self._engine.shard(labels, part[None]), 0


def _split(mesh: Mesh, *axes: str | None) -> NamedSharding:
    """Return how an array lies on the devices: split along these axes, whole on each of them without any."""
    return NamedSharding(mesh, PartitionSpec(*axes))  # type: ignore[no-untyped-call]


def check_batch(batch_size: int, devices: int) -> None:
    """Refuse a batch that the devices cannot share evenly.

    It is neither filled up, which BatchNorm would see, nor changed, which would be another training.

    Raises
    ------
    RecipeError
        The devices do not divide it; the nearest size that they do divide is suggested.
    """
    if batch_size % devices:
        nearest = max(devices, round(batch_size / devices) * devices)
        problem = f"is {batch_size}, expected a multiple of {devices}, the number of devices that share each batch"
        raise RecipeError(problem, setting="batch_size", found=batch_size, suggested={"batch_size": nearest})


@contextmanager
def reaching_others() -> Iterator[None]:
    """Turn what JAX raises when another process is gone into an error of one line."""
    try:
        yield
    except (jax.errors.JaxRuntimeError, ValueError) as problem:  # ValueError where a collective is no part of a program
        if jax.process_count() == 1 or not re.search("Gloo|NCCL|UNAVAILABLE|DEADLINE", str(problem)):
            raise
        first_line = str(problem).splitlines()[0][:160]
        raise RunError(
            f"another process of this training ended or cannot be reached any more ({first_line})",
            "its last lines say why; to go on from the last checkpoint, with as many processes as you like: --continue",
        ) from problem
