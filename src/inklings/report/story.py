"""The first screen of a report: who is best, by how much, how sure, and everyone on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inklings.evaluation.mcnemar import mcnemar, p_text
from inklings.evaluation.paired import holm
from inklings.evaluation.statistics import SIGNIFICANT
from inklings.experiments.comparison import Comparison
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.reprs import percent

_ROOM = 0.04
"""What a scale has beyond its outermost values, as a share of their distance."""


@dataclass(frozen=True)
class Standing:
    """One contender on the scale.

    Attributes
    ----------
    title, accuracy : str
    middle, low, high : float
        Where accuracy and interval lie on the scale, in percent of its width.
    best : bool
    """

    title: str
    accuracy: str
    middle: float
    low: float
    high: float
    best: bool


@dataclass(frozen=True)
class Story:
    """What the first screen says.

    Attributes
    ----------
    headline : str
        Who is best, with the accuracy.
    margin, certainty : str
        By how much, and how sure that is; both empty of one contender alone.
    evidence : str
        The place on the page that the certainty is from.
    standings : tuple of Standing
        The most accurate first; those that failed are not among them.
    scale : (str, str)
        The accuracies at both ends of the scale.
    """

    headline: str
    margin: str
    certainty: str
    evidence: str
    standings: tuple[Standing, ...]
    scale: tuple[str, str]


def tell(comparison: Comparison | RepeatedComparison) -> Story:
    """Return the first screen of a comparison's report."""
    shown = [each for each in comparison.results if each.variant != RANDOM_WEIGHTS and not each.failed]
    ranked = sorted(shown, key=lambda result: -result.test)
    best = ranked[0]
    low, high = _scale(ranked)
    # By identity: two contenders may have equal accuracies, and one is marked.
    standings = tuple(_standing(each, low, high, best=each is best) for each in ranked)
    scale = (f"{low:.1%}", f"{high:.1%}")
    if len(ranked) == 1:
        return Story(f"{best.title} gets {percent(best.test)} of new images right", "", "", "", standings, scale)
    following = ranked[1]
    points = 100 * (best.test - following.test)
    evidence = "pairs" if isinstance(comparison, RepeatedComparison) else "flips-heading"
    # What would be written as 0.0 points is no lead.
    # Half of the last digit that is shown.
    if points >= 0.05:
        headline = f"{best.title} is the most accurate here: it gets {percent(best.test)} of new images right"
        margin = f"{points:.1f} points more than {following.title}, the next."
    else:
        headline = f"{best.title} and {following.title} are level: both get {percent(best.test)} of new images right"
        margin = "No difference between these two."
    certainty = _certainty(comparison, best.title, following.title)
    return Story(headline, margin, certainty, evidence, standings, scale)


def _certainty(comparison: Comparison | RepeatedComparison, first: str, second: str) -> str:
    if isinstance(comparison, RepeatedComparison):
        found = comparison.pairs if comparison.at_most is None else comparison.answers
        sentence = next((each.sentence for each in found if {each.first, each.second} == {first, second}), "")
        return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""
    correct = {each.title: each.correct for each in comparison.contenders}
    pairs = [(one, other) for place, one in enumerate(correct) for other in list(correct)[place + 1 :]]
    # Corrected for all pairs, since the best was chosen by the same test images.
    adjusted = holm([mcnemar(correct[one], correct[other]).p_value for one, other in pairs])
    chance = dict(zip(map(frozenset, pairs), adjusted, strict=True))[frozenset((first, second))]
    if chance <= SIGNIFICANT:
        return f"That is hardly chance: {p_text(chance)} on the same test images, corrected for all pairs."
    return f"These test images cannot tell whether it is better: {p_text(chance)}, corrected for all pairs."


def _scale(results: Sequence[Result]) -> tuple[float, float]:
    low = min(result.interval.low for result in results)
    high = max(result.interval.high for result in results)
    room = _ROOM * (high - low)
    # An accuracy has no place below 0 or above 100 %.
    return max(0.0, low - room), min(1.0, high + room)


def _standing(result: Result, low: float, high: float, *, best: bool) -> Standing:
    # In percent of the scale; of a scale without width, all at its left end.
    places = [100 * (value - low) / (high - low or 1.0) for value in (result.test, *result.interval)]
    # Within 0 and 100: rounding must not push a mark off the page.
    middle, left, right = (round(min(max(place, 0.0), 100.0), 2) for place in places)
    return Standing(result.title, percent(result.test), middle, left, right, best)
