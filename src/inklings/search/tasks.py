"""How many trials are sent to a worker at once: one that takes long by itself, short ones in groups."""

from __future__ import annotations

from collections import deque
from math import ceil

from inklings.search.task import Job
from inklings.training.plans import Plan
from inklings.training.step_count import StepCount

SECONDS, MOST = 2.0, 32
"""A group takes about so long, and has at most so many trials: what a worker that dies may lose, and how evenly a study
ends."""
_OPERATIONS_A_SECOND = 1e10
"""Of one thread, roughly; only the size of groups depends on it."""
# The way back computes two products, for weights and inputs, where the way forward has one.
_FORWARD_AND_BACK = 3


def rough_seconds(plan: Plan, images: int) -> float:
    """Estimate how long one thread takes for a whole training, from its operations alone."""
    steps = StepCount(plan.recipe, images)
    # A full-batch iteration takes one evaluation or a few more; one is assumed.
    seen = steps.epochs * images if plan.recipe.is_full_batch else steps.steps * steps.batch_size
    return _FORWARD_AND_BACK * plan.network.operations * seen / _OPERATIONS_A_SECOND


def group_jobs(pending: deque[Job], images: int, slots: int, *, alone: bool) -> tuple[Job, ...]:
    """Take the next trials off the queue that go to a worker together.

    Parameters
    ----------
    pending : deque of Job
        At least one.
    images : int
        Training images.
    slots : int
        How many tasks can be at work at once: the last trials are shared out among them.
    alone : bool
        Whether the first is to go by itself, since a worker died while it trained it.
    """
    first = pending.popleft()
    jobs, seconds = [first], first.share * rough_seconds(first.plan, images)
    # No more than a worker's share of what is waiting: at the end of a study one should not train while the others
    # wait.
    most = 1 if alone else min(MOST, ceil((len(pending) + 1) / slots))
    while pending and len(jobs) < most:
        seconds += pending[0].share * rough_seconds(pending[0].plan, images)
        if seconds > SECONDS:
            break
        jobs.append(pending.popleft())
    return tuple(jobs)
