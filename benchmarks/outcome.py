"""What came of a work: rows for the file, lines for people, a picture."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

from contest import UNSET, Contender
from rows import Goal, Work

from inklings import machine
from inklings.doctor.system import check_other_programs

Row = dict[str, Any]
LIMIT_GOAL = 1 / 0.4
"""Times as long as its matrix products alone would take: 40 % of the machine's rate."""


@dataclass
class Outcome:
    """A work, and all who did it."""

    work: Work
    title: str
    ours: Contender
    peers: list[Contender]
    limits: list[Contender]

    def rows(self) -> list[Row]:
        """Give a row for each goal, for memory, and for the limit."""
        rows = [row for goal in self.work.goals if (row := self._time(goal))]
        return rows + self._memory() + self._share_of_limit()

    def _time(self, goal: Goal) -> Row | None:
        if self.work.fixed_goal is not None:
            seconds, limit = self.ours.median, self.work.fixed_goal
            return self._row(self.title, seconds, f"at most {limit:g} s", limit, seconds / limit, goal.most, None)
        peers = [peer for peer in self.peers if goal.any_precision or peer.is_float32]
        if not peers:
            return None
        peer = min(peers, key=lambda each: each.median)
        title = self.title + (" (any precision)" if goal.any_precision and len(self.work.goals) > 1 else "")
        return self._row(title, self.ours.median, peer.title, peer.median, ratio(self.ours, peer), goal.most, peer)

    def _memory(self) -> list[Row]:
        peers = [peer for peer in self.peers if peer.name in ("pytorch", "keras_tensorflow")]
        if not peers:
            return []
        peer = min(peers, key=lambda each: each.memory)
        share = self.ours.memory / peer.memory
        title = f"{self.title}: peak memory"
        return [self._row(title, self.ours.median, peer.title, peer.median, share, 1.0, peer)]

    def _share_of_limit(self) -> list[Row]:
        if not self.limits:
            return []
        limit = median(answer["rate"] for answer in self.limits[0].answers)
        least = self.work.operations / limit
        title = f"{self.title}: against its matrix products alone"
        turns = zip(self.ours.seconds, self.limits[0].answers, strict=True)
        times = median(seconds * answer["rate"] / self.work.operations for seconds, answer in turns)
        return [self._row(title, self.ours.median, "float32 matrix products", least, times, LIMIT_GOAL, None)]

    def _row(
        self,
        work: str,
        seconds: float,
        peer: str,
        peer_seconds: float,
        ratio: float,
        goal: float,
        who: Contender | None,
    ) -> Row:
        return {
            "work": work,
            "seconds": seconds,
            "peer": peer,
            "peer_seconds": peer_seconds,
            "ratio": ratio,
            "goal": goal,
            "accuracy": _finite(self.ours.accuracy),
            "peer_accuracy": _finite(who.accuracy) if who else None,
        }

    def line(self) -> str:
        """Say what came of it in a line."""
        found = ", ".join(f"{each.title} {each.median:.4g} s" for each in (self.ours, *self.peers))
        return f"{self.title}: {found}"


def ratio(ours: Contender, peer: Contender) -> float:
    """Give the median of each round's ratio."""
    return median(mine / theirs for mine, theirs in zip(ours.seconds, peer.seconds, strict=True))


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def environment(versions: list[str], images: str) -> list[str]:
    """State what the figures were measured on."""
    cores, memory = machine.cores(), machine.memory()
    others = check_other_programs(cores, machine.ROOT)
    return [
        f"{machine.processor_name()}, {cores.usable} cores, {(memory.total or 0) / 1e9:.0f} GB, {platform.platform()}",
        f"vector instructions: {', '.join(machine.vector_instructions())}",
        f"Python {platform.python_version()}; {'; '.join(versions)}",
        f"{' and '.join(UNSET)} unset for all; 60,000 images are {images}",
        f"at the end of the run {others.found}",
    ]


def table(outcomes: list[Outcome], stated: list[str]) -> str:
    """Write everything that was measured, for people."""
    lines = ["# Benchmark", "", *(f"- {line}" for line in stated), ""]
    lines += [
        "| work | contender | seconds | spread | ratio | accuracy | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        for each in (outcome.ours, *sorted(outcome.peers, key=lambda peer: peer.median)):
            against = "" if each is outcome.ours else f"{ratio(outcome.ours, each):.3g}"
            lines.append(
                f"| {outcome.title} | {each.title} | {each.median:.4g} | {each.spread:.0%} | {against} | "
                f"{each.accuracy:.4f} | {each.memory / 1e9:.2f} GB |"
            )
    lines += ["", "| goal | ratio found | to reach | |", "|---|---|---|---|"]
    for row in (row for outcome in outcomes for row in outcome.rows()):
        met = "met" if row["ratio"] <= row["goal"] else "**missed**"
        lines.append(f"| {row['work']} against {row['peer']} | {row['ratio']:.3g} | {row['goal']:.3g} | {met} |")
    for outcome in outcomes:
        for limit in outcome.limits:
            rate = median(answer["rate"] for answer in limit.answers)
            share = outcome.work.operations / outcome.ours.median / rate
            lines.append(
                f"\n{outcome.title}: {outcome.work.operations / outcome.ours.median / 1e9:.0f} GFLOP/s, {share:.0%} of "
                f"this machine's {limit.setting} matrix products ({rate / 1e9:.0f} GFLOP/s)"
            )
        lines += [f"\n{outcome.title}: {_costs(outcome)}"] if "cost" in outcome.ours.answers[-1] else []
    return "\n".join(lines) + "\n"


def _costs(outcome: Outcome) -> str:
    compared = outcome.work.options["compared"]
    costs = ", ".join(f"{each.name} {each.answers[-1]['cost']:.10f}" for each in (outcome.ours, *outcome.peers))
    return f"cost after {compared} iterations: {costs}"


def picture(rows: list[Row], path: Path) -> None:
    """Draw each goal as a bar: how far below, or above, what is to be reached."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(11, 0.4 * len(rows) + 1.5), layout="constrained")
    shares = [row["ratio"] / row["goal"] for row in rows]
    bars = axes.barh(
        [fill(row["work"], 60) for row in rows], shares, color=["#2a7" if share <= 1 else "#c43" for share in shares]
    )
    axes.bar_label(bars, [f"{share:.2f}" for share in shares], padding=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(0, 1.1 * max(1, *shares))
    axes.set_xlabel("seconds, or memory, as a share of what is to be reached\nagainst the best peer: up to 1 it is met")
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)
