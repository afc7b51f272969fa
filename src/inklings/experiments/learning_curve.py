"""Whether more images would help: the same training on growing parts of the training images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inklings.data import Split
from inklings.engines import Engine, get_engine
from inklings.evaluation.diagnosis import Diagnosis, Facts, diagnose
from inklings.training import Callback, FitResult, Plan, fit

SHARES = (0.1, 0.2, 0.4, 0.8, 1.0)


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """What a network reached with parts of the training images.

    Attributes
    ----------
    plan : Plan
    points : tuple of (int, FitResult)
        How many images it learnt from, and what came of it; the validation images are the same throughout.
    """

    plan: Plan
    points: tuple[tuple[int, FitResult], ...]

    @property
    def accuracies(self) -> tuple[tuple[int, float], ...]:
        """How many images it learnt from, and the validation accuracy at the end."""
        return tuple((images, fitted.history[-1].validation_accuracy) for images, fitted in self.points)

    def diagnose(self, data: str = "") -> tuple[Diagnosis, ...]:
        """Say what is the matter with the training on all images; too few of them among other things."""
        fitted = self.points[-1][1]
        facts = Facts.of_plan(self.plan, data=data, ending=fitted.stop_reason, learning_curve=self.accuracies)
        return diagnose(fitted.history, facts)


def learning_curve(
    plan: Plan,
    split: Split,
    *,
    shares: Sequence[float] = SHARES,
    engine: str | Engine = "auto",
    watch: Callable[[Plan], Sequence[Callback]] = lambda plan: (),
) -> LearningCurve:
    """Train on the first 10, 20, 40, 80 and 100 % of the training images in a random order, for as many steps each.

    Parameters
    ----------
    plan : Plan
        What is trained, and how. Each part gets as many steps as all images would, so that the parts differ in what
        there is to learn from and not in how long.
    split : Split
        The test images are not looked at.
    shares : sequence of float
        Of the training images, ascending.
    engine, watch
        As in :func:`inklings.compare`.
    """
    computing = get_engine(engine) if isinstance(engine, str) else engine
    rows = np.random.default_rng([plan.recipe.seed, 0x1EA2]).permutation(split.train_rows)
    points = []
    for share in shares:
        part = np.sort(rows[: max(1, round(share * len(rows)))])
        recipe = plan.recipe
        if not recipe.is_full_batch:
            batch = min(recipe.batch_size, len(part))
            recipe = replace(recipe, steps=recipe.steps or recipe.epochs * max(1, len(rows) // batch))
        smaller = replace(split, train_rows=part)
        fitted = fit(plan.network, recipe, smaller, engine=computing, callbacks=watch(plan))
        points.append((len(part), fitted))
    return LearningCurve(plan, tuple(points))
