"""How many steps are taken in one call before training asks whether to stop."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

# To who presses Ctrl-C a tenth of a second is at once, and a call's own cost is nothing beside it.
_SECONDS_AT_ONCE = 0.1  # how long steps may run before ``should_stop`` is asked again
_FIRST_STEPS = 8  # taken before it is known how long one lasts


class StepChunker:
    """Takes as many steps at a time as last a tenth of a second.

    Parameters
    ----------
    at_first : int
        How many steps the first call takes.
    agree : callable, optional
        Turns how many it would take next into how many all take that train together, each by a clock of its own.
    """

    def __init__(self, at_first: int = _FIRST_STEPS, agree: Callable[[int], int] = int) -> None:
        self._at_once, self._agree = at_first, agree

    def go(self, take: Callable[[int, int], object], steps: int, should_stop: Callable[[], bool]) -> int:
        """Take steps until all are taken or ``should_stop`` says yes, and return how many were.

        Parameters
        ----------
        take : callable
            ``(start, stop)``: takes these steps, and returns when they are done.
        steps : int
        should_stop : callable
        """
        done = 0
        while done < steps:
            stop = min(done + self._at_once, steps)
            begun = perf_counter()
            take(done, stop)
            seconds_per_step = (perf_counter() - begun) / (stop - done)
            # The clock may not have moved: then a step counts as a nanosecond.
            # By the last chunk alone: the machine may be busier now, and the very
            # first steps are slower than the others.
            self._at_once = self._agree(max(1, int(_SECONDS_AT_ONCE / max(seconds_per_step, 1e-9))))
            done = stop
            if should_stop():
                break
        return done
