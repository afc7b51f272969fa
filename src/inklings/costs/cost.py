"""What a run will cost, before it starts: arithmetic, seconds, memory.

::

    cost = inklings.forecast(plan.network, plan.recipe, (2750, 1000))
    print(cost)            # 328,810 parameters, 2.6 Tflop, about 14 s and 0.4 GB

Seconds are those of a machine with nothing else to do; other programs make them more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from inklings import machine
from inklings.costs.calibration import Calibration, this_machine
from inklings.costs.operations import Operations, masked_values, reading_operations, step_bytes, step_operations
from inklings.engines.reading import reading_size
from inklings.networks import Conv2D, Network
from inklings.training.footprint import footprint
from inklings.training.kept_programs import has_programs
from inklings.training.recipe import Recipe

# How often a line search evaluates the objective in an iteration; mostly the first length tried is taken.
EVALUATIONS_AN_ITERATION = {"bfgs": 1.1, "lbfgs": 1.1, "cg": 2.2}
# How often each convolution is compiled, as measured: in pieces of the training step and of the evaluation.
COMPILED_TIMES = 5
# Seconds to load a program that is kept from before, against seconds to compile it, as measured.
_LOADING = 0.5
_LBFGS_PAIRS = 10


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes
    ----------
    parameters : int
        That training changes.
    operations_per_image : int
        Floating-point operations to read an image.
    operations : float
        In all, evaluation after each epoch included.
    steps, epochs : int
        At most; early stopping may end training before.
    compiling : float
        Seconds before the first step, to compile, or to load what an earlier training compiled.
    seconds : float
        On this machine by itself, compiling included, as ``Fitted.seconds`` counts them.
    memory : int
        Bytes of the process at its peak.
    """

    parameters: int
    operations_per_image: int
    operations: float
    steps: int
    epochs: int
    compiling: float
    seconds: float
    memory: int

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} parameters, {describe_operations(self.operations)}, about "
            f"{describe_seconds(self.seconds)} and {self.memory / 1e9:.1f} GB"
        )

    def seconds_until(self, epoch: int) -> float:
        """Forecast when an epoch will be over."""
        return self.compiling + (self.seconds - self.compiling) * epoch / max(1, self.epochs)


def forecast(
    network: Network,
    recipe: Recipe,
    images: tuple[int, int],
    *,
    engine: str = "auto",
    calibration: Calibration | None = None,
) -> Cost:
    """Forecast what ``fit`` will take.

    Parameters
    ----------
    network, recipe
        As for :func:`inklings.fit`.
    images : (int, int)
        How many training and validation images there are.
    engine : {"auto", "native", "compiled", "reference"}
        What will compute.
    calibration : Calibration, optional
        How fast the machine is; this one's if not given, which is measured the first time, in some three seconds, and
        kept in the user's cache folder. With one that is given, nothing counts as compiled before.
    """
    kept = calibration is None and has_programs(network, recipe, images)
    work = _Work(network, recipe, images, engine, calibration or this_machine(), kept)
    resident = machine.resident_memory() or 0
    return Cost(
        parameters=network.parameter_count,
        operations_per_image=network.operations,
        operations=work.operations,
        steps=work.steps,
        epochs=work.epochs,
        compiling=work.compiling,
        seconds=work.seconds,
        memory=max(resident, int(work.calibration.resident)) + footprint(network, recipe, images),
    )


