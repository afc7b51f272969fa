"""A training with random images in place of its own: what fit does in a step and after an epoch, for a stopwatch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from math import prod
from time import perf_counter

import numpy as np

from inklings.costs.work import Work
from inklings.engines import get_engine
from inklings.engines.base import Images, Labels
from inklings.engines.randomness import augmentation_random, batch_order
from inklings.engines.microbenchmarks import best_seconds
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
_RATE = 1e-6
"""A learning rate by which nothing changes much, whatever the images."""


class Rehearsal(ABC):
    """A training under way that is never finished.

    Parameters
    ----------
    work : Work

    Attributes
    ----------
    begin : float
        Seconds to draw its initial parameters, and to begin.
    most_images : int
        How many it has at hand.
    """

    begin: float

    def __init__(self, work: Work) -> None:
        self.work, self._network = work, work.network
        image_bytes = 4 * prod(work.network.input_shape)
        self.most_images = max(1, min(sum(work.images), _MOST_BYTES // image_bytes))
        self._images, self._labels = self._random_images(self.most_images)
        self._objective = work.recipe.objective(work.network, self._labels)
        self._parameters = self._random_parameters()
        self.begin = 0.0

    def _random_images(self, count: int) -> tuple[Images, Labels]:
        """Draw few and repeat them: drawing takes longer than reading."""
        shape = self._network.input_shape
        few = max(1, min(count, _DRAWN_VALUES // prod(shape)))
        drawn = np.random.default_rng(0).random((few, *shape), np.float32)
        return np.resize(drawn, (count, *shape)), np.arange(count) % self._network.output_count

    def _random_parameters(self) -> Parameters:
        drawn = 0.1 * np.random.default_rng(0).standard_normal(_DRAWN_VALUES)
        variances = {
            name: np.ones(shape) for name, shape in self._network.parameter_shapes.items() if name.endswith("/variance")
        }
        return {name: np.resize(drawn, shape) for name, shape in self._network.parameter_shapes.items()} | variances

    @abstractmethod
    def step(self, steps: int, images: int) -> None:
        """Take steps on batches of so many images."""

    @abstractmethod
    def read(self, images: int) -> None:
        """Do what follows an epoch of so many training and validation images together."""

    @abstractmethod
    def vectors(self, within: float) -> float:
        """Give the seconds that an optimiser's own vectors take at an epoch's end."""


class _ByBatches(Rehearsal):
    """By an optimiser that takes a step a batch."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        engine, recipe = get_engine("native"), work.recipe
        begun = perf_counter()
        optimiser = build_optimiser(recipe)
        self._session = engine.session(self._network, self._objective, optimiser, self._parameters, seed=recipe.seed)
        self.begin = perf_counter() - begun + _drawing_seconds(work)
        self._done = 0

    def step(self, steps: int, images: int) -> None:
        """Take steps on batches of so many images, the next ones each time."""
        order = np.arange(self._done, self._done + steps * images).reshape(steps, images) % self.most_images
        rates = np.full(steps, _RATE)
        self._session.train(self._images, self._labels, order, rates, self._done, lambda: False)
        self._done += steps * images

    def read(self, images: int) -> None:
        """Read them, copy the parameters, and order the next epoch."""
        train, validation = _divided(self.work, images)
        recipe, pixels = self.work.recipe, self._images[:train]
        batch_order(recipe.seed, 1, train, self.work.course.batch_size)
        recipe.augmentation.apply(pixels, augmentation_random(recipe.seed, 1))
        self._session.evaluate(pixels, self._labels[:train])
        if validation:
            self._session.evaluate(self._images[train:images], self._labels[train:images])
        _ = self._session.parameters

    def vectors(self, within: float) -> float:
        """Nothing: each step changes the optimiser's."""
        return 0.0


class _ByIterations(Rehearsal):
    """By an optimiser that reads all images for every iteration."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._engine = get_engine("native", dtype="float64")
        self._vector = to_vector(self._network, self._parameters)
        self.begin = _drawing_seconds(work)

    def step(self, steps: int, images: int) -> None:
        """Compute the objective of so many images, and its gradient."""
        for _ in range(steps):
            parameters = to_parameters(self._network, self._vector)
            data = self._images[:images], self._labels[:images]
            _, gradients = self._engine.gradients(self._network, self._objective, parameters, *data)
            np.array(to_vector(self._network, gradients))

    def read(self, images: int) -> None:
        """Read them, with copies of the parameters."""
        train, validation = _divided(self.work, images)
        self._evaluate(slice(0, train))
        if validation:
            self._evaluate(slice(train, images))

    def _evaluate(self, rows: slice) -> None:
        parameters = to_parameters(self._network, self._vector.copy())
        self._engine.evaluate(self._network, self._objective, parameters, self._images[rows], self._labels[rows])

    def vectors(self, within: float) -> float:
        """Find a direction with as many pairs as are kept on average, or fewer if they are large, and go along it."""
        vector, pairs = self._vector, _pairs_kept(self.work)
        held = int(max(1, min(pairs, _MOST_BYTES // (2 * vector.nbytes))))
        direction = METHODS[self.work.recipe.optimiser](LBFGS_PAIRS)
        move = StepPair(vector, 1.0, 0.5 * vector, vector)
        for _ in range(held):
            direction.learn(move)
        finding = best_seconds(partial(direction.at, vector), within=within)
        return finding * max(1.0, pairs / held) + best_seconds(partial(_go_along, vector), within=within)


def _go_along(vector: Vector) -> None:
    """Do what an iteration does with its vectors besides finding a direction."""
    x = vector + 0.5 * vector
    change = x - vector
    dot(x, change), dot(change, change), np.abs(x).max()


def rehearse(work: Work) -> Rehearsal:
    """Begin a training of random images by the native engine."""
    return _ByIterations(work) if work.recipe.is_full_batch else _ByBatches(work)


def _divided(work: Work, images: int) -> tuple[int, int]:
    """Divide some images as a training's are divided."""
    train = max(1, round(images * work.images[0] / sum(work.images)))
    return train, images - train


def _pairs_kept(work: Work) -> float:
    """Say how many pairs a direction is made of on average."""
    if work.recipe.optimiser == "bfgs":
        return (work.course.epochs - 1) / 2
    counts = range(min(work.course.epochs, 10 * LBFGS_PAIRS))
    return sum(min(count, LBFGS_PAIRS) for count in counts) / len(counts)


def _drawing_seconds(work: Work) -> float:
    """Say how long it takes to draw the initial parameters, from some of each kind, drawn once as they will be."""
    random, seconds = np.random.default_rng(0), 0.0
    for _, layer, shape in work.network.walk():
        for parameter in layer.parameters(shape).values():
            count = prod(parameter.shape)
            few, begun = min(count, _INITIAL_VALUES), perf_counter()
            parameter.initializer.draw(random, (few, 1))
            seconds += (perf_counter() - begun) * count / few
    return seconds
