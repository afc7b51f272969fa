"""The same networks on several splits and seeds, paired: what is more than chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import fmean, median_low
from typing import Any

from inklings.data import Dataset, open_dataset
from inklings.errors import RecipeError
from inklings.evaluation.mcnemar import McNemarTest, mcnemar
from inklings.evaluation.paired import Pair, RepeatedScore, compare_pairs, summarise_repeats
from inklings.evaluation.statistics import Interval
from inklings.experiments.comparison import Comparison, Networks, Watch, compare
from inklings.experiments.results import Result
from inklings.experiments.runs import RunStore
from inklings.experiments.shared_training import SharedTraining


@dataclass(frozen=True, eq=False)
class RepeatedComparison:
    """Networks that were trained on the same splits again and again.

    Attributes
    ----------
    repeats : tuple of Comparison
        One per seed; all of the same networks in the same order.
    """

    repeats: tuple[Comparison, ...]

    def __repr__(self) -> str:
        return f"<RepeatedComparison: {len(self.repeats)} times {self.repeats[0]!r}>"

    @property
    def titles(self) -> tuple[str, ...]:
        """The networks."""
        return tuple(trained.plan.title for trained in self.repeats[0].trained_networks)

    def results_of(self, title: str) -> tuple[Result, ...]:
        """Return a network's result in each repeat."""
        return tuple(result for repeat in self.repeats for result in repeat.results if result.title == title)

    @cached_property
    def scores(self) -> dict[str, RepeatedScore]:
        """Each network's test accuracy over the repeats: mean, standard deviation, interval of the mean."""
        return {title: summarise_repeats(values, **self._sizes) for title, values in self._accuracies.items()}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Each network against each other: the corrected resampled t-test, and Holm's correction for their number."""
        return compare_pairs(self._accuracies, **self._sizes)

    @cached_property
    def mcnemar(self) -> dict[tuple[str, str], McNemarTest]:
        """Each two networks of the first repeat on its test images: McNemar's exact test."""
        return {
            (one.plan.title, other.plan.title): mcnemar(one.correct, other.correct)
            for one, other in combinations(self.repeats[0].trained_networks, 2)
        }

    @property
    def results(self) -> tuple[Result, ...]:
        """A row a network: means over the repeats, with the interval of the mean; the middle best epoch."""
        return tuple(self._mean(title) for title in self._titles_of_rows)

    @property
    def _titles_of_rows(self) -> list[str]:
        return [result.title for result in self.repeats[0].results]

    @property
    def _accuracies(self) -> dict[str, list[float]]:
        return {title: [result.test for result in self.results_of(title)] for title in self.titles}

    @property
    def _sizes(self) -> dict[str, int]:
        split = self.repeats[0].split
        return {"train_size": len(split.train_rows), "test_size": len(split.test_rows)}

    def _mean(self, title: str) -> Result:
        results = self.results_of(title)
        score = summarise_repeats([result.test for result in results], **self._sizes)
        return replace(
            results[0],
            train=fmean(result.train for result in results),
            validation=fmean(result.validation for result in results),
            test=score.mean,
            interval=Interval(score.low, score.high),
            best_epoch=median_low([result.best_epoch for result in results]),
            seconds=round(fmean(result.seconds for result in results), 3),
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong in any repeat."""
        return tuple(problem for repeat in self.repeats for problem in repeat.problems)


def compare_repeatedly(
    networks: Networks | None = None,
    data: str | Path | Dataset = "digits",
    *,
    repeats: int,
    seed: int = 0,
    store: RunStore | None = None,
    watch: Watch = lambda plan: (),
    **settings: Any,  # noqa: ANN401 - those of compare
) -> RepeatedComparison:
    """Train networks on several stratified splits, all of them on each, so that they can be compared in pairs.

    Parameters
    ----------
    networks, store, watch, **settings
        As in :func:`inklings.compare`.
    data : str, Path or Dataset
        What is split anew for every repeat.
    repeats : int
        How many, at least 2.
    seed : int
        Of the first repeat; each next one has the next.

    Raises
    ------
    RecipeError
        Fewer than 2 repeats are asked for.
    KeyboardInterrupt
        Somebody stopped it before 2 were whole; a later interruption leaves those that are.
    """
    if repeats < 2:
        raise RecipeError(f"repeats is {repeats}, expected at least 2")
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    done: list[Comparison] = []
    train = SharedTraining(dataset, range(seed, seed + repeats))
    for number in range(seed, seed + repeats):
        comparison = compare(networks, dataset, seed=number, store=store, watch=watch, train=train, **settings)
        if comparison.interrupted:
            break  # a repeat that lacks networks cannot be paired
        done.append(comparison)
    if len(done) < 2:
        raise KeyboardInterrupt(f"interrupted after {len(done)} whole repeats, expected at least 2 to compare")
    return RepeatedComparison(tuple(done))
