import numpy as np
import pytest

from inklings.errors import DataError
from inklings.findings.label_quality import (
    class_thresholds,
    confident_classes,
    confident_joint,
    find_label_issues,
    joint_distribution,
)


@pytest.fixture(scope="module")
def noisy():
    """Three classes whose probabilities are right, and 60 of 600 labels that were changed at random."""
    random = np.random.default_rng(0)
    true = random.integers(0, 3, 600)
    scores = random.normal(0, 1, (600, 3))
    scores[np.arange(600), true] += 4
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    labels = true.copy()
    changed = random.choice(600, 60, replace=False)
    labels[changed] = (labels[changed] + random.integers(1, 3, 60)) % 3
    return probabilities, labels, set(changed.tolist())


def test_the_joint_distribution_is_that_of_the_papers_figure_1():
    """Northcutt et al., figure 1: counts of images labelled dog, fox, cow, and the joint they estimate."""
    counts = [[100, 40, 20], [56, 60, 0], [32, 12, 80]]
    labels = np.repeat([0, 1, 2], [160, 116, 124])
    estimated = joint_distribution(counts, labels)
    np.testing.assert_allclose(np.round(estimated, 2), [[0.25, 0.1, 0.05], [0.14, 0.15, 0], [0.08, 0.03, 0.2]])


def test_rows_of_the_joint_distribution_are_the_shares_of_the_labels(noisy):
    probabilities, labels, _ = noisy
    estimated = joint_distribution(confident_joint(probabilities, labels), labels)
    np.testing.assert_allclose(estimated.sum(1), np.bincount(labels) / len(labels))


def test_the_confident_joint_is_what_the_definition_counts(noisy):
    """The paper's equation 1, one image after the other."""
    probabilities, labels, _ = noisy
    thresholds = [np.mean([p[k] for p, y in zip(probabilities, labels, strict=True) if y == k]) for k in range(3)]
    counted = np.zeros((3, 3), int)
    for p, y in zip(probabilities, labels, strict=True):
        reached = [k for k in range(3) if p[k] >= thresholds[k]]
        if reached:
            counted[y, max(reached, key=lambda k: p[k])] += 1
    np.testing.assert_allclose(class_thresholds(probabilities, labels), thresholds)
    assert (confident_joint(probabilities, labels) == counted).all()


def test_the_share_of_wrong_labels_is_estimated(noisy):
    probabilities, labels, changed = noisy
    estimated = joint_distribution(confident_joint(probabilities, labels), labels)
    assert abs((1 - np.trace(estimated)) - len(changed) / len(labels)) < 0.03


def test_changed_labels_are_found_with_what_they_were(noisy):
    probabilities, labels, changed = noisy
    issues = find_label_issues(probabilities, labels)
    found = set(issues.rows.tolist())
    assert len(found & changed) >= 0.85 * len(changed)
    assert len(found & changed) >= 0.85 * len(found)
    assert (issues.suggested == probabilities[issues.rows].argmax(1)).all()
    assert (np.diff(issues.margins) <= 0).all()
    assert (issues.margins > 0).all()


def test_right_labels_of_a_sure_model_are_left_alone():
    labels = np.arange(30) % 3
    assert len(find_label_issues(np.eye(3)[labels], labels)) == 0


def test_an_image_between_its_classes_is_none_of_them_confidently():
    probabilities = [[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]]
    assert confident_classes(probabilities, [0, 0, 1]).tolist() == [0, -1, 1]


def test_a_class_without_images_does_no_harm():
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]] * 4)
    labels = np.array([0, 1] * 4)
    assert class_thresholds(probabilities, labels)[2] == np.inf
    assert confident_joint(probabilities, labels)[2].sum() == 0
    assert len(find_label_issues(probabilities, labels)) == 0


def test_probabilities_that_are_none_are_refused():
    with pytest.raises(DataError, match="expected 0 to 1"):
        find_label_issues([[1.4, -0.4]], [0])
    with pytest.raises(DataError, match="at least 2"):
        find_label_issues([[1.0]], [0])
