"""Gradient histograms and typical patches as scikit-learn's transformers, for pipelines."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from inklings.opponents.gradient_histograms import histograms_of
from inklings.opponents.patch_features import Dictionary, normalise_patches, patches_of, whitening_matrix

Floats = NDArray[np.float32]

# Many times what a patch has numbers, so that the whitening is well determined.
SAMPLED = 40_000
"""Patches that the dictionary is learnt from."""


class GradientHistograms(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn rows of pixels into histograms of gradients, as scikit-learn's transformers do.

    Parameters
    ----------
    image_shape : (int, int, int)
        Height, width and channels of each row. Of several channels, the one with the steepest gradient votes.
    cells : int
        Cells along each side of an image.
    directions : int
        Bins round the circle.
    """

    def __init__(self, image_shape: tuple[int, int, int] = (28, 28, 1), cells: int = 5, directions: int = 12) -> None:
        self.image_shape = image_shape
        self.cells = cells
        self.directions = directions

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn nothing: there is nothing to estimate."""
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the histograms, shape (n, blocks * 4 * directions)."""
        images = np.asarray(X, np.float32).reshape(-1, *self.image_shape)
        return histograms_of(images, self.cells, self.directions)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own type
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


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

        height, width, channels = self.image_shape
        if min(height, width) < self.parts or self.used_side**2 * channels < 2:
            parts = f"{self.parts} x {self.parts} parts"
            raise ValueError(f"images of {height} x {width} pixels are too small for patches in {parts}")
        patches = self._sample(self._images(X))  # (patches, pixels)
        self.mean_ = patches.mean(axis=0)
        self.whitening_ = whitening_matrix(patches - self.mean_)
        means = MiniBatchKMeans(
            min(self.patches, len(patches)), batch_size=4096, max_iter=20, n_init=1, random_state=self.random_state
        ).fit((patches - self.mean_) @ self.whitening_)
        self.dictionary_ = means.cluster_centers_.astype(np.float32)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the summed activations, shape (n, parts * parts * patches)."""
        dictionary = Dictionary(self.mean_, self.whitening_, self.dictionary_)
        return dictionary.describe(self._images(X), self.used_side, self.parts)

    def _sample(self, images: Floats) -> Floats:
        random = np.random.default_rng(self.random_state)
        # A view of all windows; only those that are drawn are copied.
        windows = patches_of(images, self.used_side)
        count = min(SAMPLED, int(np.prod(windows.shape[:3])))
        # Drawn with replacement: of all places in all images there are far more than are taken.
        places = [random.integers(0, size, count) for size in windows.shape[:3]]
        return normalise_patches(windows[tuple(places)])

    def _images(self, X: ArrayLike) -> Floats:
        return np.asarray(X, np.float32).reshape(-1, *self.image_shape)

    @property
    def used_side(self) -> int:
        """The side of its patches in pixels: smaller than ``side`` in images of few pixels."""
        # Parts need at least one patch each, in images however small.
        smallest = min(self.image_shape[:2])
        return max(1, min(self.side, smallest - self.parts + 1))

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own type
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        return tags
