"""More images than fit in memory: raw pixels stay where they are, and images are made when they are asked for.

A small data set is a plain array, as ever. A large one is an :class:`ImageStack`, which stands for the array: it has
its shape and its rows, and becomes it, whole, where NumPy is given it. What goes through all images does it in
:func:`blocks`.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
Step = Callable[[NDArray[Any]], NDArray[Any]]
Stacked = TypeVar("Stacked", bound="NDArray[Any] | ImageStack")

LARGE = 1 << 27
"""Images that take more bytes than this as float32 are made when asked for: 42,799 of 28 x 28."""

MAPPED = 1 << 26
"""A file with more bytes of pixels than this is mapped, not read; one that is compressed cannot be."""

BLOCK = 1 << 24
"""About so many bytes of images are made together by what goes through all of them."""


GATHERED = 256
"""So many rows of a mapped file are read together before its pages are let go of."""


class ImageStack:
    """Images made of raw pixels when they are asked for.

    Parameters
    ----------
    raw : array, shape (n, ...)
        Such as bytes in a mapped file.
    steps : callables
        Each turns pixels of any number of images into as many images; together, into float32 of shape
        ``(k, height, width, channels)``. No image's result may depend on another.
    rows : array of int64, optional
        Which images, in which order; all if not given.
    """

    dtype = np.dtype(np.float32)
    ndim = 4

    def __init__(self, raw: NDArray[Any], steps: tuple[Step, ...] = (), rows: NDArray[np.int64] | None = None) -> None:
        self._raw, self._steps, self._rows = raw, steps, rows
        self._mapping = _mapping(raw)
        count = len(raw) if rows is None else len(rows)
        self.shape: tuple[int, int, int, int] = (count, *self._make(raw[:1]).shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Images:  # noqa: ANN401 - whatever picks rows of an array
        if isinstance(index, tuple):
            chosen, rest = index[0], index[1:]
            return self[chosen][rest if isinstance(chosen, int | np.integer) else (slice(None), *rest)]
        if isinstance(index, int | np.integer):
            image: Images = self[np.array([range(len(self))[index]])][0]
            return image
        return self._make(self.raw(index))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401
        """Make all images."""
        if copy is False:
            raise ValueError("a stack of images becomes an array only by making them: copy=False cannot be")
        whole = np.empty(self.shape, dtype or self.dtype)
        start = 0
        for block in blocks(self):
            whole[start : start + len(block)] = block
            start += len(block)
        return whole

    def raw(self, index: Any = slice(None)) -> NDArray[Any]:  # noqa: ANN401
        """Give the raw pixels of some rows."""
        rows = index if self._rows is None else self._rows[index]
        if self._mapping is None:
            pixels: NDArray[Any] = self._raw[rows]
            return pixels
        self._release()
        if isinstance(rows, slice):
            if rows.step in (None, 1):
                return self._raw[rows]
            rows = np.arange(*rows.indices(len(self._raw)))
        return self._gather(np.flatnonzero(rows) if rows.dtype == bool else rows)

    def _gather(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Copy rows of a mapped file, a few at a time: around each, up to two megabytes of the file come along."""
        pixels = np.empty((len(rows), *self._raw.shape[1:]), self._raw.dtype)
        for start in range(0, len(rows), GATHERED):
            pixels[start : start + GATHERED] = self._raw[rows[start : start + GATHERED]]
            self._release()
        return pixels

    def _release(self) -> None:
        """Let go of the pages of the file that were read; they stay in the system's cache while there is room."""
        if self._mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapping.madvise(mmap.MADV_DONTNEED)

    def then(self, step: Step) -> ImageStack:
        """Give the same images after one more step."""
        return ImageStack(self._raw, (*self._steps, step), self._rows)

    def subset(self, rows: NDArray[np.int64]) -> ImageStack:
        """Give some of the images, none made or copied."""
        return ImageStack(self._raw, self._steps, rows if self._rows is None else self._rows[rows])

    def min(self, axis: None = None, out: None = None) -> np.float32:
        """Give the least value of all images."""
        return np.float32(min(block.min() for block in blocks(self)))

    def max(self, axis: None = None, out: None = None) -> np.float32:
        """Give the greatest value of all images."""
        return np.float32(max(block.max() for block in blocks(self)))

    def mean(self, axis: None = None, dtype: None = None, out: None = None) -> np.float64:
        """Give the mean value of all images."""
        total = sum(float(block.sum(dtype=np.float64)) for block in blocks(self))
        return np.float64(total / math.prod(self.shape))

    def _make(self, raw: NDArray[Any]) -> Images:
        images = raw
        for step in self._steps:
            images = step(images)
        return np.ascontiguousarray(images, np.float32)


def stack_if_large(pixels: NDArray[Any]) -> NDArray[Any]:
    """Give pixels of shape (n, height, width, channels) as they are, or as an :class:`ImageStack` if they are many."""
    # What is said of the array holds for what stands for it, as far as anybody here asks.
    return pixels if 4 * pixels.size <= LARGE else ImageStack(pixels)  # type: ignore[return-value]


def extremes(images: NDArray[Any] | ImageStack) -> tuple[float, float]:
    """Give the least and the greatest value of an array, or of a stack's raw pixels."""
    found = [(float(block.min()), float(block.max())) for block in blocks(images, raw=True)]
    return min(low for low, _ in found), max(high for _, high in found)


def change(images: Stacked, step: Step) -> Stacked:
    """Do something to each image: at once to an array, when they are asked for to a stack."""
    return images.then(step) if isinstance(images, ImageStack) else step(images)  # type: ignore[return-value]


def take_rows(images: Stacked, rows: NDArray[np.int64]) -> Stacked:
    """Give some of the images: a copy of an array's, none of a stack's."""
    return images.subset(rows) if isinstance(images, ImageStack) else images[rows]  # type: ignore[return-value]


def blocks(images: NDArray[Any] | ImageStack, *, raw: bool = False) -> Iterator[NDArray[Any]]:
    """Go through all images, some at a time.

    Parameters
    ----------
    images : array or ImageStack
    raw : bool
        Whether to give a stack's raw pixels in place of images.

    Yields
    ------
    array, shape (k, height, width, channels)
    """
    size = max(1, BLOCK // (4 * math.prod(images.shape[1:])))
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        yield images.raw(part) if raw and isinstance(images, ImageStack) else images[part]


def _mapping(pixels: NDArray[Any]) -> mmap.mmap | None:
    """Find the mapped file that pixels are a view of."""
    base: Any = pixels
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
