"""The same networks on several splits and seeds, paired: what is more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import fmean, median_low
from typing import Any

from inklings.data import Dataset, open_dataset
from inklings.engines import engine_name
from inklings.errors import RecipeError
from inklings.evaluation.mcnemar import McNemarTest, mcnemar
from inklings.evaluation.paired import Pair, RepeatedScore, compare_pairs, summarise_repeats
from inklings.evaluation.statistics import Interval
from inklings.experiments.comparison import Comparison, Networks, comparison_of_trained, plan_all
from inklings.experiments.results import Result
from inklings.experiments.runs import RunStore
from inklings.experiments.trained import TrainedNetwork
from inklings.experiments.trainer import Entry, Trainer, Watch
from inklings.training.fit_many import is_quicker_side_by_side
from inklings.training.interruption import Interruption


@dataclass(frozen=True, eq=False)
class RepeatedComparison:
    """Networks that were trained on the same splits again and again.

    Attributes
    ----------
    repeats : tuple of Comparison
        One per seed; all of the same networks in the same order.
    interrupted : bool
        Whether it was interrupted before all networks were trained on all splits.
    """

    repeats: tuple[Comparison, ...]
    interrupted: bool = False

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
    quick: bool = False,
    engine: str = "auto",
    store: RunStore | None = None,
    continued: bool = False,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
    watch: Watch = lambda plan: (),
) -> RepeatedComparison:
    """Train networks on several stratified splits, all of them on each, so that they can be compared in pairs.

    Parameters
    ----------
    networks, quick, engine, store, continued, command, data_options, watch
        As in :func:`inklings.compare`.
    data : str, Path or Dataset
        The images, split anew for every repeat.
    repeats : int
        The number of repeats, at least 2.
    seed : int
        The seed of the first repeat; each next one has the next.

    Returns
    -------
    RepeatedComparison
        After an interruption, of the networks that were trained on every split; if there is none yet, of the first
        network on the splits that it was trained on.

    Raises
    ------
    NetworkError, RecipeError
        Fewer than 2 repeats are asked for, or a network cannot be trained on these images; nothing was trained then.
    KeyboardInterrupt
        It was interrupted before the first network was trained on 2 splits.
    """
    if repeats < 2:
        raise RecipeError(f"repeats is {repeats}, expected at least 2")
    engine = engine_name(engine)
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    trainer = Trainer(engine, store, continued, watch, {"command": command, "data_options": data_options})
    entries = []  # one list per repeat, with an entry per network
    for number in range(seed, seed + repeats):
        plans = plan_all(networks, dataset, seed=number, quick=quick)
        entries.append(trainer.prepare(plans, dataset.split(seed=number)))
    trained: list[list[TrainedNetwork]] = []  # one list per network, with a training per repeat
    with Interruption() as interruption:
        for entries_of_network in zip(*entries, strict=True):
            trained.append(_train_repeats(trainer, entries_of_network, interruption))
            if interruption.requested or len(trained[-1]) < repeats:
                break
        # Networks are compared in pairs, so each needs as many repeats as the others.
        complete = [each for each in trained if len(each) == repeats] or trained[:1]
        if len(complete[0]) < 2:
            raise KeyboardInterrupt(f"interrupted after {len(complete[0])} whole repeats, expected at least 2")
        comparisons = [comparison_of_trained(row, engine, quick=quick) for row in zip(*complete, strict=True)]
    interrupted = len(complete) < len(entries[0]) or len(comparisons) < repeats
    return RepeatedComparison(tuple(comparisons), interrupted)


def _train_repeats(trainer: Trainer, entries: Sequence[Entry], interruption: Interruption) -> list[TrainedNetwork]:
    """Train one network on each split, side by side where that is quicker; return the repeats that are complete."""
    stored = [trainer.find_stored(entry) for entry in entries]
    missing = [entry for entry, found in zip(entries, stored, strict=True) if found is None]
    if is_quicker_side_by_side([entry.job for entry in missing]):
        fresh = iter(trainer.train_side_by_side(missing))
    else:
        fresh = _train_in_turn(trainer, missing, interruption)
    trained = []
    for found in stored:
        network = found or next(fresh, None)
        if network is None or network.interrupted:
            break
        trained.append(network)
    return trained


def _train_in_turn(trainer: Trainer, entries: Sequence[Entry], interruption: Interruption) -> Iterator[TrainedNetwork]:
    """Train one after the other, each as it is asked for, until an interruption."""
    for entry in entries:
        if interruption.requested:
            return
        yield trainer.train(entry)
