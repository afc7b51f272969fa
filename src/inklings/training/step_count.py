"""How many steps a training takes: what a recipe's batch size, epochs and steps come to with so many images."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.training.recipe import Recipe


@dataclass(frozen=True)
class StepCount:
    """The number of steps and epochs of a training.

    Parameters
    ----------
    recipe : Recipe
    images : int
        How many training images there are.
    """

    recipe: Recipe
    images: int

    @property
    def batch_size(self) -> int:
        """Images per step: all of them, if there are fewer than the recipe's batch size."""
        return self.images if self.recipe.is_full_batch else min(self.recipe.batch_size, self.images)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches per epoch; an iteration of a full-batch optimiser counts as one."""
        # Rounded down: a short last batch would give its images more weight than the others have.
        return self.images // self.batch_size

    @property
    def steps(self) -> int:
        """The largest number of steps that training may take."""
        return self.recipe.steps or self.recipe.epochs * self.steps_per_epoch

    @property
    def epochs(self) -> int:
        """The largest number of epochs that training may take; the last may be cut short."""
        # Rounded up: steps that end within an epoch have begun it.
        return -(-self.steps // self.steps_per_epoch)
