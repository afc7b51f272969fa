"""What an opponent decides by: the pixels, histograms of gradients, or activations of typical patches."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inklings.errors import NetworkError
from inklings.opponents.arrays import Arrays, check_array
from inklings.opponents.gradient_histograms import BLOCK, histograms_of
from inklings.opponents.patch_features import Dictionary

Shape = tuple[int, int, int]
Rows = NDArray[np.float32]

MOST_CELLS, MOST_DIRECTIONS, MOST_PARTS = 64, 360, 64
"""A file that asks for more is refused: what it would take to compute grows with their squares."""
MOST_FEATURES = 1 << 18
"""For one image: a megabyte."""


@dataclass(frozen=True)
class Pixels:
    """The pixels, row by row."""

    names: ClassVar[tuple[str, ...]] = ()

    def check(self, arrays: Arrays, shape: Shape) -> int:
        """Return the number of features."""
        return prod(shape)

    def describe(self, arrays: Arrays, images: Rows) -> Rows:
        """Return the features of images, shape (n, features)."""
        return images.reshape(len(images), -1)


@dataclass(frozen=True)
class Histograms:
    """Histograms of gradients; see :mod:`inklings.opponents.gradient_histograms`.

    Parameters
    ----------
    cells, directions : int
    """

    cells: int
    directions: int
    names: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _check_setting("cells", self.cells, BLOCK, MOST_CELLS)
        _check_setting("directions", self.directions, 1, MOST_DIRECTIONS)
        # Blocks of 2 x 2 cells overlap by one cell, so there is one fewer along each side than cells.
        count = (self.cells - BLOCK + 1) ** 2 * BLOCK**2 * self.directions
        if count > MOST_FEATURES:
            raise NetworkError(
                f"{self.cells} cells of {self.directions} directions are {count:,} features for an image"
            )

    def check(self, arrays: Arrays, shape: Shape) -> int:
        """Return the number of features."""
        return (self.cells - BLOCK + 1) ** 2 * BLOCK**2 * self.directions

    def describe(self, arrays: Arrays, images: Rows) -> Rows:
        """Return the features of images, shape (n, features)."""
        return histograms_of(images, self.cells, self.directions)


@dataclass(frozen=True)
class Patches:
    """Activations of typical patches, summed over parts; see :mod:`inklings.opponents.patch_features`.

    Parameters
    ----------
    side, parts : int
    """

    side: int
    parts: int
    names: ClassVar[tuple[str, ...]] = ("patches/mean", "patches/whitening", "patches/dictionary")

    def __post_init__(self) -> None:
        _check_setting("side", self.side, 1, MOST_CELLS)
        _check_setting("parts", self.parts, 1, MOST_PARTS)

    def check(self, arrays: Arrays, shape: Shape) -> int:
        """Return the number of features; a NetworkError if the patches do not fit."""
        height, width, channels = shape
        # How many places a patch has along the shorter side; each part needs at least one.
        if min(height, width) - self.side + 1 < self.parts:
            raise NetworkError(f"patches of {self.side} x {self.side} in {self.parts} parts do not fit into {shape}")
        length = self.side**2 * channels
        # A mean, a square matrix that whitens, and as many typical patches as the file has.
        for name, size in zip(self.names, ((length,), (length, length), (None, length)), strict=True):
            check_array(arrays, name, size)
        return self.parts**2 * len(arrays[self.names[2]])

    def describe(self, arrays: Arrays, images: Rows) -> Rows:
        """Return the features of images, shape (n, features)."""
        mean, whitening, dictionary = (arrays[name] for name in self.names)
        return Dictionary(mean, whitening, dictionary).describe(images, self.side, self.parts)


def _check_setting(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        expected = f"{lowest} to {highest}"
        raise NetworkError(f"is {value}, expected {expected}", setting=name, found=value, expected=expected)
