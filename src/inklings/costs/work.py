"""How much there is to do in a training: its steps and epochs, and how often it computes what."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.costs.operations import reading_operations, step_operations
from inklings.networks import Network
from inklings.training.recipe import Recipe
from inklings.training.step_count import StepCount

# How often a line search evaluates the objective in an iteration; mostly the first length tried is taken.
EVALUATIONS_AN_ITERATION = {"bfgs": 1.1, "lbfgs": 1.1, "cg": 2.2}


@dataclass(frozen=True)
class Work:
    """A training, counted.

    Parameters
    ----------
    network, recipe
        As for :func:`inklings.fit`.
    images : (int, int)
        How many training and validation images there are.
    """

    network: Network
    recipe: Recipe
    images: tuple[int, int]

    @property
    def course(self) -> StepCount:
        """Its steps, on how many images each."""
        return StepCount(self.recipe, self.images[0])

    @property
    def evaluations(self) -> float:
        """How often the objective of a batch and its gradient are computed."""
        if self.recipe.is_full_batch:
            return 1 + self.course.epochs * EVALUATIONS_AN_ITERATION[self.recipe.optimiser]
        return self.course.steps

    @property
    def readings(self) -> int:
        """How often training and validation images are read: before training, and after every epoch."""
        return 1 + self.course.epochs

    @property
    def operations(self) -> float:
        """All floating-point operations."""
        reading = self.readings * reading_operations(self.network).total * sum(self.images)
        return self.evaluations * step_operations(self.network).total * self.course.batch_size + reading
