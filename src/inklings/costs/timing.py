"""How long a training takes: measured on the training itself, by whichever engine is to train.

The very network takes a few steps by the very recipe, on random images of its shape, and evaluates some. Measuring
takes about a hundredth of what it forecasts, and at most half a second by the native engine, two by NumPy. A step or an
evaluation that would take longer is measured on fewer images and extrapolated in a straight line. JAX compiles a
program for every shape, so there everything is measured at its full size, and compiling counted apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from inklings.costs.timed_training import TimedTraining, begin_timed_training
from inklings.costs.workload import Workload, step_operations
from inklings.engines.memory import give_back_freed_memory
from inklings.engines.microbenchmarks import best_seconds
from inklings.errors import NetworkError
from inklings.networks import Dense, Network

COMPILED = ("jax",)
"""Engines that compile a program for every shape."""

MOST_PARAMETERS = 1 << 22
"""Of a network that is timed itself. These are already more than caches hold, so larger ones take longer in
proportion."""
_LEAST_SIDE, _LEAST_UNITS = 32, 64
"""Pixels and units that are not halved any more."""

# A measured call lasts about this share of the whole, and so long at least and at most; some ten calls are made.
_SHARE, _LEAST_SECONDS, _MOST_SECONDS = 0.01, 1.5e-3, 0.015
_MOST_SECONDS_BY_NUMPY = 0.1
"""NumPy's arrays hold a layer's outputs for all images of a batch: for few images they stay in the caches, which is
quicker by a half."""
_HOPED = 5e10
"""Floating-point operations a second that may be hoped for: only to choose how long to measure."""
_FEWEST_IMAGES = 8
_ROW = 8e-4
"""Seconds to write down an epoch's row and to show it, which matter where an epoch is over in milliseconds. Runs of the
softmax regression took some 20 ms in 20 epochs longer than what else is measured."""


@dataclass(frozen=True)
class PartTimes:
    """Seconds that the parts of a training take.

    Attributes
    ----------
    compiling : float
        To compile what is compiled; nothing but by JAX.
    begin : float
        To draw the initial parameters and lay them out.
    step : float
        Each step on a batch; for a full-batch optimiser, each time that the objective and its gradient are computed.
    epoch : float
        What follows each epoch: evaluating all images, keeping the parameters, shuffling; for a full-batch optimiser
        also finding the next direction.
    """

    compiling: float
    begin: float
    step: float
    epoch: float

    def total(self, workload: Workload) -> float:
        """Return the seconds that all of a training takes."""
        epochs = workload.evaluations * (self.epoch + _ROW)
        return self.compiling + self.begin + workload.gradients * self.step + epochs

    def slower(self, times: float) -> PartTimes:
        """Return the seconds on a machine that other programs make so many times slower."""
        return PartTimes(self.compiling, times * self.begin, times * self.step, times * self.epoch)


def time_parts(workload: Workload, engine: str) -> PartTimes:
    """Train for a moment, and measure.

    Parameters
    ----------
    workload : Workload
        Its network may be larger than what is worth measuring: then a smaller one of its kind is, and counts as much
        less as it has fewer operations.
    engine : {"native", "jax", "numpy"}
        Which engine trains.
    """
    small = replace(workload, network=scaled_down(workload.network))
    most = _MOST_SECONDS_BY_NUMPY if engine == "numpy" else _MOST_SECONDS
    # A hundredth of what all may take, within limits.
    within = min(max(_SHARE * workload.operations / _HOPED, _LEAST_SECONDS), most)
    training = begin_timed_training(small, engine)
    stopwatch = _Stopwatch(within, whole=engine in COMPILED)
    step, epoch = stopwatch.step_seconds(training), stopwatch.epoch_seconds(training)
    found = PartTimes(stopwatch.first_calls if engine in COMPILED else 0.0, training.begin, step, epoch)
    # Before the memory of the run itself is asked for, what was tried must be gone.
    del training
    give_back_freed_memory()
    # A smaller network was timed: its seconds are scaled by operations, those to begin by parameters.
    return found if small == workload else _scaled_up(found, small.network, workload.network)


def _scaled_up(found: PartTimes, small: Network, large: Network) -> PartTimes:
    """Tell from a smaller network's seconds a larger one's."""
    operations = step_operations(large) / max(1, step_operations(small))
    # More parameters take longer to draw, more operations longer to compute.
    parameters = large.parameter_count / small.parameter_count
    return PartTimes(found.compiling, parameters * found.begin, operations * found.step, operations * found.epoch)


def scaled_down(network: Network) -> Network:
    """Halve a network's images, or its hidden layers if these are small, until it has few enough parameters."""
    while network.parameter_count > MOST_PARAMETERS:
        ways = (_with_smaller_images(network), _with_fewer_units(network))
        smaller = [way for way in ways if way and way.parameter_count < network.parameter_count]
        if not smaller:
            break
        # Smaller images first, which keep the kind of network; halved units change its shape.
        network = smaller[0]
    return network


