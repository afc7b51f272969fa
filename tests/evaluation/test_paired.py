"""Repeated comparisons against published examples and independent implementations."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from inklings.errors import RunError
from inklings.evaluation.discordance import TestedImages
from inklings.evaluation.paired import compare_pairs, corrected_t_test, holm, summarise_repeats

DIGITS = {"train_size": 2750, "test_size": 1250}
INDEPENDENT = {"train_size": 10**15, "test_size": 1250}  # a correction of nothing
CNN2 = [0.952, 0.949, 0.957, 0.951, 0.955, 0.953, 0.958, 0.950, 0.954, 0.951]
MLP = [0.939, 0.937, 0.943, 0.938, 0.944, 0.939, 0.944, 0.936, 0.942, 0.938]


@pytest.fixture(scope="module")
def moons_scores():
    """The scores of scikit-learn's example "Statistical comparison of models using grid search", by its own code."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    images, labels = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    return [
        cross_val_score(SVC(kernel=kernel, random_state=0), images, labels, cv=folds, scoring="roc_auc")
        for kernel in ("rbf", "linear")
    ]


def test_the_corrected_t_test_gives_scikit_learns_published_example(moons_scores):
    # Its page prints "Corrected t-value: 0.750, Corrected p-value: 0.227", one-sided.
    test = corrected_t_test(*moons_scores, train_size=90, test_size=10)
    assert test.statistic == pytest.approx(0.750, abs=5e-4)
    assert test.p_value / 2 == pytest.approx(0.227, abs=5e-4)
    assert test.repeats == 100


