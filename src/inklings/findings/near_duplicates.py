"""Images that are there several times: the same pixels, or nearly the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

LEAST_CORRELATION = 0.985
"""Of near duplicates. A digit of 28 x 28 saved as JPEG of quality 75 correlates with itself by 0.996 or more."""

FAR_NEARER = 0.4
"""Near duplicates are nearer than this share of what is usual between images and their fifth neighbours in the same
class. Upright strokes by different writers correlate by 0.99, and are no duplicates."""

NEIGHBOURS = 5

DIRECTIONS = 48
"""Principal directions in which candidates are looked for. Distances there are never longer than between the images."""


@dataclass(frozen=True, eq=False)
class NearDuplicates:
    """Pairs of images that are nearly the same, the most alike first; arrays of shape (pairs,)."""

    first: Integers
    second: Integers
    correlations: Floats

    def __len__(self) -> int:
        return len(self.first)


def copies(hashes: NDArray[np.uint64]) -> Integers:
    """Return the first row with the same hash as each, shape (n,); a row without an earlier copy is its own.

    >>> copies(np.array([7, 5, 7, 7], np.uint64)).tolist()
    [0, 1, 0, 0]
    """
    _, firsts, kinds = np.unique(hashes, return_index=True, return_inverse=True)
    rows: Integers = firsts[kinds].astype(np.int64)
    return rows


def find_near_duplicates(thumbnails: Floats, labels: Integers, copy_of: Integers) -> NearDuplicates:
    """Find pairs of images that are nearly the same, exact copies not counted.

    Each image is compared with its five nearest in a few principal directions, so that 60,000 take seconds.

    Parameters
    ----------
    thumbnails : array of float32, shape (n, pixels)
        Of mean 0 and length 1; blank ones of length 0 are left out.
    labels : array of int64, shape (n,)
    copy_of : array of int64, shape (n,)
        As :func:`copies` returns it.
    """
    from sklearn.neighbors import NearestNeighbors

    shown = np.flatnonzero((copy_of == np.arange(len(labels))) & (np.abs(thumbnails).max(axis=1) > 0))
    count = min(NEIGHBOURS, len(shown) - 1)
    if count < 1:
        return NearDuplicates(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    images = thumbnails[shown]
    # A search in a few directions; the distances are then taken in all pixels.
    reduced = principal_parts(images, DIRECTIONS)
    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(reduced)
    near = search.kneighbors(return_distance=False)  # without rows, each one's neighbours but itself
    # (images, neighbours)
    distances = np.stack([_distances(images, images[near[:, place]]) for place in range(count)], axis=1)
    limits = _limits(distances.max(axis=1), labels[shown])
    # Near by what is usual in both classes, where two differ.
    places, ranks = np.nonzero(distances <= np.minimum(limits[:, np.newaxis], limits[near]))
    # A pair is often found from both sides.
    pairs = np.sort(np.column_stack([places, near[places, ranks]]), axis=1)
    pairs, which = np.unique(pairs, axis=0, return_index=True)
    # Back from distance to correlation, the number that people know.
    correlations = 1 - distances[places[which], ranks[which]] ** 2 / 2
    order = np.argsort(-correlations, kind="stable")
    return NearDuplicates(shown[pairs[order, 0]], shown[pairs[order, 1]], correlations[order].astype(np.float32))


def principal_parts(rows: Floats, directions: int) -> Floats:
    """Return the principal components of rows, shape (n, at most directions)."""
    centred = rows - rows.mean(axis=0)
    _, found = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    # eigh has the smallest variance first.
    parts: Floats = centred @ found[:, ::-1][:, :directions].astype(np.float32)
    return parts


def _distances(one: Floats, other: Floats) -> Floats:
    found: Floats = np.sqrt(((one - other) ** 2).sum(axis=1))
    return found


def _limits(usual: Floats, labels: Integers) -> Floats:
    """Return for each image how near another may at most be to count as nearly the same."""
    # Of two rows of length 1, distance² = 2 (1 - correlation).
    limits = np.full(len(labels), np.sqrt(2 * (1 - LEAST_CORRELATION)), np.float32)
    for label in np.unique(labels):
        own = labels == label
        limits[own] = np.minimum(limits[own], FAR_NEARER * np.median(usual[own]))
    return limits
