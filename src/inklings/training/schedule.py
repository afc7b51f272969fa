"""Learning rate schedules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import refuses_unknown
from inklings.errors import RecipeError
from inklings.portable_math import power, sin_cos
from inklings.training.recipe_values import as_number, as_whole, check_choice

Floats = NDArray[np.float64]

_FROM_0 = (lambda number: 0 <= number <= 1, "from 0 to 1")
_ABOVE_0 = (lambda number: 0 < number <= 1, "above 0 and at most 1")  # no ratio leads to 0


@refuses_unknown(RecipeError)
@dataclass(frozen=True)
class Schedule:
    """The factor that multiplies the learning rate at each step.

    Parameters
    ----------
    kind : {"constant", "linear", "cosine", "exponential"}
        How it falls from 1 to ``final``: not at all, linearly, along half a cosine (Loshchilov and Hutter, 2017,
        equation 5), or by the same ratio at each step.
    final : float
        The factor at the last step; above 0 for ``exponential``.
    warm_up : int
        Number of steps in which the factor first rises linearly from 0.

    Examples
    --------
    >>> from inklings import Recipe, Schedule
    >>> Recipe("adam", schedule=Schedule("cosine", warm_up=100)).schedule.kind
    'cosine'
    """

    kind: str = "constant"
    final: float = 0.0
    warm_up: int = 0

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, SHAPES)
        fits, expected = _ABOVE_0 if self.kind == "exponential" else _FROM_0
        object.__setattr__(self, "final", as_number("final", self.final, fits, expected))
        object.__setattr__(self, "warm_up", as_whole("warm_up", self.warm_up, 0))

    def factors(self, first: int, count: int, total: int) -> Floats:
        """Return the factors of steps ``first`` to ``first + count - 1`` of ``total``, shape ``(count,)``."""
        # Functions of the step's number alone, so that a training that is resumed sees the same rates.
        step = np.arange(first, first + count)
        # From 0 at the first step after the warm-up to 1 at the last; max(..., 1) where there is no such step.
        progress = np.clip((step - self.warm_up) / max(total - self.warm_up - 1, 1), 0, 1)
        factors = SHAPES[self.kind](progress, self.final)
        # Above 0 at the very first step, which would otherwise be wasted, and below 1 at the last of the warm-up.
        return np.where(step < self.warm_up, (step + 1) / (self.warm_up + 1), factors)


SHAPES: dict[str, Callable[[Floats, float], Floats]] = {
    "constant": lambda progress, final: np.ones_like(progress),
    "linear": lambda progress, final: 1 + progress * (final - 1),
    "cosine": lambda progress, final: final + (1 - final) * (1 + sin_cos(180 * progress)[1]) / 2,
    "exponential": lambda progress, final: power(final, progress),
}
