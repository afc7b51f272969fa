"""Probabilities from scores, for classifiers that only rank: a softmax whose temperature fits the validation images.

One number for all classes, as C. Guo et al., On calibration of modern neural networks, ICML 2017: unlike a sigmoid or
a step function per class, it never changes which class is the most probable, so an opponent's accuracy stays its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLDEST, HOTTEST = 1e-3, 1e3
"""Limits of the search; outside them, probabilities are all 0 and 1, or all the same."""


def soften(scores: NDArray[np.floating[Any]], temperature: float) -> NDArray[np.floating[Any]]:
    """Return ``softmax(scores / temperature)``, shape (n, classes)."""
    from scipy.special import softmax

    probabilities: NDArray[np.floating[Any]] = softmax(scores / temperature, axis=1)
    return probabilities


def choose_temperature(scores: NDArray[np.floating[Any]], labels: NDArray[np.int64]) -> float:
    """Return the temperature with the smallest mean cross-entropy.

    Parameters
    ----------
    scores : array, shape (n, classes)
    labels : array of int64, shape (n,)

    Returns
    -------
    float
        From 0.001 to 1,000; 1 means that the scores are logits already.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    rows = np.arange(len(labels))

    def loss(logarithm: float) -> float:
        return float(-log_softmax(scores / np.exp(logarithm), axis=1)[rows, labels].mean())

    # The loss is convex in 1 / temperature, so it has a single minimum in its logarithm.
    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))
