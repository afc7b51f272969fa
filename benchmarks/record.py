"""What is written of a run: ``results.json`` for programs, ``results.md`` for people, ``results.png`` to look at."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from statistics import median
from textwrap import fill

from contest import UNSET
from outcome import Outcome, Row, rates, ratios

from inklings import hardware
from inklings.doctor.system import check_other_programs

WIDTH = 100


def environment(outcomes: list[Outcome], images: str) -> list[str]:
    """State what the figures were measured on, and how they were formed."""
    cores, memory = hardware.cores(), hardware.memory()
    others = check_other_programs(cores, hardware.ROOT)
    versions = sorted({each.version for outcome in outcomes for each in (outcome.ours, *outcome.peers)})
    return [
        f"{hardware.processor_name()}, {cores.usable} cores, {(memory.total or 0) / 1e9:.0f} GB, {platform.platform()}",
        f"vector instructions: {', '.join(hardware.vector_instructions())}",
        f"Python {platform.python_version()}; {'; '.join(versions)}",
        f"{' and '.join(UNSET)} unset for all; 60,000 images are {images}",
        "seconds are medians of the rounds, and ratios, Inklings against another, medians of the rounds' own "
        "ratios, not quotients of the medians; a spread is half the distance between the quartiles, against the "
        "median, of so many",
        f"at the end of the run {others.found}",
    ]


def summary(outcome: Outcome) -> str:
    """Say in short what came of a work."""
    found = ", ".join(f"{each.title} {each.median:.4g} s" for each in (outcome.ours, *outcome.peers))
    return fill(f"{outcome.title}: {found}", WIDTH, subsequent_indent="    ")


def table(outcomes: list[Outcome], stated: list[str]) -> str:
    """Write everything that was measured, for people, in Markdown that a terminal shows as well."""
    facts = [fill(fact, WIDTH, initial_indent="- ", subsequent_indent="  ") for fact in stated]
    parts = ["# Benchmark", "\n".join(facts)]
    for outcome in outcomes:
        parts += [f"## {outcome.title}", contenders(outcome)]
        parts += [goals(rows)] if (rows := outcome.rows()) else []
        parts += [fill(remark, WIDTH) for remark in remarks(outcome)]
    return "\n\n".join(parts) + "\n"


def contenders(outcome: Outcome) -> str:
    """List all who did a work, the fastest peer first."""
    lines = [["contender", "seconds", "spread", "ratio", "accuracy", "memory"]]
    for each in (outcome.ours, *sorted(outcome.peers, key=lambda peer: peer.median)):
        against = "" if each is outcome.ours else f"{median(ratios(outcome.ours, each)):.3g}"
        memory = f"{each.memory / 1e9:.2f} GB"
        lines.append(
            [each.title, f"{each.median:.4g}", f"{each.spread:.0%}", against, f"{each.accuracy:.4f}", memory],
        )
    return markdown(lines)


def goals(rows: list[Row]) -> str:
    """List what was to be reached, and whether it was."""
    lines = [["goal", "against", "ratio", "spread", "at most", ""]]
    for row in rows:
        met = "met" if row.is_met else "missed"
        wide = "" if row.spread is None else f"{row.spread:.0%} of {row.rounds}"
        lines.append([row.measure, row.peer, f"{row.ratio:.4g}", wide, f"{row.goal:.3g}", met])
    return markdown(lines)


def markdown(lines: list[list[str]]) -> str:
    """Write a table whose columns are as wide as what they hold; the first line is its head."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *body = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["-" * width for width in widths], *body))


def remarks(outcome: Outcome) -> list[str]:
    """Say who was left out, how near the machine's limit a work came, and what costs were reached."""
    said = [f"left out: {failure}" for failure in outcome.failures]
    if outcome.work.work == "search":
        everyone = (outcome.ours, *outcome.peers)
        rates_said = ", ".join(f"{each.name} {60 / each.median:.0f}" for each in everyone)
        said.append(f"trials a minute: {rates_said}; memory is without that of workers, which are other processes")
    for limit in outcome.limits:
        rate, own = median(rates(limit)) / 1e9, outcome.work.operations / outcome.ours.median / 1e9
        said.append(
            f"{own:.0f} GFLOP/s, {outcome.share_of(limit):.0%} of this machine's {limit.setting} matrix products "
            f"({rate:.0f} GFLOP/s; the share is the median of the rounds' own)"
        )
    if "cost" in outcome.ours.answers[-1]:
        everyone = (outcome.ours, *outcome.peers)
        costs = ", ".join(f"{each.name} {each.answers[-1]['cost']:.10f}" for each in everyone)
        said.append(f"cost after {outcome.work.options['compared']} iterations: {costs}")
    return said


def write(outcomes: list[Outcome], finished: str, out: Path) -> None:
    """Write the rows, the finished table and the picture into a folder."""
    rows = [row for outcome in outcomes for row in outcome.rows()]
    plain = [row.to_plain() for row in rows]
    (out / "results.json").write_text(json.dumps(plain, indent=1, allow_nan=False) + "\n")
    (out / "results.md").write_text(finished)
    picture(rows, out / "results.png")


def picture(rows: list[Row], path: Path) -> None:
    """Draw each goal as a bar: how far below, or above, what is to be reached."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(11, 0.4 * len(rows) + 1.5), layout="constrained")
    shares = [row.ratio / row.goal for row in rows]
    bars = axes.barh(
        [fill(row.title, 60) for row in rows], shares, color=["#2a7" if row.is_met else "#c43" for row in rows]
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
