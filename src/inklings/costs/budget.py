"""The most that a training can do in a given time: its epochs if they fit, else a narrower network or fewer epochs.

Each candidate is timed for a moment, as for a forecast, the widest first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, inf
from numbers import Integral, Real
from time import perf_counter

from inklings.arguments import checks_call
from inklings.costs.cost import describe_seconds, whole_counts
from inklings.costs.timed_training import begin_timed_training
from inklings.costs.timing import PartTimes, time_parts
from inklings.costs.workload import Workload
from inklings.data.parts import Split
from inklings.engines import engine_name
from inklings.errors import RecipeError
from inklings.training.plans import Plan
from inklings.training.step_count import StepCount

ENOUGH = 0.2
"""A network that gets this share of its epochs is preferred to a narrower one that gets more of them."""
LEAST_STEPS, LEAST_ITERATIONS = 50, 5
"""With fewer, no network has learnt anything worth keeping; iterations are those of a full-batch optimiser."""
_ROOM = 0.95
"""Of the time is planned with: a machine is now and then a little slower than it was when it was measured."""
_REHEARSED, _LONGEST_REHEARSAL = 0.03, 5.0
"""The share of the time, and the seconds at most, for which steps are taken to find out how busy the machine is."""
_OF_TRAINING = 0.1
"""Steps are taken for this share of the training's own time at most: a short one is done before it is worth knowing."""
_MEASURED, _SLOWER_IF_NARROW = 0.15, 1.5
"""Where measuring took this share of the time already, other networks are taken to need as much less as they have fewer
operations, of which narrow ones do fewer a second: with 16 filters 1.5 times fewer than with 32."""

Measure = Callable[[Workload], PartTimes]


@dataclass(frozen=True)
class Affordable:
    """A training that fits a time.

    Attributes
    ----------
    plan : Plan
        With as many epochs or steps as fit.
    seconds : float
        Forecast of its training, and of a last look at all images; of all trainings together, if there are several.
    share : float
        Of the whole training's steps, 1 for all.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> inklings.costs.afford(plan, split, 60.0).share
    1.0
    """

    plan: Plan
    seconds: float
    share: float


@checks_call(RecipeError)
def afford(
    candidates: Plan | Iterable[Plan],
    images: Split | Sequence[int],
    budget: float,
    *,
    trainings: int = 1,
    elapsed: Callable[[], float] = lambda: 0.0,
    measure: Measure | None = None,
    engine: str = "auto",
) -> Affordable:
    """Choose what to train in a time.

    Parameters
    ----------
    candidates : Plan, or iterable of Plan
        At least one. Of several, the widest network first; those that may get enough steps are timed in turn.
    images : Split, or (int, int, int)
        How many training, validation and test images there are; all are classified once more after training.
    budget : float
        Seconds for all of it.
    trainings : int
        How many of them the time is for, one after another, as an ensemble has them.
    elapsed : callable
        ``elapsed() -> seconds`` that are spent or spoken for; asked after each timing, which takes time itself.
    measure : callable
        ``measure(workload) -> PartTimes``; timed on this machine, as busy as it is now, if not given.
    engine : str
        Which engine trains.

    Returns
    -------
    Affordable
        The first that gets a fifth of its steps; if there is none, the one that gets the largest share.

    Raises
    ------
    RecipeError
        None can take even 50 steps; the error says what the quickest would need. Or there is no plan, the budget is
        not a number of seconds above 0, or ``images`` are not three numbers.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> found = inklings.costs.afford(plan.with_recipe(epochs=100_000), split, 5.0)
    >>> found.plan.recipe.epochs < 100_000, found.seconds < 5
    (True, True)
    """
    plans, images, most_operations = _plans(candidates), _counts(images), inf
    if isinstance(budget, bool) or not isinstance(budget, Real) or not 0 < budget < inf:
        raise RecipeError(f"is {budget!r}, expected a number of seconds above 0", setting="budget", found=budget)
    if isinstance(trainings, bool) or not isinstance(trainings, Integral) or trainings < 1:
        problem = f"afford: trainings is {trainings!r}, expected a whole number of at least 1"
        raise RecipeError(problem, found=trainings)
    rehearsed = min(_REHEARSED * budget, _LONGEST_REHEARSAL)
    # A share of the budget goes into finding out how busy the machine is.
    measure = measure or partial(_measure_busy, engine=engine_name(engine), seconds=rehearsed)
    found, clocks, begun = list[Affordable](), list[_Clock](), elapsed()
    for plan in plans:
        # Would not get enough steps, by what wider ones took; the narrowest is tried in any case.
        if plan.network.operations > most_operations and plan is not plans[-1]:
            continue
        if clocks and elapsed() - begun > _MEASURED * budget:
            # Forecast from the widest network's time by operations, since measuring has cost enough.
            parts = clocks[0].parts.slower(_SLOWER_IF_NARROW * plan.network.operations / plans[0].network.operations)
        else:
            parts = measure(Workload(plan.network, plan.recipe, images[:2]))
        clocks.append(_Clock(plan, images, parts))
        # Asked anew: measuring itself has taken some of the time.
        fitting = clocks[-1].fit_into(_ROOM * (budget - elapsed()), trainings)
        if fitting is not None:
            found.append(fitting)
            if fitting.share >= ENOUGH:
                return fitting
        # A narrower network of more operations than this would not get enough steps either.
        share = fitting.share if fitting else clocks[-1].least_steps / clocks[-1].whole.steps
        # At `share` of its steps now, it would get ENOUGH with so many operations.
        most_operations = plan.network.operations * share / ENOUGH
    if found:
        return max(found, key=lambda fitting: fitting.share)
    quickest = trainings * min(clock.seconds(clock.least_steps) for clock in clocks)
    raise _too_little(budget, ceil(elapsed() + quickest / _ROOM), images, plans[0])


