"""Short text for objects that hold arrays and each other, which an interpreter prints on a screen; and for shares."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any, TypeVar

T = TypeVar("T")

_LONGEST = 60
"""Characters of a value within another."""


def percent(share: float) -> str:
    """Write a share as a percentage: never as 100 % or 0 % what is not quite so.

    >>> [percent(share) for share in (0.9342, 0.9997, 1, 0.0003)]
    ['93.4%', '>99.9%', '100.0%', '<0.1%']
    """
    text = f"{share:.1%}"
    # Sums of shares that are 1 may fall short of it by a rounding.
    if text == "100.0%" and share < 1 - 1e-9:
        return ">99.9%"
    return "<0.1%" if text == "0.0%" and share > 0 else text


def short_repr(kind: type[T]) -> type[T]:
    """Give a dataclass a short ``repr``: its name and fields, of arrays their shape, of long values what they are.

    Stands above ``@dataclass(..., repr=False)``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @short_repr
    ... @dataclass(repr=False)
    ... class Found:
    ...     pixels: object
    ...     name: str
    >>> Found(np.zeros((20, 20), np.float32), "seven")
    Found(pixels=<array (20, 20) float32>, name='seven')
    """
    kind.__repr__ = _describe  # type: ignore[method-assign]
    return kind


def _describe(self: Any) -> str:  # noqa: ANN401 - any dataclass
    told = ", ".join(f"{each.name}={_short(getattr(self, each.name))}" for each in fields(self) if each.repr)
    return f"{type(self).__name__}({told})"


def _short(value: object) -> str:
    """Describe a value in at most a few words."""
    if hasattr(value, "shape") and hasattr(value, "dtype") and value.shape != ():
        return f"<array {tuple(value.shape)} {value.dtype}>"
    if isinstance(value, list | tuple | set | frozenset | Mapping) and (
        len(value) > _SHOWN or any(_is_large(each) for each in _parts(value))
    ):
        return f"<{type(value).__name__} of {len(value):,}>"
    text = repr(value)
    if len(text) <= _LONGEST:
        return text
    if isinstance(value, PurePath):
        # Its end says which file it is; where it begins, all are alike.
        return f"{type(value).__name__}('...{str(value)[-_LONGEST // 2 :]}')"
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        return f"<{type(value).__name__} of {len(value):,}>"
    return reprlib.repr(value) if isinstance(value, str | bytes) else f"<{type(value).__name__}>"


_SHOWN = 4
"""Members of a list or mapping that are shown."""


def _parts(value: Any) -> list[object]:  # noqa: ANN401
    return list(value.values()) if isinstance(value, Mapping) else list(value)


def _is_large(value: object) -> bool:
    """Return whether a value within a list says more than a number or a word."""
    return is_dataclass(value) or hasattr(value, "shape") or isinstance(value, list | tuple | Mapping)
