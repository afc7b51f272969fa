"""How long a training goes: what a recipe's batches, epochs and steps come to with so many images."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.training.recipe import Recipe


@dataclass(frozen=True)
class StepCount:
    """A training's steps, counted.

    Parameters
    ----------
    recipe : Recipe
    images : int
        How many there are to learn from.
    """

    recipe: Recipe
    images: int

    @property
    def batch_size(self) -> int:
        """Images a step: all of them, if there are fewer than the recipe's batch."""
        return self.images if self.recipe.is_full_batch else min(self.recipe.batch_size, self.images)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches; a full-batch optimiser's iteration counts as one."""
        return self.images // self.batch_size

    @property
    def steps(self) -> int:
        """How many steps there will be at most."""
        return self.recipe.steps or self.recipe.epochs * self.steps_per_epoch

    @property
    def epochs(self) -> int:
        """How many epochs there will be at most; the last may be cut short."""
        return -(-self.steps // self.steps_per_epoch)
