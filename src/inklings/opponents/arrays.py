"""Checks of the arrays that a model's file holds for an opponent: nothing is computed with them before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import NetworkError

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.floating[Any]]

_KINDS = {"f": "numbers", "iu": "whole numbers", "fu": "numbers"}


def check_array(arrays: Arrays, name: str, shape: tuple[int | None, ...], kinds: str = "f") -> NDArray[Any]:
    """Return an array of a name, or raise a NetworkError that says what is wrong with it.

    Parameters
    ----------
    arrays : mapping of str to array
    name : str
    shape : tuple of int or None
        None stands for any size but 0.
    kinds : {"f", "iu", "fu"}
        Kinds of NumPy's numbers that it may hold.
    """
    if name not in arrays:
        raise NetworkError(f"the parameters have no '{name}'")
    array = arrays[name]
    fits = array.ndim == len(shape) and all(
        found == size or (size is None and found > 0) for found, size in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = tuple("any" if size is None else size for size in shape)
        raise NetworkError(f"the parameters' '{name}' has shape {array.shape}, expected {wanted}".replace("'any'", "n"))
    # Numbers of the wrong kind would be cast in silence, floats cut to whole places.
    if array.dtype.kind not in kinds:
        raise NetworkError(f"the parameters' '{name}' holds {array.dtype}, expected {_KINDS[kinds]}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise NetworkError(f"the parameters' '{name}' holds NaN or infinity, expected numbers")
    return array


def check_range(name: str, array: NDArray[Any], lowest: int, below: int) -> None:
    """Refuse whole numbers outside a range: as places in another array they would lead beside it."""
    # In Python's integers, which a cast cannot turn around.
    if array.size and not (lowest <= int(array.min()) and int(array.max()) < below):
        raise NetworkError(
            f"the parameters' '{name}' holds {array.min()} to {array.max()}, expected {lowest} to {below - 1}"
        )
