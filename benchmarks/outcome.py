"""What came of a work: the ratios that were found, and what they were to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import isfinite
from statistics import median
from typing import Any

from contest import Contender, spread
from rows import Goal, Work

LIMIT_GOAL = 1 / 0.4
"""Times as long as its matrix products alone would take: 40 % of the machine's rate."""

SUFFIXES = {
    "time": "",
    "time, any precision": " (any precision)",
    "time, products alone": ": against its matrix products alone",
    "peak memory": ": peak memory",
}
"""What a ratio may be of, and how ``results.json`` says so behind the work."""


@dataclass(frozen=True)
class Row:
    """A ratio and its goal.

    Parameters
    ----------
    work : str
    measure : str
        One of :data:`SUFFIXES`.
    seconds, peer_seconds : float
        Medians of the rounds.
    peer : str
        Who, or what, Inklings is held against.
    ratio : float
        The median of the rounds' own ratios; of memory, and against fixed seconds, the one ratio there is.
    spread : float or None
        Half the distance between the quartiles of the rounds' own ratios, against the median.
    rounds : int
        How many ratios that is of.
    goal : float
        What the ratio may be at most.
    accuracy, peer_accuracy : float or None
        On test images.
    """

    work: str
    measure: str
    seconds: float
    peer: str
    peer_seconds: float
    ratio: float
    spread: float | None
    rounds: int
    goal: float
    accuracy: float | None
    peer_accuracy: float | None

    @property
    def title(self) -> str:
        return self.work + SUFFIXES[self.measure]

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.goal

    def to_plain(self) -> dict[str, Any]:
        """Give it as ``results.json`` has it."""
        values = asdict(self)
        del values["measure"]
        return values | {"work": self.title}


@dataclass
class Outcome:
    """A work, all who did it, and why others could not."""

    work: Work
    title: str
    ours: Contender
    peers: list[Contender]
    limits: list[Contender]
    failures: list[str] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """Give a row for each goal, for memory, and for the limit."""
        rows = [row for goal in self.work.goals if (row := self._time(goal))]
        return rows + self._memory() + self._share_of_limit()

    def _time(self, goal: Goal) -> Row | None:
        if self.work.fixed_goal is not None:
            limit = self.work.fixed_goal
            return self._row("time", f"at most {limit:g} s", limit, [self.ours.median / limit], goal.most)
        peers = [peer for peer in self.peers if goal.any_precision or peer.is_float32]
        if not peers:
            return None
        peer = min(peers, key=lambda each: each.median)
        measure = "time, any precision" if goal.any_precision and len(self.work.goals) > 1 else "time"
        return self._row(measure, peer.title, peer.median, ratios(self.ours, peer), goal.most, peer.accuracy)

    def _memory(self) -> list[Row]:
        peers = [peer for peer in self.peers if peer.name in ("pytorch", "keras_tensorflow")]
        if not peers:
            return []
        peer = min(peers, key=lambda each: each.memory)
        share = self.ours.memory / peer.memory
        return [self._row("peak memory", peer.title, peer.median, [share], 1.0, peer.accuracy)]

    def _share_of_limit(self) -> list[Row]:
        if not self.limits:
            return []
        limit = self.limits[0]
        least = self.work.operations / median(rates(limit))
        times = [1 / share for share in self._shares_of(limit)]
        return [self._row("time, products alone", f"{limit.setting} matrix products", least, times, LIMIT_GOAL)]

    def share_of(self, limit: Contender) -> float:
        """Give the median of each round's share: operations a second, against those of the limit's matrix products."""
        return 1 / median(1 / share for share in self._shares_of(limit))

    def _shares_of(self, limit: Contender) -> list[float]:
        turns = zip(self.ours.seconds, rates(limit), strict=True)
        return [self.work.operations / seconds / rate for seconds, rate in turns]

    def _row(
        self,
        measure: str,
        peer: str,
        peer_seconds: float,
        ratios: list[float],
        goal: float,
        accuracy: float | None = None,
    ) -> Row:
        seconds, own, theirs = self.ours.median, _finite(self.ours.accuracy), _finite(accuracy)
        wide = spread(ratios) if len(ratios) > 1 else None
        return Row(
            self.title, measure, seconds, peer, peer_seconds, median(ratios), wide, len(ratios), goal, own, theirs
        )


def ratios(ours: Contender, peer: Contender) -> list[float]:
    """Give each round's ratio."""
    return [mine / theirs for mine, theirs in zip(ours.seconds, peer.seconds, strict=True)]


def rates(limit: Contender) -> list[float]:
    """Give the operations a second of each round's matrix products."""
    return [answer["rate"] for answer in limit.answers]


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
