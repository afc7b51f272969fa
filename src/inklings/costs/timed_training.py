"""A training on random images, to put a stopwatch to: what ``fit`` does in a step and after an epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from math import prod
from time import perf_counter

import numpy as np

from inklings.costs.workload import Workload
from inklings.engines import get_engine
from inklings.engines.base import Images, Labels
from inklings.engines.microbenchmarks import best_seconds
from inklings.engines.randomness import augmentation_random, batch_order
from inklings.networks import Parameters
from inklings.training.full_batch.directions import LBFGS_PAIRS, StepPair, Vector, dot
from inklings.training.full_batch.iterations import to_parameters, to_vector
from inklings.training.full_batch.quasi_newton import METHODS
from inklings.training.optimisers import build_optimiser

_DRAWN_VALUES = 1 << 14
_INITIAL_VALUES = 1 << 18
"""As many initial parameters are drawn at most: more than caches hold."""
_MOST_BYTES = 1 << 26
"""Of images, and of an optimiser's pairs: more than caches hold, and soon filled."""
_LEARNING_RATE = 1e-6
"""So small that nothing changes much, whatever the images."""


class TimedTraining(ABC):
    """A training under way that is never finished.

    Parameters
    ----------
    workload : Workload

    Attributes
    ----------
    begin : float
        Seconds to draw its initial parameters, and to begin.
    most_images : int
        How many it has at hand.
    """

    begin: float

    def __init__(self, workload: Workload) -> None:
        self.workload: Workload = workload
        self._network = workload.network
        bytes_per_image = 4 * prod(workload.network.input_shape)
        # Enough to be read from memory as in training, few enough to be filled at once.
        self.most_images: int = max(1, min(sum(workload.images), _MOST_BYTES // bytes_per_image))
        self._images, self._labels = self._random_images(self.most_images)
        self._objective = workload.recipe.objective(workload.network, self._labels)
        self._parameters = self._random_parameters()

    def _random_images(self, count: int) -> tuple[Images, Labels]:
        """Draw few and repeat them: drawing takes longer than evaluating."""
        shape = self._network.input_shape
        few = max(1, min(count, _DRAWN_VALUES // prod(shape)))
        drawn = np.random.default_rng(0).random((few, *shape), np.float32)
        # np.resize repeats what it is given until the shape is full.
        return np.resize(drawn, (count, *shape)), np.arange(count) % self._network.output_count

    def _random_parameters(self) -> Parameters:
        # Small weights, so that nothing saturates; variances of 1, as BatchNorm divides by their roots.
        drawn, shapes = 0.1 * np.random.default_rng(0).standard_normal(_DRAWN_VALUES), self._network.parameter_shapes
        variances = {name: np.ones(shape) for name, shape in shapes.items() if name.endswith("/variance")}
        return {name: np.resize(drawn, shape) for name, shape in shapes.items()} | variances

    def _divide(self, images: int) -> tuple[int, int]:
        """Divide some images into training and validation images, as the training's are divided."""
        train = max(1, round(images * self.workload.images[0] / sum(self.workload.images)))
        return train, images - train

    @abstractmethod
    def step(self, steps: int, images: int) -> None:
        """Take steps on batches of so many images."""

    @abstractmethod
    def end_epoch(self, images: int) -> None:
        """Do what follows an epoch of so many training and validation images together."""

    @abstractmethod
    def direction_seconds(self, within: float) -> float:
        """Return the seconds in which an iteration finds its direction; measuring takes a few times ``within``."""


class _ByBatches(TimedTraining):
    """By an optimiser that takes a step per batch."""

    def __init__(self, workload: Workload, engine_name: str) -> None:
        super().__init__(workload)
        engine, recipe = get_engine(engine_name), workload.recipe
        begun = perf_counter()
        # Begun before the clock stops: laying out parameters is part of what is timed.
        optimiser = build_optimiser(recipe)
        self._session = engine.session(self._network, self._objective, optimiser, self._parameters, seed=recipe.seed)
        self._warps = recipe.augmentation.draw(self._images.shape, augmentation_random(recipe.seed, 1))
        self.begin = perf_counter() - begun + _drawing_seconds(workload)
        self._done = 0

    def step(self, steps: int, images: int) -> None:
        """Take steps on batches of so many images, the next ones each time."""
        # Other rows in every call, as batches are in a training, and round again at the end.
        order = np.arange(self._done, self._done + steps * images).reshape(steps, images) % self.most_images
        rates = np.full(steps, _LEARNING_RATE)
        self._session.train(self._images, self._labels, order, rates, self._done, lambda: False, None, self._warps)
        self._done += steps * images

    def end_epoch(self, images: int) -> None:
        """Evaluate them, copy the parameters, and order the next epoch."""
        train, validation = self._divide(images)
        recipe, pixels = self.workload.recipe, self._images[:train]
        batch_order(recipe.seed, 1, train, self.workload.step_count.batch_size)
        recipe.augmentation.draw(pixels.shape, augmentation_random(recipe.seed, 1))
        self._session.evaluate(pixels, self._labels[:train])
        if validation:
            self._session.evaluate(self._images[train:images], self._labels[train:images])
        _ = self._session.parameters

    def direction_seconds(self, within: float) -> float:
        """Return nothing: it is part of each step."""
        return 0.0


class _ByIterations(TimedTraining):
    """By a full-batch optimiser, which goes through all images for every iteration, in float64."""

    def __init__(self, workload: Workload, engine_name: str) -> None:
        super().__init__(workload)
        self._engine = get_engine(engine_name, dtype="float64")
        self._vector = to_vector(self._network, self._parameters)
        self.begin = _drawing_seconds(workload)

    def step(self, steps: int, images: int) -> None:
        """Compute the objective of so many images, and its gradient."""
        for _ in range(steps):
            parameters = to_parameters(self._network, self._vector)
            data = self._images[:images], self._labels[:images]
            _, gradients = self._engine.gradients(self._network, self._objective, parameters, *data)
            np.array(to_vector(self._network, gradients))

    def end_epoch(self, images: int) -> None:
        """Evaluate them, with copies of the parameters."""
        train, validation = self._divide(images)
        self._evaluate(slice(0, train))
        if validation:
            self._evaluate(slice(train, images))

    def _evaluate(self, rows: slice) -> None:
        parameters = to_parameters(self._network, self._vector.copy())
        self._engine.evaluate(self._network, self._objective, parameters, self._images[rows], self._labels[rows])

    def direction_seconds(self, within: float) -> float:
        """Find a direction with as many pairs as are kept on average, or fewer if they are large, and go along it."""
        vector, iterations = self._vector, self.workload.step_count.epochs
        direction = METHODS[self.workload.recipe.optimiser](LBFGS_PAIRS)
        # The mean number of vectors kept over all iterations; two of them are a pair.
        kept = sum(direction.vectors_kept(done) for done in range(iterations)) / iterations
        learnt = int(max(1, min(kept // 2, _MOST_BYTES // (2 * vector.nbytes))))
        for _ in range(learnt):
            # The gradient changes along the step, as a curvature above 0 wants it: L-BFGS would not keep another pair.
            direction.update(StepPair(vector, 1.0, 0.5 * vector, vector))
        finding = best_seconds(partial(direction.at, vector), within=within)
        # Going over the pairs is all that takes time, so it grows with their number.
        larger = max(1.0, kept / max(1, direction.vectors_kept(learnt)))
        return finding * larger + best_seconds(partial(_go_along, vector), within=within)


def _go_along(vector: Vector) -> None:
    """Do what an iteration does with its vectors besides finding a direction."""
    x = vector + 0.5 * vector
    change = x - vector
    dot(x, change), dot(change, change), np.abs(x).max()


def begin_timed_training(workload: Workload, engine_name: str) -> TimedTraining:
    """Begin a training of random images by an engine."""
    kind = _ByIterations if workload.recipe.is_full_batch else _ByBatches
    return kind(workload, engine_name)


def _drawing_seconds(workload: Workload) -> float:
    """Return the seconds to draw the initial parameters, from some of each kind, drawn once as they will be."""
    random, seconds = np.random.default_rng(0), 0.0
    for _, layer, shape in workload.network.walk():
        for parameter in layer.parameters(shape).values():
            count = prod(parameter.shape)
            few, begun = min(count, _INITIAL_VALUES), perf_counter()
            # Two axes, which fans are counted from.
            parameter.initializer.draw(random, (few, 1))
            # In proportion: drawing takes as long for each number.
            seconds += (perf_counter() - begun) * count / few
    return seconds