def _with_smaller_images(network: Network) -> Network | None:
    height, width, channels = network.input_shape
    if min(height, width) <= _LEAST_SIDE:
        return None
    try:
        return Network((height // 2, width // 2, channels), network.layers)
    except NetworkError:  # too small for its windows
        return None


def _with_fewer_units(network: Network) -> Network:
    *hidden, last = network.layers
    layers = [
        replace(layer, units=layer.units // 2) if isinstance(layer, Dense) and layer.units > _LEAST_UNITS else layer
        for layer in hidden
    ]
    return Network(network.input_shape, (*layers, last))


class _Stopwatch:
    """Measures calls of about ``within`` seconds each: of ``whole`` batches, or of as many images as take that long.

    Attributes
    ----------
    first_calls : float
        Seconds that the first calls took longer than the later ones.
    """

    def __init__(self, within: float, *, whole: bool) -> None:
        self._within, self._whole, self.first_calls = within, whole, 0.0

    def step_seconds(self, training: TimedTraining) -> float:
        """Time one step, and if that is short, as many as will be taken in one go."""
        count = training.workload.step_count
        seconds, is_whole = self._seconds(partial(training.step, 1), count.batch_size, training.most_images)
        # The engine takes many steps in a call, which then costs each of them less than a step that is called alone.
        steps = min(count.steps_per_epoch, int(self._within / max(seconds, 1e-9)))
        if steps < 2 or not is_whole or self._whole:
            return seconds
        return best_seconds(lambda: training.step(steps, count.batch_size), within=2 * self._within) / steps

    def epoch_seconds(self, training: TimedTraining) -> float:
        """Time what follows an epoch."""
        evaluating, _ = self._seconds(training.end_epoch, sum(training.workload.images), training.most_images)
        return evaluating + training.direction_seconds(self._within)

    def _seconds(self, run: Callable[[int], object], images: int, most: int) -> tuple[float, bool]:
        """Return the seconds that ``run(images)`` takes, and whether so many were run: fewer if that takes too long."""
        some = min(images, most) if self._whole else min(_FEWEST_IMAGES, images, most)
        first = _once(run, some)
        # Doubled until a call lasts long enough to be measured, or all images are in it.
        while some < min(images, most) and _once(run, some) < self._within:
            some = min(2 * some, images, most)
        seconds = best_seconds(partial(run, some), within=2 * self._within)
        # What the first call took longer than the best is what it compiled, loaded or allocated.
        self.first_calls += max(0.0, first - seconds)
        if some == images:
            return seconds, True
        few = max(1, some // 4)
        # The slope between a quarter and the whole, without what each call costs at any size. Noise may make it
        # negative, or more than all of the time, which neither is.
        each = (seconds - best_seconds(partial(run, few), within=self._within)) / max(1, some - few)
        # Linear in the images beyond those that were run.
        return seconds + min(max(each, 0.0), seconds / some) * (images - some), False


def _once(run: Callable[[int], object], images: int) -> float:
    begun = perf_counter()
    run(images)
    return perf_counter() - begun
