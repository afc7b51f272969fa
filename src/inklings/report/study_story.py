"""The first screen of a study's report: what mattered, what did not, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inklings.evaluation.mcnemar import p_text
from inklings.evaluation.rules import count_text
from inklings.report.words import join_words
from inklings.reprs import percent
from inklings.search.chosen import describe_looks
from inklings.search.effects import Effect, Interaction
from inklings.search.failures import find_failing
from inklings.search.importance import Importance
from inklings.search.outlook import BestSoFar, Shared
from inklings.search.sample import Sample
from inklings.search.study import Study
from inklings.search.trial import State

_MOST_NAMED = 4
_RARE = 0.05
_LEAST_TOLD = 4
"""Configurations of which the second half says something about the first."""


@dataclass(frozen=True)
class StudyStory:
    """What the first screen says.

    Attributes
    ----------
    headline, lead : str
    mattered : tuple of str
        A sentence for each setting that is shown to matter.
    rest : str
        What cannot be told from chance.
    caution : tuple of str
        What limits all of it.
    """

    headline: str
    lead: str
    mattered: tuple[str, ...]
    rest: str
    caution: tuple[str, ...]


def tell_study(study: Study, sample: Sample, effects: Sequence[Effect]) -> StudyStory:
    """Return the first screen of a study's report."""
    sure = [each for each in effects if each.is_sure]
    unsure = [each for each in effects if not each.is_sure]
    return StudyStory(
        _headline(sure, unsure, len(sample.figures)),
        _lead(study),
        tuple(_sentence(each) for each in sure),
        _rest(unsure),
        tuple(_cautions(study, sample)),
    )


def _headline(sure: Sequence[Effect], unsure: Sequence[Effect], tried: int) -> str:
    if not sure and not unsure:
        few = f"{count_text(tried, 'configuration')} {'is' if tried == 1 else 'are'}"
        return f"{few} too few to tell what mattered"
    if not sure:
        return f"No setting is shown to matter by {tried:,} configurations"
    names = [each.name for each in sure]
    if len(names) == 1:
        return f"{names[0]} is shown to matter" if unsure else f"{names[0]} mattered"
    return f"{names[0]} mattered most, then {join_words(names[1:_MOST_NAMED])}"


def _lead(study: Study) -> str:
    if not study.ranked:
        return "No configuration has finished."
    best = study.best
    accuracy = sum(trial.figure("accuracy") for trial in best.trials) / len(best.trials)
    said = f"The best of {count_text(len(study.configurations), 'configuration')} by validation {study.measure} has"
    said += f" a validation accuracy of {percent(accuracy)}"
    tried = study.chosen["chosen"][0] if study.chosen and study.chosen["chosen"] else None
    # Since trials were added, another one may be the best.
    if tried is not None and tried["configuration"] == best.number:
        said += (
            f" and a test accuracy of {percent(tried['test_accuracy'])}; the test images took no part in choosing it"
        )
    return f"{said}."


def _sentence(effect: Effect) -> str:
    noise = "how much repeats differ is not known"
    # NaN, where nothing was trained twice, is not equal to itself.
    if effect.noise == effect.noise:
        noise = f"repeats alone would make {100 * effect.noise:.1f} points of it"
    return (
        f"{effect.name}: {effect.best.label} is {100 * effect.difference:.1f} points more accurate than "
        f"{effect.worst.label} ({p_text(effect.p_value)}; {noise})."
    )


def _rest(unsure: Sequence[Effect]) -> str:
    if not unsure:
        return ""
    largest = max(unsure, key=lambda each: each.difference)
    names = join_words([each.name for each in unsure])
    what = "their" if len(unsure) > 1 else "its"
    which = f" ({largest.name})" if len(unsure) > 1 else ""
    difference = f"the largest difference between {what} values is {100 * largest.difference:.1f} points{which}"
    return (
        f"No effect of {names} is shown: {difference}, {p_text(largest.p_value)}. Nor is it shown that there is none."
    )


def _cautions(study: Study, sample: Sample) -> list[str]:
    found = []
    if sample.epoch is not None:
        found.append(
            f"Trials were stopped early, so effects are on the accuracy after epoch {sample.epoch}, which every trial "
            "reached; what matters later may be something else."
        )
    failed = sum(trial.state is State.FAILED for trial in study.trials)
    if failed:
        found.append(_describe_failed(study, failed, len(sample.figures)))
    if study.facts.get("sampler") == "tpe":
        found.append(
            "The sampler tried good regions more often, so settings were not drawn independently: effects hold for "
            "what was tried, and their p-values are approximate."
        )
    if sample.repeat_spread != sample.repeat_spread:
        found.append(
            "Each configuration was trained once, so how much repeats differ is not known; with repeats = 2 in the "
            "space it would be."
        )
    return found


