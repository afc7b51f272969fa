"""Class probabilities of each image by a strong quick model that was fitted without it.

Histograms of gradients, and least squares with a radial kernel on them: nearly as accurate as a support vector machine,
but all the fits that leave one image out follow from a single one. For ridge regression on features F with hat matrix
H = F (F'F + penalty I)^-1 F', the prediction for image i when it is left out is (y_hat_i - H_ii y_i) / (1 - H_ii) (see
e.g. T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd edition, equation 7.64).
The kernel is approximated by a sample of the images (C. Williams and M. Seeger, Using the Nyström method to speed up
kernel machines, NIPS 2000), chosen without looking at labels, so that 60,000 images take no more memory than they need.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.opponents.temperature import choose_temperature, soften

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

WIDTH = 0.5
"""The kernel is exp(-WIDTH d^2 / v), with d the distance of two images' features and v their total variance."""

PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Tried by the loss on the images left out; the more wrong labels there are, the larger the best one."""

LANDMARKS = 1500
"""With more, the accuracy on the bundled digits does not rise."""

AT_ONCE = 4096
"""Images whose kernel values are computed together."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What the model says about each image when that image is left out.

    Attributes
    ----------
    probabilities : array of float64, shape (n, classes)
    penalty, temperature : float
        Those with the smallest loss on the images left out.
    """

    probabilities: NDArray[np.float64]
    penalty: float
    temperature: float


def leave_each_out(mapped: Floats, labels: Integers, classes: int, trusted: NDArray[np.bool_] | None = None) -> LeftOut:
    """Return the class probabilities of each image by a model fitted on all trusted others.

    Parameters
    ----------
    mapped : array of float32, shape (n, features)
        As :func:`kernel_features` returns them, or any features for a linear model.
    labels : array of int64, shape (n,)
    classes : int
    trusted : array of bool, shape (n,), optional
        The images to learn from; all if not given.
    """
    used = np.ones(len(labels), bool) if trusted is None else trusted
    # Around an even share for each class, a constant: a mean of the labels would hold the label that is left out.
    targets = np.full((len(labels), classes), -1 / classes, np.float32)
    targets[np.arange(len(labels)), labels] += 1
    learnt = mapped[used]
    # Once for all penalties: along these directions, the inverse is a division.
    variances, directions = np.linalg.eigh((learnt.T @ learnt).astype(np.float64))  # (features,), (features, features)
    turned = mapped @ directions.astype(np.float32)
    best: tuple[float, LeftOut] | None = None
    for penalty in PENALTIES:
        # The share that was subtracted is added again, so that scores are near probabilities.
        scores = left_out_scores(turned, targets, np.maximum(variances, 0), penalty, used) + 1 / classes
        temperature = choose_temperature(scores[used], labels[used])
        probabilities = np.asarray(soften(scores.astype(np.float64), temperature), np.float64)
        # By the label of each image, from a model that has not seen it: an honest loss.
        own = probabilities[used, labels[used]]
        loss = -float(np.log(np.maximum(own, 1e-300)).mean())
        if best is None or loss < best[0]:
            best = loss, LeftOut(probabilities, penalty, temperature)
    assert best is not None, "there are penalties to try"
    return best[1]


def kernel_features(features: Floats, landmarks: int = LANDMARKS, seed: int = 0) -> Floats:
    """Return features whose inner products approximate the kernel, shape (n, at most landmarks).

    Parameters
    ----------
    features : array of float32, shape (n, features)
    landmarks : int
        Images that the kernel is approximated by; as many as there are make it exact.
    seed : int
        Of the choice of landmarks.
    """
    centred = features - features.mean(axis=0)
    # 1.0 where all images are one.
    total = float(centred.var(axis=0).sum()) or 1.0
    rows = np.random.default_rng(seed).choice(len(centred), min(landmarks, len(centred)), replace=False)
    chosen = centred[np.sort(rows)]
    # (landmarks,), (landmarks, landmarks)
    values, vectors = np.linalg.eigh(_kernel(chosen, chosen, WIDTH / total).astype(np.float64))
    # Directions of next to no variance, such as a landmark's that occurs twice, are rounding errors.
    kept = values > 1e-6 * values[-1]
    # Nyström: features whose products are K(x, L) K(L, L)^-1 K(L, x).
    turn = (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)
    starts = range(0, len(centred), AT_ONCE)
    return np.concatenate([_kernel(centred[i : i + AT_ONCE], chosen, WIDTH / total) @ turn for i in starts])


def left_out_scores(
    turned: Floats, targets: Floats, variances: NDArray[np.float64], penalty: float, used: NDArray[np.bool_]
) -> Floats:
    """Return the predictions of ridge regression for each row, without that row where it was used to fit.

    Parameters
    ----------
    turned : array, shape (n, features)
        Along the directions in which ``turned[used].T @ turned[used]`` is diagonal.
    targets : array, shape (n, classes)
    variances : array, shape (features,)
        That diagonal.
    penalty : float
    used : array of bool, shape (n,)

    Returns
    -------
    array of float32, shape (n, classes)
    """
    # (F'F + penalty)^-1 along the directions in which it is diagonal.
    shrink = (1 / (variances + penalty)).astype(np.float32)
    fitted = turned @ (shrink[:, np.newaxis] * (turned[used].T @ targets[used]))
    # Below 1 by the penalty; rounding in float32 could reach it.
    # Each row's own weight in its prediction, the hat matrix's diagonal; 0 for rows that were not learnt from.
    own = np.where(used, np.minimum((turned**2) @ shrink, np.float32(1 - 1e-6)), 0)[:, np.newaxis]
    # Equation 7.64: what the row itself contributed is taken out of its prediction.
    scores: Floats = (fitted - own * targets) / (1 - own)
    return scores


def _kernel(rows: Floats, chosen: Floats, width: float) -> Floats:
    # By one product of matrices in place of a difference for each pair; rounding may leave it a little below 0.
    squared = (rows**2).sum(axis=1)[:, np.newaxis] + (chosen**2).sum(axis=1) - 2 * rows @ chosen.T
    values: Floats = np.exp(-np.float32(width) * np.maximum(squared, 0))
    return values
