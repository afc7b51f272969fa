"""How much each source of variation moves an accuracy: the split, the order of the images, the initial weights.

Each is varied alone while the others stay, and then all are varied together, as X. Bouthillier et al. do in Accounting
for variance in machine learning benchmarks, Proceedings of Machine Learning and Systems 3 (2021) 747-769.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import open_dataset
from inklings.engines import engine_name
from inklings.errors import RecipeError
from inklings.evaluation.statistics import Interval
from inklings.experiments.comparison import Announce
from inklings.experiments.contender_plans import Networks
from inklings.experiments.failed_opponent import FailedOpponent
from inklings.experiments.lineup import Lineup
from inklings.experiments.repeated_training import train_each_in_turn
from inklings.experiments.sources import GROUPS, SOURCES, Seeds, seeds_of_repeat
from inklings.experiments.trained import Contender, TrainedNetwork
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.experiments.trainer import Trainer, Watch
from inklings.reprs import short_repr
from inklings.training.interruption import Interruption
from inklings.training.recipe import IN_A_PLAN

VARIED: Mapping[str, tuple[str, ...]] = {**{name: (name,) for name in SOURCES}, "all": GROUPS["all"]}
"""What is varied, one after the other: each source alone, and all together."""
REPEATS = 10  # of ten, the standard error of a standard deviation is about a quarter of it: 1 / sqrt(2 * 9)


@dataclass(frozen=True)
class Spread:
    """A contender's test accuracies over trainings that vary some sources.

    Attributes
    ----------
    title : str
    varied : str
        A name of :data:`VARIED`.
    accuracies : tuple of float
        Fractions, one per training.
    test_size : int
        On how many images each was tested.
    reached : bool
        Whether what is varied plays a part in its training at all. If not, it never varies: the images of nearest
        neighbours have no order, the weights of softmax regression all begin at zero. Else accuracies may be the same
        by chance, or since nothing comes of it here.

    Examples
    --------
    >>> from inklings.experiments import Spread
    >>> spread = Spread("mlp", "split", (0.95, 0.96, 0.94), test_size=1250)
    >>> round(spread.mean, 3), round(spread.standard_deviation, 3)
    (0.95, 0.01)
    """

    title: str
    varied: str
    accuracies: tuple[float, ...]
    test_size: int
    reached: bool = True

    @property
    def mean(self) -> float:
        """The mean accuracy."""
        return fmean(self.accuracies)

    @property
    def standard_deviation(self) -> float:
        """How far one more training is likely to be from the mean, with n - 1."""
        return stdev(self.accuracies)

    @property
    def binomial(self) -> float:
        """The standard deviation that so many test images, drawn by chance, give such an accuracy by themselves."""
        return sqrt(self.mean * (1 - self.mean) / self.test_size)

    def interval(self, alpha: float = 0.05) -> Interval:
        """Return the confidence interval of the standard deviation, if accuracies are normal and independent.

        ``s^2 (n - 1)`` over the true variance has the chi-squared distribution with n - 1 degrees of freedom. Random
        splits of the same images are not quite independent: over other images, accuracies spread more.
        """
        from scipy.special import chdtri

        degrees = len(self.accuracies) - 1
        reach = self.standard_deviation * sqrt(degrees)
        # The larger quantile gives the lower bound: the variance is s^2 (n - 1) /
        # chi^2. `chdtri` counts from the upper tail.
        return Interval(reach / sqrt(chdtri(degrees, alpha / 2)), reach / sqrt(chdtri(degrees, 1 - alpha / 2)))


@short_repr
@dataclass(frozen=True, repr=False)
class Variation:
    """What moves the accuracies of some contenders, and how much.

    Attributes
    ----------
    spreads : tuple of Spread
        Of each contender, one for each name of :data:`VARIED`.
    interrupted : bool
        Whether contenders are missing that were not trained to the end.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import measure_variation
    >>> variation = measure_variation(["softmax"], repeats=2, quick=True)
    >>> sorted(variation.of("softmax"))
    ['all', 'init', 'order', 'split']
    """

    spreads: tuple[Spread, ...]
    interrupted: bool = False
    problems: tuple[str, ...] = ()
    """Which opponents could not be fitted, and why; they have no spreads."""

    def of(self, title: str) -> dict[str, Spread]:
        """Return a contender's spreads by what was varied."""
        return {spread.varied: spread for spread in self.spreads if spread.title == title}


