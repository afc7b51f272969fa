"""Learning curves of several networks and opponents over repeats, on the same axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.engines import engine_name
from inklings.errors import RunError
from inklings.evaluation.crossing import Crossing, find_crossing
from inklings.experiments.comparison import Announce
from inklings.experiments.contender_plans import Networks, plan_all
from inklings.experiments.failed_opponent import FailedOpponent
from inklings.experiments.learning_curve import SHARES, LearningCurve, parts_of, recipe_for
from inklings.experiments.runs import RunStore
from inklings.experiments.trained import TrainedNetwork
from inklings.experiments.trainer import Elsewhere, Entry, Trainer
from inklings.opponents import Opponent
from inklings.reprs import short_repr
from inklings.training.callbacks import Callback
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.recipe import IN_A_PLAN


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
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


@checks_call(RunError, meant=IN_A_PLAN)
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
    store: RunStore | None = None,
    continued: bool = False,
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
    store : RunStore, optional
        Where to store each training as a run, and opponents in files beside them.
    continued : bool
        Whether to take what an earlier call finished from the store.
    elsewhere : Elsewhere, optional
        What trains each network on its parts, as a cluster does; opponents are fitted here.

    Returns
    -------
    LearningCurves
        After an interruption, of the repeats that are whole.

    Raises
    ------
    RecipeError
        ``shares`` are none, not above 0 and up to 1, or not ascending.
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
    # A dict as an ordered set: the same failure in every repeat is one line.
    problems: dict[str, None] = {}
    sizes: tuple[int, ...] = ()
    # A part is no split that a seed makes.
    trainer = Trainer(engine_name(engine), store, continued, watch, splits_are_made_here=False, elsewhere=elsewhere)
    with Interruption() as interruption:
        for number in range(seed, seed + repeats):
            split = data.split(seed=number)
            parts = parts_of(split, shares, number)
            sizes = tuple(len(part.train_rows) for part in parts)
            # Each repeat has a seed of its own for all: split, parts, weights and order.
            # Made anew: recipes hold seeds.
            plans, opponents = plan_all(networks, data, seed=number)
            trained = _train_all(plans, split, parts, trainer, interruption)
            curves = [[own.result.test for own in networks] for networks in trained]
            curves += [_fit(opponent, parts, trainer, announce, interruption, problems) for opponent in opponents]
            # Of a repeat that was cut short nothing is kept: the means at each size must be of the same splits.
            if any(len(curve) < len(parts) for curve in curves):
                break
            found.append(curves)
            first = first or tuple(map(_curve_of, plans, trained))
    if not found:
        raise KeyboardInterrupt("interrupted before the first repeat was whole")
    seeds = tuple(range(seed, seed + len(found)))
    return LearningCurves(
        titles, sizes, np.array(found, np.float64), seeds, len(found) < repeats, tuple(problems), first
    )


def _train_all(
    plans: Sequence[Plan], split: Split, parts: Sequence[Split], trainer: Trainer, interruption: Interruption
) -> list[list[TrainedNetwork]]:
    """Train each network with each part, until an interruption; or take it from the store."""
    if trainer.elsewhere is not None:
        return _train_elsewhere(plans, split, parts, trainer, trainer.elsewhere)
    return [_train(plan, split, parts, trainer, interruption) for plan in plans]


def _entry(plan: Plan, split: Split, part: Split, trainer: Trainer) -> Entry:
    recipe = recipe_for(plan, len(split.train_rows), len(part.train_rows))
    (entry,) = trainer.prepare([replace(plan, recipe=recipe)], part)
    return entry


def _train(
    plan: Plan, split: Split, parts: Sequence[Split], trainer: Trainer, interruption: Interruption
) -> list[TrainedNetwork]:
    found: list[TrainedNetwork] = []
    for part in parts:
        if interruption.requested:
            break
        entry = _entry(plan, split, part, trainer)
        trained = trainer.find_stored(entry) or trainer.train(entry)
        if trained.interrupted:
            break
        found.append(trained)
    return found


def _train_elsewhere(
    plans: Sequence[Plan], split: Split, parts: Sequence[Split], trainer: Trainer, elsewhere: Elsewhere
) -> list[list[TrainedNetwork]]:
    """Train all networks with all parts at once; after an interruption, of each what came before the first gap."""
    entries = [_entry(plan, split, part, trainer) for plan in plans for part in parts]
    stored = [network for entry in entries if (network := trainer.find_stored(entry)) is not None]
    # By title and size: within a repeat, these tell the trainings apart.
    known = {_key(network.plan, network.split) for network in stored}
    missing = [entry for entry in entries if _key(entry.plan, entry.job.split) not in known]
    found = {_key(own.plan, own.split): own for own in (*stored, *elsewhere.train(missing, trainer))}
    curves: list[list[TrainedNetwork]] = []
    for plan in plans:
        keys = [_key(plan, part) for part in parts]
        # A curve with a gap has no figure for the sizes behind it that could be averaged with the other repeats'.
        whole = next((place for place, key in enumerate(keys) if key not in found), len(keys))
        curves.append([found[key] for key in keys[:whole]])
    return curves


def _key(plan: Plan, part: Split) -> tuple[str, int]:
    return plan.title, len(part.train_rows)


def _curve_of(plan: Plan, trained: Sequence[TrainedNetwork]) -> LearningCurve:
    return LearningCurve(plan, tuple((len(own.split.train_rows), own.fitted) for own in trained))


def _fit(
    opponent: Opponent,
    parts: Sequence[Split],
    trainer: Trainer,
    announce: Announce,
    interruption: Interruption,
    problems: dict[str, None],
) -> list[float]:
    """Return an opponent's test accuracy with each part, until an interruption; NaN, and a problem, where it failed."""
    accuracies: list[float] = []
    for part in parts:
        if interruption.requested:
            break
        trained = trainer.fit(opponent, part, announce)
        accuracies.append(trained.result.test)
        if isinstance(trained, FailedOpponent):
            problems[f"{trained.error} (with {len(part.train_rows):,} images)"] = None
    return accuracies