def _plans(candidates: Plan | Iterable[Plan]) -> list[Plan]:
    if isinstance(candidates, Plan):
        return [candidates]
    plans = list(candidates) if isinstance(candidates, Iterable) else []
    # Text is an iterable, too: a preset's name in place of its plan is caught here, a letter at a time.
    if not plans or not all(isinstance(plan, Plan) for plan in plans):
        shown = "an empty list" if plans == [] and isinstance(candidates, Iterable) else f"{candidates!r:.60}"
        hint = "such as inklings.preset('mlp', (20, 20, 1), 10)"
        raise RecipeError(f"afford: candidates is {shown}, expected a plan or several", hint, found=candidates)
    return plans


def _counts(images: Split | Sequence[int]) -> tuple[int, int, int]:
    if isinstance(images, Split):
        return len(images.train_rows), len(images.validation_rows), len(images.test_rows)
    train, validation, test = whole_counts(
        images, 3, "afford", "training, validation and test images", (2750, 1000, 1250)
    )
    return train, validation, test


def _too_little(budget: float, least: float, images: tuple[int, int, int], plan: Plan) -> RecipeError:
    shape = " x ".join(map(str, plan.network.input_shape))
    return RecipeError(
        f"is {describe_seconds(budget)}, expected at least {describe_seconds(least)} for {images[0]:,} images of "
        f"{shape} on this machine",
        setting="budget",
        found=budget,
        expected=least,
    )


def _measure_busy(workload: Workload, *, engine: str, seconds: float) -> PartTimes:
    """Time a training's parts as for a forecast, which tells their best; then as slow as steps are on average now."""
    parts = time_parts(workload, engine)
    seconds = min(seconds, _OF_TRAINING * parts.total(workload))
    training, batch = begin_timed_training(workload, engine), workload.step_count.batch_size
    # Ten calls or so, each long against what a call costs.
    at_once = max(1, int(seconds / 10 / parts.step))
    steps, spent, begun = 0, 0.0, perf_counter()
    # Once at least: a budget may be shorter than a look at the clock.
    while not steps or spent < seconds:
        training.step(at_once, batch)
        steps, spent = steps + at_once, perf_counter() - begun
    # How many times slower than its best: never quicker.
    return parts.slower(max(1.0, spent / (steps * parts.step)))


@dataclass(frozen=True)
class _Clock:
    """How long a plan trains for so many steps."""

    plan: Plan
    images: tuple[int, int, int]
    parts: PartTimes

    @property
    def whole(self) -> StepCount:
        return StepCount(self.plan.recipe, self.images[0])

    @property
    def least_steps(self) -> int:
        least = LEAST_ITERATIONS if self.plan.recipe.is_full_batch else LEAST_STEPS
        return min(least, self.whole.steps)

    def seconds(self, steps: int) -> float:
        recipe = self.plan.recipe.with_settings(steps=steps)
        # Evaluation once more, with the test images too.
        evaluating = self.parts.epoch * sum(self.images) / sum(self.images[:2])
        return self.parts.total(Workload(self.plan.network, recipe, self.images[:2])) + evaluating

    def fit_into(self, seconds: float, trainings: int) -> Affordable | None:
        """Return as much of the plan as fits so many times: whole epochs, or if not even one does, steps."""
        whole = self.whole
        total = self.seconds(whole.steps)
        if trainings * total <= seconds:
            return Affordable(self.plan, trainings * total, 1.0)
        # seconds() rises with the steps, so bisection finds the most that fit without trying all.
        steps = bisect_right(range(whole.steps + 1), seconds / trainings, lo=1, key=self.seconds) - 1
        if steps < self.least_steps:
            return None
        epochs = steps // whole.steps_per_epoch
        plan = self.plan.with_recipe(epochs=epochs) if epochs else self.plan.with_recipe(steps=steps)
        # Whole epochs where one fits: curves and schedules count in epochs.
        steps = epochs * whole.steps_per_epoch or steps
        return Affordable(plan, trainings * self.seconds(steps), steps / whole.steps)
