"""The first sentences of a report: which is more accurate than which, and at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.novelty import choose_novelty, coverage
from inklings.evaluation.paired import holm
from inklings.evaluation.until_sure import Verdict
from inklings.experiments import Comparison, RepeatedComparison, TrainedNetwork
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.models import Model
from inklings.report.over_repeats import Entrant, entrants_of, repeats_of

SIGNIFICANT = 0.05


def summarise(comparison: Comparison | RepeatedComparison, results: Sequence[Result]) -> str:
    """Summarise a comparison in a few sentences; the first is of networks and opponents, where there are both.

    Parameters
    ----------
    comparison : Comparison or RepeatedComparison
    results : sequence of Result
        A row a network, as in its table.
    """
    entrants = entrants_of(comparison)
    repeats = repeats_of(comparison)
    trained = [result for result in results if result.variant != RANDOM_WEIGHTS]
    best = max(trained, key=lambda result: result.test)
    parts = repeats[0].split
    times = f", {len(repeats)} times" if len(repeats) > 1 else ""
    sentences = [
        _networks_and_opponents(comparison, entrants),
        f"{count_contenders(entrants)} were trained on {len(parts.train):,} images of {parts.dataset.source} and "
        f"tested on {len(parts.test):,} others{times}.",
        f"{best.title} is the most accurate: {best.test:.1%} on the test images, with a 95 % interval from "
        f"{best.interval.low:.1%} to {best.interval.high:.1%}.",
    ]
    others = [each.title for each in entrants if each.title != best.title]
    level = [title for title in others if not _is_better(comparison, best.title, title, against=others)]
    test = _name_of_test(comparison)
    if level:
        sentences.append(f"By {test} it is not significantly different from {join_words(level)}.")
    elif len(trained) > 1:
        sentences.append(f"All others are significantly less accurate ({test}).")
    return " ".join(filter(None, sentences))


def describe_coverage(trained: TrainedNetwork) -> str:
    """Say how many of the test images are like what a network learnt; nothing where that cannot be measured."""
    test = trained.split.test
    model = Model.from_fit(trained.fitted, trained.split)
    novelty = choose_novelty(model, trained.split.train, trained.split.validation)
    if novelty is None:
        return ""
    familiar = replace(model, novelty=novelty).score_novelty(test) <= novelty.threshold
    found = coverage(familiar, trained.correct)
    right = "" if found.accuracy is None else f"; {found.accuracy:.1%} of these are classified correctly"
    return f"{found.accepted:.1%} of the test images are like what {trained.plan.title} learnt{right}."


def count_contenders(entrants: Sequence[Entrant]) -> str:
    """Say how many networks and opponents were compared: ``"7 networks and 2 opponents"``."""
    networks = sum(entrant.is_network for entrant in entrants)
    counts = ((networks, "network"), (len(entrants) - networks, "opponent"))
    return " and ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count)


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words as in a sentence.

    >>> join_words(["a", "b", "c"], "or")
    'a, b or c'
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _networks_and_opponents(comparison: Comparison | RepeatedComparison, entrants: Sequence[Entrant]) -> str:
    """Say which opponents no network beats, with what each costs; nothing unless there are both."""
    networks = [entrant for entrant in entrants if entrant.is_network]
    opponents = sorted((each for each in entrants if not each.is_network), key=lambda each: -each.test)
    if not networks or not opponents:
        return ""
    best, titles = max(networks, key=lambda each: each.test), [each.title for each in opponents]
    unbeaten = [
        each
        for each in opponents
        if not any(_beats(comparison, network.title, each.title, against=titles) for network in networks)
    ]
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
    size = fmean(run.bytes for run in entrant.runs) / 1e6
    kept = f"{size:.2f} MB, " if size else ""
    per_image = 1e6 * entrant.runs[0].seconds_per_image
    return f"{entrant.test:.1%}: {seconds:.1f} s to {'train' if entrant.is_network else 'fit'}, {kept}" + (
        f"{per_image:,.0f} µs an image"
    )


def _beats(comparison: Comparison | RepeatedComparison, first: str, second: str, *, against: Sequence[str]) -> bool:
    """Whether one is significantly more accurate than another, and not merely within the margin."""
    if not _is_better(comparison, first, second, against=against):
        return False
    if not isinstance(comparison, RepeatedComparison) or comparison.at_most is not None:
        return True
    return not any(pair.equivalent for pair in comparison.pairs if (pair.first, pair.second) == (first, second))


def _is_better(comparison: Comparison | RepeatedComparison, first: str, second: str, *, against: Sequence[str]) -> bool:
    """Whether one is significantly more accurate than another, corrected for all that it is tested against."""
    if isinstance(comparison, RepeatedComparison):
        if comparison.at_most is not None:
            return any((a.first, a.second, a.verdict) == (first, second, Verdict.BETTER) for a in comparison.answers)
        return any(pair.significant for pair in comparison.pairs if (pair.first, pair.second) == (first, second))
    known = {each.title: each.correct for each in comparison.contenders}
    tests = {other: mcnemar(known[first], known[other]) for other in against}
    adjusted = dict(zip(tests, holm([test.p_value for test in tests.values()]), strict=True))
    return bool(tests[second].only_first > tests[second].only_second and adjusted[second] <= SIGNIFICANT)


def _name_of_test(comparison: Comparison | RepeatedComparison) -> str:
    if not isinstance(comparison, RepeatedComparison):
        return "McNemar's exact test on the same test images"
    if comparison.at_most is not None:
        return "the tests that look again after each repeat"
    return "the corrected paired t-test over these repeats"
