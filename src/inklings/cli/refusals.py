"""Refusals of settings in the words of the command line: ``--batch-size`` for what the library calls ``batch_size``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from inklings.data import Augmentation
from inklings.errors import RecipeError
from inklings.training import Recipe

_SETTINGS = [field.name for kind in (Recipe, Augmentation) for field in fields(kind)]
_ANY = "|".join(_SETTINGS)
# A word such as "epochs" is a setting only where something is said of it; one with an underscore is nothing else.
_ASSIGNED = re.compile(rf"\b({_ANY})='?([\w.+-]+)'?")
_NAMED = re.compile(rf"^(?:augmentation )?({_ANY})(?= is )|\b({'|'.join(name for name in _SETTINGS if '_' in name)})\b")


def as_option(setting: str) -> str:
    """Name a setting as it is typed.

    >>> as_option("batch_size")
    '--batch-size'
    """
    return f"--{setting.replace('_', '-')}"


def as_options(text: str) -> str:
    """Name the settings in a message of the library as they are typed.

    >>> as_options("epochs is 0, expected a whole number of at least 1")
    '--epochs is 0, expected a whole number of at least 1'
    >>> as_options("in 20 epochs; try learning_rate=0.01")
    'in 20 epochs; try --learning-rate 0.01'
    """
    typed = _ASSIGNED.sub(lambda found: f"{as_option(found[1])} {found[2]}", text)
    return _NAMED.sub(lambda found: as_option(found[1] or found[2]), typed)


@contextmanager
def refused_as_options() -> Iterator[None]:
    """Let what is refused of a recipe be named as it is typed."""
    try:
        yield
    except RecipeError as error:
        raise RecipeError(as_options(error.message), as_options(error.hint)) from None
