"""What scikit-learn finds in a network's answers, in the shapes that we show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class ClassMetrics:
    """How well one class is read.

    Attributes
    ----------
    name : str
    precision : float
        The share of its answers that are right; 0 if it is never answered.
    recall : float
        The share of its images that are read right.
    f1 : float
        The harmonic mean of both.
    images : int
        How many it has.
    """

    name: str
    precision: float
    recall: float
    f1: float
    images: int


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Count the images of each class (rows) that are taken for each class (columns)."""
    from sklearn import metrics

    matrix: NDArray[np.int64] = metrics.confusion_matrix(labels, predicted, labels=range(classes))
    return matrix


def class_metrics(labels: ArrayLike, predicted: ArrayLike, names: tuple[str, ...]) -> tuple[ClassMetrics, ...]:
    """Give precision, recall and F1 of each class."""
    from sklearn import metrics

    found = metrics.precision_recall_fscore_support(labels, predicted, labels=range(len(names)), zero_division=0)
    return tuple(
        ClassMetrics(name, float(precision), float(recall), float(f1), int(images))
        for name, precision, recall, f1, images in zip(names, *found, strict=True)
    )