@dataclass
class _Work:
    """A training's arithmetic, and how long each part of it takes."""

    network: Network
    recipe: Recipe
    images: tuple[int, int]
    engine: str
    calibration: Calibration
    kept: bool

    @property
    def operations(self) -> float:
        """All floating-point operations."""
        reading = self._readings * reading_operations(self.network).total * sum(self.images)
        return self._evaluations * step_operations(self.network).total * self._batch + reading

    @property
    def seconds(self) -> float:
        """How long all of it takes."""
        return self.compiling + self._evaluations * self._step + self._readings * self._reading

    @property
    def steps(self) -> int:
        """Batches; iterations of a full-batch optimiser."""
        return self.recipe.steps or self.recipe.epochs * self._steps_an_epoch

    @property
    def epochs(self) -> int:
        """Of which the last may be cut short."""
        return -(-self.steps // self._steps_an_epoch)

    @property
    def compiling(self) -> float:
        """Seconds that go to compiling, or to loading what is kept from a training before."""
        if not self._is_compiled:
            return 0.0
        rates = self.calibration
        convolutions = sum(isinstance(layer, Conv2D) for layer in self.network.layers)
        dense = rates.compile_training + rates.compile_reading
        compiling = dense + COMPILED_TIMES * convolutions * rates.compile_convolution
        return rates.begin + compiling * (_LOADING if self.kept else 1.0)

    @property
    def _is_compiled(self) -> bool:
        return self.engine == "compiled"

    @property
    def _batch(self) -> int:
        return self.images[0] if self.recipe.is_full_batch else min(self.recipe.batch_size, self.images[0])

    @property
    def _steps_an_epoch(self) -> int:
        return max(1, self.images[0] // self._batch)

    @property
    def _evaluations(self) -> float:
        """How often the objective of a batch and its gradient are computed."""
        if self.recipe.is_full_batch:
            return 1 + self.epochs * EVALUATIONS_AN_ITERATION[self.recipe.optimiser]
        return self.steps

    @property
    def _readings(self) -> int:
        """How often training and validation images are read: before training, and after every epoch."""
        return 1 + self.epochs

    @cached_property
    def _step(self) -> float:
        rates, count = self.calibration, step_operations(self.network)
        if not self._is_compiled:
            return self._batch * self._reference(count) + self._state
        if self.recipe.is_full_batch:
            slower = rates.reading / rates.reading64
            arithmetic = count.dense / rates.reading64 + slower * self._convolving(count)
            return self._batch * (prod(self.network.input_shape) * rates.double + arithmetic) + self._state
        arithmetic = count.dense / rates.product + self._convolving(count) + masked_values(self.network) / rates.mask
        begin = rates.step + (rates.call if self.network.is_convolutional else 0.0)
        return begin + self._batch * arithmetic + self._state

    def _convolving(self, count: Operations) -> float:
        rates = self.calibration
        return count.first_convolution / rates.first_convolution + count.later_convolution / rates.later_convolution

    def _reference(self, count: Operations) -> float:
        rates = self.calibration
        convolving = count.first_convolution + count.later_convolution
        return count.dense / rates.reference + convolving / rates.reference_convolution

    @property
    def _state(self) -> float:
        """Seconds for what an optimiser keeps: moments, or the pairs that its directions are made of."""
        recipe, count = self.recipe, self.network.parameter_count
        if recipe.is_full_batch:
            pairs = {"bfgs": self.epochs / 2, "lbfgs": _LBFGS_PAIRS}.get(recipe.optimiser, 1)
            return 8 * count * (4 * pairs + 20) / self.calibration.update(count * pairs)
        return step_bytes(count, recipe.optimiser) / self.calibration.update(count)

    @property
    def _reading(self) -> float:
        network, rates = self.network, self.calibration
        count = reading_operations(network)
        # Each row keeps the parameters.
        copies = 4 * 4 * network.parameter_count / rates.update(network.parameter_count)
        if not self._is_compiled:
            return sum(self.images) * self._reference(count) + copies
        calls = sum(-(-images // max(1, reading_size(network, images))) for images in self.images)
        dense = count.dense / rates.reading
        if self.recipe.is_full_batch:
            dense = count.dense / rates.reading64 + prod(network.input_shape) * rates.double_reading
        convolving = count.first_convolution / rates.first_reading + count.later_convolution / rates.later_reading
        return calls * (rates.call + rates.step) + sum(self.images) * (dense + convolving) + copies


def describe_operations(count: float) -> str:
    """Word a number of floating-point operations."""
    for limit, prefix in ((1e15, "P"), (1e12, "T"), (1e9, "G")):
        if count >= limit:
            return f"{count / limit:.3g} {prefix}flop"
    return f"{count / 1e6:.3g} Mflop"


def describe_seconds(seconds: float) -> str:
    """Word a duration."""
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
