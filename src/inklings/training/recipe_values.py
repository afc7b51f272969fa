"""What the values of a recipe's settings may be: each is returned as JSON can hold it, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from numbers import Integral, Real
from typing import Any

import numpy as np

from inklings.errors import RecipeError
from inklings.serialise import did_you_mean


def check_choice(setting: str, value: object, known: Collection[str]) -> None:
    """Refuse what is none of the words that a setting may be."""
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(str(value), known)
        raise RecipeError(f"'{value}' is unknown", hint, setting=setting, found=value, expected=tuple(known))


def as_whole(setting: str, value: object, least: int) -> int:
    """Return a whole number, of Python's or NumPy's, as Python's."""
    # bool first: to Python, True is an integer and would pass as 1.
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise refusal(setting, value, f"a whole number of at least {least}")
    return int(value)


def as_number(setting: str, value: object, fits: Callable[[Any], bool], expected: str) -> float:
    """Return a number, of Python's or NumPy's, as Python's; ``expected`` says in words what ``fits`` asks."""
    if isinstance(value, bool) or not isinstance(value, Real) or not fits(value):
        raise refusal(setting, value, f"a number {expected}")
    return float(value)


def as_class_weights(setting: str, weights: Any) -> str | tuple[float, ...] | None:  # noqa: ANN401 - whatever was given
    """Return the weights of classes as a tuple, or ``balanced`` or None as they are."""
    if isinstance(weights, np.ndarray):
        weights = weights.tolist()
    if weights is None or weights == "balanced":
        return weights  # type: ignore[no-any-return]
    listed = isinstance(weights, list | tuple)
    if not listed or not all(isinstance(weight, Real) and 0 <= float(weight) < np.inf for weight in weights):
        raise refusal(setting, weights, "'balanced' or a number of at least 0 per class")
    # All zero: every image would weigh nothing, and the loss would be 0 from the start.
    if not any(weights):
        raise refusal(setting, weights, "at least one number above 0")
    return tuple(float(weight) for weight in weights)


def refusal(setting: str, value: object, expected: str) -> RecipeError:
    """Return the error of a setting that has another value than was expected."""
    return RecipeError(f"is {value!r}, expected {expected}", setting=setting, found=value, expected=expected)
