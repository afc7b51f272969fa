"""Data sets larger than memory: raw pixels stay where they are, and become images on access.

A small data set is a plain array. A large one is an :class:`ImageStack`, which stands for the array: it has its shape
and its rows, and is converted whole only where NumPy needs an array. Whatever visits all images visits them in
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
"""Images of more bytes than this as float32 become an ImageStack: 42,799 of 28 x 28."""

MAPPED = 1 << 26
"""A file of more bytes of pixels than this is memory-mapped; a compressed one cannot be."""

BLOCK = 1 << 24
"""Bytes of float32 images that are processed together."""

GATHERED = 256
"""Rows of a mapped file that are read before its pages are released."""


class ImageStack:
    """Images converted from raw pixels on access.

    Parameters
    ----------
    raw : array, shape (n, ...)
        Such as the bytes of a mapped file.
    steps : callables
        Each turns pixels of any number of images into as many images; the last returns float32 of shape
        ``(k, height, width, channels)``. No image's result may depend on another.
    rows : array of int64, optional
        Which images, in which order; all by default.
    """

    dtype: np.dtype[np.float32] = np.dtype(np.float32)
    ndim = 4

    def __init__(self, raw: NDArray[Any], steps: tuple[Step, ...] = (), rows: NDArray[np.int64] | None = None) -> None:
        self._raw, self._steps, self._rows = raw, steps, rows
        self._mapping = _mapping(raw)
        count = len(raw) if rows is None else len(rows)
        # The steps may resize, so only a converted image has the shape.
        self.shape: tuple[int, int, int, int] = (count, *self._convert(raw[:1]).shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Images:  # noqa: ANN401 - whatever selects rows of an array
        first, *rest = index if isinstance(index, tuple) else (index,)
        if isinstance(first, int | np.integer):
            # range() turns negative numbers and refuses those beyond the end, as an array would.
            found: Images = self[np.array([range(len(self))[first]])][(0, *rest)]
        elif not isinstance(first, slice) and np.ndim(first) != 1:
            # Dots, a new axis or a mask of pixels, which are not about the rows.
            found = np.asarray(self)[index]
        else:
            # Rows are selected before they are converted, the other axes afterwards.
            found = self._convert(self.raw(first))
            found = (
                found[(slice(None) if isinstance(first, slice) else np.arange(len(found)), *rest)] if rest else found
            )
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401
        """Convert all images."""
        if copy is False:
            raise ValueError("an ImageStack becomes an array only by conversion, so copy=False is impossible")
        # Filled block by block, so that no second copy of all stands beside it.
        whole = np.empty(self.shape, dtype or self.dtype)
        start = 0
        for block in blocks(self):
            whole[start : start + len(block)] = block
            start += len(block)
        return whole

    def raw(self, index: Any = slice(None)) -> NDArray[Any]:  # noqa: ANN401
        """Return the raw pixels of some rows."""
        rows = index if self._rows is None else self._rows[index]
        if self._mapping is None:
            # Fancy indexing copies; a slice stays a view.
            pixels: NDArray[Any] = self._raw[rows]
            return pixels
        self._release()
        if isinstance(rows, slice):
            # A contiguous slice stays a view of the mapping.
            if rows.step in (None, 1):
                return self._raw[rows]
            # Every so many: gathered, as any other rows are.
            rows = np.arange(*rows.indices(len(self._raw)))
        rows = np.asarray(rows)
        return self._gather(np.flatnonzero(rows) if rows.dtype == bool else rows)

    def _gather(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Copy rows of a mapped file, a few at a time."""
        # The kernel reads ahead up to two megabytes around each row. Without releasing them in between, a shuffled
        # epoch would pull the whole file into the process.
        pixels = np.empty((len(rows), *self._raw.shape[1:]), self._raw.dtype)
        for start in range(0, len(rows), GATHERED):
            pixels[start : start + GATHERED] = self._raw[rows[start : start + GATHERED]]
            self._release()
        return pixels

    def _release(self) -> None:
        """Release the mapped pages that were read; they stay in the system's page cache while there is room."""
        # Windows and some other systems have no MADV_DONTNEED; there the mapping keeps what it read.
        if self._mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapping.madvise(mmap.MADV_DONTNEED)

    @property
    def raw_pixels(self) -> int:
        """How many raw pixels an image is made of."""
        return math.prod(self._raw.shape[1:])

    def then(self, step: Step) -> ImageStack:
        """Return the same images after one more step."""
        return ImageStack(self._raw, (*self._steps, step), self._rows)

    def subset(self, rows: NDArray[np.int64]) -> ImageStack:
        """Return some of the images, without converting or copying any."""
        # Rows of rows: one level of indices, however often a subset is taken.
        return ImageStack(self._raw, self._steps, rows if self._rows is None else self._rows[rows])

    # The unused parameters are what NumPy passes when np.min and its like are called on a stack.
    def min(self, axis: None = None, out: None = None) -> np.float32:
        """Return the minimum over all images."""
        return np.float32(min(block.min() for block in blocks(self)))

    def max(self, axis: None = None, out: None = None) -> np.float32:
        """Return the maximum over all images."""
        return np.float32(max(block.max() for block in blocks(self)))

    def mean(self, axis: None = None, dtype: None = None, out: None = None) -> np.float64:
        """Return the mean over all images."""
        # Summed in float64: in float32, a sum over millions of pixels loses digits.
        total = sum(float(block.sum(dtype=np.float64)) for block in blocks(self))
        return np.float64(total / math.prod(self.shape))

    def _convert(self, raw: NDArray[Any]) -> Images:
        images = raw
        for step in self._steps:
            images = step(images)
        return np.ascontiguousarray(images, np.float32)


