"""What the checks look at, collected in one pass over the images: features, thumbnails, hashes, edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images, blocks
from inklings.data.resizing import resize
from inklings.data.split import hash_images
from inklings.opponents.gradient_histograms import histograms_of

Floats = NDArray[np.float32]

CELLS = 4
"""Of the histograms of gradients, along each side."""

DIRECTIONS = 12
"""Of the histograms, round the circle."""

THUMBNAIL = 32
"""Pixels along each side that images are at most compared in; larger ones are reduced."""

INK = 0.5
"""What is darker than this is ink; paper is 0."""


@dataclass(frozen=True, eq=False)
class Described:
    """The images of a data set, described; a row per image.

    Attributes
    ----------
    features : array of float32, shape (n, features)
        Histograms of gradients, see :mod:`inklings.opponents.gradient_histograms`.
    thumbnails : array of float32, shape (n, pixels)
        Greyscale, at most 32 pixels along each side, with mean 0 and length 1: the product of two is their correlation.
        A blank one is all 0.
    hashes : array of uint64, shape (n,)
        Equal for equal pixels.
    spans : array of float32, shape (n,)
        The range of each image's values.
    cut : array of float32, shape (n,)
        The longest stretch of ink along an edge of the image, as a fraction of that edge.
    """

    features: Floats
    thumbnails: Floats
    hashes: NDArray[np.uint64]
    spans: Floats
    cut: Floats

    def __len__(self) -> int:
        return len(self.hashes)


def describe_images(dataset: Dataset, on_progress: Callable[[int, int], None] | None = None) -> Described:
    """Describe all images of a data set.

    Parameters
    ----------
    dataset : Dataset
    on_progress : callable, optional
        Called with how many images are described, and how many there are.
    """
    height, width, _ = dataset.image_shape
    longest = max(height, width)
    small = tuple(max(1, round(side * THUMBNAIL / longest)) for side in (height, width))
    size = (height, width) if longest <= THUMBNAIL else (small[0], small[1])
    parts: list[tuple[NDArray[np.generic], ...]] = []
    done = 0
    # One pass: each block is read, described in all ways and let go.
    for block in blocks(dataset.images):
        flat = block.reshape(len(block), -1)
        hashes = hash_images(block + np.float32(0))  # so that -0 and 0, which look the same, are
        spans = flat.max(axis=1) - flat.min(axis=1)
        features = histograms_of(block, CELLS, DIRECTIONS)
        parts.append((features, thumbnails(block, size), hashes, spans, ink_along_edges(block)))
        done += len(block)
        if on_progress:
            on_progress(done, len(dataset))
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
    return Described(*columns)


def thumbnails(images: Images, size: tuple[int, int]) -> Floats:
    """Return greyscale images of a size with mean 0 and length 1, shape (n, pixels); blank ones are 0."""
    grey = images.mean(axis=3, keepdims=True)
    shrunk = grey if grey.shape[1:3] == size else resize(grey, size)
    flat = shrunk.reshape(len(images), math.prod(size))  # (n, pixels)
    centred = flat - flat.mean(axis=1, keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    # Blank ones stay 0: divided, their rounding errors would correlate with each other.
    found: Floats = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 1e-4)
    return found


def ink_along_edges(images: Images) -> Floats:
    """Return the longest stretch of ink on any of the four edges of each image, as a fraction of the edge, shape (n,).

    A stroke that ends at the edge touches it by its width; one that is cut off, or runs along it, by more.
    """
    dark = images.mean(axis=3) >= INK
    edges = (dark[:, 0], dark[:, -1], dark[:, :, 0], dark[:, :, -1])
    found: Floats = np.max([_longest_run(edge) / edge.shape[1] for edge in edges], axis=0).astype(np.float32)
    return found


def _longest_run(marks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the length of the longest run of True in each row."""
    run = np.zeros(len(marks), np.int64)
    longest = run.copy()
    # Column by column for all images: the run grows where there is ink, and starts over where there is none.
    for column in marks.T:
        run = np.where(column, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest
