"""Learning curves of several networks and opponents over repeats, on the same axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset, Split
from inklings.engines import get_engine
from inklings.evaluation.crossing import Crossing, find_crossing
from inklings.experiments.comparison import Announce
from inklings.experiments.contender_plans import Networks, plan_all
from inklings.experiments.failed_opponent import FailedOpponent, try_opponent
from inklings.experiments.learning_curve import SHARES, LearningCurve, parts_of, recipe_for
from inklings.experiments.results import measure_fitted
from inklings.experiments.trainer import Elsewhere
from inklings.opponents import Opponent
from inklings.training.callbacks import Callback
from inklings.training.fit import fit
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.training_job import TrainingJob


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """Test accuracies with growing parts of the training images.

    Attributes
    ----------
    titles : tuple of str
        Networks, then opponents.
    images : tuple of int
        The numbers of training images.
    accuracies : array, shape (repeats, titles, images)
        On the test images: opponents choose their settings by the validation images, which would flatter them. NaN
        where an opponent could not be fitted, as on a part of one class.
    seeds : tuple of int
        Of the repeats.
    interrupted : bool
        Whether it was interrupted; then only whole repeats are kept.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import learning_curves
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10).with_recipe(steps=200)
    >>> found = learning_curves([plan], few, repeats=2, shares=(0.1, 1.0))
    >>> found.images, found.accuracies.shape
    ((28, 275), (2, 1, 2))
    """

    titles: tuple[str, ...]
    images: tuple[int, ...]
    accuracies: NDArray[np.float64]
    seeds: tuple[int, ...]
    interrupted: bool = False
    problems: tuple[str, ...] = ()
    """Which opponents could not be fitted, and on how many images."""
    first: tuple[LearningCurve, ...] = ()
    """Each network's trainings of the first repeat, which can be diagnosed."""

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Of each two, where the means cross, within what both have learnt in all repeats."""
        found = []
        for one, other in combinations(range(len(self.titles)), 2):
            # (images,): sizes at which both have a figure in every repeat.
            both = np.isfinite(self.accuracies[:, [one, other]]).all(axis=(0, 1))
            if both.any():
                first, second = self.accuracies[:, one, both], self.accuracies[:, other, both]
                images = np.array(self.images)[both]
                found.append(find_crossing((self.titles[one], self.titles[other]), images, first, second))
        return tuple(found)


def learning_curves(
    networks: Networks,
    data: Dataset,
    *,
    repeats: int = 1,
    seed: int = 0,
    shares: Sequence[float] = SHARES,
    engine: str = "auto",
    watch: Callable[[Plan], Sequence[Callback]] = lambda plan: (),
    announce: Announce = lambda opponent: None,
    elsewhere: Elsewhere | None = None,
) -> LearningCurves:
    """Train each on the first 10, 20, 40, 80 and 100 % of the shuffled training images of the same splits.

    Parameters
    ----------
    networks, engine, watch, announce
        As in :func:`inklings.compare`. Each network takes as many steps on a part as on all images.
    data : Dataset
        Split anew for every repeat.
    repeats : int
    seed : int
        Of the first repeat; each next one has the next.
    shares : sequence of float
        Fractions of the training images, ascending.
    elsewhere : Elsewhere, optional
        What trains each network on its parts, as a cluster does; opponents are fitted here.

    Returns
    -------
    LearningCurves
        After an interruption, of the repeats that are whole.

    Raises
    ------
    KeyboardInterrupt
        It was interrupted before the first repeat was whole.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import learning_curves
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10).with_recipe(steps=200)
    >>> learning_curves([plan], few, shares=(0.1, 1.0)).accuracies.shape  # repeats, networks, parts
    (1, 1, 2)
    """
    plans, opponents = plan_all(networks, data, seed=seed)
    titles = (*(plan.title for plan in plans), *(opponent.title for opponent in opponents))
    found: list[list[list[float]]] = []
    first: tuple[LearningCurve, ...] = ()
    problems: dict[str, None] = {}
    sizes: tuple[int, ...] = ()
    with Interruption() as interruption:
        for number in range(seed, seed + repeats):
            split = data.split(seed=number)
            parts = parts_of(split, shares, number)
            sizes = tuple(len(part.train_rows) for part in parts)
            # Each repeat has a seed of its own for all: split, parts, weights and order.
            # Made anew: recipes hold seeds.
            plans, opponents = plan_all(networks, data, seed=number)
            trained = (
                [_train(plan, split, parts, engine, watch, interruption) for plan in plans]
                if elsewhere is None
                else _train_elsewhere(plans, split, parts, engine, elsewhere)
            )
            curves = [_test(curve, parts, engine) for curve in trained]
            curves += [_fit(opponent, parts, announce, interruption, problems) for opponent in opponents]
            # Of a repeat that was cut short nothing is kept: the means at each size must be of the same splits.
            if any(len(curve) < len(parts) for curve in curves):
                break
            found.append(curves)
            first = first or tuple(trained)
    if not found:
        raise KeyboardInterrupt("interrupted before the first repeat was whole")
    seeds = tuple(range(seed, seed + len(found)))
    return LearningCurves(
        titles, sizes, np.array(found, np.float64), seeds, len(found) < repeats, tuple(problems), first
    )


def _train(
    plan: Plan,
    split: Split,
    parts: Sequence[Split],
    engine: str,
    watch: Callable[[Plan], Sequence[Callback]],
    interruption: Interruption,
) -> LearningCurve:
    """Train a network with each part, until an interruption."""
    points: list[tuple[int, FitResult]] = []
    for part in parts:
        if interruption.requested:
            break
        recipe = recipe_for(plan, len(split.train_rows), len(part.train_rows))
        fitted = fit(plan.network, recipe, part, engine=engine, callbacks=watch(plan))
        if fitted.stop_reason is StopReason.INTERRUPTED:
            break
        points.append((len(part.train_rows), fitted))
    return LearningCurve(plan, tuple(points), len(points) < len(parts))


def _train_elsewhere(
    plans: Sequence[Plan], split: Split, parts: Sequence[Split], engine: str, elsewhere: Elsewhere
) -> list[LearningCurve]:
    """Train all networks with all parts at once; after an interruption, with as many as came to their end."""
    jobs = [
        TrainingJob.begin(plan.network, recipe_for(plan, len(split.train_rows), len(part.train_rows)), part, engine)
        for plan in plans
        for part in parts
    ]
    fitted = elsewhere.fit(jobs)
    curves = []
    for place, plan in enumerate(plans):
        own = fitted[place * len(parts) : (place + 1) * len(parts)]
        points = tuple((len(part.train_rows), each) for part, each in zip(parts, own, strict=False))
        curves.append(LearningCurve(plan, points, len(points) < len(parts)))
    return curves


def _test(curve: LearningCurve, parts: Sequence[Split], engine: str) -> list[float]:
    """Return a network's test accuracy with each part that it was trained on."""
    fits = (fitted for _, fitted in curve.points)
    computing = get_engine(engine)
    return [measure_fitted(curve.plan, fitted, part, computing).test for fitted, part in zip(fits, parts, strict=False)]


def _fit(
    opponent: Opponent,
    parts: Sequence[Split],
    announce: Announce,
    interruption: Interruption,
    problems: dict[str, None],
) -> list[float]:
    """Return an opponent's test accuracy with each part, until an interruption; NaN, and a problem, where it failed."""
    accuracies: list[float] = []
    for part in parts:
        if interruption.requested:
            break
        announce(opponent)
        trained = try_opponent(opponent, part)
        accuracies.append(trained.result.test)
        if isinstance(trained, FailedOpponent):
            problems[f"{trained.error} (with {len(part.train_rows):,} images)"] = None
    return accuracies
