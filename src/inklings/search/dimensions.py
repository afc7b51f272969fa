"""What one setting of a search may be: one of several values, or a number in a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, isclose, log
from typing import Any

import numpy as np

from inklings.errors import RecipeError
from inklings.serialise import did_you_mean

RANGE_KEYS = ("low", "high", "log", "step")
_LARGEST = 2**53
"""Up to which whole numbers are exact as floats, in which they are drawn."""


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Parameters
    ----------
    values : tuple
        Plain values: numbers, texts, booleans, or lists of these as tuples.
    """

    values: tuple[Any, ...]

    def draw(self, random: np.random.Generator) -> Any:  # noqa: ANN401 - any setting
        """Draw a value, each with the same probability."""
        return self.values[int(random.integers(len(self.values)))]

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.values)

    @property
    def grid(self) -> tuple[Any, ...]:
        """Every value."""
        return self.values

    @property
    def ends(self) -> tuple[Any, ...]:
        """Every value, of which none lies between others."""
        return self.values

    def has(self, value: Any) -> bool:  # noqa: ANN401 - any setting
        """Return whether a value is one of them, of the same type: 1 == True == 1.0."""
        return any(type(each) is type(value) and each == value for each in self.values)

    def to_plain(self) -> list[Any]:
        """Return it as a space file has it."""
        return [list(value) if isinstance(value, tuple) else value for value in self.values]


@dataclass(frozen=True)
class Range:
    """A number from ``low`` to ``high``, both included; whole where both are whole.

    Parameters
    ----------
    low, high : int or float
    log : bool
        Whether its logarithm is drawn evenly rather than the number itself.
    step : int or float, optional
        Only ``low``, ``low + step``, ... are possible.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are possible."""
        return all(isinstance(value, int) for value in (self.low, self.high, self.step) if value is not None)

    def draw(self, random: np.random.Generator) -> float:
        """Draw a number."""
        if self.step is not None:
            return self._at(int(random.integers(self._steps)))
        if self.is_whole and not self.log:
            return int(random.integers(int(self.low), int(self.high) + 1))
        if self.is_whole:
            # Half a unit beyond both ends, so that these are as likely as their neighbours.
            evenly = exp(random.uniform(log(self.low - 0.5), log(self.high + 0.5)))
            return min(max(round(evenly), int(self.low)), int(self.high))
        if self.log:
            # Rounding in the logarithm could leave the range by a last digit.
            return min(max(exp(random.uniform(log(self.low), log(self.high))), self.low), self.high)
        return float(random.uniform(self.low, self.high))

    def _at(self, place: int) -> float:
        # By multiplication, not by adding steps one after the other, which would add up their rounding; and without the
        # last digits, by which 3 * 0.1 is more than 0.3.
        point = self.low + place * (self.step or 0)
        return int(point) if self.is_whole else float(f"{point:.12g}")

    @property
    def _steps(self) -> int:
        step = self.step or inf
        return int((self.high - self.low) / step + 1e-9) + 1  # 0.3 / 0.1 is a little less than 3

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number that are possible: with a step, ``high`` may not be."""
        return (self.low, self.high) if self.step is None else (self._at(0), self._at(self._steps - 1))

    @property
    def count(self) -> int | None:
        """How many numbers are possible; None without a step."""
        return None if self.step is None else self._steps

    @property
    def grid(self) -> tuple[float, ...] | None:
        """Every possible number; None without a step."""
        return None if self.step is None else tuple(self._at(place) for place in range(self._steps))

    def has(self, value: Any) -> bool:  # noqa: ANN401 - any setting
        """Return whether a value is a number in the range, or beyond its ends by the last digits."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        # What is drawn is rounded: by a logarithm and back, or to twelve digits where there are steps.
        return self.low <= value <= self.high or any(isclose(value, end) for end in (self.low, self.high))

    def to_plain(self) -> dict[str, Any]:
        """Return it as a space file has it."""
        plain: dict[str, Any] = {"low": self.low, "high": self.high}
        return plain | ({"log": True} if self.log else {}) | ({} if self.step is None else {"step": self.step})


