"""The tables of a report, over all repeats: sums of counts, means with standard deviations of figures."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from inklings.evaluation.equivalence import Equivalence
from inklings.evaluation.metrics import class_metrics
from inklings.evaluation.pair import Pair
from inklings.evaluation.until_sure import Answer
from inklings.experiments.flips import Flips
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.report.over_repeats import Entrant, with_spread

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings and rows."""


def class_table(entrant: Entrant) -> Table:
    """Return a table of each class's precision, recall and F1, of the repeats that tested any of its images.

    The images of all repeats are counted.
    """
    names = tuple(entrant.dataset.class_names)
    found = [class_metrics(run.split.test.labels, run.answers, names) for run in entrant.runs]
    rows: list[tuple[str, ...]] = []
    for same in zip(*found, strict=True):
        # A class none of whose images a small test part holds has no recall there, and would pull the mean towards 0.
        tested = [each for each in same if each.images]
        rows.append(
            (
                same[0].name,
                with_spread([each.precision for each in tested]) if tested else "-",
                with_spread([each.recall for each in tested]) if tested else "-",
                with_spread([each.f1 for each in tested], ".3f") if tested else "-",
                str(sum(each.images for each in same)),
            )
        )
    return ("class", "precision", "recall", "F1", "images"), rows


def cost_table(entrants: Sequence[Entrant]) -> Table:
    """Return a table of what each network and opponent costs."""
    rows = [_network_costs(each) if each.is_network else _opponent_costs(each) for each in entrants]
    return (
        "network",
        "parameters",
        "operations per image",
        "steps",
        "seconds",
        "microseconds per image",
        "size (MB)",
        "peak memory (MB)",
    ), rows


def _network_costs(entrant: Entrant) -> tuple[str, ...]:
    first = entrant.networks[0]
    # The largest: memory must suffice for the most demanding repeat.
    peak = max(run.peak_memory for run in entrant.networks)
    return (
        entrant.title,
        # By architecture alone, the same in every repeat.
        f"{first.plan.network.parameter_count:,}",
        f"{first.plan.network.operations:,}",
        with_spread_unless_same([run.fitted.history[-1].step for run in entrant.networks], ",.0f"),
        with_spread([run.fitted.seconds for run in entrant.networks], ".1f"),
        f"{1e6 * first.seconds_per_image:,.1f}",
        _megabytes(first.bytes),
        f"{peak / 1e6:,.0f}" if peak else "-",
    )


def _opponent_costs(entrant: Entrant) -> tuple[str, ...]:
    size = fmean(run.bytes for run in entrant.runs)
    return (
        entrant.title,
        # Parameters, operations and steps: an opponent has none to be counted.
        *"---",
        with_spread([run.result.seconds for run in entrant.runs], ".1f"),
        f"{1e6 * entrant.runs[0].seconds_per_image:,.1f}",
        _megabytes(size) if size else "-",
        "-",
    )


def _megabytes(size: float) -> str:
    """Write bytes in megabytes; of less than 10 kB the first digit that is not 0."""
    return f"{size / 1e6:,.2f}" if size >= 1e4 else f"{size / 1e6:.1g}"


def with_spread_unless_same(values: Sequence[float], form: str) -> str:
    """Write values that are all the same once, else their mean with the standard deviation."""
    return f"{values[0]:{form}}" if len(set(values)) == 1 else with_spread(values, form)


def pair_table(repeated: RepeatedComparison) -> Table:
    """Return a table of the paired tests; of a comparison that was looked at again and again, of its answers.

    Tests that do not know how often it was looked would find differences where there are none.
    """
    if repeated.at_most is not None:
        return _answer_table(repeated.answers)
    rows: list[tuple[str, ...]] = []
    for pair in repeated.pairs:
        rows.append(
            (
                f"{pair.first} and {pair.second}",
                f"{100 * pair.test.difference:+.2f}",
                # Of two that nothing varies, a test over repeats would count one training many times.
                *(("-",) * 5 if pair.unvaried else _tests(pair)),
                f"{pair.adjusted_trained:.2g}" if pair.trained else "-",
            )
        )
    within = f"p (within {100 * repeated.margin:g})"
    shares = "better / same / worse"
    headings = ("pair", "difference (points)", "95 % interval", "p", "p (Holm)", within, shares)
    return (*headings, "p (as trained, Holm)"), rows


def _tests(pair: Pair) -> tuple[str, ...]:
    return (
        f"{100 * pair.test.low:+.2f} to {100 * pair.test.high:+.2f}",
        f"{pair.test.p_value:.2g}",
        f"{pair.adjusted_p_value:.2g}",
        f"{pair.adjusted_equivalence:.2g}",
        _shares(pair.equivalence),
    )


def _answer_table(answers: Sequence[Answer]) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            f"{each.first} and {each.second}",
            each.verdict.value,
            str(each.repeats),
            f"{100 * each.difference:+.2f}",
            f"{100 * each.low:+.2f} to {100 * each.high:+.2f}",
        )
        for each in answers
    ]
    return ("pair", "answer", "after repeats", "difference (points)", "interval over all looks and pairs"), rows


def flip_table(flips: Sequence[Flips]) -> Table:
    """Return a table of how many images only one of two gets right, over all repeats."""
    rows: list[tuple[str, ...]] = [
        (
            f"{each.first} and {each.second}",
            f"{each.total_first:,}",
            f"{each.total_second:,}",
            ", ".join(f"{test.only_first}/{test.only_second}" for test in each.tests),
            ", ".join(f"{test.p_value:.2g}" for test in each.tests),
        )
        for each in flips
    ]
    return ("pair", "only the first right", "only the second right", "in each repeat", "p (McNemar), in each"), rows


def _shares(found: Equivalence) -> str:
    """Write the probabilities of better, same and worse."""
    return " / ".join(f"{share:.0%}" for share in (found.better, found.same, found.worse))
