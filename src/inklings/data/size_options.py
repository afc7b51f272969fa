"""Sizes as people write them: ``28``, ``20x30``, or two numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from inklings.errors import DataError

Pair = tuple[int, int]

_DIGITS = 9
"""No image has as many pixels; and Python refuses to read numbers of thousands of digits."""

_EXPECTED = {"grid": "rows and columns, such as 50x100"}


def parse_size(size: Any, setting: str = "size") -> Any:  # noqa: ANN401 - others check what is not text
    """Return ``"28"`` or ``"20x30"`` as a number or two, and whatever is not text as it is.

    Examples
    --------
    >>> parse_size("20x30"), parse_size("28"), parse_size((20, 30))
    ((20, 30), 28, (20, 30))
    """
    if not isinstance(size, str):
        return size
    sizes = parse_sizes(size)
    if sizes is None or len(sizes) > 2:
        expected = "a number of pixels such as 28, or height x width such as 20x30"
        raise DataError(f"is '{size}', expected {expected}", setting=setting, found=size, expected=expected)
    return sizes[0] if len(sizes) == 1 else (sizes[0], sizes[1])


def parse_sizes(text: str) -> list[int] | None:
    """Read positive whole numbers with an x between them; None if it is something else."""
    parts = text.lower().split("x")
    if not all(part.isdecimal() and len(part) <= _DIGITS and int(part) for part in parts):
        return None
    return [int(part) for part in parts]


def check_pair(setting: str, value: str | int | Sequence[int] | None) -> Pair | None:
    """Return ``grid``, ``tile`` or ``shape`` as two positive numbers; one number is a square, but for a grid.

    Raises
    ------
    DataError
        It is something else.
    """
    if value is None:
        return None
    given = parse_size(value, setting)
    numbers = (given, given) if isinstance(given, int | np.integer) and setting != "grid" else given
    if (
        not isinstance(numbers, Sequence | np.ndarray)
        or len(numbers) != 2
        or not all(isinstance(number, int | np.integer) and number >= 1 for number in numbers)
    ):
        expected = _EXPECTED.get(setting, "height and width, such as 20x20")
        raise DataError(f"is {value}, expected {expected}", setting=setting, found=value, expected=expected)
    return int(numbers[0]), int(numbers[1])