Dimension = Choice | Range


def read_dimension(name: str, value: Any) -> Dimension | None:  # noqa: ANN401 - whatever a file holds
    """Return what a value of a space file stands for: a list is a choice, a table a range; None for a fixed value.

    Raises
    ------
    RecipeError
        A list is empty or has a value twice, a table is not a range, or a number has no end.
    """
    if isinstance(value, Mapping):
        return _read_range(name, value)
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, int) and abs(each) > _LARGEST:
            raise RecipeError(f"is {each!r:.40}, expected at most 2^53", setting=name, found=each)
    if not isinstance(value, list | tuple):
        return None
    values = tuple(tuple(each) if isinstance(each, list) else each for each in value)
    if not values:
        raise RecipeError("is an empty list, expected the values to try", setting=name, found=value)
    for place, each in enumerate(values):
        # With their types: 1 == True to Python, and both in one list are two values.
        for other in values[:place]:
            if type(each) is type(other) and each == other:
                raise RecipeError(f"has {each!r} twice, expected each value once", setting=name, found=value)
            if _is_same(each, other):
                told = " and ".join(repr(list(one) if isinstance(one, tuple) else one) for one in (other, each))
                raise RecipeError(f"has {told}, which are the same, expected one of them", setting=name, found=value)
    return Choice(values)


def _is_same(one: Any, other: Any) -> bool:  # noqa: ANN401 - any settings
    """Return whether two values that look unlike make the same training: 1 and 1.0, one layer as a number or a list."""
    one, other = (value[0] if isinstance(value, tuple) and len(value) == 1 else value for value in (one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def without_numpy(value: Any) -> Any:  # noqa: ANN401 - whatever a mapping holds
    """Return NumPy's numbers and arrays in a value as Python's, which the study's file can hold."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return type(value)(map(without_numpy, value))
    return {name: without_numpy(each) for name, each in value.items()} if isinstance(value, Mapping) else value


def _read_range(name: str, value: Mapping[str, Any]) -> Range:
    for key in value:
        if key not in RANGE_KEYS:
            raise RecipeError(f"has the unknown key '{key}'", did_you_mean(key, RANGE_KEYS), setting=name, found=key)
    for key in ("low", "high"):
        if key not in value:
            example = f"{name} = {{ low = 1e-4, high = 1e-1, log = true }}"
            raise RecipeError(f"has no '{key}', expected a range such as {example}", setting=name, found=dict(value))
    for key in ("low", "high", "step"):
        # 1 stands for a step that is not given, and passes. NaN alone differs from itself.
        number = value.get(key, 1)
        if isinstance(number, bool) or not isinstance(number, int | float) or number != number:
            raise RecipeError(f"has {key} = {number!r}, expected a number", setting=name, found=number)
        if abs(number) > _LARGEST:
            raise RecipeError(f"has {key} = {number!r:.40}, expected at most 2^53", setting=name, found=number)
    if not isinstance(value.get("log", False), bool):
        raise RecipeError(f"has log = {value['log']!r}, expected true or false", setting=name, found=value["log"])
    found = Range(value["low"], value["high"], value.get("log", False), value.get("step"))
    _check_range(name, found)
    return found


def _check_range(name: str, found: Range) -> None:
    if not found.low < found.high:
        raise RecipeError(f"goes from {found.low:g} to {found.high:g}, expected low below high", setting=name)
    if found.log and found.low <= 0:
        problem = f"has log = true and low = {found.low:g}, expected low above 0"
        raise RecipeError(problem, "0 has no logarithm; give the values as a list to try 0 too", setting=name)
    # Beyond 2^53 steps the place of one would no longer be exact.
    if found.step is not None and (found.high - found.low) / _LARGEST > found.step > 0:
        raise RecipeError(f"has step = {found.step:g}, too small for so wide a range", setting=name)
    if found.step is not None and not 0 < found.step <= found.high - found.low:
        raise RecipeError(f"has step = {found.step:g}, expected above 0 and within the range", setting=name)
    if found.step is not None and found.log:
        raise RecipeError("has both log and step, expected one of them", "give the values as a list", setting=name)
