"""The first sentences of a report: which is more accurate than which, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import fmean

from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.novelty import choose_novelty, coverage
from inklings.evaluation.paired import holm
from inklings.evaluation.rules import count_text
from inklings.evaluation.statistics import SIGNIFICANT
from inklings.evaluation.until_sure import Verdict
from inklings.experiments.comparison import Comparison
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.experiments.trained import TrainedNetwork
from inklings.models import Model
from inklings.report.over_repeats import Entrant, entrants_of, repeats_of
from inklings.report.words import join_words
from inklings.reprs import percent

Better = Mapping[tuple[str, str], bool]
"""Pairs of titles of which the first is significantly more accurate, and whether by more than does not matter."""


def summarise(comparison: Comparison | RepeatedComparison, results: Sequence[Result]) -> str:
    """Summarise a comparison in a few sentences; the first is of networks and opponents, where there are both.

    Parameters
    ----------
    comparison : Comparison or RepeatedComparison
    results : sequence of Result
        A row a network, as in its table.
    """
    entrants, better = entrants_of(comparison), _find_better(comparison)
    repeats = repeats_of(comparison)
    trained = [result for result in results if result.variant != RANDOM_WEIGHTS and not result.failed]
    best = max(trained, key=lambda result: result.test)
    parts = repeats[0].split
    times = f", {len(repeats)} times" if len(repeats) > 1 else ""
    alone = len(entrants) == 1
    sentences = [
        _networks_and_opponents(entrants, better),
        f"{count_contenders(entrants)} {'was' if alone else 'were'} trained on {len(parts.train):,} images of "
        f"{parts.dataset.source} and tested on {len(parts.test):,} others{times}.",
        f"{best.title} {'reaches' if alone else 'is the most accurate:'} {percent(best.test)} on the test images, with "
        f"a 95 % interval from {best.interval.low:.1%} to {best.interval.high:.1%}.",
    ]
    others = [each.title for each in entrants if each.title != best.title]
    level = [title for title in others if (best.title, title) not in better]
    test = _name_of_test(comparison)
    if level:
        sentences.append(f"By {test} it is not significantly different from {join_words(level)}.")
    elif len(trained) > 1:
        sentences.append(f"All others are significantly less accurate ({test}).")
    return " ".join(filter(None, sentences))


def describe_coverage(trained: TrainedNetwork) -> str:
    """Say how many of the test images are like what a network learnt; nothing where that cannot be measured."""
    test = trained.split.test
    # A network just trained has no measure of novelty: a model gets one when it is saved.
    model = Model.from_fit(trained.fitted, trained.split)
    novelty = choose_novelty(model, trained.split.train, trained.split.validation)
    if novelty is None:
        return ""
    familiar = replace(model, novelty=novelty).score_novelty(test) <= novelty.threshold
    found = coverage(familiar, trained.correct)
    right = "" if found.accuracy is None else f"; {percent(found.accuracy)} of these are classified correctly"
    return f"{percent(found.accepted)} of the test images are like what {trained.plan.title} learnt{right}."


def count_contenders(entrants: Sequence[Entrant]) -> str:
    """Say how many networks and opponents were compared: ``"7 networks and 2 opponents"``."""
    networks = sum(entrant.is_network for entrant in entrants)
    counts = ((networks, "network"), (len(entrants) - networks, "opponent"))
    return " and ".join(count_text(count, name) for count, name in counts if count)


def _networks_and_opponents(entrants: Sequence[Entrant], better: Better) -> str:
    """Say which opponents no network beats, with what each costs; nothing unless there are both."""
    networks = [entrant for entrant in entrants if entrant.is_network]
    opponents = sorted((each for each in entrants if not each.is_network), key=lambda each: -each.test)
    if not networks or not opponents:
        return ""
    best = max(networks, key=lambda each: each.test)
    # Beaten is only what is significantly less accurate, by more than the margin that does not matter.
    unbeaten = [each for each in opponents if not any(better.get((network.title, each.title)) for network in networks)]
    own = f"{best.title}, with {_worth(best)}"
    if unbeaten:
        named = join_words([f"{each.title} ({_worth(each)})" for each in unbeaten], "or")
        which = "the most accurate one" if len(networks) > 1 else "the one compared"
        # One with a lower accuracy is not beaten either where chance may explain that, and "beats" would contradict it.
        beats = "beats" if all(each.test >= best.test for each in unbeaten) else "is significantly more accurate than"
        return f"No network {beats} {named}: {which} is {own}."
    which = "the opponent" if len(opponents) == 1 else "every opponent"
    named = join_words([f"{each.title} ({_worth(each)})" for each in opponents[:1]])
    return f"Networks beat {which}: the most accurate is {own}; the best opponent is {named}."


def _worth(entrant: Entrant) -> str:
    """Write accuracy and costs: fitting, keeping and using it."""
    seconds = fmean(run.result.seconds for run in entrant.runs)
    size = fmean(run.bytes for run in entrant.runs)
    # Nothing of what cannot be measured: a size of 0 stands for "unknown".
    kept = f"{size / 1e6:.2f} MB, " if size >= 1e5 else f"{size / 1e3:,.1f} kB, " if size else ""
    # Of the first repeat alone: one is enough to say how long an image takes.
    per_image = 1e6 * entrant.runs[0].seconds_per_image
    took = f"{seconds:.1f} s" if seconds >= 0.05 else "under 0.1 s"
    return f"{percent(entrant.test)}: {took} to {'train' if entrant.is_network else 'fit'}, {kept}" + (
        f"{per_image:,.0f} µs an image" if per_image >= 10 else f"{per_image:.1f} µs an image"
    )


def _find_better(comparison: Comparison | RepeatedComparison) -> Better:
    """Return which contenders are significantly more accurate than which, corrected for the number of all pairs.

    Of all pairs, not only of those that are spoken of: the best is chosen by the same test images.
    """
    if not isinstance(comparison, RepeatedComparison):
        correct = {each.title: each.correct for each in comparison.contenders}
        pairs = list(combinations(correct, 2))
        tests = [mcnemar(correct[first], correct[second]) for first, second in pairs]
        found = zip(pairs, tests, holm([test.p_value for test in tests]), strict=True)
        return {
            pair if test.only_first > test.only_second else pair[::-1]: True
            for pair, test, p_value in found
            if p_value <= SIGNIFICANT
        }
    if comparison.at_most is not None:
        return {(each.first, each.second): True for each in comparison.answers if each.verdict is Verdict.BETTER}
    return {(each.first, each.second): not each.equivalent for each in comparison.pairs if each.significant}


def _name_of_test(comparison: Comparison | RepeatedComparison) -> str:
    if not isinstance(comparison, RepeatedComparison):
        return "McNemar's exact test on the same test images"
    if comparison.at_most is not None:
        return "the tests that look again after each repeat"
    return "the corrected paired t-test over these repeats"
