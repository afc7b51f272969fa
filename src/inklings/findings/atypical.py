"""Images unlike the others: of their class, or of all classes; by the distance to their nearest neighbours.

After S. Ramaswamy, R. Rastogi and K. Shim, Efficient algorithms for mining outliers from large data sets, SIGMOD 2000:
what is far from its k nearest neighbours is an outlier. Distances differ from class to class, so each is compared with
those usual in its class, on a logarithmic scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.findings.near_duplicates import principal_parts

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

NEIGHBOURS = 5
DIRECTIONS = 32
"""Principal components of the features; the rest is mostly noise, in which all distances are alike."""

FEWEST = 20
"""With fewer images of a class, nothing is concluded about what is usual in it."""


def unlikeness(features: Floats, labels: Integers) -> tuple[Floats, Floats]:
    """Return how unlike its class, and how unlike all images, each image is: robust standard scores, shape (n,).

    Parameters
    ----------
    features : array of float32, shape (n, features)
    labels : array of int64, shape (n,)

    Returns
    -------
    of_class, of_all : arrays of float32, shape (n,)
        0 is usual; 4 is far out. 0 for all images of a class with fewer than 20.
    """
    # The same directions for all classes, so that distances can be compared.
    reduced = principal_parts(features, DIRECTIONS)
    # Among all images; below, among those of one class.
    everywhere = mean_distance(reduced)
    of_class, of_all = np.zeros(len(labels), np.float32), np.zeros(len(labels), np.float32)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) >= FEWEST:
            of_class[rows] = robust_scores(mean_distance(reduced[rows]))
            of_all[rows] = robust_scores(everywhere[rows])
    return of_class, of_all


def mean_distance(rows: Floats) -> Floats:
    """Return the mean distance of each row to its five nearest others, shape (n,)."""
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(rows) - 1)
    if count < 1:
        return np.zeros(len(rows), np.float32)
    # In so many directions, a tree would visit nearly every image all the same.
    distances, _ = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(rows).kneighbors()
    means: Floats = distances.mean(axis=1).astype(np.float32)
    return means


def robust_scores(distances: Floats) -> Floats:
    """Return how many standard deviations the logarithm of each is above the median, by the median deviation."""
    from scipy.stats import median_abs_deviation

    # An exact copy's neighbours can all be at distance 0.
    logarithms = np.log(np.maximum(distances, 1e-3 * max(float(np.median(distances)), 1e-6)))
    above = logarithms - np.median(logarithms)
    spread = float(median_abs_deviation(logarithms, scale="normal"))
    # No spread at all, as among copies: nobody is unlike.
    scores: Floats = (above / spread if spread > 0 else np.zeros_like(above)).astype(np.float32)
    return scores