def _describe_failed(study: Study, failed: int, compared: int) -> str:
    said = f"{count_text(failed, 'trial')} failed and {'has' if failed == 1 else 'have'} no accuracy"
    said += f": {compared:,} of {count_text(len(study.configurations), 'configuration')} can be compared."
    part = find_failing(study)
    if part is None:
        return said
    # What failed is in no figure: without this sentence, its values would be missing from the page without a word.
    return f"{said} All {part.count:,} with {part.name} {part.values} failed; the list of trials below says why."


def describe_interactions(interactions: Sequence[Interaction]) -> str:
    """Say which settings need each other."""
    if not interactions:
        return "Too few combinations were tried to see whether two settings need each other."
    sure = [each for each in interactions if each.is_sure]
    count = len(interactions)
    if not sure:
        first = interactions[0]
        pairs = f"{count} pairs were tested" if count > 1 else "one pair was tested"
        return (
            f"No two settings are shown to need each other: {pairs}, and what {first.names[0]} does beside "
            f"{first.names[1]} is the least likely to be chance, {p_text(first.p_value)} corrected for all."
        )
    told = [f"{each.names[0]} and {each.names[1]} ({p_text(each.p_value)})" for each in sure[:_MOST_NAMED]]
    return f"What one does depends on the other: {join_words(told)}, corrected for {count_text(count, 'pair')}."


def describe_outlook(course: BestSoFar, after: str = "") -> str:
    """Say whether more trials would have been worth it, by the accuracies after an epoch, if not at the end."""
    count, gain = len(course.actual), 100 * course.last_doubling
    if count < _LEAST_TOLD:
        return f"{count:,} configurations are too few to say." if count > 1 else "One configuration is too few to say."
    said = f"In any order, {count:,} configurations are expected to find a best that{after} is {gain:.1f} points above "
    said += f"that of {count // 2:,}"
    if course.was_enough is None:
        return f"{said}; without repeats, nothing tells whether that is more than noise."
    noise = f"{100 * course.noise:.1f} points, the standard error of one configuration's mean by its repeats"
    if course.was_enough:
        return f"Hardly: {said[0].lower()}{said[1:]}, less than {noise}. Twice as many would gain about as little."
    return f"Perhaps: {said[0].lower()}{said[1:]}, more than {noise}. Twice as many may gain as much again."


def describe_shared(shared: Sequence[Shared], settings: int) -> list[str]:
    """Say what the best few have in common, and which of it is hardly chance."""
    told = []
    for each in shared:
        # Times the settings (Bonferroni): of many that are looked at, one agrees by chance.
        if each.chance * settings <= _RARE:
            what, so = ("all have", "agree") if each.is_same else ("all lie within", "are as close")
            seldom = f"{each.chance:.2%}" if each.chance >= 0.00005 else "less than 0.01%"
            told.append(
                f"{each.name}: {what} {each.value}; as many configurations drawn at random {so} in {seldom} of draws."
            )
    return told or ["They share nothing that as many configurations drawn at random would not share by chance."]


def describe_selection(study: Study) -> str:
    """Say what choosing has added to the best one's accuracy."""
    chosen = study.chosen
    if not chosen or not chosen["chosen"]:
        return "None was tried on the test images."
    best = chosen["chosen"][0]
    gain = 100 * (best["validation_accuracy"] - best["test_accuracy"])
    low, high = best["trials"][0]["interval"]
    # Less would be written as 0.0 points above.
    than = "equals" if abs(gain) < 0.05 else f"is {abs(gain):.1f} points {'above' if gain > 0 else 'below'}"
    tried = (
        f"{chosen['tried']:,} configurations were tried, and the best was chosen by its validation images, among which "
        "it is also the luckiest."
        if chosen["tried"] > 1
        else "Only one configuration was tried, so there was nothing to choose."
    )
    said = (
        f"{tried} Its validation accuracy {than} that on the test images, of which the 95 % interval "
        f"of its first repeat is {low:.1%} to {high:.1%}. Quote the test accuracy."
    )
    return f"{said} {again}" if (again := describe_looks(chosen)) else said


def rank_on_screen(
    effects: Sequence[Effect], importances: Sequence[Importance]
) -> list[tuple[str, float, float, float, bool]]:
    """Return each setting with its share, the share's range and whether it is shown to matter, for the first screen."""
    sure = {each.name for each in effects if each.is_sure}
    if importances:
        return [(each.name, each.share, each.low, each.high, each.name in sure) for each in importances]
    # An effect's share has no range: both of its ends are the share.
    return [(each.name, each.share, each.share, each.share, each.name in sure) for each in effects]
