"""The same networks on several splits and seeds, paired: what is more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import fmean, median_low
from typing import Any

from inklings.data import Dataset, Split, open_dataset
from inklings.engines import engine_name
from inklings.errors import RecipeError
from inklings.evaluation.equivalence import MARGIN
from inklings.evaluation.mcnemar import McNemarTest, mcnemar
from inklings.evaluation.pair import Pair
from inklings.evaluation.paired import RepeatedScore, compare_pairs, summarise_repeats
from inklings.evaluation.statistics import Interval
from inklings.experiments.comparison import Announce, Comparison, Networks, comparison_of_trained, plan_all
from inklings.experiments.results import Result
from inklings.experiments.runs import RunStore
from inklings.experiments.trained import TrainedNetwork
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.experiments.trainer import Entry, Trainer, Watch
from inklings.opponents import Opponent
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
    margin : float
        Differences up to this fraction do not matter: networks may be "as accurate, within" it.
    """

    repeats: tuple[Comparison, ...]
    interrupted: bool = False
    margin: float = MARGIN

    def __repr__(self) -> str:
        return f"<RepeatedComparison: {len(self.repeats)} times {self.repeats[0]!r}>"

    @property
    def titles(self) -> tuple[str, ...]:
        """The networks, and then the opponents."""
        return tuple(contender.title for contender in self.repeats[0].contenders)

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
        return compare_pairs(self._accuracies, **self._sizes, margin=self.margin)

    @cached_property
    def mcnemar(self) -> dict[tuple[str, str], McNemarTest]:
        """Each two networks of the first repeat on its test images: McNemar's exact test."""
        return {
            (one.title, other.title): mcnemar(one.correct, other.correct)
            for one, other in combinations(self.repeats[0].contenders, 2)
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
    announce: Announce = lambda opponent: None,
    margin: float = MARGIN,
) -> RepeatedComparison:
    """Train networks on several stratified splits, all of them on each, so that they can be compared in pairs.

    Parameters
    ----------
    networks, quick, engine, store, continued, command, data_options, watch, announce
        As in :func:`inklings.compare`.
    data : str, Path or Dataset
        The images, split anew for every repeat.
    repeats : int
        The number of repeats, at least 2.
    seed : int
        The seed of the first repeat; each next one has the next.
    margin : float
        Differences in accuracy up to this fraction do not matter; half a percentage point by default.

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
    if not 0 < margin < 1:
        raise RecipeError(f"is {margin}, expected a fraction between 0 and 1", setting="margin", found=margin)
    engine = engine_name(engine)
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    trainer = Trainer(engine, store, continued, watch, {"command": command, "data_options": data_options})
    entries, opponents, splits = [], [], []  # one list per repeat, with an entry per network; an opponent each
    for number in range(seed, seed + repeats):
        plans, chosen = plan_all(networks, dataset, seed=number, quick=quick)
        splits.append(dataset.split(seed=number))
        entries.append(trainer.prepare(plans, splits[-1]))
        opponents.append(chosen)
    trained: list[list[TrainedNetwork]] = []  # one list per network, with a training per repeat
    fitted: list[list[TrainedOpponent]] = []  # the same of opponents
    with Interruption() as interruption:
        for entries_of_network in zip(*entries, strict=True):
            trained.append(_train_repeats(trainer, entries_of_network, interruption))
            if interruption.requested or len(trained[-1]) < repeats:
                break
        else:
            fitted = _fit_opponents(trainer, list(zip(*opponents, strict=True)), splits, interruption, announce)
        comparisons = _join(trained, fitted, repeats, engine, quick=quick)
    finished = len(comparisons[0].contenders) == len(entries[0]) + len(opponents[0])
    return RepeatedComparison(tuple(comparisons), not finished or len(comparisons) < repeats, margin)


def _fit_opponents(
    trainer: Trainer,
    opponents: Sequence[Sequence[Opponent]],
    splits: Sequence[Split],
    interruption: Interruption,
    announce: Announce,
) -> list[list[TrainedOpponent]]:
    """Fit each opponent on each split; return those that were fitted on all of them before an interruption."""
    fitted: list[list[TrainedOpponent]] = []
    for seeded in opponents:
        repeats, announced = [], _once(announce)
        for opponent, split in zip(seeded, splits, strict=True):
            if interruption.requested:
                return fitted
            repeats.append(trainer.fit(opponent, split, announced))
        fitted.append(repeats)
    return fitted


def _once(announce: Announce) -> Announce:
    """Announce the first repeat of an opponent alone."""
    told: list[Opponent] = []

    def tell(opponent: Opponent) -> None:
        if not told:
            announce(opponent)
        told.append(opponent)

    return tell


def _join(
    trained: Sequence[Sequence[TrainedNetwork]],
    fitted: Sequence[Sequence[TrainedOpponent]],
    repeats: int,
    engine: str,
    *,
    quick: bool,
) -> list[Comparison]:
    """Return a comparison per repeat, of the networks and opponents that have all of them.

    All are compared in pairs, so each needs as many repeats as the others. If there is none yet, the first network's
    repeats are returned alone.
    """
    complete = [each for each in trained if len(each) == repeats] or list(trained[:1])
    shortest = min((len(each) for each in (*complete, *fitted)), default=0)
    if shortest < 2:
        raise KeyboardInterrupt(f"interrupted after {shortest} whole repeats, expected at least 2")
    return [
        comparison_of_trained(
            [each[number] for each in complete], engine, opponents=[each[number] for each in fitted], quick=quick
        )
        for number in range(shortest)
    ]


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