def stack_if_large(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return pixels of shape (n, height, width, channels) as they are, or as an :class:`ImageStack` if many."""
    # An ImageStack has what this package uses of an array, so the rest of the code is typed for arrays alone.
    return pixels if 4 * pixels.size <= LARGE else ImageStack(pixels)  # type: ignore[return-value]


def value_range(images: NDArray[Any] | ImageStack) -> tuple[float, float]:
    """Return the minimum and maximum of an array, or of a stack's raw pixels."""
    # NumPy's minimum of the blocks, not Python's, which passes over a NaN that is not in the first of them.
    lows, highs = zip(*((block.min(), block.max()) for block in blocks(images, raw=True)), strict=True)
    return float(np.min(lows)), float(np.max(highs))


def transform(images: Stacked, step: Step) -> Stacked:
    """Apply a step to each image: at once to an array, on access to a stack."""
    return images.then(step) if isinstance(images, ImageStack) else step(images)  # type: ignore[return-value]


def take_rows(images: Stacked, rows: NDArray[np.int64]) -> Stacked:
    """Return some of the images: a copy from an array, a subset of a stack."""
    return images.subset(rows) if isinstance(images, ImageStack) else images[rows]  # type: ignore[return-value]


def spread_rows(count: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` rows of ``count``, spread over the whole set, which may be sorted by class.

    >>> spread_rows(10, 4).tolist(), spread_rows(3, 4).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    # unique: of few images, several of the evenly spaced places fall on one row.
    return np.unique(np.linspace(0, count - 1, most).astype(np.int64))


def blocks(images: NDArray[Any] | ImageStack, *, raw: bool = False) -> Iterator[NDArray[Any]]:
    """Iterate over all images in blocks.

    Parameters
    ----------
    images : array or ImageStack
    raw : bool
        Whether to yield a stack's raw pixels instead of images.

    Yields
    ------
    array, shape (k, height, width, channels)
    """
    # A stack's images may be much smaller than the raw pixels that they are made of.
    widest = max(math.prod(images.shape[1:]), images.raw_pixels if isinstance(images, ImageStack) else 0)
    size = max(1, BLOCK // (4 * widest))
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        yield images.raw(part) if raw and isinstance(images, ImageStack) else images[part]


def _mapping(pixels: NDArray[Any]) -> mmap.mmap | None:
    """Return the mapped file that pixels are a view of, if any."""
    base: Any = pixels
    # Views of views end at whatever holds the memory.
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
