"""What one check found, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any

from inklings.arguments import checks_call
from inklings.errors import InklingsError

SEVERE = 2.0
"""A check that costs more than this factor makes the command fail."""
NOTABLE = 1.25
"""What costs less than this factor is not called slow: two measurements of the same thing may differ by as much."""


class Verdict(StrEnum):
    """How good what was found is.

    Examples
    --------
    >>> from inklings.doctor import Verdict
    >>> [str(verdict) for verdict in Verdict]
    ['ok', 'info', 'slow', 'broken']
    """

    OK = "ok"
    INFO = "info"
    """Neither good nor bad, or not known."""
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
        What to do, in one line; empty if there is nothing to do.
    factor : float
        How many times slower it makes training, or the part of it that ``found`` names; 1 if it costs nothing or
        nobody can say, infinity if training is impossible.

    Examples
    --------
    >>> from inklings.doctor import Check, Verdict
    >>> Check("cores", "1 of 8 is used", Verdict.SLOW, "unset OMP_NUM_THREADS", factor=4.0).is_severe
    True
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
        """Return plain values for JSON, which has no infinity: the factor of what is impossible is None."""
        return {**asdict(self), "factor": self.factor if isfinite(self.factor) else None}


def count(number: int, noun: str) -> str:
    """Return a number of things: ``"1 core"``, ``"2 cores"``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def for_information(check: Check, engine: str) -> Check:
    """Return a check that costs nothing, since it concerns an engine other than the one that trains."""
    # Nothing to play down.
    if check.factor == 1 and check.verdict in (Verdict.OK, Verdict.INFO) and not check.advice:
        return check
    advice = f"{check.advice}; this matters only with --engine {engine}"
    return replace(check, verdict=Verdict.INFO, advice=advice, factor=1.0)


@checks_call(InklingsError)
def exit_code(checks: Iterable[Check]) -> int:
    """Return 1 if something costs more than a factor 2, else 0.

    Examples
    --------
    >>> from inklings.doctor import Check, exit_code
    >>> exit_code([Check("memory", "16 GB")])
    0
    """
    return int(any(check.is_severe for check in checks))


@checks_call(InklingsError)
def costliest(checks: Iterable[Check]) -> Check | None:
    """Return the check that costs most, if any costs something: what a slow run should name in one line.

    Examples
    --------
    >>> from inklings.doctor import Check, Verdict, costliest
    >>> slow = Check("cores", "1 of 8 is used", Verdict.SLOW, "unset OMP_NUM_THREADS", factor=4.0)
    >>> costliest([Check("memory", "16 GB"), slow]).name
    'cores'
    """
    # 1 costs nothing.
    costly = [check for check in checks if check.factor > 1]
    return max(costly, key=lambda check: check.factor, default=None)
