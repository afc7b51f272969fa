"""Features from a dictionary of patches: what small pieces the images are made of, found by k-means.

After A. Coates, H. Lee and A. Y. Ng, An analysis of single-layer networks in unsupervised feature learning, AISTATS
2011: patches are normalised and whitened, k-means finds typical ones, and an image is described by how near its patches
are to each of them, summed over parts of the image. No label is used until a linear classifier reads the features.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin

Floats = NDArray[np.float32]

SAMPLED = 40_000
"""Patches that the dictionary is learnt from."""

FAINT = np.float32(0.04)
"""Added to a patch's variance (values 0 to 1), so that a nearly blank patch is not amplified to full contrast; the
paper adds 10 on a scale of 255."""

WHITENED = 0.1
"""Added to the variances that whitening divides by, so that directions of noise are not amplified."""

PIXELS_AT_ONCE = 1 << 22
"""Distances that are held at once, as float32: 16 MB."""


class PatchFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn rows of pixels into activations of typical patches, as scikit-learn's transformers do.

    Parameters
    ----------
    image_shape : (int, int, int)
        Height, width and channels of each row.
    patches : int
        Size of the dictionary.
    side : int
        Height and width of a patch in pixels.
    parts : int
        Into how many parts along each side activations are summed.
    random_state : int
        Seed of the sample of patches and of k-means.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        patches: int = 300,
        side: int = 6,
        parts: int = 2,
        random_state: int = 0,
    ) -> None:
        self.image_shape = image_shape
        self.patches = patches
        self.side = side
        self.parts = parts
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn the whitening and the dictionary from the images."""
        from sklearn.cluster import MiniBatchKMeans

        patches = self._sample(self._images(X))
        self.mean_ = patches.mean(axis=0)
        self.whitening_ = whitening_matrix(patches - self.mean_)
        means = MiniBatchKMeans(
            min(self.patches, len(patches)), batch_size=4096, max_iter=20, n_init=1, random_state=self.random_state
        ).fit((patches - self.mean_) @ self.whitening_)
        self.dictionary_ = means.cluster_centers_.astype(np.float32)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the summed activations, shape (n, parts * parts * patches)."""
        images = self._images(X)
        height, width = images.shape[1] - self._side + 1, images.shape[2] - self._side + 1
        size = max(1, PIXELS_AT_ONCE // (height * width * len(self.dictionary_)))
        starts = range(0, len(images), size)
        return np.concatenate([self._describe(images[start : start + size]) for start in starts])

    def _describe(self, images: Floats) -> Floats:
        patches = normalise_patches(_patches(images, self._side))
        count, rows, columns, length = patches.shape
        white = (patches.reshape(-1, length) - self.mean_) @ self.whitening_
        near = activations(white, self.dictionary_).reshape(count, rows, columns, -1)
        bands = [np.array_split(np.arange(size), self.parts) for size in (rows, columns)]
        sums = [near[:, band[0] : band[-1] + 1].sum(axis=1) for band in bands[0]]
        pooled = [part[:, band[0] : band[-1] + 1].sum(axis=1) for part in sums for band in bands[1]]
        return np.concatenate(pooled, axis=1)

    def _sample(self, images: Floats) -> Floats:
        random = np.random.default_rng(self.random_state)
        windows = _patches(images, self._side)
        count = min(SAMPLED, int(np.prod(windows.shape[:3])))
        places = [random.integers(0, size, count) for size in windows.shape[:3]]
        return normalise_patches(windows[tuple(places)])

    def _images(self, X: ArrayLike) -> Floats:
        return np.asarray(X, np.float32).reshape(-1, *self.image_shape)

    @property
    def _side(self) -> int:
        # Parts need at least one patch each, in images however small.
        smallest = min(self.image_shape[:2])
        return max(1, min(self.side, smallest - self.parts + 1))

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own type
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        return tags


def _patches(images: Floats, side: int) -> Floats:
    """View all patches, shape (n, rows, columns, side * side * channels); a copy, since windows overlap."""
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
    variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
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
    squared = (patches**2).sum(axis=1, keepdims=True) - 2 * patches @ dictionary.T + (dictionary**2).sum(axis=1)
    # Rounding makes the distance of a patch to itself a tiny negative square.
    distances = np.sqrt(np.maximum(squared, 0))
    near: Floats = np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0)
    return near
