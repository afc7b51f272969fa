"""How many repeats are needed, against simulation and the textbook's case."""

import numpy as np
import pytest
from scipy import stats

from inklings.evaluation.power import MOST_REPEATS, repeats_needed


def test_without_overlap_it_is_the_sample_size_of_a_paired_t_test():
    # Effect size 0.5, power 0.8, alpha 0.05: 34 pairs, as G*Power and Cohen's tables have it.
    needed = repeats_needed(0.005, 0.010, train_size=10**15, test_size=1)
    assert needed.count == 34


def test_with_overlap_the_repeats_it_names_find_the_difference_four_times_in_five():
    difference, spread, overlap = 0.004, 0.004, 0.1
    needed = repeats_needed(difference, spread, train_size=10_000, test_size=1000)
    random, trials = np.random.default_rng(0), 4000

    def found(repeats):
        # The spread within one set of repeats is what is left after the part that overlap makes common to them all.
        common = random.normal(0, spread * np.sqrt(overlap), (trials, 1))
        differences = difference + common + random.normal(0, spread, (trials, repeats))
        error = differences.std(axis=1, ddof=1) * np.sqrt(1 / repeats + overlap)
        return int(np.sum(differences.mean(axis=1) / error > stats.t.ppf(0.975, repeats - 1)))

    assert stats.binomtest(found(needed.count), trials, 0.8).proportion_ci(0.999).high > 0.8
    assert stats.binomtest(found(needed.count // 2), trials, 0.8).proportion_ci(0.999).high < 0.8


def test_below_the_floor_no_number_of_repeats_suffices_and_it_says_so():
    needed = repeats_needed(0.002, 0.004, train_size=2750, test_size=1250)
    assert needed.count is None
    assert not needed.reachable
    assert needed.smallest_detectable_difference == pytest.approx(
        (1.959964 + 0.841621) * 0.004 * np.sqrt(1250 / 2750), rel=1e-6
    )
    assert needed.sentence == (
        "no number of repeats would suffice, since splits of the same images overlap and hide differences below "
        "0.8 points (found: 0.2); more images would help"
    )


def test_on_one_split_nothing_is_hidden_by_overlap():
    needed = repeats_needed(0.0, 0.004, train_size=np.inf, test_size=1250)
    assert needed.sentence == "no number of repeats would suffice, since no difference was found"
    assert repeats_needed(0.0005, 0.004, train_size=np.inf, test_size=1250).count == 505


def test_where_accuracies_differ_too_much_for_any_difference_it_names_none_beyond_a_hundred_points():
    needed = repeats_needed(0.1, 0.6, train_size=275, test_size=125)
    assert needed.smallest_detectable_difference > 1
    assert "overlap and hide any difference (found: 10.0)" in needed.sentence


def test_just_above_the_floor_it_takes_more_than_anybody_trains():
    least = repeats_needed(0.002, 0.004, train_size=2750, test_size=1250).smallest_detectable_difference
    needed = repeats_needed(least * 1.0001, 0.004, train_size=2750, test_size=1250)
    assert needed.count is None
    assert needed.reachable
    assert needed.sentence == f"more than {MOST_REPEATS:,} repeats would be needed; more images would help more"


def test_a_larger_difference_needs_fewer():
    counts = [repeats_needed(size, 0.004, train_size=9000, test_size=1000).count for size in (0.005, 0.01, 0.02, 1.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 2
