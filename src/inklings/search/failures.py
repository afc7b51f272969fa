"""Where in a space trials failed: the settings with which all did."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from math import comb
from typing import Any

from inklings.search.dimensions import Choice
from inklings.search.sample import describe_value
from inklings.search.study import Study
from inklings.search.trial import State

_RARE = 0.05


@dataclass(frozen=True)
class Failing:
    """A setting's values with which every configuration failed.

    Attributes
    ----------
    name, values : str
        The setting; one value, or one and all beyond it: ``1e+03 or more``.
    count : int
        Configurations with them.
    chance : float
        The probability that so many at one of the setting's ends, or with one of its values, fail by chance, corrected
        for the number of those that were looked at.
    """

    name: str
    values: str
    count: int
    chance: float


def find_failing(study: Study) -> Failing | None:
    """Return the values that failures are hardly by chance among; None if there are none."""
    failed = {trial.configuration for trial in study.trials if trial.state is State.FAILED}
    settings = {trial.configuration: trial.settings for trial in study.trials}
    found = []
    for name, dimension in study.space.dimensions.items():
        known = [(each[name], number in failed) for number, each in settings.items() if name in each]
        parts = _by_value(known) if isinstance(dimension, Choice) else _by_ends(known)
        for values, count in parts:
            chance = comb(len(failed), count) / comb(len(settings), count) * len(parts) * len(study.space.dimensions)
            found.append(Failing(name, values, count, chance))
    surest = min(found, key=lambda each: each.chance, default=None)
    return surest if surest is not None and surest.chance <= _RARE else None


def _by_ends(known: list[tuple[Any, bool]]) -> list[tuple[str, int]]:
    """Return how many failed in a row from each end of a range; at least none at either."""
    parts = []
    for far, rows in ("or more", sorted(known, reverse=True)), ("or less", sorted(known)):
        row = list(takewhile(lambda each: each[1], rows))
        parts.append((f"{describe_value(row[-1][0], 3)} {far}" if row else "", len(row)))
    return parts


def _by_value(known: list[tuple[Any, bool]]) -> list[tuple[str, int]]:
    """Return for each value of a choice how many failed with it, 0 if one did not."""
    outcomes: dict[str, list[bool]] = {}
    for value, has_failed in known:
        outcomes.setdefault(describe_value(value, 3), []).append(has_failed)
    return [(value, len(each) if all(each) else 0) for value, each in outcomes.items()]
