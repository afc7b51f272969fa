"""What samplers have in common: drawing settings in their order, and telling them apart."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from inklings.search.dimensions import Dimension
from inklings.search.space import Space

STREAM = 0x5EA2C4
"""Keeps a study's random numbers apart from those of weights, shuffles and splits with the same seed."""

Settings = dict[str, Any]


def in_turn(space: Space, draw: Callable[[str, Dimension], Any]) -> Settings:
    """Draw the dimensions in their order, leaving out those without an effect beside what is drawn already."""
    settings: Settings = {}
    for name, dimension in space.dimensions.items():
        if space.relevant(name, settings):
            settings[name] = draw(name, dimension)
    return settings


def distinct(space: Space) -> list[Settings]:
    """Return the combinations without what has no effect, each once."""
    found: dict[tuple[Any, ...], Settings] = {}
    for values in product(*(dimension.grid or () for dimension in space.dimensions.values())):
        settings = space.without_idle(dict(zip(space.dimensions, values, strict=True)))
        found.setdefault(key_of(settings), settings)
    return list(found.values())


def key_of(settings: Settings) -> tuple[Any, ...]:
    """Return what tells settings apart: their values with their types, since 1 == True == 1.0."""
    return tuple((name, type(value), value) for name, value in settings.items())
