from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KNeighborsClassifier

import inklings
from inklings.evaluation.statistics import wilson_interval
from inklings.report.summary import summarise


def read_by(trained, right, split):
    """The trained, had it read these test images right and no others."""
    classes, labels = split.dataset.class_count, split.test.labels
    answers = np.where(right, labels, (labels + 1) % classes)
    count = int(right.sum())
    result = replace(trained.result, test=count / len(right), interval=wilson_interval(count, len(right)))
    changed = replace(trained, result=result)
    changed.__dict__["probabilities"] = np.eye(classes)[answers]
    return changed


@pytest.fixture
def summary(comparison):
    def summary(*patterns):
        pairs = zip(comparison.trained_networks, patterns, strict=False)
        trained_networks = tuple(read_by(each, right, comparison.split) for each, right in pairs)
        made = replace(
            comparison, trained_networks=trained_networks, results=tuple(each.result for each in trained_networks)
        )
        return summarise(made, made.results)

    return summary


def test_networks_whose_intervals_overlap_are_told_apart_if_one_reads_what_the_other_does_and_more(comparison, summary):
    images = len(comparison.split.test)
    better, worse = np.arange(images) >= 40, np.arange(images) >= 50
    assert wilson_interval(images - 50, images).high > wilson_interval(images - 40, images).low
    assert stats.binomtest(10, 10).pvalue < 0.05
    assert "All others are significantly less accurate" in summary(better, worse)


def test_networks_that_differ_as_chance_might_have_it_are_named(comparison, summary):
    images = len(comparison.split.test)
    better, level = np.arange(images) >= 40, np.arange(images) < images - 45
    text = summary(better, level)
    assert "McNemar's exact test on the same test images it is not significantly different from naive." in text


def test_one_network_alone_is_compared_with_none(comparison, summary):
    assert "exact test" not in summary(np.arange(len(comparison.split.test)) >= 40)


def test_an_opponent_with_a_lower_accuracy_is_not_said_to_be_unbeaten():
    few = inklings.open_dataset("digits").take(range(0, 5000, 40)).split(test=40, validation=25, seed=0)
    found = inklings.compare(["softmax", inklings.Opponent("nearest", KNeighborsClassifier(1))], few, quick=True)
    softmax, nearest = found.results
    assert softmax.test > nearest.test
    assert "No network is significantly more accurate than nearest" in summarise(found, found.results)
