"""Which labels of a data set are likely wrong: the model, confident learning, and the model again without those."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.findings.label_quality import (
    LabelIssues,
    confident_joint,
    find_label_issues,
    joint_distribution,
    prune_by_class,
)
from inklings.findings.left_out import kernel_features, leave_each_out

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LikelyLabels:
    """What a model that was fitted on the other images says about each label.

    Attributes
    ----------
    probabilities : array of float64, shape (n, classes)
    issues : LabelIssues
    agreement : float
        How many labels are the most probable class.
    """

    probabilities: NDArray[np.float64]
    issues: LabelIssues
    agreement: float


def judge_labels(features: Floats, labels: Integers, classes: int, copy_of: Integers, *, seed: int = 0) -> LikelyLabels:
    """Find labels that are likely wrong, from the features of the images and all other labels.

    The paper prunes once. Here the model is then fitted again without what is pruned by class, and the labels are
    judged by the second one, which wrong labels no longer lead astray; what that gains is measured in the docs.

    Parameters
    ----------
    features : array of float32, shape (n, features)
    labels : array of int64, shape (n,)
    classes : int
    copy_of : array of int64, shape (n,)
        The first image with the same pixels, which is the image itself where no earlier one is the same. An image is
        never judged by its own copies.
    seed : int
        Of the model.
    """
    mapped = kernel_features(features, seed=seed)
    # The model learns from the first of several copies, and from none that have several labels.
    first = copy_of == np.arange(len(labels))
    contradicted = np.zeros(len(labels), bool)
    # The first of its kind, of whose copies one at least has another label.
    contradicted[copy_of[labels != labels[copy_of]]] = True
    # If every image contradicts a copy, there would be nothing to learn from.
    usable = first & ~contradicted if (first & ~contradicted).any() else first
    # Each copy gets the probabilities of its first, which was left out.
    probabilities = leave_each_out(mapped, labels, classes, usable).probabilities[copy_of]
    joint = joint_distribution(confident_joint(probabilities, labels), labels)
    doubtful = prune_by_class(probabilities, labels, joint)
    # Pruned by class alone, which takes more: what is doubtful should not teach.
    trusted = usable & ~doubtful
    # Nothing is left to learn from where a class would vanish: the first judgement stands.
    if doubtful.any() and len(np.unique(labels[trusted])) == len(np.unique(labels)):
        probabilities = leave_each_out(mapped, labels, classes, trusted).probabilities[copy_of]
    agreement = float((probabilities.argmax(axis=1) == labels).mean())
    return LikelyLabels(probabilities, find_label_issues(probabilities, labels), agreement)
