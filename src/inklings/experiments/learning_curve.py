"""Learning curves: the same training on growing parts of the training images, to see whether more would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inklings.arguments import checks_call
from inklings.data.parts import Split
from inklings.engines import Engine, get_engine
from inklings.errors import RecipeError
from inklings.evaluation.diagnosis import Diagnosis, Facts, diagnose
from inklings.reprs import short_repr
from inklings.training.callbacks import Callback
from inklings.training.fit import fit
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.recipe import IN_A_PLAN, Recipe

# Each twice the one before, since the axis is logarithmic; the last is all there are.
SHARES = (0.1, 0.2, 0.4, 0.8, 1.0)


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """A network's accuracy with growing parts of the training images.

    Attributes
    ----------
    plan : Plan
    points : tuple of (int, FitResult)
        The number of training images and the result; the validation images are the same throughout.
    interrupted : bool
        Whether it was interrupted; the points are those that were trained to their end.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import learning_curve
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> curve = learning_curve(plan, split, shares=(0.1, 1.0))
    >>> [images for images, accuracy in curve.accuracies]
    [275, 2750]
    """

    plan: Plan
    points: tuple[tuple[int, FitResult], ...]
    interrupted: bool = False

    @property
    def accuracies(self) -> tuple[tuple[int, float], ...]:
        """The number of training images and the final validation accuracy."""
        return tuple((images, fitted.history[-1].validation_accuracy) for images, fitted in self.points)

    def diagnose(self, data: str = "") -> tuple[Diagnosis, ...]:
        """Diagnose the training on all images; too little data is among the possible findings."""
        fitted = self.points[-1][1]
        facts = Facts.of_plan(self.plan, data=data, ending=fitted.stop_reason, learning_curve=self.accuracies)
        return diagnose(fitted.history, facts)


@checks_call(RecipeError, meant=IN_A_PLAN, plan=Plan, split=Split)
def learning_curve(
    plan: Plan,
    split: Split,
    *,
    shares: Sequence[float] = SHARES,
    engine: str | Engine = "auto",
    watch: Callable[[Plan], Sequence[Callback]] = lambda plan: (),
) -> LearningCurve:
    """Train on the first 10, 20, 40, 80 and 100 % of the shuffled training images, for the same number of steps each.

    Parameters
    ----------
    plan : Plan
        What is trained, and how. Each part gets as many steps as all images would, so that the parts differ in the
        number of images and not in training time. Early stopping may end a part sooner: its patience counts epochs,
        which are shorter the fewer images there are.
    split : Split
        The test images are not used.
    shares : sequence of float
        Fractions of the training images, ascending.
    engine, watch
        As in :func:`inklings.compare`.

    Raises
    ------
    RecipeError
        ``shares`` are none, not above 0 and up to 1, or not ascending.
    KeyboardInterrupt
        It was interrupted before the first part was learnt.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import learning_curve
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> few, many = (accuracy for images, accuracy in learning_curve(plan, split, shares=(0.02, 1.0)).accuracies)
    >>> few < many
    True
    """
    computing = get_engine(engine) if isinstance(engine, str) else engine
    points: list[tuple[int, FitResult]] = []
    # Around all of it: a signal ends the whole curve, not only the point at hand.
    with Interruption() as interruption:
        for part in parts_of(split, shares, plan.recipe.seed):
            if interruption.requested:
                break
            recipe = recipe_for(plan, len(split.train_rows), len(part.train_rows))
            fitted = fit(plan.network, recipe, part, engine=computing, callbacks=watch(plan))
            if fitted.stop_reason is StopReason.INTERRUPTED:
                break
            points.append((len(part.train_rows), fitted))
    if not points:
        raise KeyboardInterrupt("interrupted before the first part was learnt")
    return LearningCurve(plan, tuple(points), len(points) < len(shares))


def parts_of(split: Split, shares: Sequence[float], seed: int) -> list[Split]:
    """Return the split with growing parts of its shuffled training images, each within the next."""
    if len(shares) == 0 or not all(0 < share <= 1 for share in shares) or list(shares) != sorted(shares):
        expected = "ascending fractions of the training images, above 0 and up to 1"
        raise RecipeError(f"is {shares!r:.60}, expected {expected}", setting="shares", found=shares, expected=expected)
    # A stream of random numbers of its own: the split, the weights and the shuffles draw from the same seed.
    rows = np.random.default_rng([seed, 0x1EA2]).permutation(split.train_rows)
    # Each is a beginning of the same shuffled rows, so that a larger part adds images and takes none away.
    return [replace(split, train_rows=np.sort(rows[: max(1, round(share * len(rows)))])) for share in shares]


def recipe_for(plan: Plan, images: int, part: int) -> Recipe:
    """Return a recipe that takes as many steps on a part of the images as the plan's on all of them."""
    recipe = plan.recipe
    # A step of these takes all images that there are, and an epoch is a step: there is nothing to make up for.
    if recipe.is_full_batch:
        return recipe
    # Of fewer images than a batch, all are one batch.
    batch = min(recipe.batch_size, part)
    # As many steps as on all images: with as many epochs, small parts would also be trained for less.
    return replace(recipe, steps=recipe.steps or recipe.epochs * max(1, images // batch))
