"""Probabilities from scores: a softmax whose temperature fits the validation images.

One number for all classes, as C. Guo et al., On calibration of modern neural networks, ICML 2017: unlike a sigmoid or
a step function per class, it never changes which class is the most probable, so the accuracy stays what it was.
"""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

COLDEST, HOTTEST = 1e-3, 1e3
"""Limits of the search; outside them, probabilities are all 0 and 1, or all the same."""

HARDLY_ANY = 1e-3
"""Added to every class's share of a forest's votes: about a third of a vote of 300 trees. It keeps logits finite, and a
class that got none from outweighing all else where it was the right one; the order of the classes stays."""

HARDLY_ANY_NEIGHBOUR = 1e-2
"""The same for nearest neighbours, of whose few votes most go to one class: half a vote of five neighbours, shared by
ten classes. Of 0.001, 0.01 and half a vote shared by the classes, it and the last had the smallest errors."""

LEAST = 50
"""Fewer validation images leave the temperature at 1: one mistake more or less would decide it."""

SPREAD = log(2)
"""Before any image is seen, a temperature between 1/2 and 2 has a probability of 68 %.

Without that, a network that gets all validation images right would be made certain of everything: its likelihood grows
for ever as the temperature falls.
"""

WORTH_IT = 3.84
"""A temperature other than 1 is taken if it gains half of this in log-likelihood: a likelihood-ratio test at 5 %.

Many networks are calibrated by their training as it is; a temperature that chance chose would spoil that.
"""


def soften(scores: Floats, temperature: float) -> Floats:
    """Return ``softmax(scores / temperature)``, shape (n, classes)."""
    from scipy.special import softmax

    probabilities: Floats = softmax(scores / temperature, axis=1)
    return probabilities


def as_logits(probabilities: Floats) -> Floats:
    """Return logits of which these are the softmax; what was rounded to 0 counts as the smallest single above it."""
    # tiny is float32's smallest normal number, about 1e-38: a logit of about -87.
    logits: Floats = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny).astype(np.float64))
    return logits


def votes_as_logits(votes: Floats, least: float) -> Floats:
    """Return logits of mean votes; a class without any counts as one with ``least``, such as :data:`HARDLY_ANY`."""
    logits: Floats = np.log(votes + least)
    return logits


def temper(probabilities: Floats, temperature: float) -> Floats:
    """Return what a softmax's probabilities, shape (n, classes), become if its logits are divided by a temperature."""
    return soften(as_logits(probabilities), temperature)


def choose_temperature(scores: Floats, labels: NDArray[np.int64], *, spread: float | None = None) -> float:
    """Return the temperature with the smallest mean cross-entropy.

    Parameters
    ----------
    scores : array, shape (n, classes)
    labels : array of int64, shape (n,)
    spread : float, optional
        The standard deviation of a normal prior about 0 of the temperature's logarithm; without one, no temperature is
        preferred. The most probable temperature is returned.

    Returns
    -------
    float
        From 0.001 to 1,000; 1 means that the scores are logits already.
    """
    from scipy.optimize import minimize_scalar

    # The prior's own log-density, spread over the images, since the loss is their mean.
    weight = 0.0 if spread is None else 1 / (2 * spread**2 * len(labels))

    def loss(logarithm: float) -> float:
        # By the logarithm: a temperature of 2 and of 1/2 are as far from 1.
        return mean_cross_entropy(scores / np.exp(logarithm), labels) + weight * logarithm**2

    # The loss is convex in 1 / temperature, so it has a single minimum in its logarithm.
    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))


def choose_temperature_of_neighbours(votes: Floats, labels: NDArray[np.int64]) -> float:
    """Return the most probable temperature of nearest neighbours' votes, given :data:`SPREAD`; 1 without any image.

    Votes as they are say 1 of most images, so to leave them so is no choice: no gain is asked for, nor :data:`LEAST`.

    Parameters
    ----------
    votes : array, shape (n, classes)
    labels : array of int64, shape (n,)
    """
    if not len(labels):
        return 1.0
    return choose_temperature(votes_as_logits(votes, HARDLY_ANY_NEIGHBOUR), labels, spread=SPREAD)


def choose_significant_temperature(logits: Floats, labels: NDArray[np.int64]) -> float | None:
    """Return the most probable temperature, given :data:`SPREAD`; None where images are few or none is clearly better.

    Parameters
    ----------
    logits : array, shape (n, classes)
    labels : array of int64, shape (n,)
    """
    if len(labels) < LEAST:
        return None
    found = choose_temperature(logits, labels, spread=SPREAD)
    # Twice the difference of log-likelihoods, which a chi-square of one degree describes where 1 is right.
    gain = 2 * len(labels) * (mean_cross_entropy(logits, labels) - mean_cross_entropy(logits / found, labels))
    return None if gain < WORTH_IT else found


def mean_cross_entropy(logits: Floats, labels: NDArray[np.int64]) -> float:
    """Return the mean negative log-likelihood of labels, shape (n,), under logits, shape (n, classes)."""
    from scipy.special import log_softmax

    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())
