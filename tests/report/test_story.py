"""The first screen of a report says who is best, by how much and how sure, and no more than the tests do."""

import re
from dataclasses import replace

import pytest

from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.statistics import SIGNIFICANT
from inklings.report.story import tell
from inklings.reprs import percent


@pytest.fixture(scope="module")
def story(comparison):
    return tell(comparison)


@pytest.fixture(scope="module")
def ranked(comparison):
    shown = [each for each in comparison.results if each.variant != "random weights"]
    return sorted(shown, key=lambda result: -result.test)


def test_the_headline_is_the_most_accurate_with_its_accuracy(story, ranked):
    assert story.headline.startswith(ranked[0].title)
    assert percent(ranked[0].test) in story.headline


def test_the_margin_is_that_to_the_next_and_none_is_no_lead(comparison, ranked):
    ahead = replace(ranked[0], test=ranked[1].test + 0.012)
    story = tell(replace(comparison, results=(ahead, *ranked[1:])))
    assert story.margin == f"1.2 points more than {ranked[1].title}, the next."
    assert "is the most accurate" in story.headline
    level = replace(ranked[0], test=ranked[1].test)
    story = tell(replace(comparison, results=(level, *ranked[1:])))
    assert "are level" in story.headline
    assert "points" not in story.margin


def test_chance_is_named_unless_the_test_of_all_pairs_excludes_it(story, ranked, comparison):
    correct = {each.title: each.correct for each in comparison.contenders}
    alone = mcnemar(correct[ranked[0].title], correct[ranked[1].title]).p_value
    stated = float(re.search(r"p [=<] ([\d.]+)", story.certainty)[1])
    assert stated >= round(alone, 3)  # the correction makes no difference surer
    assert story.certainty.startswith(
        "These test images cannot tell" if stated > SIGNIFICANT else "That is hardly chance"
    )


def test_everyone_stands_on_one_scale_within_its_interval(story, ranked):
    assert [each.title for each in story.standings] == [result.title for result in ranked]
    middles = [each.middle for each in story.standings]
    assert middles == sorted(middles, reverse=True)
    for each in story.standings:
        assert 0 <= each.low <= each.middle <= each.high <= 100
    assert [each.best for each in story.standings] == [True] + [False] * (len(ranked) - 1)
