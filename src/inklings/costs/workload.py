"""How much there is to do in a training: how many steps and epochs, and how often each thing is computed."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.networks import Conv2D, Dense, Network
from inklings.training.recipe import Recipe
from inklings.training.step_count import StepCount

GRADIENTS_PER_ITERATION = {"bfgs": 1.1, "lbfgs": 1.1, "cg": 2.2}
"""How often a line search computes the objective with its gradient; mostly the first length tried is taken."""


@dataclass(frozen=True)
class Workload:
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
    def step_count(self) -> StepCount:
        """Its steps and epochs, and the images per step."""
        return StepCount(self.recipe, self.images[0])

    @property
    def gradients(self) -> float:
        """How often the objective of a batch is computed with its gradient."""
        if self.recipe.is_full_batch:
            # 1: the start, before the first line search.
            return 1 + self.step_count.epochs * GRADIENTS_PER_ITERATION[self.recipe.optimiser]
        return self.step_count.steps

    @property
    def evaluations(self) -> int:
        """How often training and validation images are evaluated: before training, and after every epoch."""
        return 1 + self.step_count.epochs

    @property
    def operations(self) -> float:
        """All floating-point operations."""
        evaluating = self.evaluations * self.network.operations * sum(self.images)
        return self.gradients * step_operations(self.network) * self.step_count.batch_size + evaluating


def step_operations(network: Network) -> int:
    """Count the floating-point operations per image of a training step.

    Backward, a layer does twice its work forward: once for the gradient with respect to its weights, and once for that
    with respect to its input, which the first layer with weights never needs.
    """
    products = [layer.operations(shape) for _, layer, shape in network.walk() if isinstance(layer, Dense | Conv2D)]
    # Forward once, backward twice; the first products' gradient by the pixels is never needed.
    return 3 * network.operations - (products[0] if products else 0)
