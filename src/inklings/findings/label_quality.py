"""Labels that are likely wrong, by confident learning: which labels contradict what the other images say.

After C. G. Northcutt, L. Jiang and I. L. Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, Journal
of Artificial Intelligence Research 70, 2021. Given each image's class probabilities by a model that has not seen its
label, a class is *confidently* another one's where its probability reaches what is usual for images labelled so. How
often each label is confidently another class estimates how many labels are wrong; that many are pruned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.errors import DataError
from inklings.evaluation.calibration import check_probabilities

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabelIssues:
    """Labels that are likely wrong, the surest first; arrays of shape (issues,).

    Attributes
    ----------
    rows : array of int64
    suggested : array of int64
        The most probable other class.
    margins : array of float64
        By how much the probability of the suggested class exceeds the label's, from 0 to 1.
    """

    rows: Integers
    suggested: Integers
    margins: Floats

    def __len__(self) -> int:
        return len(self.rows)


def class_thresholds(probabilities: ArrayLike, labels: ArrayLike) -> Floats:
    """Return the mean probability of each class among the images labelled so, shape (classes,).

    Equation 2 of the paper. A class without images has no threshold that could be reached: infinity.
    """
    values, given = check_probabilities(probabilities, labels)
    sizes = np.bincount(given, minlength=values.shape[1])
    # (classes,): the sum of each label's own probabilities, then their mean.
    own = np.bincount(given, values[np.arange(len(given)), given], minlength=values.shape[1])
    thresholds: Floats = np.where(sizes > 0, own / np.maximum(sizes, 1), np.inf)
    return thresholds


def confident_classes(probabilities: ArrayLike, labels: ArrayLike) -> Integers:
    """Return the class that each image confidently is, shape (n,); -1 where no class reaches its threshold.

    Where several do, the most probable of them (equation 1 of the paper).
    """
    values, given = check_probabilities(probabilities, labels)
    # Rounding must not keep an image from a threshold that is its own probability, as in a class of one.
    reached = values >= class_thresholds(values, given) - 1e-12
    best = np.where(reached, values, -1).argmax(axis=1)
    found: Integers = np.where(reached.any(axis=1), best, -1).astype(np.int64)
    return found


def confident_joint(probabilities: ArrayLike, labels: ArrayLike) -> Integers:
    """Count the images with each label (rows) by the class that they confidently are (columns).

    Parameters
    ----------
    probabilities : array, shape (n, classes)
        By a model that has not seen the image's own label.
    labels : array of int, shape (n,)

    Returns
    -------
    array of int64, shape (classes, classes)

    Examples
    --------
    >>> confident_joint([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]], [0, 0, 0, 1])
    array([[2, 1],
           [0, 1]])
    """
    values, given = check_probabilities(probabilities, labels)
    classes = values.shape[1]
    found = confident_classes(values, given)
    # (label, class) as one number, so that one count does for the table.
    pairs = (given * classes + found)[found >= 0]
    counts: Integers = np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)
    return counts


def joint_distribution(joint: ArrayLike, labels: ArrayLike) -> Floats:
    """Estimate how labels (rows) and true classes (columns) go together, shape (classes, classes); the sum is 1.

    Each row of the confident joint is scaled to the number of images with that label (equation 3 of the paper).
    """
    counts = np.asarray(joint, np.float64)
    sizes = np.bincount(np.asarray(labels, np.int64), minlength=len(counts))
    totals = counts.sum(axis=1)
    # Of a label whose images are confidently nothing, all that is known is the label.
    rows = np.where(totals[:, np.newaxis] > 0, counts, np.eye(len(counts)))
    scaled = rows / rows.sum(axis=1, keepdims=True) * sizes[:, np.newaxis]
    distribution: Floats = scaled / sizes.sum()
    return distribution


def find_label_issues(probabilities: ArrayLike, labels: ArrayLike) -> LabelIssues:
    """Find labels that are likely wrong.

    A label is found by both of the paper's ways of pruning: it is among the least probable of its class, as many as
    are estimated to be wrong there ("by class"), and among those with the largest margin towards another class, as
    many as are estimated to be of that one ("by noise rate"). And another class is more probable, so that there is
    something to suggest.

    Parameters
    ----------
    probabilities : array, shape (n, classes)
        By a model that has not seen the image's own label.
    labels : array of int, shape (n,)

    Raises
    ------
    DataError
        Shapes do not match, a probability is not between 0 and 1, or there is only one class.
    """
    values, given = check_probabilities(probabilities, labels)
    if values.shape[1] < 2:
        raise DataError("probabilities of 1 class, expected at least 2", found=1, expected=2)
    joint = joint_distribution(confident_joint(values, given), given)
    wrong = prune_by_class(values, given, joint) & prune_by_noise_rate(values, given, joint)
    rows = np.flatnonzero(wrong & (values.argmax(axis=1) != given))
    suggested = values[rows].argmax(axis=1).astype(np.int64)
    margins = values[rows, suggested] - values[rows, given[rows]]
    order = np.argsort(-margins, kind="stable")
    return LabelIssues(rows[order], suggested[order], margins[order])


def prune_by_class(values: Floats, labels: Integers, joint: Floats) -> NDArray[np.bool_]:
    """Mark as many images of each label as are estimated to be wrong, those with the least probable label first."""
    wrong = np.zeros(len(labels), bool)
    for label in range(len(joint)):
        rows = np.flatnonzero(labels == label)
        # The joint's off-diagonal mass of a row is the share of all images with this label that is wrong.
        count = round(len(labels) * (joint[label].sum() - joint[label, label]))
        wrong[rows[np.argsort(values[rows, label], kind="stable")[:count]]] = True
    return wrong


def prune_by_noise_rate(values: Floats, labels: Integers, joint: Floats) -> NDArray[np.bool_]:
    """Mark as many images of each label as are estimated to be of each other class, the largest margins first."""
    wrong = np.zeros(len(labels), bool)
    for label in range(len(joint)):
        rows = np.flatnonzero(labels == label)
        for other in np.flatnonzero(joint[label]):
            if other != label:
                count = round(len(labels) * joint[label, other])
                margins = values[rows, other] - values[rows, label]
                wrong[rows[np.argsort(-margins, kind="stable")[:count]]] = True
    return wrong
