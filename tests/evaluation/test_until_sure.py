"""Answers over many looks: what they say, and how rarely they are false."""

from math import sqrt

import numpy as np
import pytest

from inklings.errors import RunError
from inklings.evaluation.until_sure import Verdict, decide_pairs

SIZES = {"train_size": 2750, "test_size": 1250}
OVERLAP = 1250 / 2750


def _scores(random, differences, repeats, *, spread=0.003):
    """Make scores of repeats on overlapping splits, with the correlation that the corrected test assumes.

    Contenders' true scores are ``0.7 - differences``.
    """
    correlation = OVERLAP / (1 + OVERLAP)
    splits = 0.02 * random.normal(size=repeats)  # some splits are harder for all
    return {
        f"c{place}": 0.7
        - difference
        + splits
        + spread * (sqrt(correlation) * random.normal() + sqrt(1 - correlation) * random.normal(size=repeats))
        for place, difference in enumerate(differences)
    }


def _up_to(scores, repeats):
    return {name: values[:repeats] for name, values in scores.items()}


def test_a_clear_difference_is_answered_at_the_first_look_and_stays_answered():
    scores = _scores(np.random.default_rng(0), [0, 0.1, 0.102], 8, spread=0.002)
    first = decide_pairs(_up_to(scores, 3), at_most=20, **SIZES)
    last = decide_pairs(scores, at_most=20, **SIZES)
    assert first[0].verdict is Verdict.BETTER
    assert (first[0].first, first[0].second, first[0].repeats) == ("c0", "c1", 3)
    assert last[0] == first[0]
    assert first[0].low <= 0.1 <= first[0].high
    assert first[0].sentence == (
        f"c0 is {100 * first[0].difference:.1f} points ({100 * first[0].low:.1f} to {100 * first[0].high:.1f}) more "
        "accurate than c1, on other splits and seeds too (answered after 3 repeats)"
    )


def test_contenders_that_hardly_differ_are_answered_to_be_the_same():
    scores = _scores(np.random.default_rng(1), [0, 0.0005], 12, spread=0.001)
    (answer,) = decide_pairs(scores, at_most=20, margin=0.01, **SIZES)
    assert answer.verdict is Verdict.SAME
    assert "as accurate as" in answer.sentence
    assert ", within 1 point, on other splits and seeds too (answered after" in answer.sentence


def test_what_no_number_of_repeats_would_tell_is_given_up_long_before_the_limit():
    # A difference of the margin, and a spread that overlapping splits never average below it.
    scores = _scores(np.random.default_rng(2), [0, 0.005], 10, spread=0.006)
    (answer,) = decide_pairs(scores, at_most=40, **SIZES)
    assert answer.verdict is Verdict.OUT_OF_REACH
    assert answer.closed
    assert not answer.answered
    assert "40 repeats would probably not tell" in answer.sentence
    assert "more images would help" in answer.sentence


def test_what_is_not_answered_at_the_limit_is_said_to_be_so():
    scores = _scores(np.random.default_rng(5), [0, 0.001], 4, spread=0.006)
    (answer,) = decide_pairs(scores, at_most=4, **SIZES)
    assert answer.verdict is Verdict.OUT_OF_REACH
    assert "4 repeats did not tell" in answer.sentence


def test_the_forecast_of_an_answer_comes_true_as_often_as_it_says():
    random, forecasts, came = np.random.default_rng(3), [], []
    for _ in range(400):
        scores = _scores(random, [0, random.uniform(-0.03, 0.03)], 16, spread=0.006)
        (now,) = decide_pairs(_up_to(scores, 6), looks=[6], at_most=16, **SIZES)
        if not now.answered:
            (later,) = decide_pairs(scores, looks=[6, 16], at_most=16, **SIZES)
            forecasts.append(now.chance)
            came.append(later.answered)
    assert len(came) > 100
    assert np.mean(came) == pytest.approx(np.mean(forecasts), abs=3 * 0.5 / sqrt(len(came)))


