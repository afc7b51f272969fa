"""How long a training by the native engine takes: measured on the training itself, since nothing is compiled for it.

The very network takes a few steps by the very recipe, on random images of its shape, and reads some. Measuring takes
about a hundredth of what it forecasts, half a second at most; a step or a reading that would take longer is measured on
fewer images and carried on in a straight line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from inklings.costs.lesser import lesser
from inklings.costs.operations import step_operations
from inklings.costs.rehearsal import Rehearsal, rehearse
from inklings.costs.work import Work
from inklings.engines.memory import give_back_freed_memory
from inklings.engines.microbenchmarks import best_seconds

# A measured call lasts about this share of the whole, and so long at least and at most; some ten calls are made.
_SHARE, _LEAST_SECONDS, _MOST_SECONDS = 0.01, 1.5e-3, 0.015
# Floating-point operations a second that may be hoped for: only to choose how long to measure.
_HOPED = 5e10
_FEWEST_IMAGES = 8


_ROW = 8e-4
"""Seconds to write down an epoch's row and to show it, which matter where an epoch is over in milliseconds. Runs of the
softmax regression took some 20 ms in 20 epochs longer than what else is measured."""


@dataclass(frozen=True)
class Measured:
    """Seconds that the parts of a training take.

    Attributes
    ----------
    begin : float
        To draw the initial parameters and lay them out.
    step : float
        Each step on a batch; for a full-batch optimiser, each time that the objective and its gradient are computed.
    epoch : float
        What follows each epoch: reading all images, keeping the parameters, shuffling; for a full-batch optimiser also
        finding the next direction.
    """

    begin: float
    step: float
    epoch: float

    def seconds(self, work: Work) -> float:
        """How long all of a training takes."""
        return self.begin + work.evaluations * self.step + work.readings * (self.epoch + _ROW)


def measure(work: Work) -> Measured:
    """Rehearse a training for a moment.

    Parameters
    ----------
    work : Work
        Its network may be larger than what is worth measuring: then a smaller one of its kind is, and counts as much
        less as it has fewer operations.
    """
    small = Work(lesser(work.network), work.recipe, work.images)
    within = min(max(_SHARE * work.operations / _HOPED, _LEAST_SECONDS), _MOST_SECONDS)
    rehearsal = rehearse(small)
    found = Measured(rehearsal.begin, _step_seconds(small, rehearsal, within), _epoch_seconds(small, rehearsal, within))
    del rehearsal
    give_back_freed_memory()
    return found if small == work else _carried_on(found, small, work)


def _carried_on(found: Measured, small: Work, work: Work) -> Measured:
    """Tell from a smaller network's seconds a larger one's."""
    operations = step_operations(work.network).total / max(1.0, step_operations(small.network).total)
    parameters = work.network.parameter_count / small.network.parameter_count
    return Measured(parameters * found.begin, operations * found.step, operations * found.epoch)


def _step_seconds(work: Work, rehearsal: Rehearsal, within: float) -> float:
    """Time one step, and if that is short, as many as will be taken in one go."""
    seconds, is_whole = _seconds(partial(rehearsal.step, 1), work.course.batch_size, rehearsal.most_images, within)
    steps = min(work.course.steps_per_epoch, int(within / max(seconds, 1e-9)))
    if steps < 2 or not is_whole:
        return seconds
    return best_seconds(lambda: rehearsal.step(steps, work.course.batch_size), within=2 * within) / steps


def _epoch_seconds(work: Work, rehearsal: Rehearsal, within: float) -> float:
    reading, _ = _seconds(rehearsal.read, sum(work.images), rehearsal.most_images, within)
    return reading + rehearsal.vectors(within)


def _seconds(run: Callable[[int], object], images: int, most: int, within: float) -> tuple[float, bool]:
    """Give the seconds that ``run(images)`` takes, and whether so many were run: fewer are if that takes too long."""
    some = min(_FEWEST_IMAGES, images, most)
    while _once(run, some) < within and some < min(images, most):
        some = min(2 * some, images, most)
    seconds = best_seconds(partial(run, some), within=2 * within)
    if some == images:
        return seconds, True
    few = max(1, some // 4)
    each = (seconds - best_seconds(partial(run, few), within=within)) / max(1, some - few)
    return seconds + min(max(each, 0.0), seconds / some) * (images - some), False


def _once(run: Callable[[int], object], images: int) -> float:
    begun = perf_counter()
    run(images)
    return perf_counter() - begun
