"""What one check found, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any

SEVERE = 2.0
"""A check that costs more than this factor makes the command fail."""
NOTABLE = 1.25
"""What costs less than this factor is not called slow: two measurements of the same may differ by as much."""


class Verdict(StrEnum):
    """How good what was found is."""

    OK = "ok"
    INFO = "info"
    """Neither good nor bad, or something that cannot be known."""
    SLOW = "slow"
    """It works, but not as fast as this machine can."""
    BROKEN = "broken"
    """It does not work."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What was looked at.
    found : str
        In one line.
    verdict : Verdict
    advice : str
        What to do, in one line; nothing if there is nothing to do.
    factor : float
        How many times slower it makes training, or that part of it which ``found`` names; 1 if it costs nothing or
        nobody can say, infinity if training is impossible.
    """

    name: str
    found: str
    verdict: Verdict = Verdict.OK
    advice: str = ""
    factor: float = 1.0

    @property
    def is_severe(self) -> bool:
        """Whether it costs more than a factor 2."""
        return self.factor > SEVERE

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON, which has no infinity: the factor of what is impossible is None."""
        return {**asdict(self), "factor": self.factor if isfinite(self.factor) else None}


def count(number: int, noun: str) -> str:
    """Write a number of things: ``"1 core"``, ``"2 cores"``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def of_another_engine(check: Check, name: str) -> Check:
    """Turn what would cost something into what may be known, where another engine than the one named trains."""
    if check.factor == 1 and check.verdict in (Verdict.OK, Verdict.INFO):
        return check
    advice = f"{check.advice}; it matters with --engine {name} alone"
    return replace(check, verdict=Verdict.INFO, advice=advice, factor=1.0)


def exit_code(checks: Iterable[Check]) -> int:
    """Give 1 if something costs more than a factor 2, else 0."""
    return int(any(check.is_severe for check in checks))


def costliest(checks: Iterable[Check]) -> Check | None:
    """Give the check that costs most, if any costs something: what a slow run should name in one line."""
    costly = [check for check in checks if check.factor > 1]
    return max(costly, key=lambda check: check.factor, default=None)
