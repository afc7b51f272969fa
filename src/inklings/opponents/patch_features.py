"""Features from a dictionary of patches: what small pieces the images are made of, found by k-means.

After A. Coates, H. Lee and A. Y. Ng, An analysis of single-layer networks in unsupervised feature learning, AISTATS
2011: patches are normalised and whitened, k-means finds typical ones, and an image is described by how near its patches
are to each of them, summed over parts of the image. No label is used until a linear classifier reads the features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FAINT = np.float32(0.04)
"""Added to a patch's variance (values 0 to 1), so that a nearly blank patch is not amplified to full contrast. The
paper adds 10 to variances of photographs' values from 0 to 255, which is 0.00015 here."""

WHITENED = 0.1
"""Added to the variances that whitening divides by, so that directions of noise are not amplified."""

PIXELS_AT_ONCE = 1 << 22
"""Distances that are held at once, as float32: 16 MB."""


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Typical patches, and how patches are whitened before they are held against them.

    Parameters
    ----------
    mean : array of float32, shape (pixels,)
    whitening : array of float32, shape (pixels, pixels)
    patches : array of float32, shape (patches, pixels)
    """

    mean: Floats
    whitening: Floats
    patches: Floats

    def describe(self, images: Floats, side: int, parts: int) -> Floats:
        """Return images' activations summed over parts, shape (n, parts * parts * patches).

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        side : int
            Height and width of a patch in pixels.
        parts : int
            Into how many parts along each side activations are summed.
        """
        # How many places a patch has, down and across.
        height, width = images.shape[1] - side + 1, images.shape[2] - side + 1
        size = max(1, PIXELS_AT_ONCE // (height * width * len(self.patches)))
        starts = range(0, len(images), size)
        return np.concatenate([self._describe(images[start : start + size], side, parts) for start in starts])

    def _describe(self, images: Floats, side: int, parts: int) -> Floats:
        patches = normalise_patches(patches_of(images, side))
        count, rows, columns, length = patches.shape
        white = (patches.reshape(-1, length) - self.mean) @ self.whitening  # (n * rows * columns, pixels)
        near = activations(white.astype(np.float32, copy=False), self.patches).reshape(count, rows, columns, -1)
        # As equal as whole places allow: a part may be one place longer than the next.
        bands = [np.array_split(np.arange(size), parts) for size in (rows, columns)]
        # Down first, then across: (n, columns, patches), then (n, patches) for each part.
        sums = [near[:, band[0] : band[-1] + 1].sum(axis=1) for band in bands[0]]
        pooled = [part[:, band[0] : band[-1] + 1].sum(axis=1) for part in sums for band in bands[1]]
        return np.concatenate(pooled, axis=1)


def patches_of(images: Floats, side: int) -> Floats:
    """View all patches, shape (n, rows, columns, side * side * channels); a copy, since windows overlap."""
    # (n, rows, columns, channels, side, side), laid out as one vector per patch.
    windows = sliding_window_view(images, (side, side), axis=(1, 2))
    flat: Floats = windows.reshape(*windows.shape[:3], -1)
    return flat


def normalise_patches(patches: Floats) -> Floats:
    """Subtract each patch's mean and divide by its standard deviation, shape (..., pixels)."""
    centred = patches - patches.mean(axis=-1, keepdims=True)
    scaled: Floats = centred / np.sqrt(centred.var(axis=-1, keepdims=True) + FAINT)
    return scaled


def whitening_matrix(patches: Floats) -> Floats:
    """Return the symmetric matrix (ZCA) that makes centred patches uncorrelated, shape (pixels, pixels)."""
    # In float64, as np.cov computes it; rounding can leave a variance slightly below 0.
    # Symmetric, so eigh: real variances in ascending order, and orthonormal directions in columns.
    variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
    # D (V + 0.1)^(-1/2) D': back in pixels after scaling (ZCA), so that patches still look like patches.
    matrix: Floats = ((directions / np.sqrt(np.maximum(variances, 0) + WHITENED)) @ directions.T).astype(np.float32)
    return matrix


def activations(patches: Floats, dictionary: Floats) -> Floats:
    """Return how much nearer than on average each typical patch is, 0 for those farther ("triangle", section 3.2.2).

    Parameters
    ----------
    patches : array of float32, shape (n, pixels)
    dictionary : array of float32, shape (k, pixels)

    Returns
    -------
    array of float32, shape (n, k)
        ``max(0, mean(z) - z_k)``, with z_k the distance to typical patch k.
    """
    # |p|^2 - 2 p z + |z|^2 for all pairs at once, (n, k).
    squared = (patches**2).sum(axis=1, keepdims=True) - 2 * patches @ dictionary.T + (dictionary**2).sum(axis=1)
    # Rounding makes the distance of a patch to itself a tiny negative square.
    distances = np.sqrt(np.maximum(squared, 0))
    near: Floats = np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0)
    return near