def test_without_overlap_it_is_the_paired_t_test():
    ours = corrected_t_test(CNN2, MLP, **INDEPENDENT)
    scipys = stats.ttest_rel(CNN2, MLP)
    assert ours.statistic == pytest.approx(scipys.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(scipys.pvalue, rel=1e-9)
    assert (ours.low, ours.high) == pytest.approx(tuple(scipys.confidence_interval(0.95)), rel=1e-9)


def test_overlap_widens_the_interval_as_nadeau_and_bengio_say():
    differences = [one - other for one, other in zip(CNN2, MLP, strict=True)]
    n, mean = len(differences), sum(differences) / len(differences)
    variance = sum((difference - mean) ** 2 for difference in differences) / (n - 1)
    error = sqrt((1 / n + 1250 / 2750) * variance)
    test = corrected_t_test(CNN2, MLP, **DIGITS)
    assert test.statistic == pytest.approx(mean / error)
    assert test.high - test.difference == pytest.approx(2.2621571627 * error)  # t(0.975, 9), from a printed table
    assert test.difference == pytest.approx(mean)


def test_swapping_the_networks_swaps_the_sign_only():
    test, swapped = corrected_t_test(CNN2, MLP, **DIGITS), corrected_t_test(MLP, CNN2, **DIGITS)
    assert (swapped.low, swapped.high) == pytest.approx((-test.high, -test.low))
    assert swapped.p_value == pytest.approx(test.p_value)


def test_two_equal_differences_are_not_taken_for_proof():
    few = corrected_t_test([0.91, 0.92], [0.90, 0.91], **DIGITS)
    many = corrected_t_test([0.93] * 20, [0.90] * 20, **DIGITS)
    assert few.standard_deviation == pytest.approx(0, abs=1e-12)
    assert few.p_value > 0.05 > 0.001 > many.p_value > 0


def test_chance_is_taken_for_a_difference_as_rarely_as_promised():
    # Differences of overlapping splits: a part common to all repeats, with the correlation that the correction assumes.
    random, overlap, repeats = np.random.default_rng(3), 1250 / 2750, 5
    correlation = overlap / (1 + overlap)
    found = 0
    for _ in range(2000):
        common, own = random.normal(), random.normal(size=repeats)
        differences = 0.005 * (sqrt(correlation) * common + sqrt(1 - correlation) * own)
        found += corrected_t_test(0.9 + differences, np.full(repeats, 0.9), **DIGITS).p_value <= 0.05
    assert stats.binomtest(found, 2000, 0.05).pvalue > 0.001


def test_a_network_alone_has_a_spread_and_an_interval_of_its_mean():
    score = summarise_repeats(CNN2, **DIGITS)
    assert score.mean == pytest.approx(0.953)
    assert score.standard_deviation == pytest.approx(np.std(CNN2, ddof=1))
    error = np.std(CNN2, ddof=1) * sqrt(1 / 10 + 1250 / 2750)
    assert (score.low, score.high) == pytest.approx(stats.t.interval(0.95, 9, 0.953, error))


def test_an_interval_of_accuracies_ends_at_100_percent():
    score = summarise_repeats([0.999, 1.0, 0.998], **DIGITS)
    assert score.high == 1
    assert summarise_repeats([1.0, 1.0, 1.0], **DIGITS).low < 1


def test_holm_gives_published_examples():
    # Abdi (2010), Holm's sequential Bonferroni procedure, Encyclopedia of Research Design.
    np.testing.assert_allclose(holm([0.000040, 0.016100, 0.612300]), [0.000120, 0.032200, 0.612300])
    # R's p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm").
    np.testing.assert_allclose(holm([0.04, 0.01, 0.05, 0.02, 0.03]), [0.09, 0.05, 0.09, 0.08, 0.09])
    assert holm([0.9, 0.8]).tolist() == [1, 1]


def test_holm_rejects_what_his_procedure_rejects_step_by_step():
    random = np.random.default_rng(0)
    for p_values in random.beta(0.5, 4, size=(200, 6)):
        rejected = set()
        for step, place in enumerate(np.argsort(p_values)):
            if p_values[place] > 0.05 / (6 - step):
                break
            rejected.add(place)
        assert set(np.flatnonzero(holm(p_values) <= 0.05)) == rejected


def test_a_difference_is_told_as_people_say_it():
    (pair,) = compare_pairs({"mlp": MLP, "cnn2": CNN2}, **DIGITS)
    assert pair.significant
    # Their own spread of 0.24 points would say 1.1 to 1.5; but on 1,250 images, chance alone moves 1.3 points by 0.32.
    assert pair.sentence == (
        "cnn2 is 1.3 points (0.9 to 1.7) more accurate than mlp, on other splits and seeds too (significant, p < 0.001)"
    )


def test_chance_is_told_with_the_repeats_that_would_do():
    scores = {"softmax": [0.900, 0.893, 0.898, 0.889, 0.896], "naive": [0.886, 0.891, 0.887, 0.892, 0.884]}
    (pair,) = compare_pairs(scores, train_size=9000, test_size=1000)
    assert not pair.significant
    assert pair.sentence == (
        "no significant difference between softmax and naive in 5 repeats on other splits and seeds; "
        f"about {pair.needed.count} repeats would be needed"
    )
    assert pair.needed.count > 5


def test_trained_networks_may_differ_where_their_recipes_cannot_be_told_apart():
    # On 200 images, the first is right on 2, 11 and 20 that the other gets wrong, in repeats of images of their own.
    rows = [np.arange(200) + 200 * repeat for repeat in range(3)]
    first = [np.arange(200) >= 20] * 3
    second = [(np.arange(200) >= 20) & (np.arange(200) < 200 - count) for count in (2, 11, 20)]
    tested = TestedImages(rows, {"first": first, "second": second})
    scores = {"first": [right.mean() for right in first], "second": [right.mean() for right in second]}
    (pair,) = compare_pairs(scores, train_size=400, test_size=200, tested=tested)
    assert not pair.significant
    assert pair.trained.only_first == 33
    assert pair.sentence.startswith(
        "first is more accurate than second as trained here (33 test images that only it gets right, 0 that only the "
        "other does, p < 0.001), but 3 repeats cannot tell whether it is on other splits and seeds ("
    )


def test_many_pairs_are_held_to_more():
    alone = compare_pairs({"a": CNN2[:5], "b": MLP[:5]}, **DIGITS)[0]
    random = np.random.default_rng(1)
    crowd = {"a": CNN2[:5], "b": MLP[:5]} | {f"n{i}": 0.9 + random.normal(0, 0.01, 5) for i in range(6)}
    among = compare_pairs(crowd, **DIGITS)
    assert len(among) == 28
    first = next(pair for pair in among if {pair.first, pair.second} == {"a", "b"})
    assert first.test.difference == alone.test.difference
    assert first.adjusted_p_value > alone.adjusted_p_value
    by_hand = holm([pair.test.p_value for pair in among])
    assert [pair.adjusted_p_value for pair in among] == by_hand.tolist()
    for pair in among:
        if not pair.significant and pair.needed.count is not None:
            assert pair.needed.count > 5, "it cannot advise fewer repeats than were not enough"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([0.9], [0.8], r"expected one per repeat and at least 2; ask for more: --repeats 5"),
        ([0.9, 0.8], [0.8, 0.7, 0.9], "2 scores and 3"),
        ([0.9, float("nan")], [0.8, 0.7], "the first scores hold nan, expected fractions from 0 to 1"),
        ([0.9, 0.8], [80, 70], "the second scores hold 80.0"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(first, second, message):
    with pytest.raises(RunError, match=message):
        corrected_t_test(first, second, **DIGITS)