@checks_call(RecipeError, meant=IN_A_PLAN, repeats=int)
def measure_variation(
    networks: Networks,
    data: str | Path | Dataset = "digits",
    *,
    repeats: int = REPEATS,
    seed: int = 0,
    quick: bool = False,
    engine: str = "auto",
    watch: Watch = lambda plan: (),
    announce: Announce = lambda opponent: None,
) -> Variation:
    """Train contenders several times with one source of variation at a time, and with all of them.

    Parameters
    ----------
    networks, quick, engine, watch, announce
        As in :func:`inklings.compare`.
    data : str, Path or Dataset
        The images, split as in :func:`inklings.compare`.
    repeats : int
        Trainings for each source, at least 2. The first one, with all seeds as given, is one for all: it takes
        ``4 repeats - 3`` trainings of each contender, and fewer of one that a source does not matter to.
    seed : int
        All seeds of the first training.

    Returns
    -------
    Variation
        After an interruption, of the contenders that were trained to the end.

    Raises
    ------
    NetworkError, RecipeError
        Fewer than 2 repeats are asked for, or a network cannot be trained on these images; nothing was trained then.
    KeyboardInterrupt
        It was interrupted before the first contender was trained to the end.

    Examples
    --------
    >>> from inklings.experiments import measure_variation
    >>> order = measure_variation(["softmax"], repeats=3, quick=True).of("softmax")["order"]
    >>> len(order.accuracies)
    3
    """
    if repeats < 2:
        raise RecipeError(f"is {repeats}, expected at least 2", setting="repeats", found=repeats)
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    trainer = Trainer(engine_name(engine), watch=watch)
    schedule, numbers = _schedule(seed, repeats)
    lineup = Lineup(networks, dataset, trainer, schedule.__getitem__, quick)
    # All are prepared, and so checked, before the first is trained.
    for number in range(len(schedule)):
        lineup.entries(number)
    with Interruption() as interruption:
        trained, fitted = train_each_in_turn(lineup, len(schedule), interruption, announce)
    failed = [last for own in fitted if isinstance(last := own[-1], FailedOpponent)]
    sound = [[each for each in own if isinstance(each, TrainedOpponent)] for own in fitted]
    contenders: list[Sequence[Contender]] = [*trained, *sound]
    # An interrupted contender would have spreads of fewer trainings than the others'.
    complete = [own for own in contenders if len(own) == len(schedule)]
    if not complete and failed:
        raise failed[0].error
    if not complete:
        raise KeyboardInterrupt("interrupted before a network was trained with everything varied")
    spreads = tuple(spread for own in complete for spread in _spreads(own, numbers))
    problems = tuple(each.problem for each in failed)
    return Variation(spreads, len(complete) + len(failed) < len(lineup.titles), problems)


def _schedule(seed: int, repeats: int) -> tuple[list[Seeds], dict[str, list[int]]]:
    """Return the seeds of all trainings, and which of them belong to what is varied; the first belongs to all."""
    schedule = [Seeds(seed, seed, seed)]
    numbers: dict[str, list[int]] = {}
    # The first training is one of every group, and trained once.
    for name, varied in VARIED.items():
        numbers[name] = [0, *range(len(schedule), len(schedule) + repeats - 1)]
        # From 1: number 0 would be the first training again.
        schedule += [seeds_of_repeat(seed, number, varied) for number in range(1, repeats)]
    return schedule, numbers


def _spreads(trained: Sequence[Contender], numbers: Mapping[str, Sequence[int]]) -> list[Spread]:
    title, images = trained[0].title, len(trained[0].split.test_rows)
    return [
        Spread(
            title,
            name,
            tuple(trained[number].result.test for number in own),
            images,
            # Reached if any training differs from the first in more than its seed.
            not all(_is_the_same(trained[number], trained[0]) for number in own),
        )
        for name, own in numbers.items()
    ]


def _is_the_same(one: Contender, other: Contender) -> bool:
    """Whether two trainings are one: not repeated, since it would be the same again, or the same to the last bit."""
    if isinstance(one, TrainedNetwork) and isinstance(other, TrainedNetwork):
        weights, others = one.fitted.parameters, other.fitted.parameters
        # By weights: what does not depend on a source comes out the same to the last bit, in one process.
        return all(np.array_equal(array, others[name]) for name, array in weights.items())
    return one is other
