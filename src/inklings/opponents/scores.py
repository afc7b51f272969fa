"""What a fitted classifier of scikit-learn says of each class, however it says it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.opponents.support_vectors import rows_at_once, scores_of_pairs


def class_scores(estimator: Any, rows: NDArray[np.float32]) -> NDArray[np.floating[Any]]:  # noqa: ANN401 - scikit-learn's
    """Return a score per class, shape (n, classes); of predictions alone, 1 for the predicted class and else 0."""
    classes = len(estimator.classes_)
    if _is_one_against_one(estimator):
        # A value for each pair of classes: as many images at once as keep them bounded.
        size = rows_at_once(classes * (classes - 1) // 2)
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        return np.concatenate([scores_of_pairs(_pair_values(estimator, part), classes) for part in parts])
    if hasattr(estimator, "decision_function"):
        scores = np.asarray(estimator.decision_function(rows), np.float64)
        # For two classes scikit-learn returns one column: how far on the second one's side.
        scores = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
        # Of scores of any other shape the predictions alone are used.
        if scores.shape[1] == len(estimator.classes_):
            return scores
    predicted = np.asarray(estimator.predict(rows))[:, np.newaxis] == np.asarray(estimator.classes_)
    ones: NDArray[np.float64] = predicted.astype(np.float64)
    return ones


def _is_one_against_one(estimator: Any) -> bool:  # noqa: ANN401 - scikit-learn's
    """Whether it is a support vector machine of several classes, which has a value for each pair of them."""
    from sklearn.svm import SVC

    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    return isinstance(last, SVC) and len(last.classes_) > 2


def _pair_values(estimator: Any, rows: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: ANN401 - scikit-learn's
    """Return a support vector machine's value for each pair of classes, shape (n, pairs)."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    # "ovr" adds up votes; what the machines themselves say is "ovo". Put back, since the estimator is the caller's.
    shape = last.decision_function_shape
    try:
        last.decision_function_shape = "ovo"
        return np.asarray(estimator.decision_function(rows), np.float64)
    finally:
        last.decision_function_shape = shape
