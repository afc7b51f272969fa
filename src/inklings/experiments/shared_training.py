"""Repeats of one network trained side by side, at the first repeat, where that is quicker."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from inklings.data import Dataset, Split
from inklings.engines import Engine
from inklings.networks import Network
from inklings.training import Callback, FitResult, Recipe, fit, fit_together
from inklings.training.fit_many import is_quicker_together
from inklings.training.training_job import TrainingJob


class SharedTraining:
    """Trains as :func:`inklings.fit` does; of small networks all repeats when the first is asked for.

    Parameters
    ----------
    dataset : Dataset
        What every repeat divides anew.
    seeds : sequence of int
        Of the repeats: of the split and of all else.
    """

    def __init__(self, dataset: Dataset, seeds: Sequence[int]) -> None:
        self._dataset, self._seeds = dataset, seeds
        self._waiting: dict[tuple[Network, Recipe], FitResult] = {}

    def __call__(
        self, network: Network, recipe: Recipe, split: Split, *, engine: Engine, callbacks: Sequence[Callback]
    ) -> FitResult:
        """Train a network of one repeat, or give what was trained with an earlier one."""
        if (network, recipe) in self._waiting:
            return _tell(self._waiting.pop((network, recipe)), callbacks)
        seeds = [recipe.seed, *(seed for seed in self._seeds if seed > recipe.seed)]
        recipes = [recipe.with_settings(seed=seed) for seed in seeds]
        splits = [split, *(self._splits[seed] for seed in seeds[1:])]
        jobs = [TrainingJob.begin(network, *own, engine) for own in zip(recipes, splits, strict=True)]
        if not is_quicker_together(jobs):
            return fit(network, recipe, split, engine=engine, callbacks=callbacks)
        nobody: tuple[Callback, ...] = ()
        first, *others = fit_together(network, recipes, splits, callbacks=[callbacks, *[nobody] * (len(seeds) - 1)])
        self._waiting.update({(network, fitted.recipe): fitted for fitted in others})
        return first

    @cached_property
    def _splits(self) -> dict[int, Split]:
        return {seed: self._dataset.split(seed=seed) for seed in self._seeds}


def _tell(fitted: FitResult, callbacks: Sequence[Callback]) -> FitResult:
    """Let callbacks see a training that is over already."""
    for callback in callbacks:
        callback.on_start(fitted.network, fitted.recipe, fitted.history[-1].epoch)
        for row in fitted.history:
            callback.on_epoch_end(row)
        callback.on_end()
    return fitted