@pytest.mark.parametrize(
    ("looks", "at_most", "message"),
    [
        ([3, 3, 5], 10, r"looks are \[3, 3, 5\], expected increasing numbers from 2 to 5, that of the repeats"),
        ([3, 4], 10, r"looks are \[3, 4\], expected increasing numbers from 2 to 5"),
        ([3, 5], 4, "there are 5 repeats, expected at most 4"),
    ],
)
def test_looks_that_cannot_have_been_are_refused(looks, at_most, message):
    scores = _scores(np.random.default_rng(0), [0, 0.01], 5)
    with pytest.raises(RunError, match=message):
        decide_pairs(scores, looks=looks, at_most=at_most, **SIZES)


def _false_answers(differences, verdict, comparisons, margin):
    """Return the share of comparisons in which any pair, at any of ten looks, has a verdict that is false.

    Scores vary by far more than the test images' noise, which would else hold small variances up.
    """
    random, false = np.random.default_rng(4), 0
    for _ in range(comparisons):
        scores = _scores(random, differences, 12, spread=0.02)
        answers = decide_pairs(scores, at_most=12, margin=margin, **SIZES)
        false += any(answer.verdict is verdict for answer in answers)
    return false / comparisons


NULLS = {
    "2 alike": ([0, 0], Verdict.BETTER, 0.001),
    "4 alike": ([0] * 4, Verdict.BETTER, 0.001),
    "2 apart by the margin": ([0, 0.06], Verdict.SAME, 0.06),
    "4 apart by the margin": ([0, 0.06, 0.12, 0.18], Verdict.SAME, 0.06),
}


@pytest.mark.slow
@pytest.mark.parametrize("null", NULLS)
def test_of_10000_comparisons_over_ten_looks_at_most_one_in_twenty_is_answered_falsely(null):
    differences, verdict, margin = NULLS[null]
    assert _false_answers(differences, verdict, 10_000, margin) <= 0.05


def _answers_of_two_that_go_on(random, differences, margin):
    """Decide among contenders that stop once all their pairs are closed, look by look, as a comparison does."""
    scores = _scores(random, differences, 12, spread=0.02)
    lengths = dict.fromkeys(scores, 3)
    while True:
        found = {name: values[: lengths[name]] for name, values in scores.items()}
        answers = decide_pairs(found, at_most=12, margin=margin, **SIZES)
        going_on = {name for each in answers if not each.closed for name in (each.first, each.second)}
        if not going_on:
            return answers, lengths
        for name in going_on:
            lengths[name] += 1


def test_what_was_answered_stays_answered_when_one_has_stopped():
    answers, lengths = _answers_of_two_that_go_on(np.random.default_rng(6), [0, 0.002, 0.5], 0.001)
    assert lengths["c2"] < lengths["c0"] == lengths["c1"]
    assert [each.verdict for each in answers[1:]] == [Verdict.BETTER] * 2
    assert [each.repeats for each in answers] == [lengths["c0"], lengths["c2"], lengths["c2"]]


@pytest.mark.slow
def test_contenders_that_stop_early_make_no_more_answers_of_the_others_false():
    random, comparisons, false = np.random.default_rng(7), 3000, 0
    for _ in range(comparisons):
        answers, _ = _answers_of_two_that_go_on(random, [0, 0, 0.25, 0.5], 0.001)
        false += answers[0].verdict is Verdict.BETTER
    share = 0.05 / 6  # of the pair that is alike, among six
    assert false / comparisons <= share + 3 * sqrt(share / comparisons)


@pytest.mark.parametrize("null", ["2 alike", "2 apart by the margin"])
def test_looking_ten_times_does_not_raise_false_answers(null):
    differences, verdict, margin = NULLS[null]
    assert _false_answers(differences, verdict, 250, margin) <= 0.05 + 3 * sqrt(0.05 * 0.95 / 250)
