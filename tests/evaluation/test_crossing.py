import numpy as np
import pytest

from inklings.evaluation.crossing import AGREEING, find_crossing

SIZES = [100, 400, 1600]


def test_a_crossing_lies_where_the_means_meet_on_a_logarithmic_axis():
    found = find_crossing(("quick", "slow"), SIZES, [[0.8, 0.82, 0.84]] * 5, [[0.6, 0.8, 0.88]] * 5)
    assert found.images == pytest.approx(400 * 4 ** (0.02 / 0.06))
    assert found.sentence == (
        "slow overtakes quick at about 635 images (quick is ahead with 100 in 5 of 5 repeats, slow with 1,600 in 5)"
    )


def test_the_order_of_the_two_does_not_matter():
    curves = [[0.6, 0.8, 0.88]] * 3, [[0.8, 0.82, 0.84]] * 3
    assert find_crossing(("slow", "quick"), SIZES, *curves) == find_crossing(("quick", "slow"), SIZES, *curves[::-1])


def test_without_a_crossing_nothing_is_extrapolated():
    found = find_crossing(("a", "b"), SIZES, [[0.8, 0.9, 0.95]], [[0.5, 0.8, 0.94]])
    assert found.images is None
    assert found.sentence == "a is ahead of b throughout: no crossing within what was measured (100 to 1,600 images)"


def test_a_crossing_on_which_the_repeats_do_not_agree_is_called_chance():
    found = find_crossing(("a", "b"), SIZES, [[0.8, 0.8, 0.8]] * 2, [[0.7, 0.8, 0.9], [0.82, 0.79, 0.75]])
    assert found.images is not None
    assert found.sentence.endswith("too few agree to rule out chance")


def test_three_repeats_that_agree_are_too_few_since_their_splits_overlap():
    random, correlation, count = np.random.default_rng(0), 1250 / (1250 + 2750), 100_000

    def differences(repeats):
        common, own = random.standard_normal((count, 1)), random.standard_normal((count, repeats))
        return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own

    def seeming(repeats):
        fewest, most = differences(repeats), differences(repeats)
        return np.mean([((side * fewest > 0) & (side * most < 0)).all(1) for side in (1, -1)]) * 2

    assert seeming(3) > 0.05 > seeming(AGREEING)
    found = find_crossing(("a", "b"), SIZES, [[0.8, 0.82, 0.84]] * 3, [[0.6, 0.8, 0.88]] * 3)
    assert found.sentence.endswith("too few agree to rule out chance")


def test_curves_that_meet_exactly_at_a_measured_size_cross_there():
    found = find_crossing(("a", "b"), SIZES, [[0.75, 0.75, 0.75]], [[0.5, 0.75, 1.0]])
    assert found.images == pytest.approx(400)


def test_who_is_overtaken_and_overtakes_again_is_not_said_to_be_ahead_throughout():
    found = find_crossing(("a", "b"), SIZES, [[0.75, 0.75, 0.75]], [[0.5, 0.8, 0.7]])
    assert found.images is None
    assert found.sentence.startswith("neither a nor b overtakes the other for good")


def test_of_two_that_begin_level_the_one_that_ends_ahead_is_named():
    found = find_crossing(("a", "b"), SIZES, [[0.5, 0.5, 0.5]], [[0.5, 0.6, 0.7]])
    assert (found.first, found.images, found.throughout) == ("b", None, False)
