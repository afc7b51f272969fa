"""How long a training takes whose programs are yet to be compiled: a sum of what its parts took elsewhere.

To measure the training itself would cost its compilation. The calibration has measured other, small programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from inklings.costs.calibration import Calibration
from inklings.costs.operations import Operations, masked_values, reading_operations, step_bytes, step_operations
from inklings.costs.work import Work
from inklings.engines.reading import reading_size
from inklings.networks import Conv2D
from inklings.training.full_batch.directions import LBFGS_PAIRS

# How often each convolution is compiled, as measured: in pieces of the training step and of the evaluation.
COMPILED_TIMES = 5
# Seconds to load a program that is kept from before, against seconds to compile it, as measured.
_LOADING = 0.5


@dataclass(frozen=True)
class Modelled:
    """A training by the compiled or the reference engine, and how long each part of it takes.

    Parameters
    ----------
    work : Work
    engine : {"compiled", "reference"}
    calibration : Calibration
        How fast the machine is.
    kept : bool
        Whether its programs were compiled by an earlier training.
    """

    work: Work
    engine: str
    calibration: Calibration
    kept: bool

    @property
    def seconds(self) -> float:
        """How long all of it takes."""
        return self.compiling + self.work.evaluations * self._step + self.work.readings * self._reading

    @property
    def compiling(self) -> float:
        """Seconds that go to compiling, or to loading what is kept from a training before."""
        if not self._is_compiled:
            return 0.0
        rates = self.calibration
        convolutions = sum(isinstance(layer, Conv2D) for layer in self.work.network.layers)
        dense = rates.compile_training + rates.compile_reading
        compiling = dense + COMPILED_TIMES * convolutions * rates.compile_convolution
        return rates.begin + compiling * (_LOADING if self.kept else 1.0)

    @property
    def _is_compiled(self) -> bool:
        return self.engine == "compiled"

    @property
    def _step(self) -> float:
        network, rates, count = self.work.network, self.calibration, step_operations(self.work.network)
        batch = self.work.course.batch_size
        if not self._is_compiled:
            return batch * self._reference(count) + self._state
        if self.work.recipe.is_full_batch:
            slower = rates.reading / rates.reading64
            arithmetic = count.dense / rates.reading64 + slower * self._convolving(count)
            return batch * (prod(network.input_shape) * rates.double + arithmetic) + self._state
        arithmetic = count.dense / rates.product + self._convolving(count) + masked_values(network) / rates.mask
        begin = rates.step + (rates.call if network.is_convolutional else 0.0)
        return begin + batch * arithmetic + self._state

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
        recipe, count = self.work.recipe, self.work.network.parameter_count
        if recipe.is_full_batch:
            pairs = {"bfgs": self.work.course.epochs / 2, "lbfgs": LBFGS_PAIRS}.get(recipe.optimiser, 1)
            return 8 * count * (4 * pairs + 20) / self.calibration.update(count * pairs)
        return step_bytes(count, recipe.optimiser) / self.calibration.update(count)

    @property
    def _reading(self) -> float:
        network, rates, images = self.work.network, self.calibration, self.work.images
        count = reading_operations(network)
        # Each row keeps the parameters.
        copies = 4 * 4 * network.parameter_count / rates.update(network.parameter_count)
        if not self._is_compiled:
            return sum(images) * self._reference(count) + copies
        calls = sum(-(-part // max(1, reading_size(network, part))) for part in images)
        dense = count.dense / rates.reading
        if self.work.recipe.is_full_batch:
            dense = count.dense / rates.reading64 + prod(network.input_shape) * rates.double_reading
        convolving = count.first_convolution / rates.first_reading + count.later_convolution / rates.later_reading
        return calls * (rates.call + rates.step) + sum(images) * (dense + convolving) + copies
