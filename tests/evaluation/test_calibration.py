"""Calibration against cases worked out by hand, other implementations, and simulation."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss

from inklings.errors import DataError
from inklings.evaluation.calibration import brier_score, choose_threshold, coverage_curve, reliability

# Ten images of two classes, all answered with class 0; the confidence and whether that is right.
CONFIDENCE = np.array([0.55, 0.55, 0.65, 0.65, 0.75, 0.75, 0.95, 0.95, 0.95, 0.95])
RIGHT = np.array([True, False, True, True, False, False, True, True, True, False])
PROBABILITIES = np.column_stack([CONFIDENCE, 1 - CONFIDENCE])
LABELS = np.where(RIGHT, 0, 1)


def draw(count, random, *, overconfident=0.0):
    """Draw two-class answers whose confidence is right, or too high by so much."""
    chance = random.uniform(0.6, 1, count)
    right = random.random(count) < chance - overconfident
    return np.column_stack([chance, 1 - chance]), np.where(right, 0, 1)


def test_a_diagram_and_its_error_worked_out_by_hand():
    diagram = reliability(PROBABILITIES, LABELS, bins=10)
    assert diagram.counts.tolist() == [0, 0, 0, 0, 0, 2, 2, 2, 0, 4]
    np.testing.assert_allclose(diagram.confidence[[5, 6, 7, 9]], [0.55, 0.65, 0.75, 0.95])
    np.testing.assert_allclose(diagram.accuracy[[5, 6, 7, 9]], [0.5, 1, 0, 0.75])
    assert np.isnan(diagram.accuracy[[0, 8]]).all()
    assert diagram.expected_calibration_error == pytest.approx(0.2 * 0.05 + 0.2 * 0.35 + 0.2 * 0.75 + 0.4 * 0.2)
    assert diagram.maximum_calibration_error == pytest.approx(0.75)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    diagram = reliability([[0.8, 0.2], [1.0, 0.0]], [0, 0], bins=5)
    assert diagram.counts.tolist() == [0, 0, 0, 1, 1]


def test_adaptive_bins_hold_equally_many():
    random = np.random.default_rng(0)
    probabilities, labels = draw(1500, random)
    diagram = reliability(probabilities**3 / (probabilities**3).sum(1, keepdims=True), labels, adaptive=True)
    assert diagram.counts.tolist() == [100] * 15
    assert (np.diff(diagram.edges) > 0).all()


def test_adaptive_bins_do_not_depend_on_the_order_of_equal_confidences():
    sure = np.column_stack([np.r_[np.full(90, 1.0), np.linspace(0.5, 0.9, 10)], np.zeros(100)])
    labels = np.r_[np.ones(30, int), np.zeros(70, int)]
    diagram = reliability(sure, labels, adaptive=True)
    assert diagram.counts.sum() == 100
    assert diagram.counts[-1] >= 90
    shuffled = np.random.default_rng(0).permutation(100)
    again = reliability(sure[shuffled], labels[shuffled], adaptive=True)
    assert again.expected_calibration_error == pytest.approx(diagram.expected_calibration_error, abs=1e-15)
    assert reliability([[0.7, 0.3]] * 4, [0, 0, 0, 1], adaptive=True).expected_calibration_error == pytest.approx(0.05)


def test_a_calibrated_network_has_little_error_and_an_overconfident_one_as_much_as_it_exaggerates():
    random = np.random.default_rng(1)
    for adaptive in (False, True):
        assert reliability(*draw(20_000, random), adaptive=adaptive).expected_calibration_error < 0.02
        exaggerating = reliability(*draw(20_000, random, overconfident=0.1), adaptive=adaptive)
        assert exaggerating.expected_calibration_error == pytest.approx(0.1, abs=0.02)


def test_the_brier_score_by_hand():
    assert brier_score([[1.0, 0.0, 0.0]], [0]) == 0
    assert brier_score([[1.0, 0.0, 0.0]], [2]) == pytest.approx(2)
    # Brier's own measure, summed over classes: (0.7 - 1)^2 + 0.2^2 + 0.1^2, and 0.5^2 + 0.5^2 + 1.
    assert brier_score([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0]], [0, 2]) == pytest.approx((0.14 + 1.5) / 2)


def test_the_brier_score_is_least_for_the_true_probabilities():
    probabilities, labels = draw(5000, np.random.default_rng(2))
    sharpened = probabilities**2 / (probabilities**2).sum(1, keepdims=True)
    assert brier_score(probabilities, labels) < brier_score(sharpened, labels)
    assert log_loss(labels, probabilities) < log_loss(labels, sharpened)


def test_coverage_against_accuracy_by_hand():
    curve = coverage_curve(PROBABILITIES, LABELS)
    np.testing.assert_allclose(curve.thresholds, [0.95, 0.75, 0.65, 0.55])
    np.testing.assert_allclose(curve.coverage, [0.4, 0.6, 0.8, 1.0])
    np.testing.assert_allclose(curve.accuracy, [3 / 4, 3 / 6, 5 / 8, 6 / 10])


def test_a_threshold_keeps_its_promise_on_new_images():
    # Confidence c is right with probability c, so answers from t on are right with probability (1 + t) / 2.
    random, broken, coverages = np.random.default_rng(3), 0, []
    for _ in range(1000):
        chosen = choose_threshold(*draw(1000, random), 0.9)
        broken += chosen is not None and (1 + chosen.threshold) / 2 < 0.9
        coverages.append(chosen.coverage if chosen else 0)
    assert stats.binomtest(broken, 1000, 0.05, alternative="greater").pvalue > 0.01
    assert np.median(coverages) > 0.3, "half of the images could be answered, were the probabilities known"


def test_a_threshold_tells_what_it_costs_and_gains():
    probabilities, labels = draw(2000, np.random.default_rng(4))
    chosen = choose_threshold(probabilities, labels, 0.9)
    answered = probabilities.max(1) >= chosen.threshold
    assert chosen.coverage == pytest.approx(answered.mean())
    assert chosen.accuracy == pytest.approx((labels[answered] == 0).mean())
    wrong, count = int((labels[answered] == 1).sum()), int(answered.sum())
    limit = stats.binomtest(count - wrong, count).proportion_ci(1 - 2 * 0.05 / 3, method="exact").low
    assert chosen.lowest_accuracy == pytest.approx(limit)
    assert 0.9 <= chosen.lowest_accuracy < chosen.accuracy


def test_every_image_is_answered_when_all_are_read_well_enough():
    labels = np.repeat([0, 1], [990, 10])
    probabilities = np.tile([0.6, 0.4], (1000, 1))
    chosen = choose_threshold(probabilities, labels, 0.95)
    assert (chosen.coverage, chosen.threshold) == (1, 0.6)


def test_no_promise_is_made_on_too_few_images():
    assert choose_threshold([[0.9, 0.1]] * 50, [0] * 50, 0.99) is None
    assert choose_threshold([[0.9, 0.1]] * 50, [1] * 50, 0.5) is None
    assert choose_threshold([[0.9, 0.1]] * 500, [0] * 500, 0.99).coverage == 1


@pytest.mark.parametrize(
    ("probabilities", "labels", "message"),
    [
        ([0.9, 0.1], [0, 1], r"shape \(2,\) and labels \(2,\), expected \(n, classes\) and \(n,\)"),
        ([[0.9, 0.1]], [0, 1], r"labels \(2,\)"),
        ([[1.2, -0.2]], [0], "run from -0.2 to 1.2, expected 0 to 1"),
        ([[np.nan, 0.5]], [0], "expected 0 to 1"),
        ([[0.9, 0.1]] * 2, [0, [1, 0]], "lists of unequal lengths, expected one label per image"),
        ([[0.9, 0.1]], ["a"], "a label is not a whole number"),
        ([[0.9, 0.1]], [0.5], "a label is not a whole number"),
        ([[0.9, 0.1]], [2], "labels run from 2 to 2, expected 0 to 1 for 2 classes"),
    ],
)
def test_what_are_no_probabilities_is_refused(probabilities, labels, message):
    for measure in (reliability, brier_score, coverage_curve):
        with pytest.raises(DataError, match=message):
            measure(probabilities, labels)


def test_an_accuracy_in_percent_is_refused():
    with pytest.raises(DataError, match="the accuracy asked for is 99, expected a number between 0 and 1"):
        choose_threshold(PROBABILITIES, LABELS, 99)
