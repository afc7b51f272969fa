"""All parameters in one array, in the order in which the library reads them.

Weights are packed in panels (``gemm.h``): the first columns of the matrix row by row, then the next ones. Everything
else stays as it is. Each array begins at a cache line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.alignment import ALIGNED, aligned_zeros
from inklings.engines.native import bindings
from inklings.networks import Network, Parameters
from inklings.networks.initializer import Shape

_SLACK = 64
"""Numbers behind the last parameter: products read whole vectors, and so a little beyond the end."""


Selection = Callable[[NDArray[Any]], NDArray[Any]]
"""Selects some of an array's values."""


@dataclass(frozen=True)
class Layout:
    """Where each array of parameters lies in the one that holds all.

    Parameters
    ----------
    shapes : dict of str to tuple of int
    offsets : dict of str to int
        Where each array begins, in numbers.
    size : int
        Of all of them together, in numbers.
    panel, gap, lanes : int
        Columns of a panel, unused rows between two panels, and the number that a panel's width is a multiple of.
    dtype : numpy.dtype
    level : int, optional
        Of the library's vector instructions; the highest that there is here if not given.
    """

    shapes: dict[str, Shape]
    offsets: dict[str, int]
    size: int
    panel: int
    gap: int
    lanes: int
    dtype: np.dtype[Any]
    level: int | None = None

    @classmethod
    def of(cls, network: Network, dtype: np.dtype[Any], level: int | None = None) -> Layout:
        """Lay out a network's parameters for the library of a dtype."""
        library = bindings.load(dtype.name, level)
        # They differ with the dtype and the level of vector instructions: the library that was loaded says what it has.
        panels = int(library.panel_columns()), int(library.panel_gap()), int(library.vector_lanes())
        shapes, offsets, place = dict(network.parameter_shapes), {}, 0
        for name, shape in shapes.items():
            offsets[name] = place
            place += _rounded(_count(name, shape, *panels), ALIGNED)  # of numbers: a multiple of so many bytes as well
        return cls(shapes, offsets, place, *panels, dtype, level)

    def empty(self) -> NDArray[Any]:
        """Return an array of zeros."""
        return aligned_zeros(self.size + _SLACK, self.dtype)

    def join(self, parameters: Parameters, vector: NDArray[Any] | None = None) -> NDArray[Any]:
        """Copy parameters into one array: into a new one, or the one given."""
        vector = self.empty() if vector is None else vector
        for name, value in parameters.items():
            for place, part in self._parts(name, vector):
                # Written into a view of the vector: packed, and converted to its type, at once.
                place[...] = part(np.asarray(value))
        return vector

    def part(self, vector: NDArray[Any]) -> Parameters:
        """Copy each array of parameters out of the one that holds all."""
        parameters = {name: np.empty(shape, self.dtype) for name, shape in self.shapes.items()}
        for name, value in parameters.items():
            for place, part in self._parts(name, vector):
                part(value)[...] = place
        return parameters

    def _parts(self, name: str, vector: NDArray[Any]) -> Iterator[tuple[NDArray[Any], Selection]]:
        """Yield each piece of the one array that belongs to a name, with a function that selects its values."""
        start, shape = self.offsets[name], self.shapes[name]
        if not _is_packed(name):
            yield vector[start : start + prod(shape)].reshape(shape), lambda value: value
            return
        # A kernel (height, width, channels, filters) counts as height * width *
        # channels rows, one below the other in memory.
        rows, columns = prod(shape[:-1]), shape[-1]
        # The columns beyond `width`, and the gap, stay zero: the library sums penalties over all that is stored.
        for first in range(0, columns, self.panel):
            width = min(columns - first, self.panel)
            # The last panel has only as many columns as are left, in whole vectors.
            stored = _rounded(width, self.lanes)
            place = vector[start : start + rows * stored].reshape(rows, stored)[:, :width]
            start += (rows + self.gap) * stored
            # Pieces of the vector and of the array beside each other, so that packing and unpacking are one walk.
            yield place, partial(_columns, rows, slice(first, first + width))


def _columns(rows: int, own: slice, value: NDArray[Any]) -> NDArray[Any]:
    """Return some columns of weights, taken for a matrix whose last axis is the outputs."""
    return value.reshape(rows, -1)[:, own]


def _is_packed(name: str) -> bool:
    return name.endswith("/weights")


def _count(name: str, shape: Shape, panel: int, gap: int, lanes: int) -> int:
    """Return how many numbers an array takes."""
    if not _is_packed(name):
        return prod(shape)
    rows, columns = prod(shape[:-1]), shape[-1]
    # At least packed_size (gemm.h), which leaves out the gap behind the last panel.
    return rows * _rounded(columns, lanes) + gap * _rounded(columns, panel)


def _rounded(count: int, lanes: int) -> int:
    return -(-count // lanes) * lanes
