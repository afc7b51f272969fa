"""Confusion matrix, and per-class metrics by scikit-learn as plain dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class ClassMetrics:
    """How well one class is recognised.

    Attributes
    ----------
    name : str
    precision : float
        The fraction of predictions of this class that are correct; 0 if it is never predicted.
    recall : float
        The fraction of this class's images that are classified correctly.
    f1 : float
        The harmonic mean of precision and recall.
    images : int
        How many images of this class there are.
    """

    name: str
    precision: float
    recall: float
    f1: float
    images: int


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Count the images of each class (rows) that are predicted as each class (columns)."""
    # By NumPy: scikit-learn, which counts the same, takes a second to load, for which whoever opens the lab's mistakes
    # would wait. Each pair of classes has a number, that of its place in the matrix.
    pairs = np.ravel_multi_index((np.asarray(labels), np.asarray(predicted)), (classes, classes))
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def class_metrics(labels: ArrayLike, predicted: ArrayLike, names: tuple[str, ...]) -> tuple[ClassMetrics, ...]:
    """Return precision, recall and F1 of each class."""
    from sklearn import metrics

    found = metrics.precision_recall_fscore_support(labels, predicted, labels=range(len(names)), zero_division=0)
    return tuple(
        ClassMetrics(name, float(precision), float(recall), float(f1), int(images))
        for name, precision, recall, f1, images in zip(names, *found, strict=True)
    )
